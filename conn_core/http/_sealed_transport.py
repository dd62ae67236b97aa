"""The transports of sealed connections: the broker's relay carries what they send.

When and how often something is sent is decided elsewhere, once for both.
"""

from typing import TYPE_CHECKING

import httpcore
import httpx

from .._secret import Secret
from .._values import AccessToken
from ._pool import LazyAsyncPool, LazyPool
from ._sealed import (
    Outcome,
    answer_in,
    as_trouble,
    attempts,
    headers_of,
    is_upstreams,
    refusal_in,
    relayed,
)
from ._source import TokenSource
from ._wire import TROUBLE, AsyncBody, Body, as_response

if TYPE_CHECKING:
    from ..broker import Relay


class SealedTransport:
    """Sends requests through a relay.

    Args:
        source: Tells what the broker says of the connection.
        pool: Opens sockets to the broker.
    """

    def __init__(self, source: TokenSource, pool: LazyPool) -> None:
        self._source = source
        self._pool = pool

    def send(
        self, request: httpx.Request, token: AccessToken, relay: "Relay"
    ) -> httpx.Response:
        """Send a request; renewal and repetition are the relay's.

        Raises:
            ConnectionsError: What the broker says, when it does not send it.
            TransportError: If there is no answer in time.
        """
        asking = attempts(request, relay)
        bearer = next(asking)
        try:
            while True:
                outcome = self._outcome(request, token, relay, bearer)
                bearer = asking.send(outcome)
        except StopIteration as end:
            outcome = end.value
        return answer_in(outcome, self._source)

    def close(self) -> None:
        """Close every socket."""
        self._pool.close()

    def _outcome(
        self,
        request: httpx.Request,
        token: AccessToken,
        relay: "Relay",
        bearer: Secret,
    ) -> Outcome:
        """Return the service's answer, what our server says instead, or what went wrong."""
        try:
            # No local may hold the request with the bearer: tracebacks show them.
            answer = self._pool.opened().handle_request(
                relayed(request, token, relay, bearer=bearer)
            )
        except TROUBLE as error:
            return as_trouble(error, bearer)
        if not is_upstreams(answer):
            return refusal_in(answer.status, self._read(answer))
        body = Body(answer, owner=self)
        return as_response(answer, body, headers=headers_of(answer))

    @staticmethod
    def _read(answer: httpcore.Response) -> bytes:
        """Read what our own server says; half of it says nothing."""
        try:
            return answer.read()
        except TROUBLE:
            return b""
        finally:
            answer.close()


class AsyncSealedTransport:
    """As ``SealedTransport``, for ``async``.

    Args:
        source: Tells what the broker says of the connection.
        pool: Opens sockets to the broker.
    """

    def __init__(self, source: TokenSource, pool: LazyAsyncPool) -> None:
        self._source = source
        self._pool = pool

    async def send(
        self, request: httpx.Request, token: AccessToken, relay: "Relay"
    ) -> httpx.Response:
        """Send a request; see ``SealedTransport.send``."""
        asking = attempts(request, relay)
        bearer = next(asking)
        try:
            while True:
                outcome = await self._outcome(request, token, relay, bearer)
                bearer = asking.send(outcome)
        except StopIteration as end:
            outcome = end.value
        return answer_in(outcome, self._source)

    async def aclose(self) -> None:
        """Close every socket."""
        await self._pool.aclose()

    async def _outcome(
        self,
        request: httpx.Request,
        token: AccessToken,
        relay: "Relay",
        bearer: Secret,
    ) -> Outcome:
        try:
            # As above: no local may hold the request with the bearer.
            answer = await self._pool.opened().handle_async_request(
                relayed(request, token, relay, bearer=bearer)
            )
        except TROUBLE as error:
            return as_trouble(error, bearer)
        if not is_upstreams(answer):
            return refusal_in(answer.status, await self._read(answer))
        return as_response(answer, AsyncBody(answer), headers=headers_of(answer))

    @staticmethod
    async def _read(answer: httpcore.Response) -> bytes:
        try:
            return await answer.aread()
        except TROUBLE:
            return b""
        finally:
            await answer.aclose()
