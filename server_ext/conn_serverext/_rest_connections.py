"""REST: connections, and what can be done with one."""

from tornado import web

import conn_core

from ._api import ApiHandler, listed
from ._handler import may


class OneConnection(ApiHandler):
    """Answers with a connection."""

    def answer_connection(
        self, connection: "conn_core.Connection", *, status: int = 200
    ) -> None:
        """Send a connection, and its version for ``If-Match`` (RFC 9110 8.8.3)."""
        self.answer_version(
            connection.to_json(), version=connection.version, status=status
        )


class ConnectionsHandler(OneConnection):
    """``api/v1/connections``."""

    for_jobs = ("GET",)

    @web.authenticated
    @may("read")
    async def get(self) -> None:
        """List the connections that the asking person may see."""
        group = self.one_of("group", "my", "organisation", "internal", "all")
        status = self.one_of(
            "status",
            "connected",
            "needs authorization",
            "revoked",
            "suspended",
            "failed",
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
        draft = self.read(conn_core.ConnectionDraft)
        made = await self.ask(lambda broker: broker.create(draft))
        self.answer_connection(made, status=201)


class ConnectionHandler(OneConnection):
    """``api/v1/connections/{name}``."""

    for_jobs = ("GET",)

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
        change, version = (
            self.read(conn_core.ConnectionEdit),
            self.expected_version(),
        )
        changed = await self.ask(
            lambda broker: broker.edit(name, change, version=version)
        )
        self.answer_connection(changed)

    @web.authenticated
    @may("write")
    async def delete(self, name: str) -> None:
        """Delete a connection; the answer is what it was, and what the provider said."""
        keep_grant = self.flag("keep_grant")
        gone = await self.ask(lambda broker: broker.delete(name, keep_grant=keep_grant))
        self.answer(gone.to_json())


class InternalConnectionHandler(OneConnection):
    """``api/v1/internal-connections/{service_id}``."""

    @web.authenticated
    @may("write")
    async def put(self, service_id: str) -> None:
        """Return the person's internal connection of a service; made at first use."""
        from ._bodies import InternalUse  # noqa: PLC0415 - pydantic

        needed = self.read(InternalUse)
        # The same rules as for a connection that a person makes.
        draft = conn_core.read_draft(
            conn_core.ConnectionDraft, needed.model_dump() | {"service": service_id}
        )
        made = await self.ask(
            lambda broker: broker.internal_connection(
                service_id, scopes=draft.scopes or (), parameters=draft.parameters
            )
        )
        self.answer_connection(made)


class RevokeHandler(OneConnection):
    """``api/v1/connections/{name}/revoke``."""

    @web.authenticated
    @may("write")
    async def post(self, name: str) -> None:
        """Stop its use; with ``at_provider`` also end the grants there."""
        from ._bodies import Revocation  # noqa: PLC0415 - pydantic

        wanted = self.read(Revocation)
        revoked = await self.ask(
            lambda broker: broker.revoke(name, at_provider=wanted.at_provider)
        )
        self.answer_connection(revoked)


class SealHandler(OneConnection):
    """``api/v1/connections/{name}/seal``."""

    @web.authenticated
    @may("write")
    async def post(self, name: str) -> None:
        """Keep its credential here, or lend its owner's kernels the token again."""
        from ._bodies import Sealing  # noqa: PLC0415 - pydantic

        wanted = self.read(Sealing)
        changed = await self.ask(lambda broker: broker.seal(name, sealed=wanted.sealed))
        self.answer_connection(changed)


class ChangeHandler(OneConnection):
    """``api/v1/connections/{name}/enable``, ``refresh`` and ``accept``."""

    @web.authenticated
    @may("write")
    async def post(self, name: str, verb: str) -> None:
        """Do it, and return the connection as it is now."""
        self.read_nothing()
        changed = await self.ask(lambda broker: getattr(broker, verb)(name))
        self.answer_connection(changed)


class TestHandler(ApiHandler):
    """``api/v1/connections/{name}/test``."""

    __test__ = False  # pytest: not a test class

    @web.authenticated
    @may("write")
    async def post(self, name: str) -> None:
        """Make one harmless call and say how it went."""
        from ._bodies import Trial  # noqa: PLC0415 - pydantic

        trial = self.read(Trial)
        result = await self.ask(lambda broker: broker.test(name, timeout=trial.timeout))
        self.answer(result.to_json())


class SnippetHandler(ApiHandler):
    """``api/v1/connections/{name}/snippet``."""

    for_jobs = ("GET",)

    @web.authenticated
    @may("read")
    async def get(self, name: str) -> None:
        """Return code to copy; ``for`` says for which library."""
        library = self.text("for") or "httpx"
        found, service = await self.ask(
            lambda broker: (
                connection := broker.connection(name),
                broker.service(connection.service),
            )
        )
        code = conn_core.snippet(found, library=library, service=service)
        known = conn_core.libraries_for(service, exposure=found.exposure)
        self.answer(
            {"link_name": found.link_name, "snippet": code, "libraries": list(known)}
        )


class EventsHandler(ApiHandler):
    """``api/v1/connections/{name}/events``."""

    @web.authenticated
    @may("read")
    async def get(self, name: str) -> None:
        """Return the latest events, newest first."""
        limit = self.number("limit", usual=20, most=10_000)
        events = await self.ask(lambda broker: broker.events(name, limit=limit))
        self.answer(listed([e.to_json() for e in events], total=len(events)))


class UsesHandler(ApiHandler):
    """``api/v1/connections/{name}/uses``."""

    @web.authenticated
    @may("read")
    async def get(self, name: str) -> None:
        """Return where a connection is used, the latest first."""
        limit = self.number("limit", usual=20, most=10_000)
        uses = await self.ask(lambda broker: broker.uses(name, limit=limit))
        self.answer(listed([use.to_json() for use in uses], total=len(uses)))


class CheckHandler(ApiHandler):
    """``api/v1/check``."""

    for_jobs = ("POST",)

    @web.authenticated
    @may("read")
    async def post(self) -> None:
        """Say whether a job could use what it needs without a person."""
        draft = self.read(conn_core.CheckDraft)
        found = await self.ask(
            lambda broker: broker.check(draft.values(), until=draft.until)
        )
        self.answer(listed([one.to_json() for one in found], total=len(found)))
