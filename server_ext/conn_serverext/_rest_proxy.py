"""REST: requests of connections whose credential stays here. This carries them."""

import asyncio
import contextlib
import hashlib
from typing import TYPE_CHECKING, ClassVar, Final

from tornado import iostream, web

from conn_core.errors import ConnectionsError, InvalidInput

from ._handler import AUTH_RESOURCE, may
from ._inbox import Inbox
from ._journey import Journey
from ._loans import Borrower, ConnectionLender
from ._rest_token import ProgramsOnly

if TYPE_CHECKING:
    from conn_core import RelayLimits
    from conn_core.broker import Lending
    from conn_core.http import Errand, Loan, RelayAnswer

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

    _inbox: Inbox | None = None
    _comes_in_parts = False
    _carrying: asyncio.Task[None] | None = None

    async def prepare(self) -> None:
        """Find out who asks; begin to carry what is too large to be taken whole."""
        await super().prepare()
        self._inbox = Inbox()
        length = self._length()
        self._comes_in_parts = length is None or length > _SMALL
        if not self._comes_in_parts:
            return
        await self._refuse_strangers()
        limits = await self.extension.relaying.limits()
        # What is too large is refused in our words, not by a connection that ends.
        self.request.connection.set_max_body_size(2 * limits.most_sent)
        self._begin()

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
        if self._inbox is not None:
            self._inbox.shut()

    # --- who may come in --------------------------------------------------------------

    def _refuse_browsers(self) -> None:
        """Refuse browsers; an API may have a parameter that is called ``token``.

        With our own bearer nothing is read from the address.
        """
        super()._refuse_browsers(reads_address=not self.comes_from_kernel)

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

    def _begin(self) -> None:
        self._carrying = asyncio.create_task(self._carry(self.path_args[0]))

    async def _carried(self, name: str) -> None:
        """Wait until all is carried; the body of the request is here by now."""
        del name  # the same as in the path
        if self._carrying is None:
            self._begin()
        assert self._inbox is not None  # noqa: S101 - prepare has made it
        ending = asyncio.ensure_future(self._inbox.end())
        with contextlib.suppress(asyncio.CancelledError, iostream.StreamClosedError):
            # Cancelled when whoever asked is gone.
            await self._carrying
            self.finish()
        ending.cancel()
