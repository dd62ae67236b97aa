"""REST: where credentials come from, and the services."""

from typing import Final

from tornado import web

import conn_core

from ._api import ApiHandler, listed
from ._handler import may

#: A description with as many scopes as anybody lists, bytes.
LARGEST_DESCRIPTION: Final = 1024 * 1024
#: An OpenAPI document, as JSON text in JSON, bytes.
LARGEST_DOCUMENT: Final = 4 * 1024 * 1024


class StatusHandler(ApiHandler):
    """``api/v1/status``."""

    for_jobs = ("GET",)

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


class _Describing(ApiHandler):
    """Takes or returns a description of a service."""

    most_bytes = LARGEST_DESCRIPTION

    def answer_service(
        self, service: "conn_core.Service", *, status: int = 200
    ) -> None:
        """Send a service, and its version for ``If-Match``."""
        self.answer_version(
            service.model_dump(mode="json"), version=service.version, status=status
        )


class ServicesHandler(_Describing):
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

    @web.authenticated
    @may("write")
    async def post(self) -> None:
        """Describe a service of one's own."""
        draft = self.read(conn_core.ServiceDraft)
        made = await self.ask(lambda broker: broker.create_service(draft))
        self.answer_service(made, status=201)


class ProposalsHandler(ApiHandler):
    """``api/v1/services/proposals``."""

    most_bytes = LARGEST_DOCUMENT

    @web.authenticated
    @may("write")
    async def post(self) -> None:
        """Learn about a service from one source; nothing is stored."""
        from ._bodies import Sources  # noqa: PLC0415 - pydantic

        sources = self.read(Sources)
        found = await self.ask(
            lambda broker: broker.propose_service(**sources.model_dump())
        )
        self.answer(found.to_json())


class CategoriesHandler(ApiHandler):
    """``api/v1/categories``."""

    @web.authenticated
    @may("read")
    async def get(self) -> None:
        """Return the categories that have services."""
        found = await self.ask(lambda broker: broker.categories())
        self.answer(listed(list(found), next_cursor=None, total=len(found)))


class ServiceHandler(_Describing):
    """``api/v1/services/{id}``."""

    @web.authenticated
    @may("read")
    async def get(self, service_id: str) -> None:
        """Return one service."""
        found = await self.ask(lambda broker: broker.service(service_id))
        self.answer_service(found)

    @web.authenticated
    @may("write")
    async def patch(self, service_id: str) -> None:
        """Describe a service of one's own anew; the body is the whole description."""
        draft = self.read(conn_core.ServiceDraft)
        version = self.expected_version()
        wipe = self.flag("wipe_credentials")
        changed = await self.ask(
            lambda broker: broker.edit_service(
                service_id, draft, version=version, wipe_credentials=wipe
            )
        )
        self.answer_service(changed)

    @web.authenticated
    @may("write")
    async def delete(self, service_id: str) -> None:
        """Delete a service of one's own."""
        await self.ask(lambda broker: broker.delete_service(service_id))
        self.set_status(204)


class ExportHandler(ApiHandler):
    """``api/v1/services/{id}/toml``."""

    @web.authenticated
    @may("read")
    async def get(self, service_id: str) -> None:
        """Return a service as a file that others can import; it holds no secret."""
        found = await self.ask(lambda broker: broker.service(service_id))
        self.set_header("Content-Type", "application/toml; charset=utf-8")
        # The id has only plain characters: it is a file name everywhere.
        named = f'attachment; filename="{found.id}.toml"'
        self.set_header("Content-Disposition", named)
        self.finish(conn_core.service_to_toml(found))


class RegistrationHandler(ApiHandler):
    """``api/v1/services/{id}/registration``; write-only."""

    @web.authenticated
    @may("write")
    async def put(self, service_id: str) -> None:
        """Keep the client id and secret; the answer holds neither."""
        registration = self.read(conn_core.ClientRegistration)
        service = await self.ask(
            lambda broker: broker.register_client(service_id, registration)
        )
        self.answer(service.model_dump(mode="json"))

    @web.authenticated
    @may("write")
    async def post(self, service_id: str) -> None:
        """Let the service make a registration for us (RFC 7591)."""
        self.read_nothing()
        service = await self.ask(
            lambda broker: broker.register_automatically(service_id)
        )
        self.answer(service.model_dump(mode="json"))
