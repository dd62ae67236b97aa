"""The device flow (RFC 8628): a code is typed on another device while we ask.

A pure state machine. Whoever drives it owns the clock and the sockets: it asks at
``next_at``, hands in what came back, and gets the next state or the end.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import urlsplit

from .._secret import Secret
from .._services import Service
from .._urls import check_endpoint
from ..errors import ConnectionsError, ProviderUnavailable
from ._answers import raise_refusal, read_token_answer
from ._lifetimes import seconds_in
from ._members import members_of
from ._parts import Answer, DeviceCode, GrantEnded, TokenRequest, TokenSet
from ._retry import wait_asked_for

#: RFC 8628 3.2: what is meant when nothing is said.
_USUAL_INTERVAL = 5.0
_USUAL_LIFETIME = 600.0
_LONGEST_LIFETIME = 1800.0
_FEWEST_SECONDS, _MOST_SECONDS = 1.0, 60.0
#: RFC 8628 3.5: for this answer and all that follow.
_SLOWER_BY = 5.0
#: More of them do not make the waiting longer.
_MOST_SILENCES = 10
_USER_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ._-]{0,38}[A-Za-z0-9]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Polling:
    """Where the asking stands.

    Attributes:
        next_at: When to ask next, seconds since 1970; not before.
        interval: Seconds between two questions.
        expires_at: After that nobody is asked any more.
        silences: How many questions in a row had no answer.
    """

    next_at: float
    interval: float
    expires_at: float
    silences: int = 0

    @classmethod
    def of(cls, code: DeviceCode, *, now: float) -> "Polling":
        """Return the state before the first question."""
        return cls(
            next_at=now + code.interval,
            interval=code.interval,
            expires_at=code.expires_at,
        )

    def unanswered(self, *, now: float, asked: float = 0.0) -> "Polling | Ended":
        """Return the state after a question without an answer: wait twice as long.

        Args:
            now: Seconds since 1970.
            asked: Seconds that the provider asked us to wait.
        """
        silences = min(self.silences + 1, _MOST_SILENCES)
        delay = max(min(self.interval * 2**silences, _MOST_SECONDS), asked)
        return self._until_end(
            next_at=now + delay, silences=silences, interval=self.interval
        )

    def answered(
        self, service: Service, request: TokenRequest, answer: Answer, *, now: float
    ) -> "Polling | Ended | TokenSet":
        """Return the state after an answer (RFC 8628 3.5).

        Args:
            service: Who answered.
            request: What was asked.
            answer: What came back.
            now: Seconds since 1970.
        """
        members = _members(answer)
        match members.get("error"):
            case "authorization_pending":
                return self._again(now, interval=self.interval)
            case "slow_down":
                told = seconds_in(members.get("interval")) or 0.0
                slower = _clamped(max(self.interval + _SLOWER_BY, told))
                return self._again(now, interval=slower)
            case "access_denied":
                return Ended(
                    state="denied", reason=f"Access was not granted at {service.name}"
                )
            case "expired_token":
                return _expired()
        try:
            return read_token_answer(
                service,
                status=answer.status,
                content_type=answer.headers.get("content-type", ""),
                body=answer.body,
                secrets=request.secrets,
                now=now,
            )
        except ProviderUnavailable:
            asked = wait_asked_for(answer.headers, status=answer.status, now=now)
            return self.unanswered(now=now, asked=asked or 0.0)
        except GrantEnded as error:
            reason = f"{service.name} refused the code ({error.code})"
            return Ended(state="failed", reason=reason)
        except ConnectionsError as error:
            return Ended(state="failed", reason=error.message)

    def _again(self, now: float, *, interval: float) -> "Polling | Ended":
        return self._until_end(next_at=now + interval, silences=0, interval=interval)

    def _until_end(
        self, *, next_at: float, silences: int, interval: float
    ) -> "Polling | Ended":
        if next_at >= self.expires_at:
            return _expired()
        return Polling(
            next_at=next_at,
            interval=interval,
            expires_at=self.expires_at,
            silences=silences,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """The asking is over without a token; no further question is sent.

    Attributes:
        reason: One sentence for people.
    """

    state: Literal["denied", "expired", "failed"]
    reason: str


def read_device_answer(
    service: Service, request: TokenRequest, answer: Answer, *, now: float
) -> DeviceCode:
    """Read the code that a person is to type (RFC 8628 3.2).

    Args:
        service: Who answered.
        request: What was asked.
        answer: What came back.
        now: Seconds since 1970.

    Raises:
        GrantEnded: If the provider refused.
        ProviderError: If the provider refused otherwise.
        ProviderUnavailable: If the answer means nothing, or holds what no person types.
    """
    members = _members(answer)
    raise_refusal(service, members, status=answer.status, secrets=request.secrets)
    device_code, user_code = members.get("device_code"), members.get("user_code")
    # Google's name for it is older than the RFC.
    address = members.get("verification_uri", members.get("verification_url"))
    try:
        address, is_of_provider = _address(service, address)
    except ValueError:
        raise _useless(service) from None
    if not isinstance(device_code, str) or not device_code:
        raise _useless(service)
    if not isinstance(user_code, str) or not _USER_CODE.fullmatch(user_code):
        raise _useless(service)
    lifetime = seconds_in(members.get("expires_in")) or _USUAL_LIFETIME
    return DeviceCode(
        device_code=Secret(device_code),
        user_code=user_code,
        verification_uri=address,
        complete_uri=_complete(service, members, address),
        is_of_provider=is_of_provider,
        interval=_interval(members.get("interval")),
        expires_at=now + min(lifetime, _LONGEST_LIFETIME),
    )


def _useless(service: Service) -> ProviderUnavailable:
    return ProviderUnavailable(
        f"{service.name} answered without a code that could be typed", "Try again later"
    )


def _members(answer: Answer) -> Mapping[str, Any]:
    return members_of(answer.headers.get("content-type", ""), answer.body)


def _address(service: Service, value: object) -> tuple[str, bool]:
    """Return an address to type a code at, and whether it is the provider's own.

    Raises:
        ValueError: If it is none that may be opened.
    """
    address = check_endpoint(value if isinstance(value, str) else "")
    if not address.isascii():
        msg = "must be plain characters"
        raise ValueError(msg)
    return address, urlsplit(address).hostname in _hosts(service)


def _hosts(service: Service) -> set[str | None]:
    return {*service.habits.answer.verification_hosts, *map(_host, service.endpoints)}


def _host(url: str) -> str | None:
    return urlsplit(url).hostname


def _complete(service: Service, members: Mapping[str, Any], address: str) -> str | None:
    """Return the address with the code in it, if it leads to the same host."""
    try:
        complete, _ = _address(service, members.get("verification_uri_complete"))
    except ValueError:
        return None
    return complete if _host(complete) == _host(address) else None


def _interval(value: object) -> float:
    seconds = seconds_in(value)
    if seconds is None:
        told = isinstance(value, int | float) and not isinstance(value, bool)
        return _FEWEST_SECONDS if told else _USUAL_INTERVAL
    return _clamped(seconds)


def _clamped(seconds: float) -> float:
    return min(max(seconds, _FEWEST_SECONDS), _MOST_SECONDS)


def _expired() -> Ended:
    return Ended(state="expired", reason="Nobody typed the code in time")
