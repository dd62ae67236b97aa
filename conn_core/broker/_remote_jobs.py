"""The remote broker's jobs: could it run, when does it run."""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from .._job_values import Need, Readiness, Schedule
from .._value import format_time
from ._asker import PATIENT, Asker, page, part

if TYPE_CHECKING:  # pydantic is not paid for on the kernel's hot path
    from .._job_drafts import ScheduleDraft


class RemoteJobs(Asker):
    """The part of ``RemoteBroker`` that is about notebooks that run by themselves."""

    def check(
        self, needs: Sequence[Need], *, until: datetime | None = None
    ) -> tuple[Readiness, ...]:
        """Say whether a job could use what it needs without a person."""
        question = {
            "needs": [need.to_json() for need in needs],
            "until": format_time(until),
        }
        return self._send(
            "POST",
            "check",
            question,
            repeatable=True,
            into=lambda body: page(body, Readiness.from_json).items,
        )

    def schedule(self, draft: "ScheduleDraft") -> Schedule:
        """Let a notebook run by itself, as the asking person."""
        return self._send(
            "POST",
            "schedules",
            draft.model_dump(mode="json"),
            timeout=PATIENT,
            into=Schedule.from_json,
        )

    def schedules(self) -> tuple[Schedule, ...]:
        """Return the person's schedules, by name."""
        return self._get(
            "schedules", into=lambda body: page(body, Schedule.from_json).items
        )

    def pause_schedule(self, name: str, *, active: bool = False) -> Schedule:
        """Let a schedule rest, or go on."""
        body: dict[str, Any] = {"active": active}
        return self._send("PATCH", _path_of(name), body, into=Schedule.from_json)

    def delete_schedule(self, name: str) -> Schedule:
        """Delete a schedule and the notes of its runs; return what it was."""
        return self._send("DELETE", _path_of(name), into=Schedule.from_json)


def _path_of(name: str) -> str:
    return f"schedules/{part(name)}"
