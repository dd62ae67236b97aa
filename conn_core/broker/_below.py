"""What a broker over another one passes on to the one below.

The environment brings connections that nothing can change, and no services.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from .._values import AskedWay, Authorization, Connection, Page, ServiceProposal

if TYPE_CHECKING:  # pydantic is not paid for on the kernel's hot path
    from .._drafts import ClientRegistration, ConnectionDraft, ConnectionEdit
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


class ConnectionsBelow(ABC):
    """Passes on what makes, changes or authorizes a connection.

    Attributes:
        below: Finds the broker below; called when one is needed.
    """

    below: "Callable[[], Broker]"

    @abstractmethod
    def _changeable(self, name: str) -> "Broker":
        """Return the broker below, unless a connection cannot be changed."""
        ...

    def internal_connection(
        self,
        service_id: str,
        *,
        scopes: Sequence[str] = (),
        parameters: Mapping[str, str] | None = None,
    ) -> Connection:
        """Return the person's internal connection of a service, below."""
        return self.below().internal_connection(
            service_id, scopes=scopes, parameters=parameters
        )

    def create(self, draft: "ConnectionDraft") -> Connection:
        """Create a connection below."""
        return self.below().create(draft)

    def edit(
        self, name: str, change: "ConnectionEdit", *, version: int | None = None
    ) -> Connection:
        """Change a connection below."""
        return self._changeable(name).edit(name, change, version=version)

    def refresh(self, name: str) -> Connection:
        """Obtain a new access token below."""
        return self._changeable(name).refresh(name)

    def revoke(self, name: str, *, at_provider: bool = False) -> Connection:
        """Suspend a connection below."""
        return self._changeable(name).revoke(name, at_provider=at_provider)

    def enable(self, name: str) -> Connection:
        """Undo ``revoke`` below."""
        return self._changeable(name).enable(name)

    def accept(self, name: str) -> Connection:
        """Agree to use what somebody else shares below."""
        return self._changeable(name).accept(name)

    def share(self, name: str, shared_with: Sequence[str]) -> Connection:
        """Say anew who may use a connection below."""
        return self._changeable(name).share(name, shared_with)

    def transfer(self, name: str, to: str) -> Connection:
        """Make somebody else the owner of a connection below."""
        return self._changeable(name).transfer(name, to)

    def seal(self, name: str, *, sealed: bool = True) -> Connection:
        """Keep a connection's credential with the broker below, or lend it again."""
        return self._changeable(name).seal(name, sealed=sealed)

    def delete(self, name: str, *, keep_grant: bool = False) -> Connection:
        """Delete a connection below."""
        return self._changeable(name).delete(name, keep_grant=keep_grant)

    def authorize(
        self,
        name: str,
        *,
        flow: AskedWay = "auto",
        secret: Mapping[str, str] | None = None,
    ) -> Authorization:
        """Begin an authorization below."""
        return self._changeable(name).authorize(name, flow=flow, secret=secret)

    def paste(self, flow: str, address: str) -> Authorization:
        """Finish an authorization below."""
        return self.below().paste(flow, address)

    def authorization(self, flow: str) -> Authorization:
        """Say how far an authorization is, below."""
        return self.below().authorization(flow)

    def cancel(self, flow: str) -> None:
        """Give an authorization up, below."""
        self.below().cancel(flow)
