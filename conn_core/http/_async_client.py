"""The async client in the user's hands, and the transport below it."""

import functools
from collections.abc import AsyncIterator, Callable, Sequence
from typing import TYPE_CHECKING, Any

import anyio
import anyio.to_thread
import httpx

from .._values import AccessToken
from ..errors import ConnectionsError
from ._client import MAX_REDIRECTS, Connected, label, refuse_other_credential
from ._exchange import Exchange, shown_extensions, without_traces
from ._source import TokenSource
from ._tls import tls_context

if TYPE_CHECKING:
    from ..broker import Broker


class AsyncConnectedTransport(httpx.AsyncBaseTransport):
    """As ``ConnectedTransport``, for ``async``; the broker is asked in a thread.

    Args:
        source: Where tokens come from.
        make_inner: Makes the transport that opens sockets, at the first request.
    """

    def __init__(
        self,
        source: TokenSource,
        *,
        make_inner: Callable[[], httpx.AsyncBaseTransport],
    ) -> None:
        self._source = source
        self._make_inner = make_inner
        self._inner: httpx.AsyncBaseTransport | None = None
        self._asking = anyio.Lock()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request; after a 401 with a renewed token, once, if that is safe."""
        exchange = Exchange(request)
        token = self._source.fresh() or await self._ask()
        response = await self._send(exchange, token)
        if exchange.was_rejected(response):
            renewed = await self._renew(token, response)
            if exchange.may_be_replayed(used=token, renewed=renewed):
                await response.aclose()
                response = await self._send(exchange, renewed)
        response.stream = _AsyncBody(response.stream)
        response.extensions = shown_extensions(response)
        return response

    async def aclose(self) -> None:
        """Close every socket."""
        if self._inner is not None:
            await self._inner.aclose()

    async def _send(self, exchange: Exchange, token: AccessToken) -> httpx.Response:
        if self._inner is None:
            self._inner = self._make_inner()
        try:
            # No local may hold the request with the credential: tracebacks show them.
            return await self._inner.handle_async_request(
                exchange.with_credential(token)
            )
        except httpx.TransportError as error:
            problem = without_traces(error, token)
        raise problem

    async def _renew(self, token: AccessToken, response: httpx.Response) -> AccessToken:
        try:
            return await self._ask(rejected=token.generation)
        except ConnectionsError:
            await response.aclose()
            raise

    async def _ask(self, *, rejected: int | None = None) -> AccessToken:
        question = functools.partial(self._source.token, rejected=rejected)
        # One thread waits for the broker, not one per coroutine. A coroutine that is
        # cancelled leaves it to finish: its answer serves the others.
        async with self._asking:
            return await anyio.to_thread.run_sync(question, abandon_on_cancel=True)


class _AsyncBody(httpx.AsyncByteStream):
    """A response's body that forgets where it came from once it is read."""

    def __init__(self, stream: object) -> None:
        self._stream = stream if isinstance(stream, httpx.AsyncByteStream) else None

    def __aiter__(self) -> AsyncIterator[bytes]:
        if self._stream is None:
            raise httpx.StreamClosed
        return aiter(self._stream)

    async def aclose(self) -> None:
        stream, self._stream = self._stream, None
        if stream is not None:
            await stream.aclose()


class ConnectedAsyncClient(Connected, httpx.AsyncClient):
    """An ``httpx.AsyncClient`` for one service; see ``ConnectedClient``.

    Args:
        source: Where tokens come from.
        timeout: Seconds to wait for a connection, and between two parts of an answer.
        make_transport: Makes the transport that opens sockets.

    Raises:
        ConnectionsError: If the connection cannot be used.
    """

    def __init__(
        self,
        source: TokenSource,
        *,
        timeout: float | None = 30.0,
        make_transport: Callable[[], httpx.AsyncBaseTransport],
    ) -> None:
        token = source.token()
        self.link_name, self._label = token.link_name, label(token)
        self._source = source
        super().__init__(
            base_url=token.api_base_url,
            transport=AsyncConnectedTransport(source, make_inner=make_transport),
            timeout=timeout,
            trust_env=False,
            max_redirects=MAX_REDIRECTS,
        )

    async def send(
        self,
        request: httpx.Request,
        *,
        auth: Any = httpx.USE_CLIENT_DEFAULT,
        **options: Any,
    ) -> httpx.Response:
        """Send a request; see ``httpx.AsyncClient.send``.

        Raises:
            InvalidInput: If another credential is given with ``auth=``.
        """
        refuse_other_credential(auth, self.link_name)
        return await super().send(request, auth=None, **options)


def connected_async_client(
    broker: "Broker",
    name: str,
    *,
    timeout: float | None = 30.0,
    require: Sequence[str] = (),
) -> ConnectedAsyncClient:
    """Return an async client for a connection, if it can be used now.

    Checks at once, and so waits for the broker; requests wait in a thread.

    Args:
        broker: Who has the credentials.
        name: The connection, by link name or display name.
        timeout: Seconds to wait for a connection, and between two parts of an answer.
        require: Scopes without which every call is pointless.

    Raises:
        ConnectionsError: If it cannot be used; says why and what to do.
    """
    source = TokenSource(broker, name, require=require)
    return ConnectedAsyncClient(
        source, timeout=timeout, make_transport=new_async_transport
    )


def new_async_transport() -> httpx.AsyncHTTPTransport:
    """Return a transport that opens sockets and listens to no environment."""
    return httpx.AsyncHTTPTransport(verify=tls_context(), trust_env=False)
