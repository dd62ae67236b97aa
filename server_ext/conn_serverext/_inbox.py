"""The parts of a request's body between who sends them and who takes them."""

import asyncio
from collections.abc import AsyncIterator
from typing import Final

#: So many parts wait; then whoever sends waits.
_MOST: Final = 2


class Inbox:
    """Takes parts one by one, and lets the sender wait for a slow taker."""

    def __init__(self) -> None:
        self._parts: asyncio.Queue[bytes] = asyncio.Queue(_MOST)
        self._is_shut = False

    async def put(self, part: bytes) -> None:
        """Take a part; returns when there is room for the next one."""
        if part and not self._is_shut:
            await self._parts.put(part)

    async def end(self) -> None:
        """Say that this was the last part."""
        if not self._is_shut:
            await self._parts.put(b"")

    def shut(self) -> None:
        """Let go of what is there and what comes: nobody takes it any more."""
        self._is_shut = True
        while not self._parts.empty():
            self._parts.get_nowait()

    async def parts(self) -> AsyncIterator[bytes]:
        """Return the parts as they come."""
        while part := await self._parts.get():
            yield part

    async def whole(self, *, most: int) -> bytes | None:
        """Return all parts as one; None where that is more than ``most`` bytes."""
        found = bytearray()
        async for part in self.parts():
            found += part
            if len(found) > most:
                return None
        return bytes(found)
