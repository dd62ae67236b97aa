"""The statements of what happened: events, and where connections are used."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from ._tables import connections, events, uses
from ._texts import Row

#: Of one connection and person; more are not looked at by anybody.
_MOST_PLACES = 100
#: A job that runs once a year is still known.
_LONGEST_KNOWN = 400 * 86_400.0


def insert_event(tx: sa.Connection, **values: Any) -> None:
    """Write one line of history; nothing about a connection that was deleted."""
    connection_id = values.get("connection_id")
    if connection_id is not None:
        mine = connections.c.id == connection_id
        if tx.execute(sa.select(connections.c.id).where(mine)).first() is None:
            return
    tx.execute(events.insert().values(**values))


def event_rows(tx: sa.Connection, connection_id: str, *, limit: int) -> Sequence[Row]:
    """Return a connection's latest events, newest first."""
    return tx.execute(
        sa.select(events)
        .where(events.c.connection_id == connection_id)
        .order_by(events.c.seq.desc())
        .limit(limit)
    ).all()


def note_use(
    tx: sa.Connection, connection_id: str, *, person: str, place: str, at: float
) -> None:
    """Note that a connection was used, and from where; no new version."""
    mine = connections.c.id == connection_id
    used = tx.execute(connections.update().where(mine).values(last_used_at=at))
    if used.rowcount == 0:
        return  # somebody deleted it in this very moment
    noted = _insert_into(tx, uses).values(
        connection_id=connection_id, person=person, place=place, last_at=at
    )
    key = [uses.c.connection_id, uses.c.person, uses.c.place]
    tx.execute(noted.on_conflict_do_update(index_elements=key, set_={"last_at": at}))


def _insert_into(tx: sa.Connection, table: sa.Table) -> Any:
    """Return an insert of the database's own make, which knows what to do with conflicts."""
    # Inside: each costs a kernel more than the whole vend, and it has but one of them.
    if tx.dialect.name == "postgresql":
        from sqlalchemy.dialects import postgresql  # noqa: PLC0415 - see above

        return postgresql.insert(table)
    from sqlalchemy.dialects import sqlite  # noqa: PLC0415 - see above

    return sqlite.insert(table)


def trim_uses(tx: sa.Connection, connection_id: str, *, person: str, at: float) -> None:
    """Forget places where a person has not used a connection for long, or too many."""
    mine = (uses.c.connection_id == connection_id) & (uses.c.person == person)
    latest = sa.select(uses.c.place).where(mine).order_by(uses.c.last_at.desc())
    kept = latest.limit(_MOST_PLACES)
    is_old = uses.c.last_at < at - _LONGEST_KNOWN
    tx.execute(uses.delete().where(mine & (is_old | uses.c.place.not_in(kept))))


def use_rows(
    tx: sa.Connection, connection_id: str, *, by: str | None, limit: int
) -> Sequence[Row]:
    """Return where a connection is used, the latest first.

    Args:
        tx: A transaction that reads.
        connection_id: The connection.
        by: By whom; None for everybody.
        limit: How many at most.
    """
    found = sa.select(uses).where(uses.c.connection_id == connection_id)
    if by is not None:
        found = found.where(uses.c.person == by)
    latest = found.order_by(uses.c.last_at.desc(), uses.c.place, uses.c.person)
    return tx.execute(latest.limit(limit)).all()
