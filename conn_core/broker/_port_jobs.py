"""The port's part about jobs: could it run, when does it run, what may it use."""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

from .._job_values import Grant, IssuedGrant, Need, Readiness, Schedule

if TYPE_CHECKING:  # pydantic is not paid for on the kernel's hot path
    from .._job_drafts import GrantDraft, ScheduleDraft


class JobsPort(Protocol):
    """What every face may ask about jobs. See ``Broker``."""

    def check(
        self, needs: Sequence[Need], *, until: datetime | None = None
    ) -> tuple[Readiness, ...]:
        """Say whether a job could use what it needs without a person.

        Nothing is asked of a provider, and nothing is changed.

        Args:
            needs: Connections, and built-in tasks.
            until: Until when it has to work; None asks only about now.

        Returns:
            One answer for each need, in their order.
        """
        ...

    def schedule(self, draft: "ScheduleDraft") -> Schedule:
        """Let a notebook run by itself, as the asking person.

        Raises:
            AuthorizationRequired: If somebody has to authorize what it uses first.
            InvalidInput: If the notebook, the cron text or the time zone is none, a
                parameter looks like a secret, or it cannot run without a person.
            JobsUnavailable: If no scheduler is here.
            NameTaken: If the person has a schedule of this name.
            NotAllowed: If jobs here act as somebody else, or could do more than who asks.
        """
        ...

    def schedules(self) -> tuple[Schedule, ...]:
        """Return the person's schedules, by name.

        Raises:
            JobsUnavailable: If no scheduler is here.
        """
        ...

    def pause_schedule(self, name: str, *, active: bool = False) -> Schedule:
        """Let a schedule rest, or go on.

        Args:
            name: The schedule's name.
            active: True lets it go on.

        Raises:
            ScheduleNotFound: If the person has none of this name.
        """
        ...

    def delete_schedule(self, name: str) -> Schedule:
        """Delete a schedule and the notes of its runs; return what it was.

        Raises:
            ScheduleNotFound: If the person has none of this name.
        """
        ...

    def grant(self, draft: "GrantDraft") -> IssuedGrant:
        """Make a permission for a job on another machine.

        Raises:
            ConnectionNotFound: If the person sees no such connection.
            InvalidInput: If a direct grant names what is not the person's own.
        """
        ...

    def grants(self) -> tuple[Grant, ...]:
        """Return the person's grants, the newest first; ended ones among them."""
        ...

    def revoke_grant(self, grant_id: str) -> Grant:
        """End a grant at once.

        Raises:
            GrantNotFound: If the person has none of this id.
        """
        ...
