"""The local broker's jobs: could it run, when does it run."""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from .._job_values import Need, Readiness, Schedule
from ._local_connections import LocalConnections
from ._readiness import Onwards, readiness_of
from ._schedules import Schedules

if TYPE_CHECKING:  # pydantic is not paid for where nothing is scheduled
    from .._job_drafts import ScheduleDraft


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
        return self._schedules().schedule(draft)

    def schedules(self) -> tuple[Schedule, ...]:
        """Return the person's schedules, by name."""
        return self._schedules().schedules()

    def pause_schedule(self, name: str, *, active: bool = False) -> Schedule:
        """Let a schedule rest, or go on."""
        return self._schedules().pause_schedule(name, active=active)

    def delete_schedule(self, name: str) -> Schedule:
        """Delete a schedule and the notes of its runs; return what it was."""
        return self._schedules().delete_schedule(name)

    def _schedules(self) -> Schedules:
        return Schedules(
            self._workshop.scheduler, self._actor, checker=self, note=self._record
        )

    def _record(self, action: str, name: str) -> None:
        with self._workshop.store.write() as tx:
            self._workshop.record(tx, action, actor=self._person, detail=name)
