"""REST: who else may use a connection, and whose it is."""

from tornado import web

import conn_core

from ._handler import may
from ._rest_connections import OneConnection


class ShareHandler(OneConnection):
    """``api/v1/connections/{name}/share``."""

    @web.authenticated
    @may("write")
    async def post(self, name: str) -> None:
        """Say anew who may use it beside its owner."""
        wanted = self.read(conn_core.ShareDraft)
        shared = await self.ask(lambda broker: broker.share(name, wanted.shared_with))
        self.answer_connection(shared)


class TransferHandler(OneConnection):
    """``api/v1/connections/{name}/transfer``."""

    @web.authenticated
    @may("write")
    async def post(self, name: str) -> None:
        """Make somebody else its owner; they authorize it anew."""
        from ._bodies import Transfer  # noqa: PLC0415 - pydantic

        wanted = self.read(Transfer)
        handed_on = await self.ask(lambda broker: broker.transfer(name, wanted.to))
        self.answer_connection(handed_on)
