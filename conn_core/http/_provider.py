"""Asking authorization servers: no redirects, no cookies, no environment, bounds."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode, urlsplit

import httpx

from .. import __version__
from .._urls import check_endpoint, is_loopback
from ..errors import HostNotAllowed, ProviderUnavailable
from ._address import AddressPolicy, Network
from ._lookups import Lookups
from ._pinned import PinnedTransport

#: Token answers are a few kilobytes.
_LARGEST: Final = 1024 * 1024
#: Then nothing was sent.
_NOT_REACHED: Final = (httpx.ConnectError, httpx.ConnectTimeout)
_HEADERS: Final = {
    "Accept": "application/json",
    # A few compressed kilobytes can become gigabytes; we ask for none.
    "Accept-Encoding": "identity",
    "User-Agent": f"jupyter-connections/{__version__}",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderAnswer:
    """What a service answered.

    Attributes:
        status: The HTTP status; redirects are not followed.
        headers: By lower-case name.
        body: At most 1 MiB, as it was sent. It may hold tokens: never shown.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes

    def __repr__(self) -> str:
        return f"<ProviderAnswer {self.status}, {len(self.body)} bytes>"


class ProviderClient:
    """Sends single requests to the endpoints of services.

    Every request has its own connection, so that nothing of one service or policy
    serves another, and one deadline for all its steps together.

    Args:
        allow_loopback: Services on this machine may be asked.
        allowed_networks: Internal networks that may be asked.
        timeout: Seconds for a whole request.
        transport: Sends the requests instead, in tests.
        clock: Never goes back.
    """

    def __init__(
        self,
        *,
        allow_loopback: bool,
        allowed_networks: Sequence[Network] = (),
        timeout: float = 30.0,
        transport: httpx.BaseTransport | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._policy = AddressPolicy(
            allow_loopback=allow_loopback, allowed_networks=tuple(allowed_networks)
        )
        self._timeout = timeout
        self._transport = transport
        self._clock = clock
        self._lookups = Lookups()

    def __repr__(self) -> str:
        return f"<ProviderClient, {self._timeout:g} s>"

    def post_form(
        self,
        url: str,
        fields: Mapping[str, str],
        *,
        headers: Mapping[str, str] | None = None,
    ) -> ProviderAnswer:
        """Send a form (RFC 6749 4.1.3: ``application/x-www-form-urlencoded``).

        Args:
            url: The endpoint, checked again here.
            fields: What to send.
            headers: What to send above the usual ones, such as ``Authorization``.

        Raises:
            HostNotAllowed: If nothing may be sent there.
            ProviderUnavailable: If there is no answer, or one without an end.
        """
        form = {"Content-Type": "application/x-www-form-urlencoded"}
        return self.send(
            "POST",
            url,
            headers={**form, **(headers or {})},
            content=urlencode(fields).encode(),
        )

    def get(
        self,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        timeout: float | None = None,
    ) -> ProviderAnswer:
        """Fetch an address.

        Args:
            url: The address, checked again here.
            headers: What to send above the usual ones.
            timeout: Seconds for all of it, where not as long as usual.

        Raises:
            HostNotAllowed: If nothing may be sent there.
            ProviderUnavailable: If there is no answer, or one without an end.
        """
        return self.send(
            "GET", url, headers=headers or {}, content=b"", timeout=timeout
        )

    def close(self) -> None:
        """Close a transport that was passed in; others end with their request."""
        if self._transport is not None:
            self._transport.close()

    def send(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str],
        content: bytes,
        timeout: float | None = None,
    ) -> ProviderAnswer:
        """Send any request.

        Args:
            method: The HTTP method.
            url: The address, checked again here.
            headers: What to send above the usual ones.
            content: The body.
            timeout: Seconds for all of it, where not as long as usual.

        Raises:
            HostNotAllowed: If nothing may be sent there.
            ProviderUnavailable: If there is no answer, or one without an end.
        """
        host = self._checked_host(url)
        seconds = self._timeout if timeout is None else min(timeout, self._timeout)
        transport = self._transport or PinnedTransport(
            self._policy, deadline=seconds, lookups=self._lookups
        )
        limit = httpx.Timeout(seconds).as_dict()
        try:
            request = httpx.Request(
                method,
                url,
                headers={**_HEADERS, **headers},
                content=content,
                extensions={"timeout": limit},
            )
            return self._read(transport.handle_request(request), host, seconds=seconds)
        except httpx.TransportError as error:
            reason = _reason(error)
            was_reached = not isinstance(error, _NOT_REACHED)
        finally:
            if transport is not self._transport:
                transport.close()
        # Outside, without the cause: its frames hold what was sent.
        silence = ProviderUnavailable(f"{host} {reason}", "Try again later")
        silence.may_have_arrived = was_reached
        raise silence

    def _read(
        self, response: httpx.Response, host: str, *, seconds: float
    ) -> ProviderAnswer:
        deadline, body = self._clock() + seconds, bytearray()
        try:
            if response.headers.get("content-encoding", "identity") != "identity":
                raise _senseless(host, "in an encoding that was not asked for")
            for part in response.iter_raw():
                body += part
                if len(body) > _LARGEST:
                    raise _senseless(host, "with more than 1 MiB")
                if self._clock() > deadline:
                    raise httpx.ReadTimeout("timed out")
        finally:
            response.close()
        return ProviderAnswer(
            status=response.status_code,
            headers=dict(response.headers),
            body=bytes(body),
        )

    def _checked_host(self, url: str) -> str:
        try:
            host = urlsplit(check_endpoint(url)).hostname or ""
        except ValueError as error:
            raise HostNotAllowed(
                f"The service's address {error}. Nothing was sent"
            ) from None
        if is_loopback(host) and not self._policy.allow_loopback:
            raise HostNotAllowed(
                f"{host} is this machine, and that is not allowed here. "
                "Nothing was sent",
                "An operator allows it with c.Connections.allow_loopback = True",
            )
        return host


def _senseless(host: str, how: str) -> ProviderUnavailable:
    return ProviderUnavailable(f"{host} answered {how}", "Try again later")


def _reason(error: httpx.TransportError) -> str:
    if isinstance(error, httpx.TimeoutException):
        return "did not answer in time"
    if "CERTIFICATE_VERIFY_FAILED" in str(error):
        return "could not prove that it is the one it says (its certificate)"
    if isinstance(error, httpx.ConnectError):
        return "cannot be reached"
    return "broke off its answer"
