"""The statements of who looks for what is wrong."""

from collections.abc import Sequence

import sqlalchemy as sa

from ._tables import (
    connections,
    credentials,
    granted_connections,
    grants,
    registrations,
)
from ._texts import Row


def interrupted(tx: sa.Connection, *, before: float) -> Sequence[str]:
    """Return the link names of connections whose refresh began long ago and never ended."""
    open_ones = credentials.c.attempt == credentials.c.generation + 1
    found = tx.execute(
        sa.select(connections.c.link_name)
        .join_from(credentials, connections)
        .where(
            open_ones,
            credentials.c.attempt_at < before,
            credentials.c.ended_at.is_(None),
        )
        .order_by(connections.c.link_name)
    )
    return found.scalars().all()


def client_secrets(tx: sa.Connection) -> Sequence[Row]:
    """Return registrations whose secret ends, or whose client the provider refuses."""
    return tx.execute(
        sa.select(registrations).where(
            registrations.c.secret_expires_at.is_not(None)
            | registrations.c.refused_at.is_not(None)
        )
    ).all()


def idle_grants(tx: sa.Connection, *, now: float) -> Sequence[Row]:
    """Return grants that hold and lead to no connection any more."""
    used = sa.select(granted_connections.c.grant_id)
    return tx.execute(
        sa.select(grants).where(
            grants.c.revoked_at.is_(None),
            grants.c.expires_at > now,
            grants.c.id.not_in(used),
        )
    ).all()


def link_names(tx: sa.Connection) -> dict[str, str]:
    """Return the link name of each credential's connection, by credential id."""
    found = tx.execute(
        sa.select(credentials.c.id, connections.c.link_name).join_from(
            credentials, connections
        )
    )
    return {row.id: row.link_name for row in found}


def definition_of_one(tx: sa.Connection) -> str | None:
    """Return the service of some connection that is in use, as it was authorized."""
    newest = sa.select(credentials.c.definition).order_by(
        credentials.c.obtained_at.desc()
    )
    return tx.execute(newest.limit(1)).scalar()


def time_there(tx: sa.Connection) -> float | None:
    """Return what the clock of a database server says; None where it is a file."""
    if tx.dialect.name != "postgresql":
        return None
    return float(
        tx.execute(sa.text("SELECT extract(epoch FROM clock_timestamp())")).scalar_one()
    )
