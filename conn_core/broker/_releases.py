"""Which releases of other people's credentials are written down already."""

import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import NamedTuple

from ._noting import NOTED_EVERY, UseOf

_MOST = 10_000


class _Written(NamedTuple):
    generation: int
    at: float


class Releases:
    """Lets nobody go on before a release is written down; a crowd writes it once."""

    def __init__(self) -> None:
        self._written: dict[UseOf, _Written] = {}
        self._being_written: dict[tuple[UseOf, int], Future[None]] = {}
        self._lock = threading.Lock()

    def write_once(
        self, use: UseOf, generation: int, now: float, write: Callable[[], None]
    ) -> None:
        """Return when a release is written; it counts for a minute.

        Args:
            use: Of which connection, by whom, from where.
            generation: Of the credential: each is a release of its own.
            now: What time it is.
            write: Writes it; what it raises, everybody who waits for it raises.
        """
        with self._lock:
            if self._is_written(use, generation, now):
                return
            waiting = self._being_written.get((use, generation))
            if waiting is None:
                mine = self._being_written[use, generation] = Future[None]()
        if waiting is not None:
            waiting.result()
            return
        try:
            write()
        except BaseException as error:
            self._settle(use, generation, None)
            mine.set_exception(error)
            raise
        self._settle(use, generation, now)
        mine.set_result(None)

    def _is_written(self, use: UseOf, generation: int, now: float) -> bool:
        last = self._written.get(use)
        if last is None or last.generation != generation:
            return False
        return 0 <= now - last.at <= NOTED_EVERY

    def _settle(self, use: UseOf, generation: int, at: float | None) -> None:
        with self._lock:
            del self._being_written[use, generation]
            if at is None:
                return
            if len(self._written) >= _MOST:
                self._written.clear()
            self._written[use] = _Written(generation, at)
