"""The local broker's services: what one can connect to, and client registrations."""

from typing import TYPE_CHECKING

from .._services import Service
from .._values import Page, ServiceProposal
from . import _custom, _proposing, _registering, _registry
from ._paging import next_cursor, offset_of
from ._policy import Actor
from ._workshop import Workshop

if TYPE_CHECKING:
    from .._drafts import ClientRegistration
    from .._service_draft import ServiceDraft


class LocalServices:
    """The part of ``LocalBroker`` that is about services.

    Args:
        workshop: Store, vault, catalogue and the way out.
        actor: As whom to act.
    """

    def __init__(self, workshop: Workshop, actor: Actor) -> None:
        self._workshop = workshop
        self._person = actor.name
        self._actor = actor

    def services(
        self,
        query: str = "",
        *,
        predefined: bool | None = None,
        category: str | None = None,
        cursor: str | None = None,
        limit: int = 24,
    ) -> Page[Service]:
        """Search the services; best matches first."""
        start = offset_of(cursor)
        found, total = _registry.search(
            self._workshop,
            query,
            actor=self._actor,
            predefined=predefined,
            category=category,
            offset=start,
            limit=limit,
        )
        return Page(
            items=found, next_cursor=next_cursor(start, limit, total), total=total
        )

    def categories(self) -> tuple[str, ...]:
        """Return the categories that have services, in the order to show them."""
        return _registry.categories(self._workshop)

    def service(self, service_id: str) -> Service:
        """Return one service, with ``redirect_uri`` and ``registered`` filled in."""
        return _registry.service(self._workshop, service_id, actor=self._actor)

    def register_client(
        self, service_id: str, registration: "ClientRegistration"
    ) -> Service:
        """Keep the client id and secret of a service; a secret left out is kept."""
        _registering.register_client(
            self._workshop, service_id, registration, person=self._person
        )
        return self.service(service_id)

    def register_automatically(self, service_id: str) -> Service:
        """Let the service make a client registration for us (RFC 7591)."""
        _registering.register_automatically(
            self._workshop, service_id, person=self._person
        )
        return self.service(service_id)

    def create_service(self, draft: "ServiceDraft") -> Service:
        """Describe a service of one's own; everybody here can connect to it."""
        made = _custom.create(self._workshop, draft, person=self._person)
        return self.service(made)

    def edit_service(
        self,
        service_id: str,
        draft: "ServiceDraft",
        *,
        version: int | None = None,
        wipe_credentials: bool = False,
    ) -> Service:
        """Describe a service of one's own anew; only its owner may."""
        _custom.edit(
            self._workshop,
            service_id,
            draft,
            person=self._person,
            version=version,
            wipe_credentials=wipe_credentials,
        )
        return self.service(service_id)

    def delete_service(self, service_id: str) -> None:
        """Delete a service of one's own and its client registration."""
        _custom.delete(self._workshop, service_id, person=self._person)

    def propose_service(
        self,
        *,
        issuer: str | None = None,
        openapi: str | None = None,
        toml: str | None = None,
    ) -> ServiceProposal:
        """Learn about a service from exactly one source; nothing is stored."""
        return _proposing.propose(
            self._workshop, issuer=issuer, openapi=openapi, toml=toml
        )
