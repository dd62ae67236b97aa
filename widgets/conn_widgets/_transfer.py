"""Give away: somebody else becomes the owner, and authorizes it anew."""

from collections.abc import Callable
from datetime import datetime

import ipywidgets

from conn_core import Connection
from conn_core.broker import Broker
from conn_core.errors import ConnectionsError
from conn_core.look import now, sentence

from . import _html
from ._deed_screen import DeedScreen
from ._fields import Field
from ._stage import Stage, button, panel


class TransferScreen(DeedScreen[str]):
    """Asks to whom, and says what ends, before anything does.

    Args:
        stage: Where it is shown.
        broker: Who does it.
        connection: What is given away.
        on_done: Called when it was done, with what to say about it.
        on_cancel: Called when nothing was done.
        clock: Tells the time.
    """

    focus = ".conn-body input"

    def __init__(
        self,
        stage: Stage,
        broker: Broker,
        connection: Connection,
        *,
        on_done: Callable[[str], None],
        on_cancel: Callable[[], None],
        clock: Callable[[], datetime] = now,
    ) -> None:
        super().__init__(stage, broker, connection, on_done)
        self.to = Field(
            label="Who becomes its owner",
            help="Their user name. Only they can give it back.",
            placeholder="grace",
        )
        self.panel = panel(
            head=[ipywidgets.HTML(_html.title_line(self._title(), lede=self._lede()))],
            body=[self.problem, self.to, *self._told_what_stops(at=clock())],
            foot=[
                button("Cancel", on_cancel, kind="cancel"),
                button("Give away", self.submit, kind="danger"),
            ],
        )

    def submit(self) -> None:
        """Give it to whom was named."""
        to = self.to.value.strip()
        self.problem.clear()
        self.to.error = "" if to else "Is needed."
        if not to:
            self._stage.focus_on_error()
            return
        try:
            given = self._broker.transfer(self._connection.full_name, to)
        except ConnectionsError as error:
            self._refuse(error)
            return
        told = f"‘{given.name}’ belongs to {to} now. {given.notice}".strip()
        self._on_done(told)

    def text(self) -> str:
        """Say what ends, and how to do it without widgets."""
        name = self._connection.full_name
        return (
            f"{self._title()} {self._lede()}\n"
            f"  %conn transfer {name} --to PERSON does it"
        )

    def _title(self) -> str:
        return f"Give {self._connection.name} away?"

    def _lede(self) -> str:
        """Return what ``%conn transfer`` asks with."""
        if self._connection.use_login_user_credentials:
            return "Each person keeps their own authorization."
        return (
            f"The authorization at {self._connection.service_name} ends, and nobody can "
            "use it until its new owner has authorized it."
        )

    def _told_what_stops(self, *, at: datetime) -> list[ipywidgets.HTML]:
        if self._connection.use_login_user_credentials:
            return []
        lines = self._what_stops(at=at)
        return [ipywidgets.HTML(_html.stops(lines, until="it is authorized"))]

    def _refuse(self, error: ConnectionsError) -> None:
        if "to" not in error.fields:
            super()._refuse(error)
            return
        self.to.error = sentence(error.fields["to"])
        self._stage.focus_on_error()
