"""Services of a broker below: the environment brings connections, and no services."""

from typing import TYPE_CHECKING

from .._values import Page, ServiceProposal

if TYPE_CHECKING:  # pydantic is not paid for on the kernel's hot path
    from collections.abc import Callable

    from .._drafts import ClientRegistration
    from .._service_draft import ServiceDraft
    from .._services import Service
    from ._port import Broker


class ServicesBelow:
    """Passes everything about services on.

    Attributes:
        below: Finds the broker below; called when one is needed.
    """

    below: "Callable[[], Broker]"

    def services(
        self,
        query: str = "",
        *,
        predefined: bool | None = None,
        category: str | None = None,
        cursor: str | None = None,
        limit: int = 24,
    ) -> "Page[Service]":
        """Search the services below."""
        return self.below().services(
            query, predefined=predefined, category=category, cursor=cursor, limit=limit
        )

    def categories(self) -> tuple[str, ...]:
        """Return the categories of the services below."""
        return self.below().categories()

    def service(self, service_id: str) -> "Service":
        """Return one service from below."""
        return self.below().service(service_id)

    def register_client(
        self, service_id: str, registration: "ClientRegistration"
    ) -> "Service":
        """Keep the client id and secret of a service below."""
        return self.below().register_client(service_id, registration)

    def register_automatically(self, service_id: str) -> "Service":
        """Let a service below make a client registration."""
        return self.below().register_automatically(service_id)

    def create_service(self, draft: "ServiceDraft") -> "Service":
        """Describe a service below."""
        return self.below().create_service(draft)

    def edit_service(
        self,
        service_id: str,
        draft: "ServiceDraft",
        *,
        version: int | None = None,
        wipe_credentials: bool = False,
    ) -> "Service":
        """Describe a service below anew."""
        return self.below().edit_service(
            service_id, draft, version=version, wipe_credentials=wipe_credentials
        )

    def delete_service(self, service_id: str) -> None:
        """Delete a service below."""
        self.below().delete_service(service_id)

    def propose_service(
        self,
        *,
        issuer: str | None = None,
        openapi: str | None = None,
        toml: str | None = None,
    ) -> ServiceProposal:
        """Learn about a service, from below."""
        return self.below().propose_service(issuer=issuer, openapi=openapi, toml=toml)
