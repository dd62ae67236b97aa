"""The local broker's services: what one can connect to, and client registrations."""

from .._drafts import ClientRegistration
from .._services import Service
from .._values import Page
from . import _registry
from ._paging import next_cursor, offset_of
from ._workshop import Workshop


class LocalServices:
    """The part of ``LocalBroker`` that is about services.

    Args:
        workshop: Store, vault, catalogue and the way out.
        person: As whom to act.
    """

    def __init__(self, workshop: Workshop, person: str) -> None:
        self._workshop = workshop
        self._person = person

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
        if predefined is False:
            return Page(items=(), total=0)
        start = offset_of(cursor)
        found, total = _registry.search(
            self._workshop, query, category=category, offset=start, limit=limit
        )
        return Page(
            items=found, next_cursor=next_cursor(start, limit, total), total=total
        )

    def categories(self) -> tuple[str, ...]:
        """Return the categories that have services, in the order to show them."""
        return tuple(self._workshop.catalog.categories())

    def service(self, service_id: str) -> Service:
        """Return one service, with ``redirect_uri`` and ``registered`` filled in."""
        return _registry.service(self._workshop, service_id)

    def register_client(
        self, service_id: str, registration: ClientRegistration
    ) -> Service:
        """Keep the client id and secret of a service; a secret left out is kept."""
        _registry.register_client(
            self._workshop, service_id, registration, person=self._person
        )
        return self.service(service_id)
