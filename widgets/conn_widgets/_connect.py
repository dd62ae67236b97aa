"""Connect to …: name, parameters, and scopes or what proves who one is."""

from collections.abc import Callable, Mapping
from typing import Any

import ipywidgets
from pydantic import SecretStr

from conn_core import (
    Connection,
    ConnectionDraft,
    Service,
    link_name_from,
    read_draft,
)
from conn_core.broker import Broker
from conn_core.errors import ConnectionsError
from conn_core.look import addresses_apart, next_step

from . import _html
from ._census import free_name, taken_by
from ._credentials import (
    CredentialFields,
    Typed,
    asks_for,
    hand_over_all,
    nobody_consents,
    put_beside,
    refuse_if_wrong,
)
from ._fields import CheckField, Field, SecretField
from ._parameters import ParameterFields
from ._problem import Problem
from ._registration import RegistrationFields
from ._scopes import scope_picker
from ._sharing import SharingField
from ._stage import Screen, Stage, button, close_all, panel, show_only_if, way_back_to

_STEP = "Step 2 of 3."


class ConnectScreen(Screen):
    """The form that creates a connection.

    Args:
        stage: Where it is shown.
        broker: Who creates it.
        service: To what.
        name: The name to begin with.
        on_created: Gets the new connection.
        on_cancel: Called when it is given up.
        on_back: Goes back to the services; None where there is no way back.
    """

    def __init__(
        self,
        stage: Stage,
        broker: Broker,
        service: Service,
        *,
        name: str | None = None,
        on_created: Callable[[Connection], None],
        on_cancel: Callable[[], None],
        on_back: Callable[[], None] | None = None,
    ) -> None:
        self._stage = stage
        self._broker = broker
        self._service = service
        self._on_created = on_created
        self.problem = Problem()
        self.name = Field(
            label="Connection name", value=name or free_name(broker, service.name)
        )
        self.name.observe(self._show_link_name, "value")
        self._show_link_name()
        self.parameters = ParameterFields(service)
        self.scopes = scope_picker(service)
        self.credentials = CredentialFields(service)
        self.registration = RegistrationFields(
            service, automatic=self._register_automatically
        )
        show_only_if(self.registration.box, wanted=self._needs_registration())
        self.login_user = CheckField(
            label="Use credentials of login user",
            help=_login_user_help(service),
            value=service.use_login_user_credentials and not self._client_alone,
        )
        self.sharing = SharingField(
            with_everybody=broker.status().shares_with_everybody
        )
        self.login_user.observe(self._show_sharing, "value")
        self._show_sharing()
        self.sealed = CheckField(
            label="Keep the token with the broker (sealed)",
            help="Requests go through it, and no token reaches a notebook. Libraries that "
            "need the token itself cannot be used.",
        )
        self.submit_button = button("Create and connect", self.submit, kind="primary")
        self.panel = self._build(on_cancel, on_back)
        self._clear_errors()

    def submit(self) -> None:
        """Check what was typed, ask the browser for secrets, register and create."""
        self._clear_errors()
        try:
            draft = self._checked_draft()
        except ConnectionsError as error:
            self._refuse(error)
            return
        self.submit_button.disabled = True
        hand_over_all(self._secrets(), lambda secrets: self._create(draft, secrets))

    def text(self) -> str:
        """Say how to do the same without widgets."""
        scopes = ",".join(self.scopes.value) if self._has_scopes else ""
        return (
            f"Connect to {self._service.name}\n"
            "  This form needs a notebook. Without one:\n"
            f"  %conn new {self._service.id} --name '{self.name.value}'"
            + (f" --scopes {scopes}" if scopes else "")
            + (
                f"\n  It asks for: {self.credentials.labels}"
                if self._has_credentials
                else ""
            )
        )

    def leave(self) -> None:
        """Let go of the parts that this service does not show, too."""
        super().leave()
        parts = (self.scopes, self.registration, self.credentials, self.login_user)
        for part in parts:
            close_all(getattr(part, "box", part))

    # --- building ---------------------------------------------------------------------

    @property
    def _has_credentials(self) -> bool:
        """Typed here; where a page opens too, they are asked for on the way to it."""
        return bool(asks_for(self._service)) and nobody_consents(self._service)

    @property
    def _client_alone(self) -> bool:
        service = self._service
        is_oauth2 = service.auth_type == "oauth2"
        return is_oauth2 and service.grant_type == "client_credentials"

    @property
    def _has_scopes(self) -> bool:
        is_oauth2 = self._service.auth_type == "oauth2"
        return bool(self._service.scopes) and is_oauth2

    def _build(
        self, on_cancel: Callable[[], None], on_back: Callable[[], None] | None
    ) -> ipywidgets.VBox:
        service = self._service
        mark = _html.service_mark(service.name, service.id)
        lede = f"{_STEP} {next_step(service)}"
        title = ipywidgets.HTML(
            _html.title_line(f"Connect to {service.name}", lede=lede, mark=mark)
        )
        back = way_back_to("Pick another service", on_back)
        return panel(
            head=[*back, title],
            body=[
                self.problem,
                *_where_codes_go(service),
                self.name,
                *self.parameters.widgets,
                *([self.scopes] if self._has_scopes else []),
                *([self.registration.box] if self._needs_registration() else []),
                *([self.credentials.box] if self._has_credentials else []),
                *self.sharing.widgets,
                *([] if self._client_alone else [self.login_user]),
                self.sealed,
            ],
            foot=[button("Cancel", on_cancel, kind="cancel"), self.submit_button],
        )

    def _needs_registration(self) -> bool:
        return RegistrationFields.is_missing(self._service)

    def _show_link_name(self, _change: Any = None) -> None:
        link_name = link_name_from(self.name.value)
        self.name.help = (
            f"Used in code as `{link_name}`. This link name never changes, even if you "
            "rename the connection."
            if link_name
            else "Use at least one letter a-z: what code writes is made from the name."
        )

    def _show_sharing(self, _change: Any = None) -> None:
        whose = "with credentials of their own" if self.login_user.value else "as you"
        self.sharing.say_whose(whose)

    def _register_automatically(self) -> None:
        registered = self.registration.register_automatically(self._broker)
        if registered is None:
            self._stage.focus_on_error()
            return
        self._registered(registered)
        what = f"{registered.name} has registered a client for everybody here."
        self.problem.say(_html.note(what, tone="ok", shape="check"))

    # --- submitting -------------------------------------------------------------------

    def _checked_draft(self) -> ConnectionDraft:
        """Return what to create; what is wrong is said before a secret is sent.

        Raises:
            ConnectionsError: If something is wrong with a field.
        """
        wrong = self.parameters.wrong()
        if not self.name.value.strip():
            wrong["name"] = "must not be empty"
        wrong |= self._name_taken() | self.sharing.wrong()
        if self._has_credentials:
            wrong |= self.credentials.wrong()
        refuse_if_wrong(wrong)
        draft = read_draft(
            ConnectionDraft,
            {
                "service": self._service.id,
                "name": self.name.value,
                "scopes": self.scopes.value if self._has_scopes else None,
                "use_login_user_credentials": self.login_user.value,
                "parameters": self.parameters.values(),
                "shared_with": self.sharing.principals(),
                "exposure": "sealed" if self.sealed.value else None,
            },
        )
        if self._needs_registration():
            refuse_if_wrong(self.registration.wrong())
        return draft

    def _name_taken(self) -> dict[str, str]:
        """Look before a secret is handed over: it would have to be typed again."""
        name = self.name.value.strip()
        taken = taken_by(self._broker, name) if name else None
        if taken is None:
            return {}
        return {
            "name": f"You already have a connection called '{taken.name}'. "
            f"Choose another name, for example '{free_name(self._broker, name)}'"
        }

    def _secrets(self) -> Mapping[str, SecretField]:
        needed = self.registration.secrets if self._needs_registration() else {}
        typed = self.credentials.secrets if self._has_credentials else {}
        return needed | typed

    def _create(self, draft: ConnectionDraft, secrets: Typed) -> None:
        try:
            if self._needs_registration():
                self._register(secrets)
            connection = self._broker.create(self._with_typed(draft, secrets))
        except ConnectionsError as error:
            self._refuse(error)
            return
        finally:
            self.submit_button.disabled = False
        self._on_created(connection)

    def _with_typed(self, draft: ConnectionDraft, secrets: Typed) -> ConnectionDraft:
        if not self._has_credentials:
            return draft
        typed = self.credentials.typed(secrets)
        sealed = {name: SecretStr(s.reveal()) for name, s in typed.items()}
        return read_draft(ConnectionDraft, draft.model_dump() | {"secret": sealed})

    def _register(self, secrets: Typed) -> None:
        registration = self.registration.draft(secrets.get("client_secret"))
        self._registered(self._broker.register_client(self._service.id, registration))

    def _registered(self, service: Service) -> None:
        self._service = service
        show_only_if(self.registration.box, wanted=self._needs_registration())

    # --- errors -----------------------------------------------------------------------

    def _fields(self) -> Mapping[str, Any]:
        shown = {"name": self.name, "link_name": self.name, "scopes": self.scopes}
        shown["shared_with"] = self.sharing.names
        shown |= self.parameters.fields
        if self._has_credentials:
            shown |= self.credentials.fields
        if self._needs_registration():
            shown |= self.registration.fields
        return shown

    def _clear_errors(self) -> None:
        for field in self._fields().values():
            field.error = ""
        self.problem.clear()

    def _refuse(self, error: ConnectionsError) -> None:
        """Show an error: beside its fields where it names them, else at the top."""
        if not put_beside(self._fields(), error.fields):
            self.problem.refuse(error)
        self._stage.focus_on_error()


def _where_codes_go(service: Service) -> list[ipywidgets.Widget]:
    """Say where codes go, if not to whom everybody believes."""
    said = addresses_apart(service)
    if not said:
        return []
    return [ipywidgets.HTML(_html.note(f"{said}.", tone="soon", shape="warn"))]


def _login_user_help(service: Service) -> str:
    if asks_for(service) and nobody_consents(service):
        return (
            "Each person types their own. Without it, everyone who may use this "
            "connection uses what you type."
        )
    return (
        "Each person authorizes and uses their own account. Without it, "
        "everyone who may use this connection works as you."
    )
