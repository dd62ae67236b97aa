"""The port's part about services: those that ship, and those that people describe."""

from typing import TYPE_CHECKING, Protocol

from .._values import Page, ServiceProposal

if TYPE_CHECKING:  # pydantic is not paid for on the kernel's hot path
    from .._drafts import ClientRegistration
    from .._service_draft import ServiceDraft
    from .._services import Service


class ServicesPort(Protocol):
    """What every face may ask about services. See ``Broker``."""

    def services(
        self,
        query: str = "",
        *,
        predefined: bool | None = None,
        category: str | None = None,
        cursor: str | None = None,
        limit: int = 24,
    ) -> "Page[Service]":
        """Search the services; best matches first."""
        ...

    def categories(self) -> tuple[str, ...]:
        """Return the categories that have services, in the order to show them."""
        ...

    def service(self, service_id: str) -> "Service":
        """Return one service, with ``redirect_uri`` and ``registered`` filled in."""
        ...

    def register_client(
        self, service_id: str, registration: "ClientRegistration"
    ) -> "Service":
        """Keep the client id and secret of a service; a secret left out is kept."""
        ...

    def register_automatically(self, service_id: str) -> "Service":
        """Let the service make a client registration for us (RFC 7591).

        Raises:
            InvalidInput: If the service names no ``registration_endpoint``, or nobody
                could come back from it.
            ProviderError: If it refused.
        """
        ...

    def create_service(self, draft: "ServiceDraft") -> "Service":
        """Describe a service of one's own; everybody here can connect to it.

        Raises:
            NameTaken: If a service has this id.
        """
        ...

    def edit_service(
        self,
        service_id: str,
        draft: "ServiceDraft",
        *,
        version: int | None = None,
        wipe_credentials: bool = False,
    ) -> "Service":
        """Describe a service of one's own anew; only its owner may.

        Args:
            service_id: The service; its id never changes.
            draft: The whole description. A client secret left out is kept.
            version: The version that was read; None changes whatever is there.
            wipe_credentials: Where addresses or hosts change that live credentials are
                bound to, end these credentials instead of refusing.

        Raises:
            CredentialsAtStake: If live credentials are bound to what would change.
            NotAllowed: If it is somebody else's, or ships with us.
            VersionConflict: If it was changed after it was read.
        """
        ...

    def delete_service(self, service_id: str) -> None:
        """Delete a service of one's own and its client registration.

        Raises:
            Conflict: If connections use it; they are named.
            NotAllowed: If it is somebody else's, or ships with us.
        """
        ...

    def propose_service(
        self,
        *,
        issuer: str | None = None,
        openapi: str | None = None,
        toml: str | None = None,
    ) -> ServiceProposal:
        """Learn about a service from exactly one source; nothing is stored.

        Args:
            issuer: An authorization server that describes itself (RFC 8414, OpenID
                Discovery); the broker asks it.
            openapi: An OpenAPI document, JSON or YAML: its servers and
                ``securitySchemes``.
            toml: A service that was exported.

        Raises:
            InvalidInput: If there is nothing to learn, or it must not be used.
            ProviderUnavailable: If the server does not describe itself.
        """
        ...
