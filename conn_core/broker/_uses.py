"""Where connections are used: noted with each use, at most once a minute."""

import logging
from typing import NamedTuple

import sqlalchemy as sa

from .._values import Use
from ..errors import AuditUnavailable, StoreUnavailable
from ..store import rows
from ._auditing import about
from ._noting import NOTED_EVERY, UseOf
from ._policy import Actor, is_borrowed
from ._status import moment
from ._workshop import Workshop

_log = logging.getLogger("conn_core")
_LONGEST_PLACE = 300
_UNKNOWN_PLACE = "elsewhere"


def place_from(text: str) -> str:
    """Return a notebook's or job's name as one short printable line."""
    shown = "".join(c for c in text[: 2 * _LONGEST_PLACE] if c.isprintable())
    return shown.strip()[:_LONGEST_PLACE]


def note_use(
    workshop: Workshop, row: rows.Row, *, actor: Actor, place: str, generation: int
) -> None:
    """Note that somebody uses a connection, before its token is released to them.

    Args:
        workshop: Store and audit log.
        row: The connection, as they see it.
        actor: Who uses it.
        place: From where.
        generation: Of the credential.

    Raises:
        AuditUnavailable: If it is somebody else's credential and this cannot be written
            down.
    """
    use = _Use(row, actor.name, place)
    if is_borrowed(actor, row):
        _write_release(workshop, use, generation)
    else:
        _note_own(workshop, use)


def is_noted(workshop: Workshop, row: rows.Row, *, person: str, place: str) -> bool:
    """Tell whether it is known here that one's own use was noted a moment ago."""
    use = _Use(row, person, place)
    return workshop.noting.is_noted(use.key, workshop.clock())


def note_test(workshop: Workshop, row: rows.Row, *, person: str, place: str) -> None:
    """Write that somebody makes a harmless call in another's name: no use depends on it.

    Raises:
        AuditUnavailable: If it cannot be written down.
    """
    with workshop.store.write() as tx:
        workshop.audit(tx, "test", actor=person, **(about(row) | {"place": place}))


class _Use(NamedTuple):
    row: rows.Row
    person: str
    place: str

    @property
    def key(self) -> UseOf:
        return self.row.id, self.person, self.place


def _write_release(workshop: Workshop, use: _Use, generation: int) -> None:
    """Write that another's token goes to somebody, once for each token and a minute."""
    now = workshop.clock()

    def write() -> None:
        with workshop.store.write() as tx:
            _write(workshop, tx, use, now)

    try:
        workshop.releases.write_once(use.key, generation, now, write)
    except StoreUnavailable as error:
        raise AuditUnavailable(
            f"The use of '{use.row.link_name}' cannot be written into the audit log, so "
            f"nothing of {use.row.owner}'s was released. {error.message}",
            error.hint,
        ) from error


def _note_own(workshop: Workshop, use: _Use) -> None:
    """Write that somebody uses their own, unless that was done a moment ago."""
    now, noted_at = workshop.clock(), use.row.noted_at
    if noted_at is not None and 0 <= now - noted_at <= NOTED_EVERY:
        workshop.noting.heard(use.key, noted_at)
        return
    if not workshop.noting.claim(use.key, now):
        return
    # A disk that is full is no reason not to use a token that works, nor is somebody
    # else who writes a reason to wait.
    try:
        with workshop.store.write(patience=0) as tx:
            _write(workshop, tx, use, now)
    except StoreUnavailable as error:
        workshop.noting.give_back(use.key)
        if isinstance(error, AuditUnavailable):
            _log.warning("Connections: a use is not in the audit log. %s", error)


def _write(workshop: Workshop, tx: sa.Connection, use: _Use, now: float) -> None:
    row, person = use.row, use.person
    rows.note_use(tx, row.id, person=person, place=use.place, at=now)
    if row.noted_at is None:
        rows.trim_uses(tx, row.id, person=person, at=now)
    workshop.audit(tx, "use", actor=person, **(about(row) | {"place": use.place}))


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
