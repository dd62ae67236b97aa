"""The Connections screen: groups, search, filters, and a row per connection."""

import threading
from collections.abc import Callable
from datetime import datetime
from typing import Any

from conn_core import Connection, Page
from conn_core.broker import Broker
from conn_core.errors import ConnectionsError
from conn_core.look import (
    first_cell,
    hue,
    monogram,
    now,
    pill_of,
    scopes_line,
    sentence,
    spoken,
    used,
    whose,
)

from ._census import Census, census_of
from ._part import Part, loader
from ._stage import Screen
from ._text import connections_table

ROWS = 25
GROUPS = ("my", "organisation", "internal")
_ASKED_FIRST = {"group": "my", "query": "", "service": "", "status": ""}
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
        background: Background = in_background,
        clock: Callable[[], datetime] = now,
    ) -> None:
        super().__init__()
        self._broker = broker
        self._on_new = on_new
        self._on_action = on_action
        self._background = background
        self._clock = clock
        self._asked = dict(_ASKED_FIRST)
        self._focus: str | None = None
        self._said: dict[str, str] | None = None
        self._user: str | None = None
        self._census: Census | None = None
        self.on_msg(self._received)

    def come_back_to(self, key: str | None, *, said: str = "") -> None:
        """Remember which row has the focus when the list is shown again.

        Args:
            key: Of the row; None for none.
            said: What was done meanwhile, for people.
        """
        self._focus = key
        self._said = _line(said, ok=True) if said else None
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
        except ConnectionsError as error:
            said, then = spoken(error)
            self.send({"do": "trouble", "said": said, "then": then})

    # --- rows -------------------------------------------------------------------------

    def _send_rows(self, *, number: Any, cursor: Any) -> None:
        if self._asked["group"] not in GROUPS:
            self._asked = dict(_ASKED_FIRST)
        if self._census is None:
            self._census = census_of(self._broker, at=self._clock())
        page = self._page(cursor)
        counts = {group: self._count(group) for group in GROUPS}
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
                "rows": [self._row(connection) for connection in page.items],
                "more": cursor is not None,
                "next": page.next_cursor,
                "total": page.total,
                "empty": counts[self._asked["group"]] == 0,
                "focus": focus,
                "said": said,
            }
        )

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

    def _row(self, connection: Connection) -> dict[str, Any]:
        at = self._clock()
        pill = pill_of(connection, at=at)
        buttons, more = actions_of(connection)
        if self._user is None:
            self._user = self._broker.status().user
        return {
            "key": connection.full_name,
            "link_name": connection.link_name,
            "name": connection.name,
            "monogram": monogram(connection.service_name),
            "hue": hue(connection.service),
            "whose": whose(connection, user=self._user),
            "used": used(connection, at=at),
            "scopes": scopes_line(connection),
            "pill": {"label": pill.label, "icon": pill.icon, "tone": pill.tone},
            "why": connection.status_reason,
            "buttons": buttons,
            "more": more,
        }

    # --- actions ----------------------------------------------------------------------

    def _act(self, action: str, name: str) -> None:
        if action == "test":
            self._background(lambda: self._answer_in_row(name, self._test))
        elif action == "enable":
            self._answer_in_row(name, self._enable)
        elif action == "code":
            self._answer_in_row(name, self._show_code)
        else:
            self._on_action(action, self._broker.connection(name))

    def _test(self, name: str) -> dict[str, Any]:
        result = self._broker.test(name)
        return _said(sentence(result.message), ok=result.ok)

    def _enable(self, name: str) -> dict[str, Any]:
        enabled = self._broker.enable(name)
        return _said(enabled.notice or "Enabled.", ok=True)

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
    return {"said": _line(text, ok=ok)}


def _line(text: str, *, ok: bool) -> dict[str, str]:
    tone, shape = ("ok", "check") if ok else ("bad", "stop")
    return {"tone": tone, "icon": shape, "text": text.strip()}


def actions_of(connection: Connection) -> tuple[list[str], list[str]]:
    """Return what is done with a connection first, and what ⋯ shows."""
    turn = "enable" if connection.status == "revoked" else "revoke"
    if connection.group == "internal":
        return ["code", turn], []
    if connection.group == "organisation":
        return _actions_of_others(connection)
    match connection.status:
        case "needs authorization" | "failed":
            first = "authorize"
        case "revoked":
            first = "enable"
        case _:
            first = "code"
    more = ["test", "edit", "code", turn, "delete"]
    return [first], [action for action in more if action != first]


def _actions_of_others(connection: Connection) -> tuple[list[str], list[str]]:
    """Return what somebody else than the owner may do."""
    if connection.status == "connected" and not connection.accepted:
        return ["accept"], ["code"]
    own = connection.use_login_user_credentials
    if own and connection.status in {"needs authorization", "failed"}:
        return ["authorize"], ["test", "code"]
    return ["code"], ["test"]


class ListScreen(Screen):
    """The Connections screen. Kept while other screens are shown in its place.

    Args:
        broker: Whom to ask.
        on_new: Opens *Pick your service*.
        on_action: Gets an action and the connection.
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
        background: Background = in_background,
        clock: Callable[[], datetime] = now,
    ) -> None:
        self._broker = broker
        self._clock = clock
        self.list = ConnectionList(
            broker,
            on_new=on_new,
            on_action=on_action,
            background=background,
            clock=clock,
        )
        self.list.add_class("conn-panel")
        self.panel = self.list

    def come_back_to(self, key: str | None, *, said: str = "") -> None:
        """Give the focus to a row when the list is shown again, None to the search."""
        self.focus = "" if key else type(self).focus
        self.list.come_back_to(key, said=said)

    def text(self) -> str:
        """Return the connections as a table of text."""
        try:
            return connections_table(self._broker, at=self._clock())
        except ConnectionsError as error:
            return " ".join(spoken(error)).strip()

    def leave(self) -> None:
        """Nothing: it will be shown again."""
