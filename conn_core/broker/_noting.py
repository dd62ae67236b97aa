"""Which uses of connections this process is noting: a crowd of threads writes once."""

import threading

#: A use is noted again after so many seconds.
NOTED_EVERY = 60
_MOST = 10_000

#: Connection, person and place.
UseOf = tuple[str, str, str]


class Noting:
    """Hands out the right to note a use."""

    def __init__(self) -> None:
        self._at: dict[UseOf, float] = {}
        self._lock = threading.Lock()

    def claim(self, use: UseOf, now: float) -> bool:
        """Tell whether the caller is to write; nobody else is asked to for a minute."""
        with self._lock:
            if self.is_noted(use, now):
                return False
            self._keep(use, now)
            return True

    def heard(self, use: UseOf, at: float) -> None:
        """Remember that it was noted, by whoever did it."""
        with self._lock:
            self._keep(use, at)

    def is_noted(self, use: UseOf, now: float) -> bool:
        """Tell whether it was noted less than a minute ago, as far as we know."""
        noted_at = self._at.get(use)
        return noted_at is not None and 0 <= now - noted_at <= NOTED_EVERY

    def give_back(self, use: UseOf) -> None:
        """Let the next one write: it could not be written."""
        with self._lock:
            self._at.pop(use, None)

    def _keep(self, use: UseOf, at: float) -> None:
        if len(self._at) >= _MOST:
            self._at.clear()
        self._at[use] = at
