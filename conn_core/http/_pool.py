"""Sockets that are opened when they are first needed, and closed with their user."""

import threading
import weakref
from collections.abc import Callable

import httpcore


class LazyPool:
    """A pool of connections that costs nothing until it is used.

    Args:
        make: Makes the pool.
    """

    def __init__(self, make: Callable[[], httpcore.ConnectionPool]) -> None:
        self._make = make
        self._pool: httpcore.ConnectionPool | None = None
        self._making = threading.Lock()

    def opened(self) -> httpcore.ConnectionPool:
        """Return the pool; made once."""
        if self._pool is None:
            with self._making:
                if self._pool is None:
                    pool = self._make()
                    # Notebooks forget to close: sockets end with whoever uses them.
                    weakref.finalize(self, pool.close)
                    self._pool = pool
        return self._pool

    def close(self) -> None:
        """Close every socket."""
        if self._pool is not None:
            self._pool.close()


class LazyAsyncPool:
    """The same for ``async``.

    Args:
        make: Makes the pool.
    """

    def __init__(self, make: Callable[[], httpcore.AsyncConnectionPool]) -> None:
        self._make = make
        self._pool: httpcore.AsyncConnectionPool | None = None

    def opened(self) -> httpcore.AsyncConnectionPool:
        """Return the pool; made once."""
        if self._pool is None:
            self._pool = self._make()
        return self._pool

    async def aclose(self) -> None:
        """Close every socket."""
        if self._pool is not None:
            await self._pool.aclose()
