"""REST: requests of connections whose credential stays here. This carries them."""

import asyncio
import contextlib
from typing import TYPE_CHECKING, ClassVar, Final, cast

from tornado import web

from conn_core.errors import InvalidInput

from ._handing_on import HandingOn
from ._handler import AUTH_RESOURCE, may
from ._inbox import Inbox
from ._journey import Journey
from ._loans import ConnectionLender

if TYPE_CHECKING:
    from collections.abc import Awaitable

    from conn_core.broker import Lending, LocalBroker
    from conn_core.http import Errand, Loan

    from ._extension import ConnectionsExtension
    from ._loans import Loans

#: A body of at most so many bytes is taken whole: it can be sent twice.
_SMALL: Final = 64 * 1024
#: One that is signed, or holds the credential, has to be whole.
_MOST_SIGNED: Final = 8 * 1024 * 1024
#: So long an answer waits for the end of a body that nobody takes any more.
_LAST_WORDS_SECONDS: Final = 5


@web.stream_request_body
class ProxyHandler(HandingOn):
    """``api/v1/connections/{name}/proxy/{path}``."""

    for_jobs: ClassVar[tuple[str, ...]] = (
        "GET",
        "HEAD",
        "POST",
        "PUT",
        "PATCH",
        "DELETE",
        "OPTIONS",
    )

    _inbox: Inbox | None = None
    _is_small = True
    _carrying: asyncio.Task[None] | None = None

    def initialize(self, extension: "ConnectionsExtension") -> None:
        """Take path and query as they were written: decoded, they are others.

        From then on the query is between program and service, and in no log.
        """
        super().initialize(extension)
        asked = str(self.request.uri)
        ours = f"{self.base_url}connections/api/v1/connections/"
        self._target = asked.removeprefix(ours).partition("/proxy/")[2]
        self.request.uri = asked.partition("?")[0]

    async def prepare(self) -> None:
        """Find out who asks; begin to carry what is too large to be taken whole."""
        # The query is for the service: nobody is let in by a ``token`` in it.
        self.request.arguments, self.request.query_arguments = {}, {}
        try:
            await super().prepare()
        except web.HTTPError:
            if getattr(self, "_jupyter_current_user", self) is None:
                # Jupyter says 403 where nobody asks for OPTIONS.
                raise web.HTTPError(401) from None
            raise
        length = self._length()
        self._is_small = length is not None and length <= _SMALL
        self._inbox = Inbox(takes_all=self._is_small)
        if self._is_small:
            return
        await self._refuse_strangers()
        limits = await self.extension.core.relaying.limits()
        # What is too large is refused in our words, not by a connection that ends.
        self.request.connection.set_max_body_size(2 * limits.most_sent)
        self._carrying = asyncio.create_task(self._carry_beside(self.path_args[0]))

    async def data_received(self, chunk: bytes) -> None:
        """Take a part of the body; whoever sends it waits for whoever takes it."""
        if self._inbox is not None:
            await self._inbox.put(chunk)

    @web.authenticated
    @may("execute")
    async def get(self, name: str) -> None:
        """Carry a request to the service, and its answer back."""
        await self._carried(name)

    @web.authenticated
    @may("execute")
    async def head(self, name: str) -> None:
        """Carry a request to the service, and the head of its answer back."""
        await self._carried(name)

    @web.authenticated
    @may("execute")
    async def post(self, name: str) -> None:
        """Carry a request to the service, and its answer back."""
        await self._carried(name)

    @web.authenticated
    @may("execute")
    async def put(self, name: str) -> None:
        """Carry a request to the service, and its answer back."""
        await self._carried(name)

    @web.authenticated
    @may("execute")
    async def patch(self, name: str) -> None:
        """Carry a request to the service, and its answer back."""
        await self._carried(name)

    @web.authenticated
    @may("execute")
    async def delete(self, name: str) -> None:
        """Carry a request to the service, and its answer back."""
        await self._carried(name)

    @web.authenticated
    @may("execute")
    async def options(self, name: str) -> None:
        """Carry a request to the service, and its answer back."""
        await self._carried(name)

    def on_connection_close(self) -> None:
        """Let go of the service when nobody waits for its answer any more."""
        super().on_connection_close()
        if self._carrying is not None:
            self._carrying.cancel()
        self._inbox_shut()

    # --- who may come in --------------------------------------------------------------

    def _refuse_odd_bodies(self) -> None:
        """Refuse none: what is in it is between program and service."""

    async def _refuse_strangers(self) -> None:
        """Ask the authorizer before a large body comes, not only after it."""
        if self.current_user is None:
            raise web.HTTPError(401)
        allowed = self.authorizer.is_authorized(
            self, self.current_user, "execute", AUTH_RESOURCE
        )
        if asyncio.iscoroutine(allowed):
            allowed = await allowed
        if not allowed:
            raise web.HTTPError(403)

    # --- carrying ---------------------------------------------------------------------

    async def _carried(self, name: str) -> None:
        """Wait until all is carried; the body of the request is here by now."""
        if self._inbox is not None:
            self._inbox.end()
        work: Awaitable[None]
        if self._carrying is None:
            self._carrying, work = asyncio.current_task(), self._carry(name)
        else:
            work = self._carrying
        with contextlib.suppress(asyncio.CancelledError):
            # Cancelled when whoever asked is gone: nobody is told anything.
            await work

    async def _carry_beside(self, name: str) -> None:
        """Carry a request whose body still comes: a service may answer before its end."""
        problem: Exception | None = None
        try:
            await self._carry(name)
        except Exception as error:  # noqa: BLE001 - told below, or by whoever waits
            problem = error
        assert self._inbox is not None  # noqa: S101 - prepare has made it
        if self._finished:
            return
        # Whoever sends reads when all is sent. A socket that is closed while something
        # comes loses what it said last, so it stays open for a moment.
        if await self._inbox.has_ended(within=_LAST_WORDS_SECONDS):
            if problem is not None:
                raise problem
            return
        self._end_early(problem)

    def _end_early(self, problem: Exception | None) -> None:
        """End an answer, and with it the connection: the body would go on and on."""
        if problem is None:
            self.finish()
            return
        told = (type(problem), problem, problem.__traceback__)
        self.log_exception(*told)
        self.send_error(getattr(problem, "status_code", 500), exc_info=told)

    async def _carry(self, name: str) -> None:
        """Send the request, then its answer; both may be longer than memory."""
        relaying = self.extension.core.relaying
        limits = await relaying.limits()
        try:
            with relaying.crowd.room_for(self.person, at_once=limits.at_once):
                lender = self._lender(name, relaying.loans)
                errand = await self._errand(await lender.lend())
                journey = Journey(relaying, self.extension.core, lender, errand)
                try:
                    await self.hand_on(
                        journey,
                        idle_seconds=limits.idle_seconds,
                        ends_request=self._is_small,
                    )
                finally:
                    journey.end()
        finally:
            # What still comes of the request's body is let go.
            self._inbox_shut()

    def _inbox_shut(self) -> None:
        if self._inbox is not None:
            self._inbox.shut()

    def _lender(self, name: str, loans: "Loans") -> ConnectionLender:
        async def ask(rejected: int | None) -> "Lending":
            return await self.ask(
                # The brokers of a server's own core lend to its relay.
                lambda broker: cast("LocalBroker", broker).lend(name, rejected=rejected)
            )

        return ConnectionLender(loans, self.borrower(name), ask)

    async def _errand(self, loan: "Loan") -> "Errand":
        from conn_core.http import Errand  # noqa: PLC0415 - servers start without it

        assert self._inbox is not None  # noqa: S101 - prepare has made it
        body = None
        if self._is_small or loan.needs_whole_body:
            body = await self._inbox.whole(most=_MOST_SIGNED)
            if body is None:
                raise _too_large_to_sign(loan.token.link_name)
        headers = self.request.headers
        return Errand(
            method=self.request.method,
            origin=headers.get("X-Connections-Origin", ""),
            target=self._target,
            headers=tuple(headers.get_all()),
            body=body,
            parts=self._inbox.parts,
            length=self._length() if body is None else None,
        )

    def _length(self) -> int | None:
        """Return how long the body is going to be; None where nobody says."""
        said = self.request.headers.get("Content-Length")
        if said is None:
            return None if "Transfer-Encoding" in self.request.headers else 0
        return int(said) if said.isascii() and said.isdecimal() else None


def _too_large_to_sign(link_name: str) -> InvalidInput:
    return InvalidInput(
        f"'{link_name}' puts its credential into the body or signs it, so a body may "
        f"have at most {_MOST_SIGNED:,} bytes here. Nothing was sent",
        "Send it in several parts",
    )
