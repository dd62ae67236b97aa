"""The statements that give a connection to somebody else, and share it anew."""

from collections.abc import Iterable

import sqlalchemy as sa

from ._connections import update_connection
from ._tables import acceptances, connections, credentials, flows, shares


def put_shares(
    tx: sa.Connection, connection_id: str, principals: Iterable[str]
) -> None:
    """Share a connection with these principals, and nobody else.

    Args:
        tx: A transaction that writes.
        connection_id: The connection.
        principals: Who may use it beside its owner.
    """
    tx.execute(shares.delete().where(shares.c.connection_id == connection_id))
    for principal in dict.fromkeys(principals):
        tx.execute(
            shares.insert().values(connection_id=connection_id, principal=principal)
        )
    update_connection(tx, connection_id)


def hand_on(tx: sa.Connection, connection_id: str, *, to: str) -> None:
    """Make somebody else the owner of a connection; what it was obtained with goes.

    Where everybody uses the owner's credentials these are deleted, and so are the
    attempts to obtain them. Where each person uses their own they stay whose they are.
    What others agreed to was another owner's.

    Args:
        tx: A transaction that writes.
        connection_id: The connection.
        to: Whose it becomes.
    """
    lent = (
        sa.select(connections.c.id)
        .where(
            connections.c.id == connection_id,
            sa.not_(connections.c.use_login_user_credentials),
        )
        .scalar_subquery()
    )
    tx.execute(credentials.delete().where(credentials.c.connection_id == lent))
    tx.execute(flows.delete().where(flows.c.connection_id == lent))
    tx.execute(acceptances.delete().where(acceptances.c.connection_id == connection_id))
    tx.execute(
        shares.delete().where(
            shares.c.connection_id == connection_id,
            shares.c.principal == f"user:{to}",
        )
    )
    update_connection(tx, connection_id, owner=to)


def is_owned(tx: sa.Connection, owner: str, link_name: str, folded_name: str) -> bool:
    """Tell whether somebody has a connection of one of these names."""
    taken = sa.exists().where(
        connections.c.owner == owner,
        (connections.c.link_name == link_name) | (connections.c.folded == folded_name),
    )
    return bool(tx.execute(sa.select(taken)).scalar())


def count_owned(tx: sa.Connection, owner: str) -> int:
    """Return how many connections somebody has."""
    counted = sa.select(sa.func.count()).select_from(connections)
    return int(tx.execute(counted.where(connections.c.owner == owner)).scalar_one())
