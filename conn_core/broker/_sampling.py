"""Which requests get a line of their own: all, until they come faster than anybody reads."""

import threading
from dataclasses import dataclass
from typing import Any, Final

#: So many a minute of one kind are written each; beyond that one line stands for many.
WRITTEN_EACH: Final = 600
STANDS_FOR: Final = 100
_WINDOW: Final = 60.0
_MOST: Final = 10_000

Columns = dict[str, Any]
#: Connection, person, place and result.
Kind = tuple[str, str, str, str]


@dataclass(slots=True)
class _Count:
    began: float
    seen: int = 1
    unwritten: int = 0


class Sampling:
    """Counts requests exactly, and says for how many the next line stands."""

    def __init__(self) -> None:
        self._counts: dict[Kind, _Count] = {}
        self._last: dict[Kind, Columns] = {}
        self._lock = threading.Lock()

    def take(self, kind: Kind, line: Columns, now: float) -> int:
        """Return for how many requests a line stands; 0 where none is written now."""
        with self._lock:
            count = self._counts.get(kind)
            if count is None or not 0 <= now - count.began < _WINDOW:
                return self._began(kind, now)
            count.seen += 1
            if count.seen <= WRITTEN_EACH:
                return 1
            count.unwritten += 1
            if count.unwritten < STANDS_FOR:
                self._last[kind] = line
                return 0
            count.unwritten = 0
            self._last.pop(kind, None)
            return STANDS_FOR

    def left_over(
        self, now: float, *, every: bool = False
    ) -> list[tuple[Columns, int]]:
        """Return lines for what was only counted, and of how many requests.

        Args:
            now: What time it is.
            every: Also of what is still being counted.
        """
        with self._lock:
            if not self._last:
                return []
            ended = [k for k in self._last if every or self._has_ended(k, now)]
            return [(self._last.pop(k), self._counts.pop(k).unwritten) for k in ended]

    def _began(self, kind: Kind, now: float) -> int:
        before = self._counts.get(kind)
        if before is None and len(self._counts) >= _MOST:
            # What has lines to come stays; the rest starts anew.
            self._counts = {k: self._counts[k] for k in self._last}
        self._counts[kind] = _Count(now)
        self._last.pop(kind, None)
        return 1 + (before.unwritten if before else 0)

    def _has_ended(self, kind: Kind, now: float) -> bool:
        return not 0 <= now - self._counts[kind].began < _WINDOW
