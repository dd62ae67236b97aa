"""Details: facts, code to copy, where it is used, and its history."""

from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Any

import ipywidgets

from conn_core import BrokerStatus, Connection, Event, Service
from conn_core.broker import Broker
from conn_core.errors import ConnectionsError
from conn_core.look import (
    ago,
    briefly,
    history_rows,
    is_offered,
    now,
    sentence,
    spoken,
    uses_of,
)

from . import _html
from ._code import CodePart
from ._deeds import WORDS, deeds_of
from ._facts import facts_of, offer_of
from ._fields import FoldHead
from ._list import Background, in_background
from ._stage import Screen, Stage, boxed, button, panel, row, show_only_if, way_back_to

_SHOWN = 5
_MORE = 20


class DetailsScreen(Screen):
    """All about one connection.

    Args:
        stage: Where it is shown.
        broker: Whom to ask.
        connection: The connection.
        on_action: Gets an action that another screen does, such as ``edit``.
        on_back: Goes back to the list; None where there is none.
        background: Does what may take long.
        clock: Tells the time.
    """

    focus = ".conn-head button:not(.conn-back)"

    def __init__(
        self,
        stage: Stage,
        broker: Broker,
        connection: Connection,
        *,
        on_action: Callable[[str, Connection], None],
        on_back: Callable[[], None] | None = None,
        background: Background = in_background,
        clock: Callable[[], datetime] = now,
    ) -> None:
        self._stage = stage
        self._broker = broker
        self._connection = connection
        self._service = _service_of(broker, connection)
        self._who = _status_of(broker)
        self._on_action = on_action
        self._background = background
        self._clock = clock
        self._limit = _SHOWN
        self.said = ipywidgets.HTML()
        self.facts = ipywidgets.HTML()
        self.history = ipywidgets.HTML()
        self.uses = ipywidgets.HTML()
        self.code = CodePart(connection, self._service)
        self.more = button("Show more", self.show_more, kind="small")
        self.panel = self._build(on_back)
        self._say("")
        self._fill()

    def show_more(self) -> None:
        """Show more of the history."""
        self._limit += _MORE
        self._show_history()

    def do(self, action: str) -> None:
        """Do what a button says: here, or on another screen."""
        if action == "test":
            self._say(_html.note("Testing", tone="info", shape="clock"))
            self._background(self._test)
        elif action == "enable":
            self._change(self._broker.enable, "enabled")
        elif action == "accept":
            self._change(self._broker.accept, "accepted")
        elif action == "seal":
            self._change(self._broker.seal, "sealed")
        elif action == "unseal":
            unseal = partial(self._broker.seal, sealed=False)
            self._change(unseal, "unsealed")
        else:
            self._on_action(action, self._connection)

    def text(self) -> str:
        """Return facts, code and history as text."""
        pairs = facts_of(
            self._connection, self._service, user=self._user(), at=self._clock()
        )
        width = max(len(fact.name) for fact in pairs)
        lines = [f"  {fact.name.ljust(width)}  {fact.text}" for fact in pairs]
        code = self.code.code.replace("\n", "\n  ")
        history = [
            f"  {'  '.join(line)}"
            for line in history_rows(self._events(), at=self._clock())
        ]
        name = f"{self._connection.name} ({self._connection.link_name})"
        past = ["", "  History", *history] if history else []
        return "\n".join([name, *self._offer_line(), *lines, "", f"  {code}", *past])

    def _offer_line(self) -> list[str]:
        if not is_offered(self._connection, user=self._user()):
            return []
        command = f"Run %conn accept {self._connection.full_name}"
        return [f"  {' '.join((*offer_of(self._connection), command))}"]

    # --- building ---------------------------------------------------------------------

    def _build(self, on_back: Callable[[], None] | None) -> ipywidgets.VBox:
        connection = self._connection
        mark = _html.service_mark(connection.service_name, connection.service)
        title = _html.title_line(
            connection.name, lede_code=connection.link_name, mark=mark
        )
        back = way_back_to("Connections", on_back)
        self.past = boxed(
            [ipywidgets.HTML(_html.heading("History")), self.history, self.more],
            "conn-stack",
            "conn-stack--tight",
        )
        shown, folded = self._actions()
        made = panel(
            head=[*back, ipywidgets.HTML(title)],
            beside=shown,
            body=[
                *folded,
                self.said,
                *self._offered(),
                self.facts,
                self.code.box,
                self.uses,
                self.past,
            ],
            foot=[],
        )
        made.add_class("conn-details")
        return made

    def _offered(self) -> list[ipywidgets.HTML]:
        """Return what is to be agreed to before the first use, where anything is."""
        if not is_offered(self._connection, user=self._user()):
            return []
        said, why = offer_of(self._connection)
        return [ipywidgets.HTML(_html.note(said, why, tone="todo", shape="info"))]

    def _actions(self) -> tuple[list[Any], list[Any]]:
        """Return the buttons of the head, and those that ⋯ shows below it."""
        first, more = deeds_of(
            self._connection,
            user=self._user(),
            looks_after=self._looks_after(),
            all_=True,
        )
        wanted = [a for a in (*first, *more) if a != "code"]
        shown = [self._button(action) for action in wanted[:2]]
        rest = [self._button(action) for action in wanted[2:]]
        if not rest:
            return shown, []
        strip = row(rest, "conn-inline")
        head = FoldHead(label=f"More actions for {self._connection.name}", kind="more")

        def turn(_change: Any = None) -> None:
            show_only_if(strip, wanted=head.is_open)

        head.observe(turn, "is_open")
        turn()
        return [*shown, head], [strip]

    def _button(self, action: str) -> ipywidgets.Button:
        kind = {"accept": "do", "authorize": "do", "delete": "warn"}.get(action, "")
        return button(WORDS[action], lambda: self.do(action), kind=kind)

    # --- filling ----------------------------------------------------------------------

    def _fill(self) -> None:
        at, user = self._clock(), self._user()
        pairs = facts_of(self._connection, self._service, user=user, at=at)
        self.facts.value = _html.fact_list((f.name, f.html) for f in pairs)
        rows = [
            (briefly(use.place), use.person, ago(use.last_at, at=at))
            for use in uses_of(self._broker, self._connection)
        ]
        self.uses.value = (
            _html.titled_table("Where it is used", ("Place", "Who", "Last"), rows)
            if rows
            else ""
        )
        show_only_if(self.uses, wanted=bool(rows))
        self._show_history()

    def _show_history(self) -> None:
        events = self._events(one_more=True)
        rows = history_rows(events[: self._limit], at=self._clock())
        self.history.value = _html.table(("When", "Who", "What"), rows)
        show_only_if(self.more, wanted=len(events) > self._limit)
        show_only_if(self.past, wanted=bool(rows))

    def _events(self, *, one_more: bool = False) -> tuple[Event, ...]:
        try:
            return self._broker.events(
                self._connection.full_name, limit=self._limit + one_more
            )
        except ConnectionsError:
            return ()

    def _user(self) -> str:
        return "" if self._who is None else self._who.user

    def _looks_after(self) -> bool:
        return self._who is not None and self._who.is_administrator

    # --- doing ------------------------------------------------------------------------

    def _test(self) -> None:
        try:
            result = self._broker.test(self._connection.full_name)
        except ConnectionsError as error:
            self._say(_trouble(error))
            return
        tone, shape = ("ok", "check") if result.ok else ("bad", "stop")
        self._say(_html.note(sentence(result.message), tone=tone, shape=shape))

    def _change(self, change: Callable[[str], Connection], told: str) -> None:
        try:
            changed = change(self._connection.full_name)
        except ConnectionsError as error:
            self._say(_trouble(error))
            return
        self._on_action(told, changed)

    def _say(self, markup: str) -> None:
        self.said.value = f'<div role="status">{markup}</div>' if markup else ""
        show_only_if(self.said, wanted=bool(markup))


def _trouble(error: ConnectionsError) -> str:
    return _html.note(*spoken(error), tone="bad", shape="stop")


def _status_of(broker: Broker) -> BrokerStatus | None:
    try:
        return broker.status()
    except ConnectionsError:
        return None


def _service_of(broker: Broker, connection: Connection) -> Service | None:
    try:
        return broker.service(connection.service)
    except ConnectionsError:
        return None  # what is known without it is shown
