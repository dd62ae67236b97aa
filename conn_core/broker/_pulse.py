"""Signs of life of whoever refreshes, for processes that cannot see whether it lives.

The holder of a lease writes it anew every few seconds while it works: see ``Watch`` for
what others make of that. Whoever could not show itself asks no provider.
"""

import contextlib
import threading
import time
from typing import Self

from ..errors import StoreUnavailable
from ..store import leases, rows
from ._workshop import Workshop


def awake_or_not() -> float:
    """Return seconds that also pass while the machine sleeps, where that can be known."""
    if hasattr(time, "CLOCK_BOOTTIME"):
        return time.clock_gettime(time.CLOCK_BOOTTIME)
    return time.monotonic()  # pragma: no cover - the other systems' half


class Pulse:
    """The signs of life of one refresh, from entering to leaving.

    Args:
        workshop: Store and clock.
        row: The credential; its lease is ours.
        since: Before the lease was taken, by ``awake_or_not``.
    """

    def __init__(self, workshop: Workshop, row: rows.Row, *, since: float) -> None:
        self._workshop = workshop
        self._row = row
        self._shown_at = since
        self._is_lost = False
        self._is_over = threading.Event()

    def __enter__(self) -> Self:
        with contextlib.suppress(RuntimeError):  # the interpreter is about to exit
            threading.Thread(target=self._beat, name="pulse", daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._is_over.set()

    @property
    def is_strong(self) -> bool:
        """Whether others know that we live, and will for long enough to ask somebody."""
        silent_for = awake_or_not() - self._shown_at
        return not self._is_lost and silent_for <= self._workshop.upkeep.pace.hurry

    def _beat(self) -> None:
        while not self._is_over.wait(self._workshop.upkeep.pace.pulse):
            began = awake_or_not()
            try:
                is_ours = self._show()
            except StoreUnavailable:
                continue  # nobody else sees the store move either, or it is ours to miss
            if not is_ours:
                self._is_lost = True
                return
            self._shown_at = began

    def _show(self) -> bool:
        workshop, upkeep = self._workshop, self._workshop.upkeep
        with workshop.store.write_at_once() as tx:
            return leases.renew_lease(
                tx,
                self._row,
                me=upkeep.presence.name,
                until=workshop.clock() + upkeep.pace.lease,
            )
