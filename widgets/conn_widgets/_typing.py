"""The screen that asks for a key or a client registration before anything can begin."""

from collections.abc import Callable

from conn_core import Authorization, Connection, Service
from conn_core.errors import ConnectionsError

from ._credentials import (
    CredentialFields,
    Typed,
    asks_for,
    hand_over_all,
    nobody_consents,
    put_beside,
    refuse_if_wrong,
)
from ._fields import Field, SecretField
from ._journey import Journey
from ._outcome import authorize_title
from ._problem import Problem
from ._registration import RegistrationFields
from ._stage import Screen, button, panel, show_only_if


def is_asked(service: Service) -> bool:
    """Tell whether something has to be typed before an authorization can begin."""
    return bool(asks_for(service)) or RegistrationFields.is_missing(service)


class CredentialsScreen(Screen):
    """Asks for what a service wants typed: the first time, or another one later.

    The client registration is asked for too where the organisation has none yet.

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
        self.problem = Problem()
        self.credentials = CredentialFields(service)
        self.registration = RegistrationFields(service)
        self._is_registered = not RegistrationFields.is_missing(service)
        does = "Connect" if nobody_consents(service) else "Continue"
        self.submit_button = button(does, self.submit, kind="primary")
        self.panel = panel(
            head=[authorize_title(connection, lede=self._lede())],
            body=[
                self.problem,
                *([] if self._is_registered else [self.registration.box]),
                *([self.credentials.box] if self.credentials.fields else []),
            ],
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

    def submit(self) -> None:
        """Check what was typed, ask the browser for the secrets, and begin."""
        for field in self._fields().values():
            field.error = ""
        self.problem.clear()
        try:
            missing = {} if self._is_registered else self.registration.wrong()
            refuse_if_wrong(missing | self.credentials.wrong())
        except ConnectionsError as error:
            self._refuse(error)
            return
        self.submit_button.disabled = True
        client = {} if self._is_registered else self.registration.secrets
        hand_over_all(client | self.credentials.secrets, self._begin)

    def text(self) -> str:
        """Say how to do the same without widgets."""
        name = self._connection.link_name
        return (
            f"Authorize {self._service.name}\n"
            f"  It asks for: {', '.join(f.label for f in self._fields().values())}\n"
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

    def _fields(self) -> dict[str, Field | SecretField]:
        client = {} if self._is_registered else self.registration.fields
        return client | self.credentials.fields

    def _register(self, secrets: Typed) -> None:
        """Keep the registration, once: a refusal later does not ask for it again."""
        if self._is_registered:
            return
        draft = self.registration.draft(secrets.get("client_secret"))
        self._journey.broker.register_client(self._service.id, draft)
        self._is_registered = True
        show_only_if(self.registration.box, wanted=False)

    def _begin(self, secrets: Typed) -> None:
        try:
            self._register(secrets)
            authorization = self._ask(self.credentials.typed(secrets))
        except ConnectionsError as error:
            self._refuse(error)
            return
        finally:
            self.submit_button.disabled = False
        self._on_begun(authorization)

    def _refuse(self, error: ConnectionsError) -> None:
        if not put_beside(self._fields(), error.fields):
            self.problem.refuse(error)
        self._journey.stage.focus_on_error()
