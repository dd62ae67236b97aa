"""The statements that bring and change connections, and with whom they are shared."""

from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa

from ..errors import ConnectionNotFound, NameTaken
from ._tables import connections, events, shares
from ._texts import Row, folded


def insert_connection(
    tx: sa.Connection, *, shared_with: Iterable[str] = (), **values: Any
) -> None:
    """Add a connection.

    Args:
        tx: A transaction that writes.
        shared_with: The principals that may use it beside its owner.
        values: Its columns, but for those that follow from others.

    Raises:
        NameTaken: If its owner has one of this link name.
    """
    try:
        tx.execute(connections.insert().values(folded=folded(values["name"]), **values))
    except sa.exc.IntegrityError as error:
        raise NameTaken(
            f"You already have a connection called '{values['link_name']}'",
            "Choose another name",
            fields={"name": "is taken: you already have a connection of this name"},
        ) from error
    for principal in dict.fromkeys(shared_with):
        tx.execute(
            shares.insert().values(connection_id=values["id"], principal=principal)
        )


def update_connection(
    tx: sa.Connection, connection_id: str, *, version: int | None = None, **values: Any
) -> bool:
    """Change a connection; with a version, only if it is still that one."""
    statement = connections.update().where(connections.c.id == connection_id)
    if version is not None:
        statement = statement.where(connections.c.version == version)
    if "name" in values:
        values["folded"] = folded(values["name"])
    values["version"] = connections.c.version + 1
    return tx.execute(statement.values(**values)).rowcount == 1


def delete_connection(tx: sa.Connection, connection_id: str) -> None:
    """Delete a connection with its credentials, secrets, flows, uses and history.

    The history goes last: whoever writes a line of it now holds something that the
    connection takes along, and has to be waited for.
    """
    tx.execute(connections.delete().where(connections.c.id == connection_id))
    tx.execute(events.delete().where(events.c.connection_id == connection_id))


def connection_if_there(tx: sa.Connection, connection_id: str | None) -> Row | None:
    """Return a connection alone, by its id; None where there is none."""
    mine = connections.c.id == connection_id
    return tx.execute(sa.select(connections).where(mine)).one_or_none()


def connection_by_id(tx: sa.Connection, connection_id: str) -> Row:
    """Return a connection alone, by its id.

    Raises:
        ConnectionNotFound: If somebody deleted it in the meantime.
    """
    row = tx.execute(
        sa.select(connections).where(connections.c.id == connection_id)
    ).one_or_none()
    if row is None:
        raise _deleted()
    return row


def hold_connection(tx: sa.Connection, connection_id: str) -> str:
    """Keep a connection from being deleted or changed by others until we are done.

    Returns:
        The scopes it asks for, as their column holds them.

    Raises:
        ConnectionNotFound: If it is not there.
    """
    mine = connections.c.id == connection_id
    # SQLite's writers are alone anyway, and it is left out there.
    statement = sa.select(connections.c.scopes).where(mine).with_for_update()
    scopes: str | None = tx.execute(statement).scalar()
    if scopes is None:
        raise _deleted()
    return scopes


def internal_connections(tx: sa.Connection, owner: str, service_id: str) -> list[Row]:
    """Return a person's internal connections of a service, the oldest first."""
    found = (
        (connections.c.owner == owner)
        & connections.c.internal
        & (connections.c.service_id == service_id)
    )
    order = (connections.c.created_at, connections.c.link_name)
    return list(tx.execute(sa.select(connections).where(found).order_by(*order)))


def names_of(tx: sa.Connection, owner: str) -> list[Row]:
    """Return the names of all connections of a person."""
    columns = (connections.c.name, connections.c.folded, connections.c.link_name)
    mine = connections.c.owner == owner
    return list(tx.execute(sa.select(*columns).where(mine)))


def _deleted() -> ConnectionNotFound:
    return ConnectionNotFound("The connection was deleted", "See %conn list")
