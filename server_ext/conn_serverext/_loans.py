"""Loans that are good for a moment: a request does not ask the database each time."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final, NamedTuple

from conn_core.errors import (
    AuditUnavailable,
    BrokerUnavailable,
    ConnectionsError,
    StoreUnavailable,
    Tampered,
)

if TYPE_CHECKING:
    from conn_core import AccessToken
    from conn_core.broker import Lending
    from conn_core.http import Loan

#: A revocation acts within a second.
CONFIRM_EVERY: Final = 0.5
#: How long the last confirmation carries over a database that does not answer.
LEASE: Final = 30.0

#: Asks the broker; told the generation that an API refused.
Ask = Callable[[int | None], Awaitable["Lending"]]


class Borrower(NamedTuple):
    """Who uses what, from where, and what they showed for it."""

    person: str
    place: str
    name: str
    shown: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class _Held:
    lending: "Lending"
    confirmed_at: float
    ask_after: float


class Loans:
    """The loans of one server.

    Args:
        monotonic: A clock that never goes back.
        now: The time of day, for expiry.
    """

    def __init__(
        self,
        *,
        monotonic: Callable[[], float] = time.monotonic,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._monotonic = monotonic
        self._now = now
        self._held: dict[Borrower, _Held] = {}
        self._asking: dict[Borrower, asyncio.Lock] = {}

    async def current(
        self, borrower: Borrower, ask: Ask, *, rejected: int | None = None
    ) -> "Lending":
        """Return a loan to use now; a crowd asks the broker once.

        Args:
            borrower: Who wants it.
            ask: Asks the broker.
            rejected: The generation that the API answered 401 to.

        Raises:
            ConnectionsError: What the broker says, when there is none.
        """
        if (held := self._good(borrower, rejected)) is not None:
            return held
        lock = self._asking.setdefault(borrower, asyncio.Lock())
        async with lock:
            try:
                held = self._good(borrower, rejected)  # somebody may have asked
                return held or await self._asked(borrower, ask, rejected)
            finally:
                self._forget_old()

    def _good(self, borrower: Borrower, rejected: int | None) -> "Lending | None":
        held = self._held.get(borrower)
        if held is None or self._monotonic() >= held.ask_after:
            return None
        is_rejected = held.lending.loan.token.generation == rejected
        return None if is_rejected else held.lending

    async def _asked(
        self, borrower: Borrower, ask: Ask, rejected: int | None
    ) -> "Lending":
        held, asked_at = self._held.get(borrower), self._monotonic()
        try:
            lending = await ask(rejected)
        except ConnectionsError as error:
            if held is not None and rejected is None and self._carries(held, error):
                return held.lending
            # Revoked or ended: a database that is silent later must not bring it back.
            self._held.pop(borrower, None)
            raise
        usable = min(CONFIRM_EVERY, self._lifetime(lending.loan.token))
        self._held.pop(borrower, None)  # so that the oldest come first
        self._held[borrower] = _Held(
            lending=lending, confirmed_at=asked_at, ask_after=asked_at + usable
        )
        return lending

    def _carries(self, held: _Held, error: ConnectionsError) -> bool:
        is_silent = isinstance(error, StoreUnavailable | BrokerUnavailable)
        says_something = isinstance(error, AuditUnavailable | Tampered)
        age = self._monotonic() - held.confirmed_at
        lives = self._lifetime(held.lending.loan.token) > 0
        return is_silent and not says_something and age < LEASE and lives

    def _lifetime(self, token: "AccessToken") -> float:
        if token.expires_at is None:
            return float("inf")
        return (token.expires_at - self._now()).total_seconds()

    def _forget_old(self) -> None:
        """Keep no credential in memory that nobody uses."""
        too_old = self._monotonic() - LEASE
        for borrower, held in list(self._held.items()):
            if held.confirmed_at >= too_old:
                break
            del self._held[borrower]
        for borrower, lock in list(self._asking.items()):
            if borrower not in self._held and not lock.locked():
                del self._asking[borrower]


class ConnectionLender:
    """Lends one connection's credential to the relay, for one request.

    Attributes:
        lending: What was lent last.
    """

    def __init__(self, loans: Loans, borrower: Borrower, ask: Ask) -> None:
        self._loans = loans
        self._borrower = borrower
        self._ask = ask
        self.lending: Lending | None = None

    async def lend(self, *, rejected: int | None = None) -> "Loan":
        """Return a loan that is good now; see ``Loans.current``."""
        self.lending = await self._loans.current(
            self._borrower, self._ask, rejected=rejected
        )
        return self.lending.loan
