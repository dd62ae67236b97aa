"""Ctrl-C, a closed terminal and ``kill`` mean the same: stop, and clean up."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Final

#: Windows has no SIGHUP.
_MEANT: Final = tuple(
    getattr(signal, name)
    for name in ("SIGINT", "SIGTERM", "SIGHUP")
    if hasattr(signal, name)
)


@contextmanager
def told_to_stop() -> Iterator[threading.Event]:
    """Give an event that is set by the signals that end a program.

    They have no other effect until the end of the block: an impatient second Ctrl-C
    does not interrupt the cleaning up.
    """
    stop = threading.Event()

    def note(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    before = {number: signal.signal(number, note) for number in _MEANT}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
