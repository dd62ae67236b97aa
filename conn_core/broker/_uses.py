"""Where connections are used: noted with each use, at most once a minute."""

from .._values import Use
from ..errors import StoreUnavailable
from ..store import rows
from ._noting import NOTED_EVERY
from ._status import moment
from ._workshop import Workshop

_LONGEST_PLACE = 300
_UNKNOWN_PLACE = "elsewhere"


def place_from(text: str) -> str:
    """Return a notebook's or job's name as one short printable line."""
    shown = "".join(c for c in text[: 2 * _LONGEST_PLACE] if c.isprintable())
    return shown.strip()[:_LONGEST_PLACE]


def note_use(workshop: Workshop, row: rows.Row, *, person: str, place: str) -> None:
    """Note that somebody used a connection, unless that was noted a moment ago."""
    now, use = workshop.clock(), (row.id, person, place)
    if row.noted_at is not None and 0 <= now - row.noted_at <= NOTED_EVERY:
        return
    if not workshop.noting.claim(use, now):
        return
    # A disk that is full is no reason not to use a token that works, nor is somebody
    # else who writes a reason to wait.
    try:
        with workshop.store.write(patience=0) as tx:
            rows.note_use(tx, row.id, person=person, place=place, at=now)
            if row.noted_at is None:
                rows.trim_uses(tx, row.id, person=person, at=now)
    except StoreUnavailable:
        workshop.noting.give_back(use)


def uses_of(
    workshop: Workshop, row: rows.Row, *, by: str | None, limit: int
) -> tuple[Use, ...]:
    """Return where a connection is used, the latest first.

    Args:
        workshop: Whose store to look into.
        row: The connection.
        by: By whom; None for everybody.
        limit: How many at most.
    """
    with workshop.store.read() as tx:
        found = rows.use_rows(tx, row.id, by=by, limit=limit)
    return tuple(
        Use(
            place=use.place or _UNKNOWN_PLACE,
            person=use.person,
            last_at=moment(use.last_at),  # type: ignore[arg-type]  # it is not null
        )
        for use in found
    )
