"""What one button does: test, enable, accept, and the two that ask first."""

from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import quote

from tornado import web

from conn_core import look
from conn_core.errors import ConnectionsError

from .._handler import may
from ._screen import Note, ScreenHandler

if TYPE_CHECKING:
    from conn_core import Connection
    from conn_core.broker import Broker

Question = Literal["revoke", "delete"]


def details_of(name: str) -> str:
    """Return the path of a connection's page."""
    return f"connection/{quote(name, safe='')}"


def refused(error: ConnectionsError) -> Note:
    """Return an error as it is said on the next page."""
    what, then = look.spoken(error)
    return Note(strong=what, rest=then, tone="bad")


class TestDeed(ScreenHandler):
    """``connection/{name}/test``."""

    __test__ = False  # pytest: not a test class

    @web.authenticated
    @may("write")
    async def post(self, name: str) -> None:
        """Make one harmless call, and say on the connection's page how it went."""
        try:
            result = await self.ask(lambda broker: broker.test(name))
        except ConnectionsError as error:
            self.go(details_of(name), note=refused(error))
            return
        tone: Literal["ok", "bad"] = "ok" if result.ok else "bad"
        self.go(
            details_of(name), note=Note(strong=look.sentence(result.message), tone=tone)
        )


class EnableDeed(ScreenHandler):
    """``connection/{name}/enable``."""

    @web.authenticated
    @may("write")
    async def post(self, name: str) -> None:
        """Undo a revocation."""
        try:
            enabled = await self.ask(lambda broker: broker.enable(name))
        except ConnectionsError as error:
            self.go(details_of(name), note=refused(error))
            return
        works = enabled.status == "connected"
        rest = "It works again." if works else "Authorize it to use it again."
        tone: Literal["ok", "todo"] = "ok" if works else "todo"
        self.go(details_of(name), note=Note(strong="Enabled.", rest=rest, tone=tone))


class AcceptDeed(ScreenHandler):
    """``connection/{name}/accept``."""

    @web.authenticated
    @may("write")
    async def post(self, name: str) -> None:
        """Agree to use what somebody else shares."""
        try:
            accepted = await self.ask(lambda broker: broker.accept(name))
        except ConnectionsError as error:
            self.go(details_of(name), note=refused(error))
            return
        said = f"You can use what {accepted.owner} shares."
        self.go(details_of(name), note=Note(strong="Accepted.", rest=said))


class RevokeScreen(ScreenHandler):
    """``connection/{name}/revoke``."""

    @web.authenticated
    @may("write")
    async def get(self, name: str) -> None:
        """Ask."""
        await _ask(self, name, "revoke")

    @web.authenticated
    @may("write")
    async def post(self, name: str) -> None:
        """Do it."""
        at_provider = self.form.ticked("tick")
        try:
            gone = await self.ask(
                lambda broker: broker.revoke(name, at_provider=at_provider)
            )
        except ConnectionsError as error:
            await _ask(self, name, "revoke", error)
            return
        said = f"It can be enabled again. {gone.notice}".strip()
        self.go(details_of(name), note=Note(strong="Revoked.", rest=said))


class DeleteScreen(ScreenHandler):
    """``connection/{name}/delete``."""

    @web.authenticated
    @may("write")
    async def get(self, name: str) -> None:
        """Ask."""
        await _ask(self, name, "delete")

    @web.authenticated
    @may("write")
    async def post(self, name: str) -> None:
        """Do it."""
        keep = self.form.ticked("tick")
        try:
            gone = await self.ask(lambda broker: broker.delete(name, keep_grant=keep))
        except ConnectionsError as error:
            await _ask(self, name, "delete", error)
            return
        self.go(note=Note(strong=f"‘{gone.name}’ is deleted.", rest=gone.notice))


async def _ask(
    screen: ScreenHandler,
    name: str,
    deed: Question,
    error: ConnectionsError | None = None,
) -> None:
    facts = await screen.ask(lambda broker: _what_ends(broker, name, deed))
    screen.show_screen(
        "confirm.html",
        status=error.status if error else 200,
        problem=look.spoken(error) if error else None,
        **facts,
    )


def _what_ends(broker: "Broker", name: str, deed: Question) -> dict[str, Any]:
    connection = broker.connection(name)
    can_end = broker.service(connection.service).revocation_endpoint is not None
    uses = look.uses_of(broker, connection)
    user = broker.status().user
    words = _revoke_words if deed == "revoke" else _delete_words
    return {
        "connection": connection,
        "title": f"{deed.capitalize()} {connection.name}?",
        "lines": look.what_stops(connection, uses, user=user, at=look.now()),
        "can_end": can_end,
        **words(connection, can_end=can_end),
    }


def _revoke_words(connection: "Connection", *, can_end: bool) -> dict[str, str]:  # noqa: ARG001 - like the other
    return {
        "lede": "It stops working at once, in every notebook and job. "
        "You can enable it again.",
        "does": "Revoke",
        "tick": f"Also end the authorization at {connection.service_name}",
        "tick_help": "Enabling it later then needs a new authorization.",
    }


def _delete_words(connection: "Connection", *, can_end: bool) -> dict[str, str]:
    name = connection.service_name
    ends = (
        f"The credentials are destroyed and the authorization at {name} ends."
        if can_end
        else f"The credentials are destroyed here; {name} is not told."
    )
    return {
        "lede": f"This cannot be undone. {ends}",
        "does": "Yes, delete",
        "tick": f"Keep the authorization at {name}",
        "tick_help": "For when another tool uses the same authorization.",
    }
