"""The Connections screen and the screens that it leads to."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

from conn_core import Connection
from conn_core.broker import Broker
from conn_core.look import now

from ._begin import start_authorization
from ._confirm import ConfirmScreen
from ._details import DetailsScreen
from ._edit import EditScreen
from ._job import JobReadiness, end_of
from ._journey import Journey
from ._list import ListScreen
from ._new import NewConnection
from ._share import ShareScreen, told_of
from ._stage import Stage
from ._transfer import TransferScreen


class Panel:
    """The list, and from it a way to everything that is done with a connection.

    Args:
        broker: Whom to ask.
        clock: Tells the time.
        first: The connection to begin with; None begins with the list.

    Attributes:
        stage: What is shown.
    """

    def __init__(
        self,
        broker: Broker,
        *,
        clock: Callable[[], datetime] = now,
        first: Connection | None = None,
    ) -> None:
        self._broker = broker
        self._clock = clock
        self.stage = Stage()
        self._list = ListScreen(
            broker,
            on_new=self._new,
            on_action=self._act,
            on_check=self._check,
            clock=clock,
        )
        self.stage.begin(self._list if first is None else self._details_of(first))

    def _home(self, key: str | None, *, said: str = "") -> None:
        self._list.come_back_to(key, said=said)
        self.stage.show(self._list)

    def _new(self) -> None:
        NewConnection(self.stage, self._broker, home=self._home).pick()

    def _act(self, action: str, connection: Connection) -> None:
        key = connection.full_name
        match action:
            case "details" | "accept":  # what is agreed to is read there
                self.stage.show(self._details_of(connection))
            case "authorize":
                journey = Journey(
                    stage=self.stage,
                    broker=self._broker,
                    on_done=lambda _: self._home(key),
                    on_close=lambda: self._home(key),
                )
                start_authorization(journey, connection)
            case "edit":
                self._edit(connection)
            case "share":
                self._share(connection)
            case "transfer":
                self._transfer(connection)
            case "revoke" | "delete":
                self._confirm(connection, action)
            case told:
                self._home(key, said=_said(told, connection))

    def _details_of(self, connection: Connection) -> DetailsScreen:
        key = connection.full_name
        return DetailsScreen(
            self.stage,
            self._broker,
            connection,
            on_action=self._act,
            on_back=lambda: self._home(key),
            clock=self._clock,
        )

    def _edit(self, connection: Connection) -> None:
        key = connection.full_name
        self.stage.show(
            EditScreen(
                self.stage,
                self._broker,
                connection,
                self._broker.service(connection.service),
                on_done=lambda changed: self._updated(connection, changed),
                on_cancel=lambda: self._home(key),
                way_back="Connections",
            )
        )

    def _updated(self, before: Connection, changed: Connection) -> None:
        """Go on to the consent where scopes were added, else back."""
        if changed.status == "needs authorization" != before.status:
            self._act("authorize", changed)
        else:
            self._home(changed.full_name, said=f"‘{changed.name}’ is updated.")

    def _share(self, connection: Connection) -> None:
        key = connection.full_name
        self.stage.show(
            ShareScreen(
                self.stage,
                self._broker,
                connection,
                on_done=lambda shared: self._home(key, said=told_of(shared)),
                on_cancel=lambda: self._home(key),
                way_back="Connections",
            )
        )

    def _transfer(self, connection: Connection) -> None:
        self.stage.show(
            TransferScreen(
                self.stage,
                self._broker,
                connection,
                on_done=lambda said: self._home(None, said=said),
                on_cancel=lambda: self._home(connection.full_name),
                clock=self._clock,
            )
        )

    def _check(self, notebook: str, until: str) -> None:
        JobReadiness(
            self._broker,
            Path(notebook),
            until=end_of(until),
            clock=self._clock,
            stage=self.stage,
            home=lambda said: self._home(None, said=said),
        )

    def _confirm(self, connection: Connection, action: Any) -> None:
        key = connection.full_name
        gone = action == "delete"
        self.stage.show(
            ConfirmScreen(
                self.stage,
                self._broker,
                connection,
                action,
                on_done=lambda said: self._home(None if gone else key, said=said),
                on_cancel=lambda: self._home(key),
                clock=self._clock,
            )
        )


def _said(told: str, connection: Connection) -> str:
    """Say what was done on the page of the details."""
    name = f"‘{connection.name}’"
    match told:
        case "enabled":
            return connection.notice or f"{name} is enabled."
        case "accepted":
            return f"You can use {name} now."
        case "sealed":
            return f"{name} is sealed: its token stays with the broker."
    return f"{name} is not sealed: your kernels are lent its token."
