"""Confirm: what stops working, and two buttons. Cancel has the focus."""

from collections.abc import Callable
from datetime import datetime
from typing import Literal

import ipywidgets

from conn_core import Connection
from conn_core.broker import Broker
from conn_core.errors import ConnectionsError

from . import _html
from ._stage import Screen, Stage, button, panel, show_only_if
from ._words import ago, now, spoken

Deed = Literal["revoke", "delete"]
_MOST_LINES = 5
_HISTORY = 100


class ConfirmScreen(Screen):
    """Asks once before something stops working.

    Args:
        stage: Where it is shown.
        broker: Who does it.
        connection: To what.
        action: ``revoke`` or ``delete``.
        on_done: Called when it was done, with what to say about it.
        on_cancel: Called when nothing was done.
        clock: Tells the time.
    """

    focus = ".conn-cancel"

    def __init__(
        self,
        stage: Stage,
        broker: Broker,
        connection: Connection,
        action: Deed,
        *,
        on_done: Callable[[str], None],
        on_cancel: Callable[[], None],
        clock: Callable[[], datetime] = now,
    ) -> None:
        self._stage = stage
        self._broker = broker
        self._connection = connection
        self._action = action
        self._on_done = on_done
        self._lines = what_stops(broker, connection, at=clock())
        self.problem = ipywidgets.HTML()
        show_only_if(self.problem, wanted=False)
        do = "Revoke" if action == "revoke" else "Yes, delete"
        self.panel = panel(
            head=[ipywidgets.HTML(_html.title_line(self._title(), lede=self._lede()))],
            body=[self.problem, ipywidgets.HTML(_html.stops(self._lines))],
            foot=[
                button("Cancel", on_cancel, kind="stay"),
                button(do, self.submit, kind="danger"),
            ],
        )

    def submit(self) -> None:
        """Do it."""
        name = self._connection.link_name
        try:
            if self._action == "revoke":
                self._broker.revoke(name)
            else:
                self._broker.delete(name)
        except ConnectionsError as error:
            what, then = spoken(error)
            self.problem.value = _html.note(
                what, then, tone="bad", shape="stop", alert=True
            )
            show_only_if(self.problem, wanted=True)
            self._stage.focus_on_error()
            return
        self._on_done(
            f"Revoked. %conn enable {name} undoes it."
            if self._action == "revoke"
            else f"‘{self._connection.name}’ is deleted."
        )

    def text(self) -> str:
        """Say what stops working, and how to do it without widgets."""
        lines = "".join(f"\n  - {strong}{rest}" for strong, rest in self._lines)
        return (
            f"{self._title()} {self._lede()}\n  What stops working:{lines}\n"
            f"  %conn {self._action} {self._connection.link_name} -y does it"
        )

    def _title(self) -> str:
        return f"{self._action.capitalize()} {self._connection.name}?"

    def _lede(self) -> str:
        if self._action == "revoke":
            return (
                "It stops working at once, in every notebook and job. "
                "You can enable it again."
            )
        return (
            "This cannot be undone. The credentials are destroyed and the authorization "
            f"at {self._connection.service_name} ends, where it can be ended from here."
        )


def what_stops(
    broker: Broker, connection: Connection, *, at: datetime
) -> list[tuple[str, str]]:
    """Say who will miss a connection; at most five lines.

    Returns:
        A name to stress, and the rest of the line.
    """
    used = connection.last_used_at
    last = "never used so far" if used is None else f"last used {ago(used, at=at)}"
    code = f"%%connection {connection.link_name}"
    lines = [(code, f" in every notebook and job, {last}")]
    lines += _other_people(broker, connection, at)
    if len(lines) <= _MOST_LINES:
        return lines
    rest = len(lines) - _MOST_LINES + 1
    return [*lines[: _MOST_LINES - 1], (f"{rest} more people", "")]


def _other_people(
    broker: Broker, connection: Connection, at: datetime
) -> list[tuple[str, str]]:
    try:
        me = broker.status().user
        events = broker.events(connection.link_name, limit=_HISTORY)
    except ConnectionsError:
        return []  # the question can be asked without it
    latest: dict[str, datetime] = {}
    for event in events:
        if event.actor != me:
            latest.setdefault(event.actor, event.at)
    return [
        (who, f", who last used or changed it {ago(when, at=at)}")
        for who, when in latest.items()
    ]
