"""Whom to tell that an authorization ended, or ends soon; of each end once."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from .._value import Value
from ..store import alone, notice_rows, rows
from ._known_services import names_of_services
from ._status import day, moment
from ._workshop import Workshop

#: What ends in so many seconds is spoken of, and what ended so long ago no more.
SOON = 7 * 86_400.0
LONG_AGO = 7 * 86_400.0
#: No more in one message; the rest comes in the next.
_AT_ONCE = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert(Value):
    """One end of one authorization; it holds no secret.

    Attributes:
        kind: ``ended``, or ``ends`` within a week.
        connection: The connection, as ``owner/link_name``.
        service: The service's name.
        person: Whose authorization it is: who can renew it.
        at: When it ended or ends.
        message: One sentence for people.
        hint: What to run.
        credential: Of what; for giving it back.
    """

    kind: Literal["ended", "ends"]
    connection: str
    service: str
    person: str
    at: datetime
    message: str
    hint: str
    credential: str = field(repr=False)


def claim_alerts(workshop: Workshop) -> tuple[Alert, ...]:
    """Return what is to be told now. Whoever gets an alert is the only one who does."""
    now = workshop.clock()
    with workshop.store.write() as tx:
        alone(tx)  # of several replicas one
        found = notice_rows.untold_ends(
            tx, now=now, after=now - LONG_AGO, until=now + SOON, limit=_AT_ONCE
        )
        mine = [row for row in found if notice_rows.put_notice(tx, row, at=now)]
    return tuple(_alerts(workshop, mine))


def give_back_alerts(workshop: Workshop, alerts: Sequence[Alert]) -> None:
    """Let alerts be claimed again: they could not be sent."""
    with workshop.store.write() as tx:
        for alert in alerts:
            notice_rows.drop_notice(
                tx, alert.credential, kind=alert.kind, ends_at=alert.at.timestamp()
            )


def _alerts(workshop: Workshop, found: Sequence[rows.Row]) -> Iterator[Alert]:
    names = names_of_services(workshop, {row.service_id for row in found})
    for row in found:
        service = names[row.service_id]
        yield Alert(
            kind=row.kind,
            connection=f"{row.owner}/{row.link_name}",
            service=service,
            person=row.holder,
            at=moment(row.ends_at),  # type: ignore[arg-type]  # it was compared
            message=_message(row, service),
            hint=f"Run %conn authorize {row.link_name}",
            credential=row.id,
        )


def _message(row: rows.Row, service: str) -> str:
    told = f"The authorization of '{row.link_name}' with {service}"
    if row.kind == "ends":
        return f"{told} ends on {day(row.ends_at)}"
    why = (row.ended_because or "").rstrip(".")
    return f"{told} has ended" + (f": {why}" if why else "")
