"""The relay: carries requests of sealed connections, with credentials that stay here."""

import asyncio
import time
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urlsplit

import aiohttp
from yarl import URL

from .._relay_limits import RelayLimits
from ..errors import ConnectionsError, HostNotAllowed, InvalidInput, ProviderUnavailable
from ._address import AddressPolicy
from ._exchange import IDEMPOTENT
from ._loan import Errand, Lender, Loan
from ._lookups import Resolve, resolve_name
from ._relay_address import final_address
from ._relay_answer import RelayAnswer
from ._relay_headers import headers_to_send
from ._relay_pool import check_literal, open_pool

_PORTS: Final = {"https": 443, "http": 80}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Prepared:
    """A request as it goes over the wire, with its credential."""

    method: str
    url: str = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)
    body: bytes | None = field(repr=False)


class Relay:
    """Carries requests. One for a process; all its calls are made in one event loop.

    Args:
        policy: Which addresses may be connected to.
        limits: How much and how long.
        resolve: Looks names up.
    """

    def __init__(
        self,
        *,
        policy: AddressPolicy,
        limits: RelayLimits,
        resolve: Resolve = resolve_name,
    ) -> None:
        self._policy = policy
        self._limits = limits
        self._resolve = resolve
        self._pool: Any = None

    async def send(self, lender: Lender, errand: Errand) -> RelayAnswer:
        """Carry a request; after a 401 once more with a renewed credential, if safe.

        Args:
            lender: Lends the credential.
            errand: What to send.

        Raises:
            ConnectionsError: If nothing was sent, or nothing came back.
        """
        deadline = asyncio.get_running_loop().time() + self._limits.total_seconds
        loan = await lender.lend()
        answer = await self._carried(loan, errand, deadline)
        if answer.status != 401:
            return answer
        try:
            renewed = await lender.lend(rejected=loan.token.generation)
        except BaseException:
            answer.close()
            raise
        if not _may_be_replayed(errand, used=loan, renewed=renewed):
            return answer
        answer.close()
        return await self._carried(renewed, errand, deadline)

    async def close(self) -> None:
        """Close every socket."""
        if self._pool is not None:
            await self._pool.close()

    async def _carried(self, loan: Loan, errand: Errand, end: float) -> RelayAnswer:
        if errand.length is not None and errand.length > self._limits.most_sent:
            raise _too_large(self._limits)
        prepared = await _prepared(errand, loan)
        url = URL(prepared.url, encoded=True)
        host = url.raw_host or ""
        if host != (urlsplit(prepared.url).hostname or ""):
            raise HostNotAllowed(
                f"'{loan.token.link_name}' was given an address that has two readings. "
                "Nothing was sent"
            )
        check_literal(self._policy, host)
        upload = _Upload(errand, self._limits, end)
        response = await self._answered(prepared, url, upload)
        try:
            return RelayAnswer(response, loan=loan, limits=self._limits, deadline=end)
        except ConnectionsError:
            response.close()
            raise

    async def _answered(
        self, prepared: _Prepared, url: URL, upload: "_Upload"
    ) -> aiohttp.ClientResponse:
        try:
            return await upload.watched(
                self._opened().request(
                    prepared.method,
                    url,
                    headers=prepared.headers,
                    data=upload.parts()
                    if prepared.body is None
                    # Otherwise a GET would have a body of no length.
                    else prepared.body or None,
                    allow_redirects=False,
                )
            )
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
            problem = upload.problem or _as_ours(error, url.raw_host or "")
        # Outside, without the cause: its frames hold what was sent.
        raise problem

    def _opened(self) -> Any:
        if self._pool is None:
            self._pool = open_pool(self._policy, resolve=self._resolve)
        return self._pool


class _Upload:
    """The body that comes in parts, and who may still be silent.

    The service may take its time while it is sent something; when it has everything,
    or we have, the clock runs.

    Args:
        errand: Whose body it is.
        limits: How much and how long.
        deadline: When everything has to be over, by the event loop's clock.
    """

    def __init__(self, errand: Errand, limits: RelayLimits, deadline: float) -> None:
        self._errand = errand
        self._limits = limits
        self._deadline = deadline
        self._clock: asyncio.Timeout | None = None
        self.problem: ConnectionsError | None = None

    async def watched(self, asking: Any) -> Any:
        """Wait for an answer for as long as something moves."""
        try:
            async with asyncio.timeout_at(self._end_of_silence()) as self._clock:
                return await asking
        finally:
            self._clock = None  # an answer may begin while the body is still coming

    async def parts(self) -> AsyncIterator[bytes]:
        """Return the parts, counted."""
        sent, parts = 0, self._errand.parts
        assert parts is not None  # noqa: S101 - a body is whole or comes in parts
        async for part in parts():
            sent += len(part)
            if sent > self._limits.most_sent:
                self.problem = _too_large(self._limits)
                raise self.problem
            self._moved()
            await _what_has_arrived()
            yield part
        self._moved()

    def _moved(self) -> None:
        if self._clock is not None and not self._clock.expired():
            self._clock.reschedule(self._end_of_silence())

    def _end_of_silence(self) -> float:
        now = asyncio.get_running_loop().time()
        return min(now + self._limits.idle_seconds, self._deadline)


async def _what_has_arrived() -> None:
    """Let the event loop read before more is written.

    A service that refuses a body may hang up behind its answer, and whoever writes to it
    then loses that unread. It takes two rounds: in the first, who writes comes first.
    """
    await asyncio.sleep(0)
    await asyncio.sleep(0)


async def _prepared(errand: Errand, loan: Loan) -> _Prepared:
    """Return the request with the credential in its place.

    Raises:
        ConnectionsError: If it must not be sent, or cannot carry the credential.
    """
    url, token = final_address(errand, loan), loan.token
    headers = headers_to_send(errand, loan)
    if errand.length is not None:
        headers["Content-Length"] = str(errand.length)
    if token.param_type != "header" or _has_more_to_carry(loan):
        # A signature may have to wait for the database.
        return await asyncio.to_thread(_with_all_it_needs, errand, loan, url, headers)
    taken = token.param_name.lower()
    placed = {name: text for name, text in headers.items() if name.lower() != taken}
    placed[token.param_name] = token.param_prefix + token.access_token.reveal()
    return _Prepared(method=errand.method, url=url, headers=placed, body=errand.body)


def _has_more_to_carry(loan: Loan) -> bool:
    token = loan.token
    return bool(token.signed_by or token.api_headers or token.api_query)


def _with_all_it_needs(
    errand: Errand, loan: Loan, url: str, headers: dict[str, str]
) -> _Prepared:
    """Let the authentication type place or sign: query, form, several keys, signatures."""
    from .. import auth  # noqa: PLC0415 - most credentials are one header

    asked = auth.Outgoing(
        method=errand.method,
        url=url,
        headers={**headers, "Host": _host_header(url)},
        body=errand.body,
    )
    made = auth.apply(loan.token, asked, now=time.time(), sign=loan.sign)
    return _Prepared(
        method=errand.method, url=made.url, headers=made.headers, body=made.body
    )


def _host_header(url: str) -> str:
    parts = urlsplit(url)
    usual = f":{_PORTS.get(parts.scheme, '')}"
    return parts.netloc.removesuffix(usual)


def _may_be_replayed(errand: Errand, *, used: Loan, renewed: Loan) -> bool:
    return (
        renewed.token.generation != used.token.generation
        and errand.method in IDEMPOTENT
        and errand.body is not None
    )


def _too_large(limits: RelayLimits) -> InvalidInput:
    return InvalidInput(
        f"A request may carry at most {limits.most_sent:,} bytes here",
        "Send it in several parts",
    )


def _as_ours(error: Exception, host: str) -> ConnectionsError:
    """Return what happened in our words: aiohttp's may quote what was sent."""
    inner = getattr(error, "os_error", None)
    if isinstance(inner, HostNotAllowed):
        return HostNotAllowed(inner.message, inner.hint)
    if isinstance(error, aiohttp.InvalidURL | ValueError):
        return InvalidInput(
            f"This request to {host} cannot be written down. Nothing was sent"
        )
    trouble = ProviderUnavailable(f"{host} {_reason(error)}", "Try again later")
    trouble.may_have_arrived = not isinstance(error, aiohttp.ClientConnectorError)
    return trouble


def _reason(error: Exception) -> str:
    if isinstance(error, TimeoutError):
        return "did not answer in time"
    if isinstance(error, aiohttp.ClientConnectorCertificateError):
        return "could not prove that it is the one it says (its certificate)"
    if isinstance(error, aiohttp.ClientConnectorError):
        return "cannot be reached"
    return "broke off its answer"
