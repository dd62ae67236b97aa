"""REST: connections, and what can be done with one."""

import re

from tornado import web

import conn_core

from ._api import ApiHandler, listed, refuse_unknown
from ._handler import may

_VERSION = re.compile(r'"([1-9][0-9]{0,9})"')


class _OneConnection(ApiHandler):
    """Answers with a connection."""

    def answer_connection(
        self, connection: "conn_core.Connection", *, status: int = 200
    ) -> None:
        """Send a connection, and its version for ``If-Match`` (RFC 9110 8.8.3)."""
        self.set_header("ETag", f'"{connection.version}"')
        self.answer(connection.to_json(), status=status)


class ConnectionsHandler(_OneConnection):
    """``api/v1/connections``."""

    @web.authenticated
    @may("read")
    async def get(self) -> None:
        """List the connections that the asking person may see."""
        group = self.one_of("group", "my", "organisation", "internal")
        status = self.one_of(
            "status", "connected", "needs authorization", "revoked", "failed"
        )
        limit = self.number("limit", usual=100, most=10_000)
        page = await self.ask(
            lambda broker: broker.connections(
                self.text("q"),
                group=group,
                service=self.text("service") or None,
                status=status,
                cursor=self.text("cursor") or None,
                limit=limit,
            )
        )
        items = [connection.to_json() for connection in page.items]
        self.answer(listed(items, next_cursor=page.next_cursor, total=page.total))

    @web.authenticated
    @may("write")
    async def post(self) -> None:
        """Create a connection."""
        body = self.body()
        made = await self.ask(
            lambda broker: broker.create(
                conn_core.read_draft(conn_core.ConnectionDraft, body)
            )
        )
        self.answer_connection(made, status=201)


class ConnectionHandler(_OneConnection):
    """``api/v1/connections/{name}``."""

    @web.authenticated
    @may("read")
    async def get(self, name: str) -> None:
        """Return one connection."""
        found = await self.ask(lambda broker: broker.connection(name))
        self.answer_connection(found)

    @web.authenticated
    @may("write")
    async def patch(self, name: str) -> None:
        """Change name or scopes, unless somebody else was faster."""
        body, version = self.body(), self._expected_version()
        changed = await self.ask(
            lambda broker: broker.edit(
                name,
                conn_core.read_draft(conn_core.ConnectionEdit, body),
                version=version,
            )
        )
        self.answer_connection(changed)

    @web.authenticated
    @may("write")
    async def delete(self, name: str) -> None:
        """Delete a connection and everybody's credentials of it."""
        await self.ask(lambda broker: broker.delete(name))
        self.set_status(204)

    def _expected_version(self) -> int | None:
        """Read ``If-Match`` (RFC 9110 13.1.1): a version in quotes, or ``*``."""
        wanted = self.request.headers.get("If-Match", "*").strip()
        if wanted == "*":
            return None
        found = _VERSION.fullmatch(wanted)
        if found is None:
            raise web.HTTPError(400)
        return int(found.group(1))


class ChangeHandler(_OneConnection):
    """``api/v1/connections/{name}/revoke``, ``enable`` and ``refresh``."""

    @web.authenticated
    @may("write")
    async def post(self, name: str, verb: str) -> None:
        """Do it, and return the connection as it is now."""
        refuse_unknown(self.body())
        changed = await self.ask(lambda broker: getattr(broker, verb)(name))
        self.answer_connection(changed)


class TestHandler(ApiHandler):
    """``api/v1/connections/{name}/test``."""

    __test__ = False  # pytest: not a test class

    @web.authenticated
    @may("write")
    async def post(self, name: str) -> None:
        """Make one harmless call and say how it went."""
        body = self.body()
        refuse_unknown(body, "timeout")
        timeout = body.get("timeout", 10)
        if not isinstance(timeout, int | float) or not 0 < timeout <= 60:
            raise web.HTTPError(400)
        result = await self.ask(lambda broker: broker.test(name, timeout=timeout))
        self.answer(result.to_json())


class SnippetHandler(ApiHandler):
    """``api/v1/connections/{name}/snippet``."""

    @web.authenticated
    @may("read")
    async def get(self, name: str) -> None:
        """Return code to copy; ``for`` says for which kind of client."""
        library = self.text("for") or "httpx"
        found, service = await self.ask(
            lambda broker: (
                connection := broker.connection(name),
                broker.service(connection.service),
            )
        )
        code = conn_core.snippet(found, library=library, path=service.test_path)
        self.answer({"link_name": found.link_name, "snippet": code})


class EventsHandler(ApiHandler):
    """``api/v1/connections/{name}/events``."""

    @web.authenticated
    @may("read")
    async def get(self, name: str) -> None:
        """Return the latest events, newest first."""
        limit = self.number("limit", usual=20, most=10_000)
        events = await self.ask(lambda broker: broker.events(name, limit=limit))
        self.answer(listed([e.to_json() for e in events], total=len(events)))
