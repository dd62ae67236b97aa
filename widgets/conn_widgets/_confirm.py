"""Confirm: what stops working, and two buttons. Cancel has the focus."""

from collections.abc import Callable
from datetime import datetime
from typing import Literal

import ipywidgets

from conn_core import Connection
from conn_core.broker import Broker
from conn_core.errors import ConnectionsError
from conn_core.look import now

from . import _html
from ._deed_screen import DeedScreen
from ._fields import CheckField
from ._stage import Stage, button, panel

Deed = Literal["revoke", "delete"]


class ConfirmScreen(DeedScreen[str]):
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
        super().__init__(stage, broker, connection, on_done)
        self._action = action
        self._lines = self._what_stops(at=clock())
        self._can_end = _can_be_ended(broker, connection)
        self.at_provider = self._provider_field()
        do = "Revoke" if action == "revoke" else "Yes, delete"
        self.panel = panel(
            head=[ipywidgets.HTML(_html.title_line(self._title(), lede=self._lede()))],
            body=[
                self.problem,
                ipywidgets.HTML(_html.stops(self._lines)),
                *([self.at_provider] if self._can_end else []),
            ],
            foot=[
                button("Cancel", on_cancel, kind="stay"),
                button(do, self.submit, kind="danger"),
            ],
        )

    def submit(self) -> None:
        """Do it."""
        name, ticked = self._connection.full_name, self.at_provider.value
        try:
            if self._action == "revoke":
                done = self._broker.revoke(name, at_provider=ticked)
            else:
                done = self._broker.delete(name, keep_grant=ticked)
        except ConnectionsError as error:
            self._refuse(error)
            return
        self._on_done(f"{self._told(name)} {done.notice}".strip())

    def text(self) -> str:
        """Say what stops working, and how to do it without widgets."""
        lines = "".join(f"\n  - {strong}{rest}" for strong, rest in self._lines)
        return (
            f"{self._title()} {self._lede()}\n  What stops working:{lines}\n"
            f"  %conn {self._action} {self._connection.link_name} -y does it"
        )

    def _told(self, name: str) -> str:
        if self._action == "revoke":
            return f"Revoked. %conn enable {name} undoes it."
        return f"‘{self._connection.name}’ is deleted."

    def _provider_field(self) -> CheckField:
        name = self._connection.service_name
        if self._action == "revoke":
            return CheckField(
                label=f"Also end the authorization at {name}",
                help="Enabling it later then needs a new authorization.",
            )
        return CheckField(
            label=f"Keep the authorization at {name}",
            help="For when another tool uses the same authorization.",
        )

    def _title(self) -> str:
        return f"{self._action.capitalize()} {self._connection.name}?"

    def _lede(self) -> str:
        name = self._connection.service_name
        if self._action == "revoke":
            return (
                "It stops working at once, in every notebook and job. "
                "You can enable it again."
            )
        if self._can_end:
            return (
                "This cannot be undone. The credentials are destroyed and the "
                f"authorization at {name} ends."
            )
        return (
            f"This cannot be undone. The credentials are destroyed here; {name} is not "
            "told."
        )


def _can_be_ended(broker: Broker, connection: Connection) -> bool:
    """Tell whether the provider can be told from here that a grant is over."""
    try:
        return broker.service(connection.service).revocation_endpoint is not None
    except ConnectionsError:
        return False
