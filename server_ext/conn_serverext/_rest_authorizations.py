"""REST: attempts to authorize."""

from tornado import web

from ._api import ApiHandler
from ._handler import may


class AuthorizationsHandler(ApiHandler):
    """``api/v1/connections/{name}/authorizations``."""

    @web.authenticated
    @may("write")
    async def post(self, name: str) -> None:
        """Begin an attempt; where it has a ``start_url``, open that in a browser next."""
        from conn_core import AuthorizationDraft  # noqa: PLC0415 - pydantic

        draft = self.read(AuthorizationDraft)
        begun = await self.ask(
            lambda broker: broker.authorize(
                name, flow=draft.flow, secret=draft.revealed()
            )
        )
        self.answer(begun.to_json(), status=201)


class AuthorizationHandler(ApiHandler):
    """``api/v1/authorizations/{flow}``."""

    @web.authenticated
    @may("read")
    async def get(self, flow: str) -> None:
        """Say how far an attempt is."""
        found = await self.ask(lambda broker: broker.authorization(flow))
        self.answer(found.to_json())

    @web.authenticated
    @may("write")
    async def delete(self, flow: str) -> None:
        """Give an attempt up."""
        await self.ask(lambda broker: broker.cancel(flow))
        self.set_status(204)


class PasteHandler(ApiHandler):
    """``api/v1/authorizations/{flow}/paste``."""

    @web.authenticated
    @may("write")
    async def post(self, flow: str) -> None:
        """Finish an attempt with the address that the browser was sent to."""
        from conn_core import PastedAddress  # noqa: PLC0415 - pydantic

        pasted = self.read(PastedAddress)
        done = await self.ask(lambda broker: broker.paste(flow, pasted.address))
        self.answer(done.to_json())
