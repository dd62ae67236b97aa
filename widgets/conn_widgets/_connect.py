"""Connect to …: name, parameters, scopes, and the client registration where it is missing."""

from collections.abc import Callable, Mapping
from typing import Any

import ipywidgets

from conn_core import (
    ClientRegistration,
    Connection,
    ConnectionDraft,
    Secret,
    Service,
    ServiceParameter,
    link_name_from,
    read_draft,
)
from conn_core.broker import Broker
from conn_core.errors import ConnectionsError, InvalidInput

from . import _html
from ._census import free_name
from ._fields import CheckField, CopyField, Field, SecretField
from ._scopes import scope_picker
from ._stage import Screen, Stage, boxed, button, panel, show_only_if
from ._words import sentence, spoken, why_not_yet

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
        self.problem = ipywidgets.HTML()
        self.name = Field(
            label="Connection name", value=name or free_name(broker, service.name)
        )
        self.name.observe(self._show_link_name, "value")
        self._show_link_name()
        self.parameters = {p.name: _parameter_field(p) for p in service.parameters}
        self.scopes = scope_picker(service)
        self.client_id = Field(label="Client id", kind="code")
        self.client_secret = SecretField(label="Client secret")
        self.registration = self._registration()
        self.login_user = CheckField(
            label="Use credentials of login user",
            help="Each person authorizes and uses their own account. Without it, "
            "everyone who may use this connection works as you.",
        )
        self.submit_button = button("Create and connect", self.submit, kind="primary")
        self.panel = self._build(on_cancel, on_back)
        self._clear_errors()

    def submit(self) -> None:
        """Check what was typed, register the client if that is missing, and create."""
        self._clear_errors()
        try:
            draft = self._draft()
            self._check_registration()
        except ConnectionsError as error:
            self._refuse(error)
            return
        self.submit_button.disabled = True
        if self._needs_registration() and self.client_secret.filled:
            self.client_secret.hand_over(lambda secret: self._create(draft, secret))
        else:
            self._create(draft, None)

    def text(self) -> str:
        """Say how to do the same without widgets."""
        scopes = ",".join(self.scopes.value)
        return (
            f"Connect to {self._service.name}\n"
            "  This form needs a notebook. Without one:\n"
            f"  %conn new {self._service.id} --name '{self.name.value}'"
            + (f" --scopes {scopes}" if scopes else "")
        )

    # --- building ---------------------------------------------------------------------

    def _build(
        self, on_cancel: Callable[[], None], on_back: Callable[[], None] | None
    ) -> ipywidgets.VBox:
        service = self._service
        lede = f"{_STEP} You authorize at {service.name} in the next step."
        mark = _html.service_mark(service.name, service.id)
        title = ipywidgets.HTML(
            _html.title_line(f"Connect to {service.name}", lede=lede, mark=mark)
        )
        back = (
            [button("← Pick another service", on_back, kind="back")] if on_back else []
        )
        return panel(
            head=[*back, title],
            body=[
                self.problem,
                self.name,
                *self.parameters.values(),
                *([self.scopes] if service.scopes else []),
                self.registration,
                self.login_user,
            ],
            foot=[button("Cancel", on_cancel, kind="cancel"), self.submit_button],
        )

    def _registration(self) -> ipywidgets.VBox:
        name = self._service.name
        how = self._service.registration_help or (
            f"Register this redirect URL with {name}, then enter what {name} gives you."
        )
        intro = (
            f"Your organisation has none for {name} yet. {how} "
            "This is done once for everybody."
        )
        public = self._service.token_endpoint_auth_method == "none"
        fields = [self.client_id] if public else [self.client_id, self.client_secret]
        redirect = CopyField(
            label="Redirect URL",
            text=self._service.redirect_uri
            or "There is no server here that a browser could come back to",
            what="redirect URL",
        )
        group = boxed(
            [
                ipywidgets.HTML(_html.group_head("Client registration", intro)),
                redirect,
                boxed(fields, "conn-pair"),
            ],
            "conn-group",
        )
        show_only_if(group, wanted=self._needs_registration())
        return group

    def _needs_registration(self) -> bool:
        return not self._service.registered

    def _show_link_name(self, _change: Any = None) -> None:
        link_name = link_name_from(self.name.value)
        self.name.help = (
            f"Used in code as `{link_name}`. This link name never changes, even if you "
            "rename the connection."
            if link_name
            else "Use at least one letter a-z: what code writes is made from the name."
        )

    # --- submitting -------------------------------------------------------------------

    def _draft(self) -> ConnectionDraft:
        wrong = {
            f"parameters.{p.name}": f"must be like {p.example or p.pattern}"
            for p in self._service.parameters
            if not p.accepts(self.parameters[p.name].value.strip())
        }
        if not self.name.value.strip():
            wrong["name"] = "must not be empty"
        if wrong:
            raise InvalidInput("Some fields are not filled in right", fields=wrong)
        return read_draft(
            ConnectionDraft,
            {
                "service": self._service.id,
                "name": self.name.value,
                "scopes": self.scopes.value if self._service.scopes else None,
                "use_login_user_credentials": self.login_user.value,
                "parameters": {n: f.value.strip() for n, f in self.parameters.items()},
            },
        )

    def _check_registration(self) -> None:
        if not self._needs_registration():
            return
        read_draft(ClientRegistration, {"client_id": self.client_id.value})
        public = self._service.token_endpoint_auth_method == "none"
        if not public and not self.client_secret.filled:
            raise InvalidInput(
                "The client secret is missing", fields={"client_secret": "is needed"}
            )

    def _create(self, draft: ConnectionDraft, secret: Secret | None) -> None:
        try:
            if self._needs_registration():
                self._register(secret)
            connection = self._broker.create(draft)
        except ConnectionsError as error:
            self._refuse(error)
            return
        finally:
            self.submit_button.disabled = False
        self._on_created(connection)

    def _register(self, secret: Secret | None) -> None:
        # No local variable for the secret: tracebacks may show those.
        registration = read_draft(
            ClientRegistration,
            {
                "client_id": self.client_id.value,
                "client_secret": None if secret is None else secret.reveal(),
            },
        )
        self._service = self._broker.register_client(self._service.id, registration)
        show_only_if(self.registration, wanted=self._needs_registration())

    # --- errors -----------------------------------------------------------------------

    def _fields(self) -> Mapping[str, Any]:
        named = {f"parameters.{name}": field for name, field in self.parameters.items()}
        return {
            "name": self.name,
            "link_name": self.name,
            "scopes": self.scopes,
            "client_id": self.client_id,
            "client_secret": self.client_secret,
        } | named

    def _clear_errors(self) -> None:
        for field in self._fields().values():
            field.error = ""
        self._say("")

    def _say(self, markup: str) -> None:
        self.problem.value = markup
        show_only_if(self.problem, wanted=bool(markup))

    def _refuse(self, error: ConnectionsError) -> None:
        """Show an error: beside its fields where it names them, else at the top."""
        fields = self._fields()
        elsewhere = []
        for name, problem in error.fields.items():
            field = fields.get(name) or fields.get(name.partition(".")[0])
            if field is None or not _is_shown(field, self):
                elsewhere.append(problem)
            else:
                field.error = sentence(problem)
        if elsewhere or not error.fields:
            what, then = spoken(error)
            self._say(_html.note(what, then, tone="bad", shape="stop", alert=True))
        self._stage.focus_on_error()


class NotYetScreen(Screen):
    """Says why a service cannot be connected by this version.

    Args:
        service: The service.
        on_close: Leaves the form.
        on_back: Goes back to the services.
    """

    focus = ".conn-cancel"

    def __init__(
        self,
        service: Service,
        *,
        on_close: Callable[[], None],
        on_back: Callable[[], None] | None = None,
    ) -> None:
        self._said = why_not_yet(service) or ""
        self._name = service.name
        mark = _html.service_mark(service.name, service.id)
        title = ipywidgets.HTML(
            _html.title_line(f"Connect to {service.name}", mark=mark)
        )
        back = (
            [button("← Pick another service", on_back, kind="back")] if on_back else []
        )
        message = _html.note(
            f"{service.name} cannot be connected yet.",
            self._said,
            tone="info",
            shape="info",
        )
        self.panel = panel(
            head=[*back, title],
            body=[ipywidgets.HTML(message)],
            foot=[button("Close", on_close, kind="cancel")],
        )

    def text(self) -> str:
        """Say the same."""
        return f"{self._name} cannot be connected yet. {self._said}"


def _is_shown(field: Any, form: ConnectScreen) -> bool:
    if field in (form.client_id, form.client_secret):
        return bool(form.registration.layout.display != "none")
    return True


def _parameter_field(parameter: ServiceParameter) -> Field:
    label = parameter.display_name or parameter.name.replace("_", " ").capitalize()
    if parameter.choices:
        return Field(
            label=label,
            kind="choice",
            choices=[[choice, choice] for choice in parameter.choices],
            value=parameter.choices[0],
            help=parameter.help,
        )
    example = f"For example {parameter.example}" if parameter.example else ""
    return Field(label=label, placeholder=example, help=parameter.help)
