"""The statement of acceptances: reading them is part of seeing a connection."""

import sqlalchemy as sa

from ._connections import hold_connection
from ._tables import acceptances


def put_acceptance(
    tx: sa.Connection,
    connection_id: str,
    *,
    person: str,
    scopes: str,
    hosts: str,
    now: float,
) -> None:
    """Keep that a person accepts a connection, in the place of what they accepted before.

    Args:
        tx: A transaction that writes.
        connection_id: The connection.
        person: Who accepts.
        scopes: The scopes that they were shown, as their column holds them.
        hosts: The hosts that they were shown, as their column holds them.
        now: The moment.

    Raises:
        ConnectionNotFound: If somebody deleted the connection in the meantime.
    """
    hold_connection(tx, connection_id)
    mine = (acceptances.c.connection_id == connection_id) & (
        acceptances.c.person == person
    )
    tx.execute(acceptances.delete().where(mine))
    tx.execute(
        acceptances.insert().values(
            connection_id=connection_id,
            person=person,
            scopes=scopes,
            hosts=hosts,
            accepted_at=now,
        )
    )
