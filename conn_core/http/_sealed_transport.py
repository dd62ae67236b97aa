"""The transports of sealed connections: the broker's relay carries what they send."""

from typing import TYPE_CHECKING

import httpcore
import httpx

from .._secret import Secret
from .._values import AccessToken
from ..errors import BrokerUnavailable
from ._pool import LazyAsyncPool, LazyPool
from ._sealed import (
    HungUp,
    Refusal,
    another_bearer,
    as_trouble,
    headers_of,
    is_upstreams,
    may_be_repeated,
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
        bearer = relay.bearer()
        outcome = self._in_the_end(request, token, relay, bearer)
        if isinstance(outcome, Refusal):
            another = another_bearer(request, relay, outcome, bearer)
            if another is not None:
                outcome = self._outcome(request, token, relay, another)
        if isinstance(outcome, Refusal):
            self._source.doubt(outcome.problem)
            raise outcome.problem
        return outcome

    def close(self) -> None:
        """Close every socket."""
        self._pool.close()

    def _in_the_end(
        self,
        request: httpx.Request,
        token: AccessToken,
        relay: "Relay",
        bearer: Secret,
    ) -> httpx.Response | Refusal:
        """Ask once more where the server died over it, if that is safe."""
        try:
            return self._outcome(request, token, relay, bearer)
        except HungUp as error:
            if not may_be_repeated(request):
                raise
            hung_up = error
        try:
            return self._outcome(request, token, relay, bearer)
        except BrokerUnavailable:
            raise hung_up from None

    def _outcome(
        self,
        request: httpx.Request,
        token: AccessToken,
        relay: "Relay",
        bearer: Secret,
    ) -> httpx.Response | Refusal:
        """Return the service's answer, or what our server says instead."""
        answer = self._sent(request, token, relay, bearer)
        if not is_upstreams(answer):
            return refusal_in(answer.status, self._read(answer))
        body = Body(answer, owner=self)
        return as_response(answer, body, headers=headers_of(answer))

    def _sent(
        self,
        request: httpx.Request,
        token: AccessToken,
        relay: "Relay",
        bearer: Secret,
    ) -> httpcore.Response:
        try:
            # No local may hold the request with the bearer: tracebacks show them.
            return self._pool.opened().handle_request(
                relayed(request, token, relay, bearer=bearer)
            )
        except TROUBLE as error:
            problem = as_trouble(error, bearer)
        raise problem

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
        bearer = relay.bearer()
        outcome = await self._in_the_end(request, token, relay, bearer)
        if isinstance(outcome, Refusal):
            another = another_bearer(request, relay, outcome, bearer)
            if another is not None:
                outcome = await self._outcome(request, token, relay, another)
        if isinstance(outcome, Refusal):
            self._source.doubt(outcome.problem)
            raise outcome.problem
        return outcome

    async def aclose(self) -> None:
        """Close every socket."""
        await self._pool.aclose()

    async def _in_the_end(
        self,
        request: httpx.Request,
        token: AccessToken,
        relay: "Relay",
        bearer: Secret,
    ) -> httpx.Response | Refusal:
        try:
            return await self._outcome(request, token, relay, bearer)
        except HungUp as error:
            if not may_be_repeated(request):
                raise
            hung_up = error
        try:
            return await self._outcome(request, token, relay, bearer)
        except BrokerUnavailable:
            raise hung_up from None

    async def _outcome(
        self,
        request: httpx.Request,
        token: AccessToken,
        relay: "Relay",
        bearer: Secret,
    ) -> httpx.Response | Refusal:
        answer = await self._sent(request, token, relay, bearer)
        if not is_upstreams(answer):
            return refusal_in(answer.status, await self._read(answer))
        return as_response(answer, AsyncBody(answer), headers=headers_of(answer))

    async def _sent(
        self,
        request: httpx.Request,
        token: AccessToken,
        relay: "Relay",
        bearer: Secret,
    ) -> httpcore.Response:
        try:
            # As above: no local may hold the request with the bearer.
            return await self._pool.opened().handle_async_request(
                relayed(request, token, relay, bearer=bearer)
            )
        except TROUBLE as error:
            problem = as_trouble(error, bearer)
        raise problem

    @staticmethod
    async def _read(answer: httpcore.Response) -> bytes:
        try:
            return await answer.aread()
        except TROUBLE:
            return b""
        finally:
            await answer.aclose()
