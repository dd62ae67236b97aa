"""Ending without breaking anybody's request (F-79).

First ``/health`` says so, so that a load balancer sends nobody here any more; then the
door is closed; then what runs may end, a refresh with its answer above all.
"""

import asyncio
import weakref
from typing import Final, Literal

from tornado.httputil import HTTPServerRequest

State = Literal["starting", "serving", "draining"]
_LOOK_SECONDS: Final = 0.02


class Traffic:
    """Which requests run, and whether there may be more.

    Attributes:
        state: Whether the service takes requests.
    """

    def __init__(self) -> None:
        self.state: State = "starting"
        # Weakly: a request whose browser left in the middle of its body never ends.
        self._running: weakref.WeakSet[HTTPServerRequest] = weakref.WeakSet()

    def begins(self, request: HTTPServerRequest) -> None:
        """Note a request."""
        self._running.add(request)

    def ends(self, request: HTTPServerRequest) -> None:
        """Note that it was answered."""
        self._running.discard(request)

    @property
    def running(self) -> int:
        """How many requests run."""
        return len(self._running)

    async def quiet(self, *, within: float) -> bool:
        """Wait until nothing runs any more; return whether that came about.

        Args:
            within: Seconds to wait.
        """
        try:
            async with asyncio.timeout(within):
                while self._running:  # noqa: ASYNC110 - one that is gone tells nobody
                    await asyncio.sleep(_LOOK_SECONDS)
        except TimeoutError:
            return False
        return True
