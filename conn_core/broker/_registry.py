"""Services as people see them here: those that ship, and those people described."""

from collections.abc import Collection, Iterable

from .._services import Service
from ..store import rows
from ._policy import Actor
from ._workshop import Workshop, described_by


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
    own: list[Service] = []
    if predefined is not True:
        own = _described(workshop, query, category)
    here = own[offset : offset + limit]
    shipped: list[Service] = []
    total = len(own)
    if predefined is not False:
        shipped, more = workshop.catalog.search(
            query,
            category=category,
            offset=max(0, offset - len(own)),
            limit=limit - len(here),
        )
        total += more
    return shown(workshop, (*here, *shipped), actor=actor), total


def _described(workshop: Workshop, query: str, category: str | None) -> list[Service]:
    with workshop.store.read() as tx:
        found = rows.matching_services(tx, query, category=category)
    return [described_by(row) for row in found]


def categories(workshop: Workshop) -> tuple[str, ...]:
    """Return the categories that have services, sorted."""
    with workshop.store.read() as tx:
        own = rows.service_categories(tx)
    return tuple(sorted(own.union(workshop.catalog.categories())))


def service(workshop: Workshop, service_id: str, *, actor: Actor) -> Service:
    """Return one service, with all that only we can answer."""
    (found,) = shown(workshop, [workshop.service(service_id)], actor=actor)
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
                "redirect_uri": workshop.redirect_uri(service.id),
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
