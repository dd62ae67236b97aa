"""The broker of a job that shows a grant: it sees and uses what that names. No more."""

import dataclasses
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, Final, NoReturn, TypeVar

from .._job_values import Need, Readiness
from .._services import Service
from .._values import BrokerStatus
from ..errors import NotAllowed
from ..store import rows
from ._granted_directory import GrantedDirectory
from ._local import LocalBroker
from ._policy import Actor
from ._status import moment
from ._workshop import Workshop

Kind = TypeVar("Kind", bound=type)

#: All that a job may ask, and the relay for it. Whatever else a broker can do, now or
#: later, is refused.
ALLOWED: Final = frozenset(
    {
        "access_token",
        "check",
        "connection",
        "connections",
        "lend",
        "relay",
        "service",
        "sign",
        "status",
    }
)


def _refusing_all_but(allowed: frozenset[str]) -> Callable[[Kind], Kind]:
    """Put a refusal in the place of every other method that people can call."""

    def shut(kind: Kind) -> Kind:
        for name in dir(kind):
            if name not in allowed and not name.startswith("_"):
                setattr(kind, name, _refuse)
        return kind

    return shut


def _refuse(self: "GrantedBroker", *_: Any, **__: Any) -> NoReturn:
    """Refuse: a grant is for using the connections that it names."""
    raise _not_granted(self._grant)


@_refusing_all_but(ALLOWED)
class GrantedBroker(LocalBroker):
    """Acts for a job. See ``Broker`` for what each method promises.

    Args:
        workshop: Store, vault, catalogue and the way out.
        actor: The grant's owner, held to what the grant names.
        grant: The grant's row.
        place: The job or machine, as it says itself.
    """

    def __init__(
        self, workshop: Workshop, actor: Actor, *, grant: rows.Row, place: str = ""
    ) -> None:
        super().__init__(workshop, actor, place=place)
        self._grant = grant
        self._granted = GrantedDirectory(workshop, actor, place=self._place)
        self._directory = self._granted

    def __repr__(self) -> str:
        return f"<GrantedBroker acting as {self._person!r} for {self._grant.name!r}>"

    def status(self) -> BrokerStatus:
        """Say as whom the job acts; where the store is, is no business of a job."""
        found = super().status()
        return dataclasses.replace(found, location="", key_source="the server's own")

    def service(self, service_id: str) -> Service:
        """Return a service that one of the connections is to."""
        if not self._granted.uses_service(service_id):
            raise _not_granted(self._grant)
        return super().service(service_id)

    def check(
        self, needs: Sequence[Need], *, until: datetime | None = None
    ) -> tuple[Readiness, ...]:
        """Say whether the job could use what it needs; nothing outlives the grant."""
        found = super().check(needs, until=until)
        return tuple(self._within_grant(one, until) for one in found)

    def _within_grant(self, one: Readiness, until: datetime | None) -> Readiness:
        ends = moment(self._grant.expires_at)
        if not one.ready or ends is None:
            return one
        if until is not None and ends < until:
            return dataclasses.replace(
                one,
                ready=False,
                until=ends,
                problem=f"This job's grant '{self._grant.name}' ends on {ends:%Y-%m-%d}",
                hint="Run %conn grant create",
            )
        is_first = one.until is None or ends < one.until
        return dataclasses.replace(one, until=ends) if is_first else one


def _not_granted(grant: rows.Row) -> NotAllowed:
    return NotAllowed(
        f"A job's grant is for using the connections it names, and '{grant.name}' shows "
        "nothing else",
        f"Do this in a notebook of {grant.owner}",
    )
