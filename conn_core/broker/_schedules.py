"""One person's schedules, wherever a scheduler is: at a laptop, and at a hub's server."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Protocol, cast

from .._job_values import Need, Readiness, Schedule
from ..jobs import digest_shown
from . import _scheduling
from ._environment import EnvironmentBroker
from ._policy import Actor
from ._scheduler import Scheduler

if TYPE_CHECKING:  # pydantic is not paid for where nothing is scheduled
    from .._job_drafts import ScheduleDraft
    from ._port import Broker

#: Is told what was done, and a sentence about the schedule.
Note = Callable[[str, str], None]


class Checker(Protocol):
    """Knows what could be used without a person; a broker does."""

    def check(
        self, needs: Sequence[Need], *, until: datetime | None = None
    ) -> tuple[Readiness, ...]:
        """Say whether a job could use what it needs. See ``Broker``."""
        ...


class Schedules:
    """The part of a broker that keeps schedules. See ``Broker`` for what each promises.

    Args:
        scheduler: Keeps and runs them; None where there is none.
        actor: Who asks.
        checker: Says what a job could use, beside what its environment brings.
        note: Is told of each change, once it is made.
    """

    def __init__(
        self,
        scheduler: Scheduler | None,
        actor: Actor,
        *,
        checker: Checker,
        note: Note,
    ) -> None:
        self._found = scheduler
        self._actor = actor
        self._checker = checker
        self._note = note

    def schedule(self, draft: "ScheduleDraft") -> Schedule:
        """Let a notebook run by itself, as the asking person."""
        made = _scheduling.schedule(self._scheduler(), draft, check=self._checked_there)
        self._note("schedule", _what_runs(made))
        return made

    def schedules(self) -> tuple[Schedule, ...]:
        """Return the person's schedules, by name."""
        return _scheduling.schedules(self._scheduler())

    def pause_schedule(self, name: str, *, active: bool = False) -> Schedule:
        """Let a schedule rest, or go on."""
        scheduler = self._scheduler()
        one = _scheduling.found(scheduler, name)
        scheduler.set_active(one.id, active=active)
        self._note("resume schedule" if active else "pause schedule", one.name)
        return _scheduling.found(scheduler, one.id)

    def delete_schedule(self, name: str) -> Schedule:
        """Delete a schedule and the notes of its runs; return what it was."""
        scheduler = self._scheduler()
        one = _scheduling.found(scheduler, name)
        scheduler.delete(one.id)
        self._note("delete schedule", one.name)
        return one

    def _scheduler(self) -> Scheduler:
        return _scheduling.scheduler_for(self._found, self._actor)

    def _checked_there(self, needs: Sequence[Need]) -> tuple[Readiness, ...]:
        """Check as a job would find it: what its environment brings comes first."""
        there = EnvironmentBroker(
            self._scheduler().environ,
            below=lambda: cast("Broker", self._checker),
            user=self._actor.name,
        )
        return there.check(needs)


def _what_runs(made: Schedule) -> str:
    """Say what was scheduled, so that its runs can be compared with it."""
    said = ", ".join(filter(None, (digest_shown(made.sha256), made.notebook)))
    return f"{made.name}: {said}"
