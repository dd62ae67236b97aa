"""How often somebody may do something: enough for people, too little for guessing."""

import threading
from typing import Final

#: More keys than that are not remembered; the oldest go first.
_MOST_KEYS: Final = 4096


class Rates:
    """A bucket of tries per key, which fills up again with time.

    Args:
        most: How many tries at once.
        seconds: After which an empty bucket is full again.
    """

    def __init__(self, most: int, seconds: float) -> None:
        self._most = float(most)
        self._per_second = most / seconds
        self._guard = threading.Lock()
        self._left: dict[tuple[str, ...], tuple[float, float]] = {}

    def wait(self, *key: str, now: float) -> float:
        """Return for how many seconds nothing may be tried; 0 when something may.

        Args:
            key: Who, and what.
            now: Seconds since 1970.
        """
        left = self._now_left(key, now)
        return 0.0 if left >= 1 else (1 - left) / self._per_second

    def count(self, *key: str, now: float) -> None:
        """Note a try."""
        with self._guard:
            self._put(key, max(self._now_left(key, now) - 1, 0.0), now)

    def take(self, *key: str, now: float) -> bool:
        """Note a try if there is one left; tell whether there was."""
        with self._guard:
            left = self._now_left(key, now)
            if left >= 1:
                self._put(key, left - 1, now)
        return left >= 1

    def _put(self, key: tuple[str, ...], left: float, now: float) -> None:
        self._left.pop(key, None)
        self._left[key] = (left, now)
        if len(self._left) > _MOST_KEYS:
            del self._left[next(iter(self._left))]

    def _now_left(self, key: tuple[str, ...], now: float) -> float:
        left, at = self._left.get(key, (self._most, now))
        # A clock that was put back gives nothing, and takes nothing.
        return min(self._most, left + max(0.0, now - at) * self._per_second)
