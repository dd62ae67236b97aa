"""What runs notebooks by itself, as the broker needs it: jupyter-scheduler, in a server."""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from .._job_values import Schedule

if TYPE_CHECKING:  # pydantic is not paid for on the kernel's hot path
    from .._job_drafts import ScheduleDraft


class Scheduler(Protocol):
    """Keeps schedules and runs them. All may raise ``JobsUnavailable``.

    Attributes:
        runs_as: The person as whom every job acts, whoever asks for it.
        environ: What a job's process finds in its environment.
    """

    @property
    def runs_as(self) -> str: ...

    @property
    def environ(self) -> Mapping[str, str]: ...

    def notebook(self, path: str) -> Path:
        """Return the file of a notebook.

        Args:
            path: Below the server's root folder.

        Raises:
            InvalidInput: If there is none, or it lies elsewhere.
        """
        ...

    def next_run(self, cron: str, *, timezone: str) -> datetime:
        """Say when something would run next.

        Raises:
            InvalidInput: If the cron text or the time zone is none.
        """
        ...

    def create(self, draft: "ScheduleDraft", *, with_folder: bool) -> Schedule:
        """Keep a schedule.

        Args:
            draft: What was checked; it has a name.
            with_folder: The notebook needs others beside it.
        """
        ...

    def schedules(self) -> tuple[Schedule, ...]:
        """Return every schedule that is kept, by whatever screen it was made."""
        ...

    def set_active(self, schedule_id: str, *, active: bool) -> None:
        """Let a schedule rest, or go on."""
        ...

    def delete(self, schedule_id: str) -> None:
        """Forget a schedule and the notes of its runs."""
        ...
