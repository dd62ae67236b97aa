"""What a broker over another one passes on about schedules: a server below keeps them."""

from typing import TYPE_CHECKING

from .._job_values import Schedule

if TYPE_CHECKING:  # pydantic is not paid for on the kernel's hot path
    from collections.abc import Callable

    from .._job_drafts import ScheduleDraft
    from ._port import Broker


class SchedulesBelow:
    """Passes everything about schedules on.

    Attributes:
        below: Finds the broker below; called when one is needed.
    """

    below: "Callable[[], Broker]"

    def schedule(self, draft: "ScheduleDraft") -> Schedule:
        """Let a notebook run by itself, below."""
        return self.below().schedule(draft)

    def schedules(self) -> tuple[Schedule, ...]:
        """Return the person's schedules, from below."""
        return self.below().schedules()

    def pause_schedule(self, name: str, *, active: bool = False) -> Schedule:
        """Let a schedule below rest, or go on."""
        return self.below().pause_schedule(name, active=active)

    def delete_schedule(self, name: str) -> Schedule:
        """Delete a schedule below."""
        return self.below().delete_schedule(name)
