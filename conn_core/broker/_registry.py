"""Services as people see them here: those that ship, and those people described."""

import contextlib
from collections.abc import Collection, Iterable, Sequence
from typing import NamedTuple, Self

from .._services import Service
from ..errors import Tampered
from ..store import rows
from ._described import described_by
from ._known_services import redirect_uri_of, service_of
from ._policy import Actor
from ._workshop import Workshop


def search(
    workshop: Workshop,
    query: str,
    *,
    actor: Actor,
    predefined: bool | None,
    category: str | None,
    offset: int,
    limit: int,
) -> tuple[tuple[Service, ...], int]:
    """Return matching services, best first, and how many there are in all.

    Those that people described here come first: they are few, and closest.
    """
    page = Part(query=query, category=category, offset=offset, limit=limit)
    own: Sequence[Service] = ()
    shipped: Sequence[Service] = ()
    count = total = 0
    if predefined is not True:
        own, count = _described(workshop, page)
    if predefined is not False:
        shipped, total = _shipped(workshop, page.after(count))
    return shown(workshop, (*own, *shipped), actor=actor), count + total


class Part(NamedTuple):
    """What is looked for, and which part of what is found."""

    query: str
    category: str | None
    offset: int
    limit: int

    def after(self, count: int) -> Self:
        """Return what is left of the part when so many came before."""
        there = max(0, min(self.limit, count - self.offset))
        start = max(0, self.offset - count)
        return self._replace(offset=start, limit=self.limit - there)


def _described(workshop: Workshop, part: Part) -> tuple[list[Service], int]:
    """Return what people described. One that somebody spoiled hides no other."""
    with workshop.store.read() as tx:
        found, total = rows.matching_services(tx, **part._asdict())
    services = []
    for row in found:
        with contextlib.suppress(Tampered):
            services.append(described_by(row))
    return services, total


def _shipped(workshop: Workshop, part: Part) -> tuple[list[Service], int]:
    """Return what ships, but for what people described under the same id."""
    with workshop.store.read() as tx:
        own = rows.service_names(tx)
    return workshop.catalog.search(**part._asdict(), besides=own.keys())


def categories(workshop: Workshop) -> tuple[str, ...]:
    """Return the categories that have services, sorted."""
    with workshop.store.read() as tx:
        own = rows.service_categories(tx)
    return tuple(sorted(own.union(workshop.catalog.categories())))


def service(workshop: Workshop, service_id: str, *, actor: Actor) -> Service:
    """Return one service, with all that only we can answer."""
    (found,) = shown(workshop, [service_of(workshop, service_id)], actor=actor)
    return found


def shown(
    workshop: Workshop, services: Iterable[Service], *, actor: Actor
) -> tuple[Service, ...]:
    """Return services with what only we can answer filled in."""
    found = tuple(services)
    ids = {service.id for service in found}
    registered, counts = _answers(workshop, ids, actor)
    return tuple(
        service.model_copy(
            update={
                "redirect_uri": redirect_uri_of(workshop, service.id),
                "registered": service.id in registered,
                "connection_count": counts.get(service.id, 0),
            }
        )
        for service in found
    )


def _answers(
    workshop: Workshop, ids: Collection[str], actor: Actor
) -> tuple[frozenset[str], dict[str, int]]:
    seen_by = rows.Onlooker(
        person=actor.name, principals=tuple(sorted(actor.principals))
    )
    with workshop.store.read() as tx:
        registered = rows.registered_services(tx)
        counts = rows.connection_counts(tx, ids, seen_by=seen_by)
    return registered, dict(counts)
