"""The one port: what every face may ask of whoever keeps the credentials.

``LocalBroker`` does the work on a store, ``RemoteBroker`` asks a server that has a
``LocalBroker``. Whoever holds a broker does not know which.
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Protocol

from .._values import (
    AccessToken,
    AskedWay,
    Authorization,
    BrokerStatus,
    Connection,
    Event,
    Group,
    Page,
    ServiceProposal,
    Status,
    TestResult,
    Use,
)
from ._port_audit import AuditPort
from ._port_jobs import JobsPort

if TYPE_CHECKING:  # pydantic is not paid for on the kernel's hot path
    from .._drafts import ClientRegistration, ConnectionDraft, ConnectionEdit
    from .._service_draft import ServiceDraft
    from .._services import Service
    from ._relay import Relay


class Broker(JobsPort, AuditPort, Protocol):
    """Answers "who may use what" and vends credentials, as one person.

    NAME is a link name or a display name everywhere; ``owner/link_name`` where two other
    people share one of the same link name. Every method raises
    ``ConnectionsError`` and nothing else.
    """

    def status(self) -> BrokerStatus:
        """Say where credentials come from, and as whom."""
        ...

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

    def connections(
        self,
        query: str = "",
        *,
        group: Group | None = None,
        service: str | None = None,
        status: Status | None = None,
        cursor: str | None = None,
        limit: int = 100,
    ) -> Page[Connection]:
        """List the connections the person may see, by name."""
        ...

    def connection(self, name: str) -> Connection:
        """Return one connection."""
        ...

    def create(self, draft: "ConnectionDraft") -> Connection:
        """Create a connection; it needs authorization next."""
        ...

    def internal_connection(
        self,
        service_id: str,
        *,
        scopes: Sequence[str] = (),
        parameters: Mapping[str, str] | None = None,
    ) -> Connection:
        """Return the person's internal connection of a service; made at first use.

        A built-in task uses it. Scopes it does not have yet are added, and then need
        consent; none is ever dropped here.
        """
        ...

    def edit(
        self, name: str, change: "ConnectionEdit", *, version: int | None = None
    ) -> Connection:
        """Change name or scopes; new scopes need authorization again.

        Args:
            name: The connection.
            change: What to change.
            version: The version that was read; None changes whatever is there.

        Raises:
            VersionConflict: If somebody else changed it after it was read.
        """
        ...

    def authorize(
        self,
        name: str,
        *,
        flow: AskedWay = "auto",
        secret: Mapping[str, str] | None = None,
    ) -> Authorization:
        """Begin an authorization, then ask ``authorization`` how far it is.

        Args:
            name: The connection.
            flow: How consent is obtained; ``auto`` chooses, and ``why`` says why.
            secret: What the person typed into the service's credential fields, where
                no consent is needed.

        Raises:
            RegistrationRequired: If the service has no client registration yet.
            InteractionRequired: If no browser can come back from here.
        """
        ...

    def paste(self, flow: str, address: str) -> Authorization:
        """Finish an authorization with the address that the browser was sent to."""
        ...

    def authorization(self, flow: str) -> Authorization:
        """Say how far an authorization is."""
        ...

    def cancel(self, flow: str) -> None:
        """Give an authorization up."""
        ...

    def access_token(
        self, name: str, *, require: Sequence[str] = (), rejected: int | None = None
    ) -> AccessToken:
        """Vend a token that works now, refreshing it when needed.

        Args:
            name: The connection.
            require: Scopes without which the call is pointless.
            rejected: The generation an API answered 401 to. One refresh follows,
                unless somebody has refreshed since.
        """
        ...

    def relay(self, name: str) -> "Relay | None":
        """Return what carries the requests of a sealed connection.

        None where the credential is in this process: then they go out from here.
        """
        ...

    def sign(
        self,
        name: str,
        *,
        method: str,
        url: str,
        headers: Mapping[str, str],
        body: bytes | None,
    ) -> dict[str, str]:
        """Return headers that sign one request, where ``signed_by`` says ``oauth1``.

        What signs, the client secret among it, stays with the broker.

        Args:
            name: The connection.
            method: The request's method.
            url: Where it goes, with its query and without a fragment.
            headers: The request's own headers.
            body: Its body; None where it is a stream.

        Returns:
            Headers to send in the place of the request's own of the same names.

        Raises:
            HostNotAllowed: If the service's hosts do not include where it goes.
            InvalidInput: If there is nothing to sign, or this cannot be signed.
        """
        ...

    def refresh(self, name: str) -> Connection:
        """Obtain a new access token now."""
        ...

    def test(self, name: str, *, timeout: float = 10) -> TestResult:
        """Make one harmless call; never changes a token."""
        ...

    def revoke(self, name: str, *, at_provider: bool = False) -> Connection:
        """Suspend at once, everywhere, reversibly.

        Args:
            name: The connection.
            at_provider: Also end the grants at the provider (RFC 7009). Enabling then
                needs a new authorization; ``notice`` says what the provider answered.
        """
        ...

    def enable(self, name: str) -> Connection:
        """Undo ``revoke``; a new authorization is needed only if the grant is gone."""
        ...

    def accept(self, name: str) -> Connection:
        """Agree to use what somebody else shares: its hosts and scopes, as they are.

        Until then using it raises ``AcceptanceRequired``, and again when it goes to
        further hosts or asks for further scopes. One's own needs no acceptance.

        Raises:
            ConnectionRevoked: If it cannot be used at present; likewise the other
                reasons that using it has.
        """
        ...

    def share(self, name: str, shared_with: Sequence[str]) -> Connection:
        """Say anew who may use a connection beside its owner; only its owner may.

        Who may use it still, and had accepted it, need not accept it again.

        Args:
            name: The connection.
            shared_with: ``*`` (everybody here), ``user:NAME`` or ``group:NAME`` each;
                nobody when empty.

        Raises:
            NotAllowed: If it is somebody else's, or the operator lets only
                administrators share with everybody.
        """
        ...

    def seal(self, name: str, *, sealed: bool = True) -> Connection:
        """Keep a connection's credential with the broker: no kernel ever gets it.

        Args:
            name: The connection.
            sealed: False gives kernels of its owner the token again.

        Raises:
            NotAllowed: If it is somebody else's, or the operator keeps everything sealed.
        """
        ...

    def transfer(self, name: str, to: str) -> Connection:
        """Make somebody else the owner; nobody's credentials go with it.

        Args:
            name: The connection.
            to: Whose it becomes; they authorize it anew.

        Returns:
            What it is by now; ``notice`` says what the provider answered.

        Raises:
            InvalidInput: If nobody of that name is here.
            LimitReached: If they have as many connections as they may.
            NameTaken: If they have one of this name.
            NotAllowed: If it is not the asking person's to give away.
        """
        ...

    def delete(self, name: str, *, keep_grant: bool = False) -> Connection:
        """Delete the connection and everybody's credentials of it.

        Args:
            name: The connection.
            keep_grant: Leave the authorization at the provider as it is.

        Returns:
            What it was; ``notice`` says what the provider answered.
        """
        ...

    def uses(self, name: str, *, limit: int = 20) -> tuple[Use, ...]:
        """Return where a connection is used, the latest first."""
        ...

    def events(self, name: str, *, limit: int = 20) -> tuple[Event, ...]:
        """Return the latest events of a connection, newest first."""
        ...
