"""The statements of authorizations in progress."""

from typing import Any

import sqlalchemy as sa

from ._connections import hold_connection
from ._tables import flows
from ._texts import Row, is_nobodys


def insert_flow(tx: sa.Connection, **values: Any) -> None:
    """Add an authorization in progress.

    Raises:
        ConnectionNotFound: If somebody deleted its connection in the meantime.
    """
    hold_connection(tx, values["connection_id"])
    tx.execute(flows.insert().values(**values))


def flow_row(tx: sa.Connection, flow: str) -> Row | None:
    """Return an authorization in progress."""
    if is_nobodys(flow):
        return None
    return tx.execute(sa.select(flows).where(flows.c.id == flow)).one_or_none()


def flow_by_state(tx: sa.Connection, state_hash: str) -> Row | None:
    """Return the authorization that a state value belongs to."""
    return tx.execute(
        sa.select(flows).where(flows.c.state_hash == state_hash)
    ).one_or_none()


def update_flow(tx: sa.Connection, flow: str, *, seen: str, **values: Any) -> bool:
    """Change an authorization if its progress is still what the caller saw."""
    statement = flows.update().where((flows.c.id == flow) & (flows.c.progress == seen))
    return tx.execute(statement.values(**values)).rowcount == 1


def trim_flows(tx: sa.Connection, person: str, *, keep: int, ended_by: float) -> None:
    """Forget flows that ended long ago, and a person's oldest beyond ``keep``."""
    tx.execute(flows.delete().where(flows.c.expires_at < ended_by))
    oldest = (
        sa.select(flows.c.id)
        .where((flows.c.person == person) & (flows.c.progress == "pending"))
        .order_by(flows.c.created_at.desc())
        .offset(keep)
    )
    tx.execute(flows.delete().where(flows.c.id.in_(tx.execute(oldest).scalars().all())))
