"""REST: attempts to authorize."""

from tornado import web

from ._api import ApiHandler, refuse_unknown
from ._handler import may


class AuthorizationsHandler(ApiHandler):
    """``api/v1/connections/{name}/authorizations``."""

    @web.authenticated
    @may("write")
    async def post(self, name: str) -> None:
        """Begin an attempt; open its ``start_url`` in a browser next."""
        refuse_unknown(self.body())
        begun = await self.ask(lambda broker: broker.authorize(name))
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
