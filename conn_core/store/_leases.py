"""The statements of a refresh: the lease, the intent, the next generation.

Functions take an open transaction and never commit, as in ``rows``.
"""

from typing import Any, Final

import sqlalchemy as sa

from ._tables import connections, credentials, events, registrations, secrets

Row = Any  # a row of a join: its columns are known by name only
#: What an answer puts an end to.
_SETTLED: Final[dict[str, Any]] = {
    "lease_owner": None,
    "lease_until": None,
    "attempt": None,
    "attempt_at": None,
    "attempt_by": None,
    "failures": 0,
    "retry_at": None,
    "ended_at": None,
    "ended_because": None,
    "ended_by": None,
}


def take_lease(
    tx: sa.Connection,
    credential: Row,
    *,
    me: str,
    now: float,
    until: float,
    dead: str | None = None,
) -> bool:
    """Try to become the one process that refreshes a generation of a credential.

    The intent is written with it: that this generation is being asked for, by whom and
    since when. An intent that is there already was never settled, and stays.

    Args:
        tx: A transaction that writes.
        credential: The row as it was read.
        me: Who asks.
        now: Seconds since 1970.
        until: How long the lease holds.
        dead: A holder that is taken for gone, if it has shown nothing since the row was
            read.
    """
    gone = (credentials.c.lease_owner == dead) & (
        credentials.c.lease_until == credential.lease_until
    )
    free = (
        credentials.c.lease_until.is_(None)
        | (credentials.c.lease_until < now)
        # Nobody takes a lease that long: the clock was put back.
        | (credentials.c.lease_until > until + (until - now))
        | (credentials.c.lease_owner == me)
        | (sa.false() if dead is None else gone)
    )
    values: dict[str, Any] = {"lease_owner": me, "lease_until": until}
    if not has_open_attempt(credential):
        attempt = credential.generation + 1
        values |= {"attempt": attempt, "attempt_at": now, "attempt_by": me}
    taken = tx.execute(_same_generation(credential).where(free).values(**values))
    return taken.rowcount == 1


def renew_lease(tx: sa.Connection, credential: Row, *, me: str, until: float) -> bool:
    """Hold a lease longer; tell whether it is still ours.

    Args:
        tx: A transaction that writes.
        credential: The row as it was when the lease was taken.
        me: Who has it.
        until: How long it holds now.
    """
    mine = credentials.c.lease_owner == me
    renewed = tx.execute(
        _same_generation(credential).where(mine).values(lease_until=until)
    )
    return renewed.rowcount == 1


def is_held(credential: Row, *, me: str, now: float, until: float) -> bool:
    """Tell whether somebody else had the lease when a row was read.

    Args:
        credential: The row.
        me: Who asks.
        now: Seconds since 1970.
        until: How long a lease of ours would hold.
    """
    if credential.lease_until is None or credential.lease_owner == me:
        return False
    return bool(now <= credential.lease_until <= until + (until - now))


def has_open_attempt(credential: Row) -> bool:
    """Tell whether somebody asked for the next generation, and how it ended is unknown."""
    return bool(credential.attempt == credential.generation + 1)


def put_generation(
    tx: sa.Connection, credential: Row, *, sealed: bytes, **values: Any
) -> bool:
    """Store the next generation, unless somebody else did.

    Whoever was held up so long that the lease passed on may still store: what the
    provider answered is the newest there is as long as the generation is the same.
    """
    settled = _SETTLED | {"generation": credential.generation + 1} | values
    moved = tx.execute(_same_generation(credential).values(**settled))
    if moved.rowcount != 1:
        return False
    tx.execute(
        secrets.update()
        .where(secrets.c.credential_id == credential.id)
        .values(generation=credential.generation + 1, sealed=sealed)
    )
    return True


def note_on_credential(
    tx: sa.Connection, credential: Row, *, me: str, **values: Any
) -> None:
    """Write how a refresh failed and give the lease back; the secrets stay."""
    mine = credentials.c.lease_owner == me
    tx.execute(
        _same_generation(credential)
        .where(mine)
        .values(lease_owner=None, lease_until=None, **values)
    )


def _same_generation(credential: Row) -> sa.Update:
    return credentials.update().where(
        (credentials.c.id == credential.id)
        & (credentials.c.generation == credential.generation)
    )


def renewed_at(tx: sa.Connection, credential: Row, *, since: float) -> list[float]:
    """Return when a credential was refreshed lately."""
    found = tx.execute(
        sa.select(events.c.at).where(
            (events.c.connection_id == credential.connection_id)
            & (events.c.actor == credential.holder)
            & (events.c.action == "refresh")
            & (events.c.result == "ok")
            & (events.c.at >= since)
        )
    )
    return list(found.scalars())


def is_connection_there(tx: sa.Connection, connection_id: str) -> bool:
    """Tell whether a connection still exists."""
    mine = connections.c.id == connection_id
    found = tx.execute(sa.select(connections.c.id).where(mine))
    return found.first() is not None


def note_refused_client(
    tx: sa.Connection, service_id: str, *, at: float | None, because: str | None
) -> None:
    """Note that a provider refuses our client, or with None that it does not."""
    tx.execute(
        registrations.update()
        .where(registrations.c.service_id == service_id)
        .values(refused_at=at, refused_because=because)
    )
