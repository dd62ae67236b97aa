"""Connect to a service: name, scopes, parameters, what is typed once, who may use it."""

from typing import TYPE_CHECKING, Any, NamedTuple

from tornado import web

import conn_core
from conn_core import link_name_from
from conn_core.errors import ConnectionsError

from .._handler import may
from . import _typed
from ._authorize import connected, follow
from ._deeds import details_of, refused
from ._form import Form
from ._scopes import all_scopes, chosen_scopes, preset, usual
from ._screen import ScreenHandler, beside
from ._sharing import SHARING, refuse_nobody, shared_with

if TYPE_CHECKING:
    from conn_core import Connection, Service
    from conn_core.broker import Broker

_FIELDS = {"name", "scopes", "people", "use_login_user_credentials"}


class Filled(NamedTuple):
    """The form as it stands.

    Attributes:
        name: The connection's name.
        scopes: What is chosen.
        login_user: Each person uses their own.
        sharing: ``everybody``, ``people`` or ``nobody``.
        people: Names of people and groups, with commas.
        sealed: The token stays with the broker.
    """

    name: str
    scopes: list[str]
    login_user: bool
    sharing: str = "everybody"
    people: str = ""
    sealed: bool = False

    @classmethod
    def read(cls, form: Form) -> "Filled":
        """Return what was typed."""
        return cls(
            name=form.text("name"),
            scopes=chosen_scopes(form),
            login_user=form.ticked("use_login_user_credentials"),
            sharing=form.text("sharing", "everybody"),
            people=form.text("people"),
            sealed=form.ticked("sealed"),
        )

    @property
    def shared_with(self) -> list[str]:
        """Who else may use the connection, as a draft says it."""
        return shared_with(self.sharing, self.people)


class ConnectScreen(ScreenHandler):
    """``new/{service_id}``."""

    @web.authenticated
    @may("write")
    async def get(self, service_id: str) -> None:
        """Show the form, filled in as most people want it."""
        service, name, sharing = await self.ask(
            lambda broker: _begin(broker, service_id)
        )
        login_user = service.use_login_user_credentials
        filled = Filled(name, usual(service), login_user, sharing)
        self._show(service, filled)

    @web.authenticated
    @may("write")
    async def post(self, service_id: str) -> None:
        """Create the connection and go on to authorize it, or do what else was asked."""
        service = await self.ask(lambda broker: broker.service(service_id))
        filled = Filled.read(self.form)
        button = self.form.button
        if button.startswith("scopes:"):
            self._show(service, filled._replace(scopes=preset(service, button)))
        elif button == _typed.AUTOMATICALLY:
            await self._register_automatically(service, filled)
        else:
            await self._create(service, filled)

    async def _register_automatically(self, service: "Service", filled: Filled) -> None:
        try:
            service = await self.ask(
                lambda broker: broker.register_automatically(service.id)
            )
        except ConnectionsError as error:
            self._show(service, filled, error)
            return
        said = f"{service.name} has registered a client for everybody here."
        self._show(service, filled, registered=said)

    async def _create(self, service: "Service", filled: Filled) -> None:
        try:
            made = await self.ask(lambda broker: self._made(broker, service, filled))
        except ConnectionsError as error:
            # A registration that was kept before is not asked for again.
            service = await self.ask(lambda broker: broker.service(service.id))
            self._show(service, filled, error)
            return
        await self._go_on(made, service)

    def _made(
        self, broker: "Broker", service: "Service", filled: Filled
    ) -> "Connection":
        _typed.refuse({} if filled.name else {"name": "must not be empty"})
        refuse_nobody(filled.sharing, filled.people)
        parameters = _typed.typed_parameters(service, self.form)
        typed_here = _typed.nobody_consents(service)
        secret = _typed.typed_credentials(service, self.form) if typed_here else {}
        draft = conn_core.read_draft(
            conn_core.ConnectionDraft,
            {
                "service": service.id,
                "name": filled.name,
                "scopes": filled.scopes if service.auth_type == "oauth2" else None,
                "use_login_user_credentials": filled.login_user,
                "parameters": parameters,
                "secret": secret,
                "shared_with": filled.shared_with,
                "exposure": "sealed" if filled.sealed else None,
            },
        )
        _typed.register(broker, service, self.form)
        return broker.create(draft)

    async def _go_on(self, made: "Connection", service: "Service") -> None:
        """Authorize what was made, or ask for what that takes."""
        place = details_of(made.full_name)
        if made.status == "connected":
            self.go(place, note=await connected(self, made, service))
            return
        if _typed.asks_for(service) and not _typed.nobody_consents(service):
            self.go(f"{place}/authorize")
            return
        try:
            begun = await self.ask(lambda broker: broker.authorize(made.full_name))
        except ConnectionsError as error:
            self.go(place, note=refused(error))
            return
        await follow(self, made, service, begun)

    def _show(
        self,
        service: "Service",
        filled: Filled,
        error: ConnectionsError | None = None,
        *,
        registered: str = "",
    ) -> None:
        facts = self._asked(service)
        names = {
            entry.name for entries in facts["entries"].values() for entry in entries
        }
        errors, problem = beside(_named(error), _FIELDS | names)
        self.show_screen(
            "connect.html",
            status=error.status if error else 200,
            title=f"Connect to {service.name}",
            service=service,
            filled=filled,
            scopes=all_scopes(service, filled.scopes),
            sharing=SHARING,
            link_name=link_name_from(filled.name),
            registered=registered,
            errors=errors,
            problem=problem,
            typed=self.form.text
            if self.request.method == "POST"
            else _typed.nothing_typed,
            **facts,
        )

    def _asked(self, service: "Service") -> dict[str, Any]:
        """Return what a service asks for besides."""
        missing, typed_here = (
            _typed.needs_registration(service),
            _typed.nobody_consents(service),
        )
        return {
            "entries": {
                "parameters": _typed.parameter_entries(service),
                "credentials": _typed.credential_entries(service) if typed_here else [],
                "registration": _typed.registration_entries(service) if missing else [],
            },
            "sent_to": _typed.sent_to(service),
            "intro": _typed.registration_intro(service),
            "has_redirect": _typed.has_redirect(service),
            "client_alone": _typed.client_alone(service),
            "login_user_help": _login_user_help(service),
        }


def _begin(broker: "Broker", service_id: str) -> "tuple[Service, str, str]":
    """Return a service, a name that is free, and who may use it where nobody says."""
    service = broker.service(service_id)
    own = {
        c.name.casefold() for c in broker.connections(service.name, group="my").items
    }
    numbered = (f"{service.name} {n}" for n in range(2, 100))
    free = (n for n in (service.name, *numbered) if n.casefold() not in own)
    sharing = "everybody" if broker.status().shares_with_everybody else "nobody"
    return service, next(free, service.name), sharing


def _named(error: ConnectionsError | None) -> ConnectionsError | None:
    """Say beside our own fields what the draft calls otherwise."""
    if error is not None:
        for other, ours in (("link_name", "name"), ("shared_with", "people")):
            for field in [f for f in error.fields if f.partition(".")[0] == other]:
                error.fields[ours] = error.fields.pop(field)
    return error


def _login_user_help(service: "Service") -> str:
    if _typed.asks_for(service) and _typed.nobody_consents(service):
        return (
            "Each person types their own. Without it, everyone who may use this "
            "connection uses what you type."
        )
    return (
        "Each person authorizes and uses their own account. Without it, everyone who "
        "may use this connection works as you."
    )
