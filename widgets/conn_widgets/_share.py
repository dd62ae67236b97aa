"""Share: who else may use a connection, and how far that goes."""

from collections.abc import Callable

import ipywidgets

from conn_core import BrokerStatus, Connection, audience, typed_principals
from conn_core.broker import Broker
from conn_core.errors import ConnectionsError
from conn_core.look import sentence

from . import _html
from ._deed_screen import DeedScreen
from ._sharing import SharingField
from ._stage import Stage, button, panel, way_back_to


class ShareScreen(DeedScreen[Connection]):
    """The form that says anew who may use a connection beside its owner.

    Args:
        stage: Where it is shown.
        broker: Who changes it.
        connection: What is shared; one's own.
        on_done: Gets the connection as it is now.
        on_cancel: Called when nothing was changed.
        way_back: Words for the link back; empty where there is none.
    """

    focus = "[role=radio][aria-checked=true]"

    def __init__(
        self,
        stage: Stage,
        broker: Broker,
        connection: Connection,
        *,
        on_done: Callable[[Connection], None],
        on_cancel: Callable[[], None],
        way_back: str = "",
    ) -> None:
        super().__init__(stage, broker, connection, on_done)
        self.sharing = SharingField(
            with_everybody=_may_be_everybodys(broker.status(), connection),
            begins_with=connection.shared_with,
        )
        self.sharing.say_whose(_whose(connection))
        back = way_back_to(way_back, on_cancel)
        self.panel = panel(
            head=[*back, self._title()],
            body=[self.problem, *self.sharing.widgets, *self._how_far()],
            foot=[
                button("Cancel", on_cancel, kind="cancel"),
                button("Share", self.submit, kind="primary"),
            ],
        )

    def submit(self) -> None:
        """Share it with whom was named, and nobody else."""
        self.sharing.choice.error = self.sharing.names.error = ""
        self.problem.clear()
        missing = self.sharing.wrong()
        if missing:
            self._say_beside(missing["shared_with"])
            return
        try:
            shared = self._broker.share(
                self._connection.full_name, self.sharing.principals()
            )
        except ConnectionsError as error:
            self._refuse(error)
            return
        self._on_done(shared)

    def text(self) -> str:
        """Say how to do the same without widgets."""
        name, now = self._connection.link_name, self._connection.shared_with
        return (
            f"Share {self._connection.name}\n"
            f"  Now with: {typed_principals(now) or 'nobody'}\n"
            "  This form needs a notebook. Without one:\n"
            f'  %conn share {name} --with "grace,group:Data team"'
        )

    def _title(self) -> ipywidgets.HTML:
        connection = self._connection
        mark = _html.service_mark(connection.service_name, connection.service)
        own = connection.use_login_user_credentials
        how = "with credentials of their own" if own else "in your name"
        lede = f"Others use it {how}."
        return ipywidgets.HTML(
            _html.title_line(f"Share {connection.name}", lede=lede, mark=mark)
        )

    def _how_far(self) -> list[ipywidgets.HTML]:
        """Say where requests go before somebody else sends any."""
        connection = self._connection
        if connection.use_login_user_credentials:
            return []
        hosts = " and ".join(connection.api_hosts) or connection.service_name
        scopes = ", ".join(connection.scopes)
        rest = f", with the scopes {scopes}" if scopes else ""
        return [ipywidgets.HTML(_html.paragraph(f"Requests go to {hosts}{rest}."))]

    def _refuse(self, error: ConnectionsError) -> None:
        """Say it beside the names where it is about these, else above."""
        beside = [t for f, t in error.fields.items() if f.startswith("shared_with")]
        if beside and self.sharing.is_named:
            self._say_beside(beside[0])
            return
        super()._refuse(error)

    def _say_beside(self, problem: str) -> None:
        self.sharing.names.error = sentence(problem)
        self._stage.focus_on_error()


def told_of(shared: Connection) -> str:
    """Say who may use a connection now, and what its owner should know."""
    if not shared.shared_with:
        return f"Only you can use ‘{shared.name}’ now."
    said = audience(shared.shared_with, owner="you")
    return f"‘{shared.name}’ can be used by {said}. {shared.notice}".strip()


def _may_be_everybodys(status: BrokerStatus, connection: Connection) -> bool:
    """What is everybody's already is shown so, whoever may make it so."""
    return status.shares_with_everybody or "*" in connection.shared_with


def _whose(connection: Connection) -> str:
    own = connection.use_login_user_credentials
    return "with credentials of their own" if own else "as you"
