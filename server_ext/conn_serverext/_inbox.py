"""The parts of a request's body between who sends them and who takes them."""

import asyncio
import contextlib
from collections import deque
from collections.abc import AsyncIterator
from typing import Final

#: So many parts wait; then whoever sends waits.
_MOST: Final = 2


class Inbox:
    """Takes parts one by one, and lets the sender wait for a slow taker.

    All of it happens in one event loop.

    Args:
        takes_all: Let nobody wait: what comes is short, and taken when all is here.
    """

    def __init__(self, *, takes_all: bool = False) -> None:
        self._takes_all = takes_all
        self._parts: deque[bytes] = deque()
        self._changed = asyncio.Event()
        self._has_ended = False
        self._is_shut = False

    async def put(self, part: bytes) -> None:
        """Take a part; returns when there is room for the next one."""
        if self._is_shut:
            return
        self._parts.append(part)
        self._changed.set()
        while len(self._parts) >= _MOST and not self._takes_all:
            await self._change()

    def end(self) -> None:
        """Say that this was the last part."""
        self._has_ended = True
        self._changed.set()

    def shut(self) -> None:
        """Let go of what is there and what comes: nobody takes it any more."""
        self._is_shut = True
        self._parts.clear()
        self._changed.set()

    async def part(self) -> bytes | None:
        """Return the next part; None at the end.

        Raises:
            ConnectionResetError: If whoever sent them is gone: half a body must not be
                taken for a whole one.
        """
        while not (self._parts or self._has_ended or self._is_shut):
            await self._change()
        if self._parts:
            self._changed.set()
            return self._parts.popleft()
        if not self._has_ended:
            raise ConnectionResetError
        return None

    async def parts(self) -> AsyncIterator[bytes]:
        """Return the parts as they come; see ``part``."""
        while (part := await self.part()) is not None:
            yield part

    async def whole(self, *, most: int) -> bytes | None:
        """Return all parts as one; None where that is more than ``most`` bytes."""
        found = bytearray()
        while (part := await self.part()) is not None:
            found += part
            if len(found) > most:
                return None
        return bytes(found)

    async def has_ended(self, *, within: float) -> bool:
        """Wait for the end of what nobody takes any more, so long and no longer."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(within):
                while not self._has_ended:
                    await self._change()
        return self._has_ended

    async def _change(self) -> None:
        """Wait until the other side has done something."""
        self._changed.clear()
        await self._changed.wait()
