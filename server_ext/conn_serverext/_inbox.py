"""The parts of a request's body between who sends them and who takes them."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from typing import Final

#: So many parts wait; then whoever sends waits.
_MOST: Final = 2


class Inbox:
    """Takes parts one by one, and lets the sender wait for a slow taker.

    All of it happens in one event loop.
    """

    def __init__(self) -> None:
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
        while len(self._parts) >= _MOST:
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

    async def parts(self) -> AsyncIterator[bytes]:
        """Return the parts as they come.

        Raises:
            ConnectionResetError: If whoever sent them is gone: half a body must not be
                taken for a whole one.
        """
        while self._parts or not (self._has_ended or self._is_shut):
            if self._parts:
                part = self._parts.popleft()
                self._changed.set()
                yield part
            else:
                await self._change()
        if not self._has_ended:
            raise ConnectionResetError

    async def whole(self, *, most: int) -> bytes | None:
        """Return all parts as one; None where that is more than ``most`` bytes."""
        found = bytearray()
        async for part in self.parts():
            found += part
            if len(found) > most:
                return None
        return bytes(found)

    async def _change(self) -> None:
        """Wait until the other side has done something."""
        self._changed.clear()
        await self._changed.wait()
