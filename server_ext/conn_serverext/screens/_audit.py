"""The audit log as a page: who did what with which connection, from where."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlencode

from tornado import web

from conn_core import look
from conn_core.errors import ConnectionsError

from .._handler import may
from ._screen import ScreenHandler

if TYPE_CHECKING:
    from conn_core import AuditLine
    from conn_core.broker import Broker

LINES: Final = 50
#: As many as REST gives at once.
_IN_A_FILE: Final = "10000"


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedLines:
    """Which part of the log somebody wants to see; it stands in the address."""

    q: str = ""
    connection: str = ""
    person: str = ""
    action: str = ""
    cursor: str = ""

    @property
    def is_narrowed(self) -> bool:
        """Something is searched for, or filtered by."""
        return bool(self.q or self.connection or self.person or self.action)

    def address(self, **changes: str) -> str:
        """Return the query of another part of the log; it starts at its latest line."""
        asked = replace(self, cursor="")
        named = {n: getattr(asked, n) for n in self.__dataclass_fields__} | changes
        query = urlencode({name: text for name, text in named.items() if text})
        return f"?{query}" if query else "?"

    @property
    def file(self) -> str:
        """The query of the same lines as a file."""
        return self.address(format="csv", limit=_IN_A_FILE)


class AuditScreen(ScreenHandler):
    """``audit``."""

    @web.authenticated
    @may("read")
    async def get(self) -> None:
        """Show a part of the log."""
        asked = AskedLines(
            **{
                name: self.get_query_argument(name, "")
                for name in AskedLines.__dataclass_fields__
            }
        )
        facts = await self.ask(lambda broker: _lines(broker, asked))
        self.show_screen("audit.html", title="Log", asked=asked, **facts)


def _lines(broker: "Broker", asked: AskedLines) -> dict[str, Any]:
    sees = {"is_administrator": broker.status().is_administrator}
    try:
        page = broker.audit(
            asked.q,
            connection=asked.connection or None,
            person=asked.person or None,
            action=asked.action or None,
            cursor=asked.cursor or None,
            limit=LINES,
        )
    except ConnectionsError as error:
        return sees | {"lines": [], "more": None, "problem": look.spoken(error)}
    at = look.now()
    return sees | {
        "lines": [_row(line, at=at) for line in page.items],
        "more": page.next_cursor,
        "problem": None,
    }


def _row(line: "AuditLine", *, at: datetime) -> dict[str, str]:
    name = f"{line.owner}/{line.connection}" if line.connection else ""
    return {
        "when": look.minute(line.at, at=at),
        "who": look.who_did(line),
        "what": look.what_was_done(line),
        "connection": name,
        "place": look.briefly(line.place),
        "result": "" if line.result == "ok" else line.result,
    }
