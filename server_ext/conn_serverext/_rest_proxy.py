"""REST: requests of connections whose credential stays here. This carries them."""

import asyncio
import contextlib
import hashlib
from typing import TYPE_CHECKING, ClassVar, Final, cast

from tornado import httputil, iostream, web

from conn_core.errors import ConnectionsError, InvalidInput

from ._handler import AUTH_RESOURCE, may
from ._inbox import Inbox
from ._journey import Journey
from ._loans import Borrower, ConnectionLender
from ._rest_token import ProgramsOnly

if TYPE_CHECKING:
    from conn_core.broker import Lending, LocalBroker
    from conn_core.http import Errand, Loan, RelayAnswer

    from ._loans import Loans

#: A body of at most so many bytes is taken whole: it can be sent twice.
_SMALL: Final = 64 * 1024
#: One that is signed, or holds the credential, has to be whole.
_MOST_SIGNED: Final = 8 * 1024 * 1024
#: Said by ourselves of every answer, whatever the service says.
_OURS: Final = frozenset(
    {
        "cache-control",
        "content-security-policy",
        "cross-origin-opener-policy",
        "cross-origin-resource-policy",
        "referrer-policy",
        "x-content-type-options",
        "x-frame-options",
    }
)


@web.stream_request_body
class ProxyHandler(ProgramsOnly):
    """``api/v1/connections/{name}/proxy/{path}``."""

    what: ClassVar[str] = "Answers of services"
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
        self._inbox = Inbox()
        length = self._length()
        self._is_small = length is not None and length <= _SMALL
        if self._is_small:
            return
        await self._refuse_strangers()
        limits = await self.extension.core.relaying.limits()
        # What is too large is refused in our words, not by a connection that ends.
        self.request.connection.set_max_body_size(2 * limits.most_sent)
        self._begin(self.path_args[0])

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

    def _begin(self, name: str) -> None:
        self._carrying = asyncio.create_task(self._carry(name))

    async def _carried(self, name: str) -> None:
        """Wait until all is carried; the body of the request is here by now."""
        if self._inbox is not None:
            self._inbox.end()
        if self._carrying is None:
            self._begin(name)
        assert self._carrying is not None  # noqa: S101 - just begun
        with contextlib.suppress(asyncio.CancelledError):
            # Cancelled when whoever asked is gone: nobody is told anything.
            await self._carrying

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
                    await self._release(journey, idle_seconds=limits.idle_seconds)
                finally:
                    journey.end()
        finally:
            # What still comes of the request's body is let go.
            self._inbox_shut()

    def _inbox_shut(self) -> None:
        if self._inbox is not None:
            self._inbox.shut()

    def _lender(self, name: str, loans: "Loans") -> ConnectionLender:
        shown = self.request.headers.get("Authorization", "").encode()
        digest = hashlib.sha256(shown).digest()
        borrower = Borrower(self.person, self.place, name, digest)

        async def ask(rejected: int | None) -> "Lending":
            return await self.ask(
                # The brokers of a server's own core lend to its relay.
                lambda broker: cast("LocalBroker", broker).lend(name, rejected=rejected)
            )

        return ConnectionLender(loans, borrower, ask)

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
            target=self._target(),
            headers=tuple(headers.get_all()),
            body=body,
            parts=self._inbox.parts,
            length=self._length() if body is None else None,
        )

    def _target(self) -> str:
        """Return path and query as they were written: decoded, they are others."""
        ours = f"{self.base_url}connections/api/v1/connections/"
        return str(self.request.uri).removeprefix(ours).partition("/proxy/")[2]

    def _length(self) -> int | None:
        """Return how long the body is going to be; None where nobody says."""
        said = self.request.headers.get("Content-Length")
        if said is None:
            return None if "Transfer-Encoding" in self.request.headers else 0
        return int(said) if said.isascii() and said.isdecimal() else None

    async def _release(self, journey: Journey, *, idle_seconds: int) -> None:
        """Send the answer as it comes, as fast as it is read.

        Once its head is sent there is no way to say that something went wrong but to
        end the connection: nobody takes half an answer for a whole one.
        """
        answer = await journey.answer()
        self._set_head(answer)
        try:
            # What is here already travels with the head; a head alone does not wait.
            if not answer.has_begun:
                await self._flushed(idle_seconds)
            async for part in journey.parts():
                self.write(part)
                await self._flushed(idle_seconds)
            if not self._headers_written:
                await self._flushed(idle_seconds)
        except (ConnectionsError, TimeoutError) as error:
            self.log.info("Connections: an answer was cut (%s)", type(error).__name__)
            self.detach().close()
        except iostream.StreamClosedError:
            self.log.info("Connections: nobody reads an answer any more")

    async def _flushed(self, idle_seconds: int) -> None:
        async with asyncio.timeout(idle_seconds):
            await self.flush()

    def _set_head(self, answer: "RelayAnswer") -> None:
        self.clear()
        self.set_status(answer.status)
        for ours in ("Content-Type", "Date", "Server"):
            self.clear_header(ours)
        for name, value in answer.headers:
            self._set_answered(name.decode("latin-1"), value.decode("latin-1").strip())
        self.set_header("X-Connections-Upstream", "1")
        if answer.status == 204:
            self.clear_header("Content-Length")

    def _set_answered(self, name: str, value: str) -> None:
        """Set one header of the service; one that cannot be written is left out."""
        if name.lower() in _OURS:
            return
        with contextlib.suppress(ValueError, httputil.HTTPInputError):
            self.add_header(name, value)


def _too_large_to_sign(link_name: str) -> InvalidInput:
    return InvalidInput(
        f"'{link_name}' puts its credential into the body or signs it, so a body may "
        f"have at most {_MOST_SIGNED:,} bytes here. Nothing was sent",
        "Send it in several parts",
    )
