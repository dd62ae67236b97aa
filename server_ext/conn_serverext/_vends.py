"""Tokens that are asked for again and again: those who ask together are answered together.

While the database is asked for some, further ones gather, and the next question is about
all of them. What it answered counts for a moment, and no longer than until somebody
changes anything through this server.
"""

import asyncio
import contextlib
import threading
import time
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final, NamedTuple

from conn_core import Secret

from ._as_json import as_json
from ._loans import Borrower

if TYPE_CHECKING:
    from conn_core import AccessToken
    from conn_core.broker import Core, Vending, Wish

#: A kernel keeps a token for half a second: with this a revocation acts within one.
GOOD_FOR: Final = 0.25
#: What nobody asks for any more leaves memory after so many seconds.
_KEPT: Final = 30.0
#: So many are answered at once.
_AT_ONCE: Final = 256

#: What a look finds; None where the broker has to be asked.
Look = asyncio.Future[Secret | None]


class Asked(NamedTuple):
    """Who asks for what."""

    borrower: Borrower
    require: tuple[str, ...]


class _Lent(NamedTuple):
    answer: Secret
    until: float
    #: How often anything was changed before it was asked for.
    changes: int


class _Waiting(NamedTuple):
    asked: Asked
    at: float
    changes: int
    look: Look

    def wish(self) -> "Wish":
        from conn_core.broker import Wish  # noqa: PLC0415 - the database

        who = self.asked.borrower
        return Wish(who.person, who.place, who.name, self.asked.require)


def answer_with(token: "AccessToken") -> Secret:
    """Return a token as it is sent."""
    return Secret(as_json(token.to_json() | token.secrets_to_json()))


class Vends:
    """What a server vends now. Any of its event loops may ask.

    Args:
        opened: Returns the core; called in a thread.
        monotonic: A clock that never goes back.
        now: The time of day, for expiry.
    """

    def __init__(
        self,
        opened: Callable[[], "Core"],
        *,
        monotonic: Callable[[], float] = time.monotonic,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._opened = opened
        self._monotonic = monotonic
        self._now = now
        self._lent: dict[Asked, _Lent] = {}
        self._changes = 0
        self._waiting: deque[_Waiting] = deque()
        self._is_asking = False
        self._lock = threading.Lock()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="connections-vends")
        self._vending: Vending[Secret] | None = None

    async def current(
        self, asked: Asked, wholly: Callable[[], Awaitable["AccessToken"]]
    ) -> Secret:
        """Return the answer to give now.

        Args:
            asked: Who asks for what.
            wholly: Asks the broker, where more has to be done than looking.

        Raises:
            ConnectionsError: What the broker says, when there is none.
        """
        lent = self.lent(asked)
        if lent is not None:
            return lent
        changes, asked_at = self._changes, self._monotonic()
        found = await self.look(asked)
        if found is not None:
            return found
        token = await wholly()
        answer, lives = answer_with(token), self._lifetime(token)
        until = asked_at + min(GOOD_FOR, lives)
        self._keep(asked, _Lent(answer, until, changes))
        return answer

    def lent(self, asked: Asked) -> Secret | None:
        """Return the answer of a moment ago, None where that does not count any more."""
        lent = self._lent.get(asked)
        if lent is None or lent.changes != self._changes:
            return None
        return lent.answer if self._monotonic() < lent.until else None

    def look(self, asked: Asked) -> Look:
        """Ask the database, together with all who ask now."""
        look: Look = asyncio.get_running_loop().create_future()
        one = _Waiting(asked, self._monotonic(), self._changes, look)
        with self._lock:
            if not self._is_asking:
                self._thread.submit(self._ask_for_all)
                self._is_asking = True
            self._waiting.append(one)
        return look

    def forget(self) -> None:
        """Answer nothing from memory: something may have been changed."""
        with self._lock:
            self._changes += 1
            self._lent.clear()

    def close(self) -> None:
        """Let what is being asked end."""
        self._thread.shutdown(wait=True)

    def _lifetime(self, token: "AccessToken") -> float:
        if token.expires_at is None:
            return float("inf")
        return (token.expires_at - self._now()).total_seconds()

    # --- no credential stays in memory that nobody asks for ---------------------------

    def _keep(self, asked: Asked, lent: _Lent) -> None:
        with self._lock:
            self._lent.pop(asked, None)  # so that the oldest come first
            is_first = not self._lent
            self._lent[asked] = lent
        if is_first:
            asyncio.get_running_loop().call_later(GOOD_FOR, self._forget_old)

    def _forget_old(self) -> None:
        now = self._monotonic()
        with self._lock:
            for asked, lent in list(self._lent.items()):
                if now < lent.until:
                    break
                del self._lent[asked]
            is_empty = not self._lent
        if not is_empty:
            asyncio.get_running_loop().call_later(GOOD_FOR, self._forget_old)

    def _sweep(self, loop: asyncio.AbstractEventLoop) -> None:
        """Forget what was made of credentials, in the thread that makes it."""
        assert self._vending is not None  # noqa: S101 - it is swept once there is one
        if self._vending.forget(before=self._opened().clock() - _KEPT):
            self._sweep_later(loop)
        else:
            self._vending = None  # and the next one begins to sweep anew

    def _sweep_later(self, loop: asyncio.AbstractEventLoop) -> None:
        def sweep() -> None:
            with contextlib.suppress(RuntimeError):  # the server ends
                self._thread.submit(self._sweep, loop)

        with contextlib.suppress(RuntimeError):  # that loop has ended
            loop.call_soon_threadsafe(loop.call_later, _KEPT, sweep)

    # --- together ---------------------------------------------------------------------

    def _ask_for_all(self) -> None:
        while batch := self._next_batch():
            by_loop: dict[asyncio.AbstractEventLoop, list[_Waiting]] = {}
            for one in batch:
                by_loop.setdefault(one.look.get_loop(), []).append(one)
            for loop, those in by_loop.items():
                self._ask(loop, those)

    def _next_batch(self) -> list[_Waiting]:
        with self._lock:
            many = min(len(self._waiting), _AT_ONCE)
            batch = [self._waiting.popleft() for _ in range(many)]
            self._is_asking = bool(batch)
            return batch

    def _ask(self, loop: asyncio.AbstractEventLoop, those: list[_Waiting]) -> None:
        found: Sequence[Secret | BaseException | None]
        try:
            vending = self._vending or self._begun(loop)
            found = vending.at_once(self._opened(), [one.wish() for one in those])
        except BaseException as error:  # noqa: BLE001 - whoever waits gets it
            found = [error] * len(those)
        with contextlib.suppress(RuntimeError):  # that loop has ended, and its requests
            loop.call_soon_threadsafe(self._tell, those, found)

    def _begun(self, loop: asyncio.AbstractEventLoop) -> "Vending[Secret]":
        from conn_core.broker import Vending  # noqa: PLC0415 - the database

        self._vending = Vending(answer_with)
        self._sweep_later(loop)
        return self._vending

    def _tell(
        self,
        those: Sequence[_Waiting],
        found: Sequence[Secret | BaseException | None],
    ) -> None:
        for one, result in zip(those, found, strict=True):
            if isinstance(result, Secret):  # it says itself until when it works
                self._keep(one.asked, _Lent(result, one.at + GOOD_FOR, one.changes))
            if one.look.done():  # whoever asked is gone
                continue
            if isinstance(result, BaseException):
                one.look.set_exception(result)
            else:
                one.look.set_result(result)
