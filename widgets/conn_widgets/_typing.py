"""The screen that asks for a key: the first one, or another one later."""

from collections.abc import Callable

import ipywidgets

from conn_core import Authorization, Connection, Service
from conn_core.errors import ConnectionsError

from . import _html
from ._credentials import (
    CredentialFields,
    Typed,
    hand_over_all,
    nobody_consents,
    put_beside,
    refuse_if_wrong,
)
from ._journey import Journey
from ._outcome import authorize_title
from ._stage import Screen, button, panel, show_only_if
from ._words import spoken


class CredentialsScreen(Screen):
    """Asks for what a service wants typed: the first time, or another one later.

    Args:
        journey: Where it is shown, whom to ask, where it leads.
        connection: What it is for.
        service: Who wants it, the connection's blanks filled.
        ask: Begins with what was typed.
        on_begun: Gets what has begun.
    """

    def __init__(
        self,
        journey: Journey,
        connection: Connection,
        service: Service,
        *,
        ask: Callable[[Typed | None], Authorization],
        on_begun: Callable[[Authorization], None],
    ) -> None:
        self._journey = journey
        self._connection = connection
        self._service = service
        self._ask = ask
        self._on_begun = on_begun
        self.problem = ipywidgets.HTML()
        self.credentials = CredentialFields(service)
        does = "Connect" if nobody_consents(service) else "Continue"
        self.submit_button = button(does, self.submit, kind="primary")
        self.panel = panel(
            head=[authorize_title(connection, lede=self._lede())],
            body=[self.problem, self.credentials.box],
            foot=[
                button(
                    "Cancel",
                    lambda: journey.give_up(connection.link_name),
                    kind="cancel",
                ),
                self.submit_button,
            ],
            hint="You can close this form. "
            f"%conn authorize {connection.link_name} opens it again.",
        )
        self._say("")

    def submit(self) -> None:
        """Check what was typed, ask the browser for the secrets, and begin."""
        for field in self.credentials.fields.values():
            field.error = ""
        self._say("")
        try:
            refuse_if_wrong(self.credentials.wrong())
        except ConnectionsError as error:
            self._refuse(error)
            return
        self.submit_button.disabled = True
        hand_over_all(self.credentials.secrets, self._begin)

    def text(self) -> str:
        """Say how to do the same without widgets."""
        name = self._connection.link_name
        return (
            f"Authorize {self._service.name}\n"
            f"  It asks for: {self.credentials.labels}\n"
            "  This form needs a notebook. Without one, in a terminal:\n"
            f"  %conn authorize {name}"
        )

    def _lede(self) -> str:
        name = self._service.name
        then = (
            "No page opens."
            if nobody_consents(self._service)
            else f"You authorize at {name} in the next step."
        )
        return f"{self._journey.step} {name} asks for this. {then}".strip()

    def _begin(self, secrets: Typed) -> None:
        try:
            authorization = self._ask(self.credentials.typed(secrets))
        except ConnectionsError as error:
            self._refuse(error)
            return
        finally:
            self.submit_button.disabled = False
        self._on_begun(authorization)

    def _refuse(self, error: ConnectionsError) -> None:
        if not put_beside(self.credentials.fields, error):
            what, then = spoken(error)
            self._say(_html.note(what, then, tone="bad", shape="stop", alert=True))
        self._journey.stage.focus_on_error()

    def _say(self, markup: str) -> None:
        self.problem.value = markup
        show_only_if(self.problem, wanted=bool(markup))
