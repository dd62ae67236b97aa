"""The transport below a connected client: guard, credential, one replay."""

import threading
import weakref
from collections.abc import Callable, Iterator

import httpx

from .._values import AccessToken
from ..errors import ConnectionsError
from ._exchange import Exchange, shown_extensions, without_traces
from ._source import TokenSource


class ConnectedTransport(httpx.BaseTransport):
    """Sends requests with a connection's credential, to its service's hosts only.

    Args:
        source: Where tokens come from.
        make_inner: Makes the transport that opens sockets; called at the first
            request, because binding a client must cost next to nothing.
    """

    def __init__(
        self, source: TokenSource, *, make_inner: Callable[[], httpx.BaseTransport]
    ) -> None:
        self._source = source
        self._make_inner = make_inner
        self._inner: httpx.BaseTransport | None = None
        self._making = threading.Lock()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request; after a 401 with a renewed token, once, if that is safe."""
        exchange = Exchange(request)
        token = self._source.token()
        response = self._send(exchange, token)
        if exchange.was_rejected(response):
            renewed = self._renew(token, response)
            if exchange.may_be_replayed(used=token, renewed=renewed):
                response.close()
                response = self._send(exchange, renewed)
        response.stream = _Body(response.stream, self)
        response.extensions = shown_extensions(response)
        return response

    def close(self) -> None:
        """Close every socket."""
        if self._inner is not None:
            self._inner.close()

    def _send(self, exchange: Exchange, token: AccessToken) -> httpx.Response:
        try:
            # No local may hold the request with the credential: tracebacks show them.
            return self._opened().handle_request(exchange.with_credential(token))
        except httpx.TransportError as error:
            problem = without_traces(error, token)
        raise problem

    def _renew(self, token: AccessToken, response: httpx.Response) -> AccessToken:
        try:
            return self._source.token(rejected=token.generation)
        except ConnectionsError:
            response.close()
            raise

    def _opened(self) -> httpx.BaseTransport:
        with self._making:
            if self._inner is None:
                self._inner = self._make_inner()
                # Notebooks forget to close: sockets end with whoever uses them.
                weakref.finalize(self, self._inner.close)
            return self._inner


class _Body(httpx.SyncByteStream):
    """A response's body that forgets where it came from once it is read.

    The HTTP library's own keeps the request as it was sent.
    """

    def __init__(self, stream: object, owner: ConnectedTransport) -> None:
        self._stream = stream if isinstance(stream, httpx.SyncByteStream) else None
        self._owner: ConnectedTransport | None = owner

    def __iter__(self) -> Iterator[bytes]:
        if self._stream is None:
            raise httpx.StreamClosed
        return iter(self._stream)

    def close(self) -> None:
        stream, self._stream, self._owner = self._stream, None, None
        if stream is not None:
            stream.close()
