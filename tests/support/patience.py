"""Waiting for what comes about by itself, in tests.

A wait that ends well costs nothing, however long it may last: there is one bound, far
beyond what anything takes on a busy machine. Whoever wants to see that nothing more
happens looks whether a number stands.
"""

import asyncio
import time
from collections.abc import Callable
from typing import TypeVar

Found = TypeVar("Found")
#: Nothing takes so long that comes at all. Where a defence is off, less is enough to see
#: that something does not come.
SECONDS = 60.0
#: A number that has not changed for so long stands.
_STILL = 0.5


def until(
    found: Callable[[], Found],
    *,
    what: str = "it",
    seconds: float | None = None,
    pause: float = 0.05,
) -> Found:
    """Wait until something is so; return it."""
    seconds = seconds or SECONDS
    end = time.monotonic() + seconds
    while not (result := found()):
        assert time.monotonic() < end, f"{what} did not come about in {seconds} s"
        time.sleep(pause)
    return result


async def soon(found: Callable[[], Found], *, what: str = "it") -> Found:
    """Wait until something is so, while the loop goes on; return it."""
    end = time.monotonic() + SECONDS
    while not (result := found()):
        assert time.monotonic() < end, f"{what} did not come about in {SECONDS} s"
        await asyncio.sleep(0.01)
    return result


async def stands(number: Callable[[], int]) -> int:
    """Wait until a number has not changed for a while; return it.

    A number that never stands fails.
    """
    end = time.monotonic() + SECONDS
    last, since = number(), time.monotonic()
    while time.monotonic() - since < _STILL:
        await asyncio.sleep(0.02)
        if (now := number()) != last:
            assert time.monotonic() < end, "it goes on and on"
            last, since = now, time.monotonic()
    return last
