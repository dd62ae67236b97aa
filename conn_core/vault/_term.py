"""For how long keys may be held that somebody else unwrapped and cannot be asked again.

Whoever disables a key in its key management, or takes our rights there away, means that
it opens nothing any more. A key management that is only down must not stop everybody at
once. Both get the same time: a number of minutes that the operator sets.
"""

from collections.abc import Callable
from typing import Final

from ..errors import StoreLocked

#: What a provider answered is sealed for so long after the keys may open nothing more:
#: longer than any token request, and it could not be asked for twice.
LAST_WORDS: Final = 120.0
#: So long nobody asks again after an attempt that failed: while the keys are good …
_PAUSE: Final = 30.0
#: … and when their time is over, and everybody waits.
_PAUSE_AFTER: Final = 5.0


class Term:
    """The time that keys have; it begins anew whenever their place confirms them.

    Args:
        hold: How many seconds; None where it never ends.
        seconds: Seconds that only grow.
    """

    def __init__(self, hold: float | None, seconds: Callable[[], float]) -> None:
        self._hold = float("inf") if hold is None else hold
        self._seconds = seconds
        self._tried_at = float("-inf")
        self._trouble: StoreLocked | None = None
        self.confirm()

    def confirm(self) -> None:
        """Begin anew: the keys are what their place says now."""
        self._confirmed_at = self._seconds()

    def is_due(self) -> bool:
        """Tell whether the place should be asked: the second half has begun."""
        return self._age() >= self._hold / 2

    def is_over(self, *, longer: float = 0.0) -> bool:
        """Tell whether the time is over, or so many seconds more."""
        return self._age() >= self._hold + longer

    def ask(self, look: Callable[[], StoreLocked | None]) -> None:
        """Ask the place, unless somebody has just asked in vain."""
        pause = _PAUSE_AFTER if self.is_over() else _PAUSE
        if self.is_due() and self._seconds() - self._tried_at >= pause:
            self._trouble = look()
            self._tried_at = self._seconds()  # a place that is gone takes its time, too

    def ended(self) -> StoreLocked:
        """Return the error for keys whose time is over."""
        why = self._trouble or StoreLocked(
            "The store's key is not where it was", "Run jupyter connections key status"
        )
        minutes = round(self._hold / 60)
        return StoreLocked(
            f"{why.message}. The store's keys were held for the {minutes} minutes that "
            "are allowed without it, and are used no longer",
            why.hint,
        )

    def _age(self) -> float:
        return self._seconds() - self._confirmed_at
