"""The local broker's jobs: could it run, when does it run."""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, cast

from .._job_values import Need, Readiness, Schedule
from . import _scheduling
from ._environment import EnvironmentBroker
from ._local_connections import LocalConnections
from ._readiness import Onwards, readiness_of
from ._scheduler import Scheduler

if TYPE_CHECKING:  # pydantic is not paid for where nothing is scheduled
    from .._job_drafts import ScheduleDraft
    from ._port import Broker


class LocalJobs(LocalConnections):
    """The part of ``LocalBroker`` that is about notebooks that run by themselves."""

    def check(
        self, needs: Sequence[Need], *, until: datetime | None = None
    ) -> tuple[Readiness, ...]:
        """Say whether a job could use what it needs without a person."""
        onwards = Onwards(self._person, until)
        return tuple(
            readiness_of(self._workshop, self._directory, need, onwards)
            for need in needs
        )

    def schedule(self, draft: "ScheduleDraft") -> Schedule:
        """Let a notebook run by itself, as the asking person."""
        scheduler = self._scheduler()
        made = _scheduling.schedule(
            scheduler, draft, check=lambda needs: self._checked_there(scheduler, needs)
        )
        self._record("schedule", made.name)
        return made

    def schedules(self) -> tuple[Schedule, ...]:
        """Return the person's schedules, by name."""
        return _scheduling.schedules(self._scheduler())

    def pause_schedule(self, name: str, *, active: bool = False) -> Schedule:
        """Let a schedule rest, or go on."""
        scheduler = self._scheduler()
        one = _scheduling.found(scheduler, name)
        scheduler.set_active(one.id, active=active)
        self._record("resume schedule" if active else "pause schedule", one.name)
        return _scheduling.found(scheduler, one.id)

    def delete_schedule(self, name: str) -> Schedule:
        """Delete a schedule and the notes of its runs; return what it was."""
        scheduler = self._scheduler()
        one = _scheduling.found(scheduler, name)
        scheduler.delete(one.id)
        self._record("delete schedule", one.name)
        return one

    def _scheduler(self) -> Scheduler:
        return _scheduling.scheduler_for(self._workshop.scheduler, self._actor)

    def _checked_there(
        self, scheduler: Scheduler, needs: Sequence[Need]
    ) -> tuple[Readiness, ...]:
        """Check as a job would find it: what its environment brings comes first."""
        there = EnvironmentBroker(
            scheduler.environ, below=lambda: cast("Broker", self), user=self._person
        )
        return there.check(needs)

    def _record(self, action: str, name: str) -> None:
        with self._workshop.store.write() as tx:
            self._workshop.record(tx, action, actor=self._person, detail=name)
