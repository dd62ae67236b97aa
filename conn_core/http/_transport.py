"""The transport below a connected client: guard, credential, one replay."""

import functools
from collections.abc import Callable

import httpcore
import httpx

from .._values import AccessToken
from ..errors import ConnectionsError
from ._exchange import may_be_replayed, outgoing
from ._pool import LazyPool
from ._sealed_transport import SealedTransport
from ._source import TokenSource
from ._wire import TROUBLE, Body, as_httpx, as_response


class ConnectedTransport(httpx.BaseTransport):
    """Sends requests with a connection's credential, to its service's hosts only.

    Args:
        source: Where tokens come from.
        make_pool: Makes the pool that opens sockets; called at the first request,
            because binding a client must cost next to nothing. Told ``to_broker`` it
            makes one that opens them to our own server.
    """

    def __init__(
        self, source: TokenSource, *, make_pool: Callable[..., httpcore.ConnectionPool]
    ) -> None:
        self._source = source
        self._pool = LazyPool(make_pool)
        to_broker = LazyPool(functools.partial(make_pool, to_broker=True))
        self._sealed = SealedTransport(source, to_broker)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request; after a 401 with a renewed token, once, if that is safe.

        A 403 is about permissions, not tokens. Where the token stays with a broker
        elsewhere, that sends the request.
        """
        token = self._source.token()
        relay = self._source.relay(token)
        if relay is not None:
            return self._sealed.send(request, token, relay)
        answer = self._send(request, token)
        if answer.status == 401:
            renewed = self._renewed(token)
            if isinstance(renewed, ConnectionsError):
                answer.close()
                del answer  # it knows what was sent, and tracebacks show locals
                raise renewed
            if may_be_replayed(request, used=token, renewed=renewed):
                answer.close()
                answer = self._send(request, renewed)
        return as_response(answer, Body(answer, owner=self))

    def close(self) -> None:
        """Close every socket."""
        self._pool.close()
        self._sealed.close()

    def _send(self, request: httpx.Request, token: AccessToken) -> httpcore.Response:
        try:
            # No local may hold the request with the credential: tracebacks show them.
            return self._pool.opened().handle_request(
                outgoing(request, token, sign=self._source.sign)
            )
        except TROUBLE as error:
            problem = as_httpx(error, secret=token.access_token.reveal())
        raise problem

    def _renewed(self, token: AccessToken) -> AccessToken | ConnectionsError:
        """Return another token, or why there is none."""
        try:
            return self._source.token(rejected=token.generation)
        except ConnectionsError as error:
            return error
