"""The Connections screen: groups, search, filters, and a row per connection."""

import threading
from collections.abc import Callable
from datetime import datetime
from typing import Any

from conn_core import BrokerStatus, Connection, Page
from conn_core.broker import Broker
from conn_core.errors import ConnectionsError
from conn_core.look import first_cell, now, sentence, spoken

from ._census import Census, census_of
from ._list_rows import line, row_of
from ._notebooks import notebooks_here
from ._part import Part, loader
from ._stage import Screen
from ._text import connections_table

ROWS = 25
GROUPS = ("my", "organisation", "internal")
#: What administrators see besides.
EVERYBODYS = "all"
#: The tab that lists nothing, and asks whether a notebook can run by itself.
JOBS = "jobs"
_ASKED_FIRST = {"group": "my", "query": "", "service": "", "status": ""}
_TAB = "[role=tab][aria-selected=true]"
SEALED = "Sealed: its token stays with the broker."
Background = Callable[[Callable[[], None]], None]


def in_background(work: Callable[[], None]) -> None:
    """Do something while the kernel goes on."""
    threading.Thread(target=work, name="conn-widgets-work", daemon=True).start()


class ConnectionList(Part):
    """Draws the screen. Holds no connections: it asks, and gets 25 rows at a time.

    Args:
        broker: Whom to ask.
        on_new: Opens *Pick your service*.
        on_action: Gets an action (``edit``, ``revoke``, …) and a link name.
        on_check: Gets a notebook, and the day until which it has to work.
        background: Does what may take long.
        clock: Tells the time.
    """

    _esm = loader("connection_list")

    def __init__(
        self,
        broker: Broker,
        *,
        on_new: Callable[[], None],
        on_action: Callable[[str, Connection], None],
        on_check: Callable[[str, str], None],
        background: Background = in_background,
        clock: Callable[[], datetime] = now,
    ) -> None:
        super().__init__()
        self._broker = broker
        self._on_new = on_new
        self._on_action = on_action
        self._on_check = on_check
        self._background = background
        self._clock = clock
        self._asked = dict(_ASKED_FIRST)
        self._focus: str | None = None
        self._said: dict[str, str] | None = None
        self._who: BrokerStatus | None = None
        self._checked: dict[str, str] = {}
        self._census: Census | None = None
        self.on_msg(self._received)

    @property
    def is_at_jobs(self) -> bool:
        """It asks which notebook is to run, in the place of rows."""
        return self._asked["group"] == JOBS

    def come_back_to(self, key: str | None, *, said: str = "") -> None:
        """Remember which row has the focus when the list is shown again.

        Args:
            key: Of the row; None for none.
            said: What was done meanwhile, for people.
        """
        self._focus = key
        self._said = line(said, ok=True) if said else None
        self._census = None

    def _received(self, _widget: Any, content: Any, _buffers: Any) -> None:
        try:
            match content.get("do"):
                case "ready":
                    self._send_rows(number=None, cursor=None)
                case "list":
                    asked = {k: str(content.get(k, "")) for k in _ASKED_FIRST}
                    self._asked = asked
                    self._send_rows(
                        number=content.get("number"), cursor=content.get("cursor")
                    )
                case "new":
                    self._on_new()
                case "act":
                    self._act(str(content["action"]), str(content["name"]))
                case "check":
                    self._check(content)
        except ConnectionsError as error:
            said, then = spoken(error)
            self.send({"do": "trouble", "said": said, "then": then})

    # --- rows -------------------------------------------------------------------------

    def _send_rows(self, *, number: Any, cursor: Any) -> None:
        groups = (*GROUPS, EVERYBODYS) if self._sees().is_administrator else GROUPS
        if self._asked["group"] not in (*groups, JOBS):
            self._asked = dict(_ASKED_FIRST)
        if self._census is None:
            self._census = census_of(self._broker, at=self._clock())
        counts = {group: self._count(group) for group in groups}
        focus, self._focus = self._focus, None
        said, self._said = self._said, None
        self.send(
            {
                "do": "rows",
                "number": number,
                "asked": self._asked,
                "counts": counts,
                "services": self._census.services,
                "ailing": self._census.ailing,
                "empty": counts.get(self._asked["group"]) == 0,
                "focus": focus,
                "said": said,
                **(self._jobs() if self.is_at_jobs else self._rows(cursor)),
            }
        )

    def _rows(self, cursor: Any) -> dict[str, Any]:
        page = self._page(cursor)
        return {
            "rows": [self._row(connection) for connection in page.items],
            "more": cursor is not None,
            "next": page.next_cursor,
            "total": page.total,
        }

    def _jobs(self) -> dict[str, Any]:
        there = notebooks_here()
        asked = self._checked or {"notebook": there.running, "until": ""}
        return {"jobs": asked | {"known": there.names}}

    def _page(self, cursor: Any) -> Page[Connection]:
        asked: Any = self._asked
        return self._broker.connections(
            asked["query"],
            group=asked["group"],
            service=asked["service"] or None,
            status=asked["status"] or None,
            cursor=None if cursor is None else str(cursor),
            limit=ROWS,
        )

    def _count(self, group: Any) -> int:
        return self._broker.connections(group=group, limit=1).total

    def _sees(self) -> BrokerStatus:
        if self._who is None:
            self._who = self._broker.status()
        return self._who

    def _row(self, connection: Connection) -> dict[str, Any]:
        return row_of(
            connection, who=self._sees(), at=self._clock(), group=self._asked["group"]
        )

    # --- actions ----------------------------------------------------------------------

    def _act(self, action: str, name: str) -> None:
        match action:
            case "test":
                self._background(lambda: self._answer_in_row(name, self._test))
            case "enable":
                self._answer_in_row(name, self._enable)
            case "seal":
                self._answer_in_row(name, self._seal)
            case "code":
                self._answer_in_row(name, self._show_code)
            case _:
                self._on_action(action, self._broker.connection(name))

    def _check(self, content: Any) -> None:
        typed = {name: str(content.get(name, "")) for name in ("notebook", "until")}
        self._checked = typed
        self._on_check(typed["notebook"].strip(), typed["until"])

    def _test(self, name: str) -> dict[str, Any]:
        result = self._broker.test(name)
        return _said(sentence(result.message), ok=result.ok)

    def _enable(self, name: str) -> dict[str, Any]:
        enabled = self._broker.enable(name)
        return _said(enabled.notice or "Enabled.", ok=True)

    def _seal(self, name: str) -> dict[str, Any]:
        sealed = self._broker.seal(name)
        return _said(sealed.notice or SEALED, ok=True)

    def _show_code(self, name: str) -> dict[str, Any]:
        connection = self._broker.connection(name)
        service = self._broker.service(connection.service)
        return {"code": first_cell(connection, service), "showsCode": True}

    def _answer_in_row(self, name: str, do: Callable[[str], dict[str, Any]]) -> None:
        try:
            answer = do(name)
        except ConnectionsError as error:
            answer = _said(" ".join(spoken(error)), ok=False)
        try:
            row = self._row(self._broker.connection(name)) | answer
        except ConnectionsError:
            self._send_rows(number=None, cursor=None)  # it has gone in the meantime
            return
        self.send({"do": "row", "row": row})


def _said(text: str, *, ok: bool) -> dict[str, Any]:
    return {"said": line(text, ok=ok)}


class ListScreen(Screen):
    """The Connections screen. Kept while other screens are shown in its place.

    Args:
        broker: Whom to ask.
        on_new: Opens *Pick your service*.
        on_action: Gets an action and the connection.
        on_check: Gets a notebook, and the day until which it has to work.
        background: Does what may take long.
        clock: Tells the time.
    """

    focus = "input[type=search], .conn-primary"

    def __init__(
        self,
        broker: Broker,
        *,
        on_new: Callable[[], None],
        on_action: Callable[[str, Connection], None],
        on_check: Callable[[str, str], None],
        background: Background = in_background,
        clock: Callable[[], datetime] = now,
    ) -> None:
        self._broker = broker
        self._clock = clock
        self.list = ConnectionList(
            broker,
            on_new=on_new,
            on_action=on_action,
            on_check=on_check,
            background=background,
            clock=clock,
        )
        self.list.add_class("conn-panel")
        self.panel = self.list

    def come_back_to(self, key: str | None, *, said: str = "") -> None:
        """Give the focus to a row when the list is shown again, None to the search."""
        usual = _TAB if self.list.is_at_jobs else type(self).focus
        self.focus = "" if key else usual
        self.list.come_back_to(key, said=said)

    def text(self) -> str:
        """Return the connections as a table of text."""
        try:
            return connections_table(self._broker, at=self._clock())
        except ConnectionsError as error:
            return " ".join(spoken(error)).strip()

    def leave(self) -> None:
        """Nothing: it will be shown again."""
