"""The statements of services that people describe."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from ..errors import NameTaken
from ._registrations import delete_registration
from ._tables import (
    connections,
    credentials,
    flows,
    secrets,
    services,
)
from ._texts import Row, folded, is_nobodys
from ._visible import IS_VISIBLE, Onlooker


def insert_service(tx: sa.Connection, **values: Any) -> None:
    """Add a service.

    Raises:
        NameTaken: If there is one of this id.
    """
    try:
        tx.execute(services.insert().values(**values))
    except sa.exc.IntegrityError as error:
        raise NameTaken(
            f"There is a service '{values['id']}' already",
            "Choose another name",
            fields={"name": f"is taken: there is a service '{values['id']}' already"},
        ) from error


def service_row(tx: sa.Connection, service_id: str) -> Row | None:
    """Return a service that somebody described."""
    if is_nobodys(service_id):
        return None
    statement = sa.select(services).where(services.c.id == service_id)
    return tx.execute(statement).one_or_none()


def count_described(tx: sa.Connection, owner: str) -> int:
    """Return how many services somebody has described."""
    counted = sa.select(sa.func.count()).select_from(services)
    return int(tx.execute(counted.where(services.c.owner == owner)).scalar_one())


def update_service(
    tx: sa.Connection, service_id: str, *, seen: int, **values: Any
) -> bool:
    """Change a service if it is still the version that the caller saw."""
    statement = services.update().where(
        (services.c.id == service_id) & (services.c.version == seen)
    )
    following = statement.values(version=seen + 1, **values)
    return tx.execute(following).rowcount == 1


def delete_service(tx: sa.Connection, service_id: str) -> None:
    """Delete a service and its client registration."""
    delete_registration(tx, service_id)
    tx.execute(services.delete().where(services.c.id == service_id))


def service_names(
    tx: sa.Connection, service_ids: Collection[str] | None = None
) -> dict[str, str]:
    """Return the names of services that people described, by id.

    Args:
        tx: An open transaction.
        service_ids: Only these; None means all.
    """
    statement = sa.select(services.c.id, services.c.name)
    if service_ids is not None:
        statement = statement.where(services.c.id.in_(service_ids))
    return {row.id: row.name for row in tx.execute(statement).all()}


def service_categories(tx: sa.Connection) -> frozenset[str]:
    """Return the categories that people put services into."""
    found = tx.execute(sa.select(services.c.category).distinct()).scalars()
    return frozenset(found) - {""}


def matching_services(
    tx: sa.Connection, query: str, *, category: str | None, offset: int, limit: int
) -> tuple[Sequence[Row], int]:
    """Return a part of the services in which every word of a query occurs, by name.

    Returns:
        The rows, and how many there are in all.
    """
    if is_nobodys(query) or is_nobodys(category or ""):
        return (), 0
    holds_all = [
        services.c.searched.contains(word, autoescape=True)
        for word in folded(query).split()
    ]
    if category is not None:
        holds_all.append(services.c.category == category)
    by_name = (sa.func.lower(services.c.name), services.c.id)
    statement = sa.select(services).where(*holds_all).order_by(*by_name)
    counted = sa.select(sa.func.count()).select_from(services).where(*holds_all)
    found = tx.execute(statement.offset(offset).limit(limit)).all()
    return found, int(tx.execute(counted).scalar_one())


def connection_counts(
    tx: sa.Connection, service_ids: Collection[str], *, seen_by: Onlooker
) -> Mapping[str, int]:
    """Return how many connections to each of some services a person sees."""
    counted = (
        sa.select(connections.c.service_id, sa.func.count().label("number"))
        .where(connections.c.service_id.in_(service_ids), IS_VISIBLE)
        .group_by(connections.c.service_id)
    )
    rows = tx.execute(counted, seen_by.bound()).all()
    return {row.service_id: row.number for row in rows}


def connections_of_service(tx: sa.Connection, service_id: str) -> Sequence[Row]:
    """Return whose connections use a service, and what they are called."""
    columns = (connections.c.id, connections.c.owner, connections.c.link_name)
    statement = sa.select(*columns).where(connections.c.service_id == service_id)
    return tx.execute(statement.order_by(connections.c.link_name)).all()


def live_connections(tx: sa.Connection, service_id: str) -> Sequence[Row]:
    """Return the connections of a service that somebody's live credentials belong to."""
    held = sa.exists().where(
        (credentials.c.connection_id == connections.c.id)
        & credentials.c.ended_at.is_(None)
    )
    columns = (connections.c.id, connections.c.owner, connections.c.link_name)
    statement = sa.select(*columns).where(
        (connections.c.service_id == service_id) & held
    )
    return tx.execute(statement.order_by(connections.c.link_name)).all()


def wipe_credentials(
    tx: sa.Connection,
    service_id: str,
    *,
    since: float,
    at: float,
    by: str,
    because: str,
) -> None:
    """End everybody's credentials of a service, and what is being authorized.

    What was sealed is gone; who ended it and why stays to be told.

    Args:
        tx: An open transaction.
        service_id: The service.
        since: What ended from then on ended for the same reason.
        at: Seconds since 1970.
        by: Who ends them.
        because: Why.
    """
    of_service = sa.select(connections.c.id).where(
        connections.c.service_id == service_id
    )
    mine = credentials.c.connection_id.in_(of_service)
    wiped = sa.select(credentials.c.id).where(mine)
    is_ending = credentials.c.ended_at.is_(None) | (credentials.c.ended_at >= since)
    tx.execute(secrets.delete().where(secrets.c.credential_id.in_(wiped)))
    tx.execute(
        credentials.update()
        .where(mine & is_ending)
        .values(
            generation=credentials.c.generation + 1,  # a refresh under way is too late
            ended_at=at,
            ended_by=by,
            ended_because=because[:500],
        )
    )
    tx.execute(flows.delete().where(flows.c.connection_id.in_(of_service)))
