"""Requests of other HTTP libraries, carried through a connection.

They write the request and read the answer. What happens between the two is what happens
to a client's own requests: the same guard, the same place of the credential, one
renewal and one replay. So no library but ours ever holds the credential.
"""

import io
from collections.abc import Iterable, Iterator

import httpx

from ..errors import InvalidInput
from ._client import new_pool
from ._source import TokenSource
from ._transport import ConnectedTransport

#: Seconds to wait for a connection, and between two parts of an answer.
Timeout = float | tuple[float | None, float | None] | None


class CarriedAnswer(io.RawIOBase):
    """An answer, as a file: what is read is what came over the wire, not decoded.

    Attributes:
        status: The HTTP status.
        reason: What it means, in the server's words.
        headers: As they came, names may be there twice.
    """

    def __init__(self, answer: httpx.Response) -> None:
        super().__init__()
        self.status = answer.status_code
        self.reason = answer.reason_phrase
        self.headers = tuple(
            (name.decode("latin-1"), value.decode("latin-1"))
            for name, value in answer.headers.raw
        )
        self._answer = answer
        self._parts: Iterator[bytes] = answer.iter_raw()
        self._rest = b""

    def readable(self) -> bool:
        """It can be read, once."""
        return True

    def readinto(self, buffer: "memoryview | bytearray") -> int:  # type: ignore[override]  # typeshed's buffer type is private
        """Read what is there, at most as much as fits.

        Raises:
            TimeoutError: If the next part does not come in time.
            ConnectionError: If the connection ends in between.
        """
        while not self._rest and (part := self._next()) is not None:
            self._rest = part
        taken, self._rest = self._rest[: len(buffer)], self._rest[len(buffer) :]
        buffer[: len(taken)] = taken
        return len(taken)

    def close(self) -> None:
        """Let go of the connection."""
        if not self.closed:
            self._answer.close()
        super().close()

    def _next(self) -> bytes | None:
        try:
            return next(self._parts, None)
        except httpx.TransportError as error:
            problem = _builtin(error)
        raise problem


class Courier:
    """Carries requests for one connection.

    Args:
        source: Where tokens come from.
    """

    def __init__(self, source: TokenSource) -> None:
        self._source = source
        self._transport = ConnectedTransport(source, make_pool=new_pool)

    def carry(
        self,
        method: str,
        url: str,
        *,
        headers: Iterable[tuple[str, str]] = (),
        body: bytes | Iterable[bytes] = b"",
        timeout: Timeout = 30.0,
    ) -> CarriedAnswer:
        """Send a request; redirects are the library's to follow.

        Args:
            method: Such as ``GET``.
            url: The whole address.
            headers: What the library wants to send, a credential excepted.
            body: Whole, or in parts; parts cannot be sent a second time.
            timeout: Seconds; a pair tells the wait for a connection from that for an
                answer; None for ever.

        Raises:
            HostNotAllowed: If the credential must not be sent there.
            ConnectionsError: If the connection cannot be used.
            TimeoutError: If it takes too long.
            ConnectionError: If no answer comes for another reason.
        """
        request = _request(method, url, headers, body, _limits(timeout))
        try:
            return CarriedAnswer(self._transport.handle_request(request))
        except httpx.TransportError as error:
            problem = _builtin(error)
        raise problem

    def close(self) -> None:
        """Close every socket; the next request opens one again."""
        self._transport.close()
        self._transport = ConnectedTransport(self._source, make_pool=new_pool)


def _request(
    method: str,
    url: str,
    headers: Iterable[tuple[str, str]],
    body: bytes | Iterable[bytes],
    limits: httpx.Timeout,
) -> httpx.Request:
    try:
        return httpx.Request(
            method.upper(),
            url,
            headers=[(name, value) for name, value in headers],
            content=body,
            extensions={"timeout": limits.as_dict()},
        )
    except httpx.InvalidURL:
        problem = InvalidInput("This is no address. Nothing was sent")
    raise problem


def _limits(timeout: Timeout) -> httpx.Timeout:
    if not isinstance(timeout, tuple):
        return httpx.Timeout(timeout)
    connect, read = timeout
    return httpx.Timeout(connect=connect, read=read, write=read, pool=connect)


def _builtin(error: httpx.TransportError) -> OSError:
    """Return the error that every library knows."""
    kind = (
        TimeoutError if isinstance(error, httpx.TimeoutException) else ConnectionError
    )
    return kind(f"{type(error).__name__}: {error}")
