"""Edit: name and scopes; the rest is shown with a lock."""

from collections.abc import Callable
from typing import Any

import ipywidgets

from conn_core import Connection, ConnectionEdit, Service, read_draft
from conn_core.broker import Broker
from conn_core.errors import ConnectionsError

from . import _html
from ._credentials import put_beside
from ._deed_screen import DeedScreen
from ._fields import Field
from ._scopes import display_name, scope_picker
from ._stage import Stage, button, panel, show_only_if, way_back_to


class EditScreen(DeedScreen[Connection]):
    """The form that changes a connection.

    Args:
        stage: Where it is shown.
        broker: Who changes it.
        connection: As it was read; another one's change since then is not overwritten.
        service: What the connection is to.
        on_done: Gets the connection as it is now.
        on_cancel: Called when it is given up.
        way_back: Words for the link back; empty where there is none.
    """

    def __init__(
        self,
        stage: Stage,
        broker: Broker,
        connection: Connection,
        service: Service,
        *,
        on_done: Callable[[Connection], None],
        on_cancel: Callable[[], None],
        way_back: str = "",
    ) -> None:
        super().__init__(stage, broker, connection, on_done)
        self._service = service
        self.name = Field(
            label="Connection name",
            value=connection.name,
            help=f"Code keeps using `{connection.link_name}`.",
        )
        self.scopes = scope_picker(service, chosen=connection.scopes)
        self.consent = ipywidgets.HTML()
        self.scopes.observe(self._show_consent, "value")
        self._show_consent()
        back = way_back_to(way_back, on_cancel)
        self.panel = panel(
            head=[*back, self._title()],
            body=[
                self.problem,
                self.name,
                *([self.scopes] if self.scopes.scopes else []),
                *self._not_granted(),
                self.consent,
                ipywidgets.HTML(_html.locked(self._fixed())),
            ],
            foot=[
                button("Cancel", on_cancel, kind="cancel"),
                button("Update", self.submit, kind="primary"),
            ],
        )

    def submit(self) -> None:
        """Check what was typed and change the connection."""
        self._clear_errors()
        try:
            change = read_draft(
                ConnectionEdit, {"name": self.name.value, "scopes": self.scopes.value}
            )
            changed = self._broker.edit(
                self._connection.link_name, change, version=self._connection.version
            )
        except ConnectionsError as error:
            self._refuse(error)
            return
        self._on_done(changed)

    def text(self) -> str:
        """Say how to do the same without widgets."""
        name = self._connection.link_name
        return (
            f"Edit {self._connection.name}\n"
            "  This form needs a notebook. Without one:\n"
            f"  %conn edit {name} --name NEW --scopes {','.join(self.scopes.value)}"
        )

    def _title(self) -> ipywidgets.HTML:
        mark = _html.service_mark(self._service.name, self._service.id)
        title = f"Edit {self._connection.name}"
        return ipywidgets.HTML(_html.title_line(title, mark=mark))

    def _fixed(self) -> list[tuple[str, str, bool]]:
        connection = self._connection
        own = (
            "Yes, each person uses their own"
            if connection.use_login_user_credentials
            else f"No, everybody uses {connection.owner}’s"
        )
        shown = [
            ("Link name", connection.link_name, True),
            ("Service", connection.service_name, False),
        ]
        shown += [(name, value, True) for name, value in connection.parameters.items()]
        return [*shown, ("Credentials of login user", own, False)]

    def _not_granted(self) -> list[ipywidgets.HTML]:
        """Say which scopes were asked for in vain, where the service has answered."""
        granted = self._connection.granted_scopes
        missing = [s for s in self._connection.scopes if s not in granted]
        if not granted or not missing:
            return []
        names = ", ".join(display_name(self._service, scope) for scope in missing)
        asked = len(self._connection.scopes)
        said = f"{self._service.name} granted {asked - len(missing)} of {asked} scopes."
        rest = f"Not granted: {names}. Calls that need more will say so."
        return [ipywidgets.HTML(_html.note(said, rest, tone="soon", shape="warn"))]

    def _show_consent(self, _change: Any = None) -> None:
        added = [s for s in self.scopes.value if s not in self._connection.scopes]
        show_only_if(self.consent, wanted=bool(added))
        if not added:
            return
        names = ", ".join(display_name(self._service, scope) for scope in added)
        verb, it = ("is", "it") if len(added) == 1 else ("are", "them")
        self.consent.value = _html.note(
            f"{names} {verb} new.",
            f"After Update, the connection needs authorization until you allow {it} at "
            f"{self._service.name}.",
            tone="soon",
            shape="key",
        )

    def _clear_errors(self) -> None:
        self.name.error = self.scopes.error = ""
        self.problem.clear()

    def _refuse(self, error: ConnectionsError) -> None:
        if not put_beside({"name": self.name, "scopes": self.scopes}, error.fields):
            self.problem.refuse(error)
        self._stage.focus_on_error()
