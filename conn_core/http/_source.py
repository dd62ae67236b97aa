"""Where a client's tokens come from: memory first, then the broker."""

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from .._values import AccessToken
from ..errors import BrokerUnavailable, ConnectionsError

if TYPE_CHECKING:
    from ..auth import Outgoing
    from ..broker import Broker, Relay

#: A revocation acts within a second, also in other kernels.
CONFIRM_EVERY: Final = 0.5
#: How long the last confirmation carries us over a broker that does not answer.
LEASE: Final = 30.0


def _utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Held:
    """A token in memory.

    Attributes:
        confirmed_at: When the broker was last asked for it and agreed.
        ask_after: When to ask again; both by the monotonic clock.
    """

    token: AccessToken
    confirmed_at: float
    ask_after: float


class TokenSource:
    """Lends the token of one connection, and asks the broker often enough.

    Whether a token is fresh enough is the broker's decision: an answer is used as it
    is, so that a token of a few seconds makes no storm of questions.

    Args:
        broker: Whom to ask.
        name: The connection.
        require: Scopes without which every call is pointless.
        monotonic: A clock that never goes back.
        now: The time of day, for expiry.
    """

    def __init__(
        self,
        broker: "Broker",
        name: str,
        *,
        require: Sequence[str] = (),
        monotonic: Callable[[], float] = time.monotonic,
        now: Callable[[], datetime] = _utc_now,
    ) -> None:
        self._broker = broker
        self._name = name
        self._require = tuple(require)
        self._monotonic = monotonic
        self._now = now
        self._held: _Held | None = None
        self._asking = threading.Lock()

    def __repr__(self) -> str:
        return f"<token source of {self._name!r}>"

    def fresh(self) -> AccessToken | None:
        """Return the token in memory if nobody has to be asked; never waits."""
        held = self._held
        if held is None or self._monotonic() >= held.ask_after:
            return None
        return held.token

    def token(self, *, rejected: int | None = None) -> AccessToken:
        """Return a token to use now.

        Args:
            rejected: The generation that an API answered 401 to. When somebody has
                asked for another one meanwhile, that one is returned.

        Raises:
            ConnectionsError: What the broker says, when there is none to use.
        """
        if rejected is None and (token := self.fresh()) is not None:
            return token
        with self._asking:
            # Somebody else may have asked while we waited.
            held = self._held
            if rejected is None and (token := self.fresh()) is not None:
                return token
            if rejected is not None and held and held.token.generation != rejected:
                return held.token
            return self._ask(held, rejected)

    def check(self, *, require: Sequence[str] = ()) -> AccessToken:
        """Raise unless the connection can be used now, with these scopes too.

        Raises:
            ConnectionsError: What the broker says.
        """
        if not require:
            return self.token()
        wanted = dict.fromkeys((*self._require, *require))
        return self._broker.access_token(self._name, require=tuple(wanted))

    def relay(self, token: AccessToken) -> "Relay | None":
        """Return what carries a request; None where it goes out from here.

        Args:
            token: What the broker lent, or says of a credential that it keeps.
        """
        return None if token.exposure == "direct" else self._broker.relay(self._name)

    def doubt(self, problem: ConnectionsError) -> None:
        """Ask the broker before the next request, if it has answered with an error.

        Args:
            problem: Its error; one that does not answer has changed nothing.
        """
        if not isinstance(problem, BrokerUnavailable):
            self._held = None

    def sign(self, request: "Outgoing") -> dict[str, str]:
        """Return the headers that sign a request; the broker is asked for each.

        Raises:
            ConnectionsError: What the broker says, when it does not sign it.
        """
        try:
            return self._broker.sign(
                self._name,
                method=request.method,
                url=request.url,
                headers=request.headers,
                body=request.body,
            )
        except ConnectionsError as error:
            # It may be revoked: the next request asks before it does anything.
            self.doubt(error)
            raise

    def _ask(self, held: _Held | None, rejected: int | None) -> AccessToken:
        asked_at = self._monotonic()
        try:
            token = self._broker.access_token(
                self._name, require=self._require, rejected=rejected
            )
        except BrokerUnavailable:
            if rejected is None and held is not None and self._carries(held):
                self._held = self._postponed(held)
                return held.token
            raise
        except ConnectionsError:
            # Revoked or ended: a broker that is silent later must not bring it back.
            self._held = None
            raise
        usable = min(CONFIRM_EVERY, self._lifetime(token))
        self._held = _Held(
            token=token, confirmed_at=asked_at, ask_after=asked_at + usable
        )
        return token

    def _carries(self, held: _Held) -> bool:
        age = self._monotonic() - held.confirmed_at
        return age < LEASE and self._lifetime(held.token) > 0

    def _postponed(self, held: _Held) -> _Held:
        later = self._monotonic() + min(CONFIRM_EVERY, self._lifetime(held.token))
        return _Held(
            token=held.token,
            confirmed_at=held.confirmed_at,
            ask_after=min(later, held.confirmed_at + LEASE),
        )

    def _lifetime(self, token: AccessToken) -> float:
        """Return how many seconds a token has left."""
        if token.expires_at is None:
            return float("inf")
        return (token.expires_at - self._now()).total_seconds()
