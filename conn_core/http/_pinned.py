"""A transport that connects to checked addresses only, within a deadline.

The HTTP library looks names up itself, and so could reach another address than the
one that was checked. Its network backend is the seam: here the name is resolved once,
every address is checked, and the connection goes to one of them. TLS and the Host
header still have the name.
"""

import time
from collections.abc import Iterable
from typing import Any, NoReturn

import httpcore
import httpx

from ._address import AddressPolicy
from ._lookups import Lookups
from ._tls import tls_context
from ._wire import TROUBLE, Body, as_httpx, as_response


class PinnedTransport(httpx.BaseTransport):
    """Connects where a policy allows it. Each has connections of its own.

    Args:
        policy: Which addresses are allowed.
        deadline: Seconds from now until everything has to be over; None for ever.
        lookups: Look names up.
    """

    def __init__(
        self,
        policy: AddressPolicy,
        *,
        deadline: float | None = None,
        lookups: Lookups | None = None,
    ) -> None:
        self._pool = httpcore.ConnectionPool(
            ssl_context=tls_context(),
            network_backend=_PinnedBackend(
                policy, _Deadline(deadline), lookups or Lookups()
            ),
        )

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request to a checked address.

        Raises:
            HostNotAllowed: If the name leads where nothing may be sent.
        """
        try:
            answer = self._pool.handle_request(_outgoing(request))
        except TROUBLE as error:
            problem = as_httpx(error)
        else:
            return as_response(answer, Body(answer, owner=self))
        raise problem

    def close(self) -> None:
        """Close every socket."""
        self._pool.close()


def _outgoing(request: httpx.Request) -> httpcore.Request:
    url = request.url
    target = httpcore.URL(
        scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path
    )
    return httpcore.Request(
        request.method,
        target,
        headers=request.headers.raw,
        content=request.stream,
        extensions=request.extensions,
    )


class _Deadline:
    """The moment by which everything has to be over."""

    def __init__(self, seconds: float | None) -> None:
        self._end = None if seconds is None else time.monotonic() + seconds

    def left(self, limit: float | None, late: type[Exception]) -> float | None:
        """Return how long one step may take, at most ``limit``; raise at the end."""
        if self._end is None:
            return limit
        left = self._end - time.monotonic()
        if left <= 0:
            raise late("timed out")
        return left if limit is None else min(left, limit)


class _PinnedBackend(httpcore.NetworkBackend):
    """Resolves once, checks every address, connects to a checked one."""

    def __init__(
        self, policy: AddressPolicy, deadline: _Deadline, lookups: Lookups
    ) -> None:
        self._policy = policy
        self._deadline = deadline
        self._lookups = lookups
        self._sockets = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        """Connect to the first address that answers, if all of them are allowed."""
        problem: Exception = httpcore.ConnectError("no address")
        for address in self._policy.permit(host, self._addresses(host, port, timeout)):
            left = self._deadline.left(timeout, httpcore.ConnectTimeout)
            try:
                stream = self._sockets.connect_tcp(
                    address, port, left, local_address, socket_options
                )
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                problem = error
            else:
                return _TimedStream(stream, self._deadline)
        raise problem

    def connect_unix_socket(self, *_: Any, **__: Any) -> NoReturn:
        """Refuse: services are on the network."""
        raise httpcore.UnsupportedProtocol("unix sockets are no services")

    def _addresses(
        self, host: str, port: int, timeout: float | None
    ) -> tuple[str, ...]:
        """Look a name up within the deadline."""
        left = self._deadline.left(timeout, httpcore.ConnectTimeout)
        try:
            return self._lookups.begin(host, port).result(left)
        except TimeoutError:
            problem: Exception = httpcore.ConnectTimeout(
                "the name was not found in time"
            )
        except OSError as error:
            problem = httpcore.ConnectError(str(error))
        raise problem


class _TimedStream(httpcore.NetworkStream):
    """A connection whose every step ends with the deadline: no drip keeps it open."""

    def __init__(self, stream: httpcore.NetworkStream, deadline: _Deadline) -> None:
        self._stream = stream
        self._deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        left = self._deadline.left(timeout, httpcore.ReadTimeout)
        return self._stream.read(max_bytes, left)

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        left = self._deadline.left(timeout, httpcore.WriteTimeout)
        self._stream.write(buffer, left)

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self,
        ssl_context: Any,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        left = self._deadline.left(timeout, httpcore.ConnectTimeout)
        secured = self._stream.start_tls(ssl_context, server_hostname, left)
        return _TimedStream(secured, self._deadline)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)
