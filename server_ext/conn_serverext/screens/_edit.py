"""Edit a connection: name and scopes, nothing else."""

from typing import TYPE_CHECKING, Any

from tornado import web

import conn_core
from conn_core import look
from conn_core.errors import ConnectionsError, VersionConflict

from .._handler import may
from ._deeds import details_of
from ._scopes import all_scopes, chosen_scopes, preset
from ._screen import Note, ScreenHandler, beside

if TYPE_CHECKING:
    from conn_core import Connection
    from conn_core.broker import Broker


class EditScreen(ScreenHandler):
    """``connection/{name}/edit``."""

    @web.authenticated
    @may("write")
    async def get(self, name: str) -> None:
        """Show what can be changed."""
        connection, facts = await self.ask(lambda broker: _of(broker, name))
        if connection.group == "internal":
            self.go(details_of(name))
            return
        self._show(facts, connection.name, list(connection.scopes))

    @web.authenticated
    @may("write")
    async def post(self, name: str) -> None:
        """Change it, unless somebody else was faster."""
        _, facts = await self.ask(lambda broker: _of(broker, name))
        typed, scopes = self.form.text("name"), chosen_scopes(self.form)
        if self.form.button.startswith("scopes:"):
            self._show(facts, typed, preset(facts["service"], self.form.button))
            return
        try:
            changed = await self.ask(lambda broker: self._change(broker, name, scopes))
        except ConnectionsError as error:
            self._show(facts, typed, scopes, error)
            return
        self.go(details_of(changed.full_name), note=_told(changed))

    def _change(self, broker: "Broker", name: str, scopes: list[str]) -> "Connection":
        change = conn_core.read_draft(
            conn_core.ConnectionEdit, {"name": self.form.text("name"), "scopes": scopes}
        )
        seen = self.form.text("version")
        return broker.edit(name, change, version=int(seen) if seen.isdecimal() else 0)

    def _show(
        self,
        facts: dict[str, Any],
        name: str,
        scopes: list[str],
        error: ConnectionsError | None = None,
    ) -> None:
        errors, problem = beside(error, {"name", "scopes"})
        if isinstance(error, VersionConflict):
            problem = (
                (problem or ("", ""))[0],
                "Open this page again to see the change.",
            )
        connection: Connection = facts["connection"]
        self.show_screen(
            "edit.html",
            status=error.status if error else 200,
            title=f"Edit {connection.name}",
            typed=name,
            # Whoever read an older version is told, again, until they read this one.
            version=self.form.text("version") if error else connection.version,
            chosen=scopes,
            scopes=all_scopes(facts["service"], [*connection.scopes, *scopes]),
            errors=errors,
            problem=problem,
            **facts,
        )


def _of(broker: "Broker", name: str) -> "tuple[Connection, dict[str, Any]]":
    connection = broker.connection(name)
    service = broker.service(connection.service)
    return connection, {"connection": connection, "service": service}


def _told(changed: "Connection") -> Note:
    if changed.status == "needs authorization":
        rest = look.sentence(changed.notice) if changed.notice else ""
        return Note(strong="Updated.", rest=rest or "Authorize it next.", tone="todo")
    return Note(strong="Updated.", rest=changed.notice)
