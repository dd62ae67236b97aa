"""The core, opened by the first request that needs it."""

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, TypeVar

from ._vends import Vends

if TYPE_CHECKING:  # the database is not paid for when the server starts
    from conn_core.broker import Core

    from ._relaying import Relaying

T = TypeVar("T")

#: A refresh may hold its thread as long as a slow provider takes to answer.
_THREADS = 8
#: Longer than any token request: what a provider has already answered is kept.
_LAST_WORDS_SECONDS = 35


class LazyCore:
    """Runs broker calls in a few threads of its own, away from the event loop.

    Args:
        opener: Opens the core. Called again when it failed: a key store may have been
            unlocked meanwhile.
        threads: How many jobs are done at once.

    Attributes:
        vends: Answers those who ask for tokens, together.
    """

    def __init__(
        self, opener: Callable[[], "Core"], *, threads: int = _THREADS
    ) -> None:
        self._open = opener
        self._core: Core | None = None
        self._lock = threading.Lock()
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="connections")
        self._relaying: Relaying | None = None
        self.vends = Vends(self.opened)

    @property
    def relaying(self) -> "Relaying":
        """What carries the requests of sealed connections; used in the event loop."""
        if self._relaying is None:
            from ._relaying import Relaying  # noqa: PLC0415 - as the core

            self._relaying = Relaying(self)
        return self._relaying

    async def run(self, job: Callable[["Core"], T]) -> T:
        """Do a job with the core, in a thread."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, self._do, job)

    async def close(self) -> None:
        """Let running jobs end, then close the core."""
        if self._relaying is not None:
            await self._relaying.close()
        ending = asyncio.to_thread(self._end_threads)
        try:
            await asyncio.wait_for(ending, _LAST_WORDS_SECONDS)
        finally:
            if self._core is not None:
                self._core.close()

    def _end_threads(self) -> None:
        self.vends.close()
        self._threads.shutdown(wait=True, cancel_futures=True)

    def _do(self, job: Callable[["Core"], T]) -> T:
        return job(self.opened())

    def opened(self) -> "Core":
        """Return the core, opened now if it never was; call it in a thread."""
        with self._lock:
            if self._core is None:
                self._core = self._open()
            return self._core
