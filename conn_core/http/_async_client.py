"""The async client in the user's hands, and the transport below it."""

import functools
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import anyio
import anyio.to_thread
import httpcore
import httpx

from .._values import AccessToken
from ..errors import ConnectionsError
from ._client import MAX_REDIRECTS, Connected, label, other_credential
from ._exchange import is_signed_by_broker, may_be_replayed, outgoing
from ._pool import LazyAsyncPool
from ._sealed_transport import AsyncSealedTransport
from ._source import TokenSource
from ._tls import broker_tls_context, tls_context
from ._wire import POOL, TROUBLE, AsyncBody, as_httpx, as_response

if TYPE_CHECKING:
    from ..broker import Broker


class AsyncConnectedTransport(httpx.AsyncBaseTransport):
    """As ``ConnectedTransport``, for ``async``; the broker is asked in a thread.

    Args:
        source: Where tokens come from.
        make_pool: Makes the pool that opens sockets, at the first request; told
            ``to_broker`` one that opens them to our own server.
    """

    def __init__(
        self,
        source: TokenSource,
        *,
        make_pool: Callable[..., httpcore.AsyncConnectionPool],
    ) -> None:
        self._source = source
        self._pool = LazyAsyncPool(make_pool)
        to_broker = LazyAsyncPool(functools.partial(make_pool, to_broker=True))
        self._sealed = AsyncSealedTransport(source, to_broker)
        self._asking = anyio.Lock()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request; after a 401 with a renewed token, once, if that is safe."""
        token = self._source.fresh() or await self._ask()
        relay = self._source.relay(token)
        if relay is not None:
            return await self._sealed.send(request, token, relay)
        answer = await self._send(request, token)
        if answer.status == 401:
            renewed = await self._renewed(token)
            if isinstance(renewed, ConnectionsError):
                await answer.aclose()
                del answer  # it knows what was sent, and tracebacks show locals
                raise renewed
            if may_be_replayed(request, used=token, renewed=renewed):
                await answer.aclose()
                answer = await self._send(request, renewed)
        return as_response(answer, AsyncBody(answer))

    async def aclose(self) -> None:
        """Close every socket."""
        await self._pool.aclose()
        await self._sealed.aclose()

    async def _send(
        self, request: httpx.Request, token: AccessToken
    ) -> httpcore.Response:
        try:
            # No local may hold the request with the credential: tracebacks show them.
            return await self._pool.opened().handle_async_request(
                await self._signed(request, token)
                if is_signed_by_broker(token)
                else outgoing(request, token, sign=self._source.sign)
            )
        except TROUBLE as error:
            problem = as_httpx(error, secret=token.access_token.reveal())
        raise problem

    async def _signed(
        self, request: httpx.Request, token: AccessToken
    ) -> httpcore.Request:
        """Return what goes over the wire; the broker is waited for in a thread."""
        make = functools.partial(outgoing, request, token, sign=self._source.sign)
        return await anyio.to_thread.run_sync(make, abandon_on_cancel=True)

    async def _renewed(self, token: AccessToken) -> AccessToken | ConnectionsError:
        """Return another token, or why there is none."""
        try:
            return await self._ask(rejected=token.generation)
        except ConnectionsError as error:
            return error

    async def _ask(self, *, rejected: int | None = None) -> AccessToken:
        question = functools.partial(self._source.token, rejected=rejected)
        # One thread waits for the broker, not one per coroutine. A coroutine that is
        # cancelled leaves it to finish: its answer serves the others.
        async with self._asking:
            return await anyio.to_thread.run_sync(question, abandon_on_cancel=True)


class ConnectedAsyncClient(Connected, httpx.AsyncClient):
    """An ``httpx.AsyncClient`` for one service; see ``ConnectedClient``.

    Args:
        source: Where tokens come from.
        timeout: Seconds to wait for a connection, and between two parts of an answer.

    Raises:
        ConnectionsError: If the connection cannot be used.
    """

    def __init__(self, source: TokenSource, *, timeout: float | None = 30.0) -> None:
        token = source.token()
        self.link_name, self._label = token.link_name, label(token)
        self._source = source
        super().__init__(
            base_url=token.api_base_url,
            transport=AsyncConnectedTransport(source, make_pool=new_async_pool),
            timeout=timeout,
            trust_env=False,
            max_redirects=MAX_REDIRECTS,
        )

    async def send(
        self,
        request: httpx.Request,
        *,
        stream: bool = False,
        auth: Any = httpx.USE_CLIENT_DEFAULT,
        follow_redirects: Any = httpx.USE_CLIENT_DEFAULT,
    ) -> httpx.Response:
        """Send a request; see ``httpx.AsyncClient.send``.

        Raises:
            InvalidInput: If another credential is given with ``auth=``.
        """
        if auth is not httpx.USE_CLIENT_DEFAULT and auth is not None:
            raise other_credential(self.link_name)
        return await super().send(
            request, stream=stream, auth=None, follow_redirects=follow_redirects
        )


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
    return ConnectedAsyncClient(source, timeout=timeout)


def new_async_pool(*, to_broker: bool = False) -> httpcore.AsyncConnectionPool:
    """Return a pool that opens sockets; see ``new_pool``."""
    tls = broker_tls_context() if to_broker else tls_context()
    return httpcore.AsyncConnectionPool(ssl_context=tls, **POOL)
