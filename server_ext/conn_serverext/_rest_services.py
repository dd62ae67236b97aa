"""REST: where credentials come from, and the services."""

from tornado import web

import conn_core

from ._api import ApiHandler, listed
from ._handler import may


class StatusHandler(ApiHandler):
    """``api/v1/status``."""

    @web.authenticated
    @may("read")
    async def get(self) -> None:
        """Say where credentials come from, and as whom.

        To those who ask over REST this is a server at an address; where it keeps its
        database is no business of theirs.
        """
        status = await self.ask(lambda broker: broker.status())
        here = {"kind": "server", "location": self.extension.public_url or "a socket"}
        self.answer(status.to_json() | here)


class ServicesHandler(ApiHandler):
    """``api/v1/services``."""

    @web.authenticated
    @may("read")
    async def get(self) -> None:
        """Search the services."""
        predefined = self.one_of("predefined", "true", "false")
        limit = self.number("limit", usual=24, most=10_000)
        page = await self.ask(
            lambda broker: broker.services(
                self.text("q"),
                predefined=None if predefined is None else predefined == "true",
                category=self.text("category") or None,
                cursor=self.text("cursor") or None,
                limit=limit,
            )
        )
        items = [service.model_dump(mode="json") for service in page.items]
        self.answer(listed(items, next_cursor=page.next_cursor, total=page.total))


class CategoriesHandler(ApiHandler):
    """``api/v1/categories``."""

    @web.authenticated
    @may("read")
    async def get(self) -> None:
        """Return the categories that have services."""
        found = await self.ask(lambda broker: broker.categories())
        self.answer(listed(list(found), next_cursor=None, total=len(found)))


class ServiceHandler(ApiHandler):
    """``api/v1/services/{id}``."""

    @web.authenticated
    @may("read")
    async def get(self, service_id: str) -> None:
        """Return one service."""
        service = await self.ask(lambda broker: broker.service(service_id))
        self.answer(service.model_dump(mode="json"))


class RegistrationHandler(ApiHandler):
    """``api/v1/services/{id}/registration``; write-only."""

    @web.authenticated
    @may("write")
    async def put(self, service_id: str) -> None:
        """Keep the client id and secret; the answer holds neither."""
        body = self.body()
        service = await self.ask(
            lambda broker: broker.register_client(
                service_id, conn_core.read_draft(conn_core.ClientRegistration, body)
            )
        )
        self.answer(service.model_dump(mode="json"))
