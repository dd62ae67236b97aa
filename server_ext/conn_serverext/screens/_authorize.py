"""Authorize: begin, type what is asked for, open the service's page, see the outcome."""

from typing import TYPE_CHECKING, Any, Final, cast

from tornado import web

from conn_core import look
from conn_core.errors import ConnectionsError

from .._handler import may
from . import _typed
from ._deeds import details_of, refused
from ._screen import Note, ScreenHandler, beside

if TYPE_CHECKING:
    from conn_core import Authorization, Connection, Service
    from conn_core._values import AskedWay
    from conn_core.broker import Broker

_ENDED: Final = {
    "denied": "{} reports that access was denied",
    "expired": "The time to authorize at {} is over",
    "failed": "{} could not be connected",
}
_WAYS: Final = ("auto", "browser", "device", "paste")


class AuthorizeScreen(ScreenHandler):
    """``connection/{name}/authorize``."""

    @web.authenticated
    @may("write")
    async def get(self, name: str) -> None:
        """Ask for what has to be typed; else for a click, since opening is no harm."""
        self._show(*await self.ask(lambda broker: _of(broker, name)))

    @web.authenticated
    @may("write")
    async def post(self, name: str) -> None:
        """Begin, or ask for what is missing."""
        connection, service = await self.ask(lambda broker: _of(broker, name))
        if is_asked(service) and not self.form.ticked("typed"):
            self.go(f"{details_of(connection.full_name)}/authorize")
            return
        try:
            begun = await self.ask(
                lambda broker: self._begin(broker, connection, service)
            )
        except ConnectionsError as error:
            self._show_or_go(connection, service, error)
            return
        await follow(self, connection, service, begun)

    def _begin(
        self, broker: "Broker", connection: "Connection", service: "Service"
    ) -> "Authorization":
        if self.form.button == _typed.AUTOMATICALLY:
            broker.register_automatically(service.id)
        else:
            _typed.register(broker, service, self.form)
        secret = _typed.typed_credentials(service, self.form)
        way = self.form.text("flow")
        flow = cast("AskedWay", way if way in _WAYS else "auto")
        return broker.authorize(connection.full_name, flow=flow, secret=secret or None)

    def _show_or_go(
        self, connection: "Connection", service: "Service", error: ConnectionsError
    ) -> None:
        if is_asked(service):
            self._show(connection, service, error)
        else:
            self.go(details_of(connection.full_name), note=refused(error))

    def _show(
        self,
        connection: "Connection",
        service: "Service",
        error: ConnectionsError | None = None,
    ) -> None:
        entries = _typed.credential_entries(service)
        registration = (
            _typed.registration_entries(service)
            if _typed.needs_registration(service)
            else []
        )
        errors, problem = beside(error, {e.name for e in [*entries, *registration]})
        self.show_screen(
            "credentials.html",
            status=error.status if error else 200,
            title=f"Authorize {connection.name}",
            connection=connection,
            service=service,
            entries=entries,
            sent_to=_typed.sent_to(service),
            registration=registration,
            intro=_typed.registration_intro(service),
            has_redirect=_typed.has_redirect(service),
            typed=self.form.text
            if self.request.method == "POST"
            else _typed.nothing_typed,
            errors=errors,
            problem=problem,
        )


class AuthorizationScreen(ScreenHandler):
    """``authorization/{flow}``: how far an attempt is, and its other ways."""

    @web.authenticated
    @may("read")
    async def get(self, flow: str) -> None:
        """Show it."""
        self._show(*await self.ask(lambda broker: _attempt(broker, flow)))

    @web.authenticated
    @may("write")
    async def post(self, flow: str) -> None:
        """Finish it with the address that was pasted, or give it up."""
        facts = await self.ask(lambda broker: _attempt(broker, flow))
        connection = facts[1]
        if self.form.button == "cancel":
            await self.ask(lambda broker: broker.cancel(flow))
            self.go(details_of(connection.full_name))
            return
        address = self.form.text("address")
        try:
            _typed.refuse({} if address else {"address": "is needed"})
            await self.ask(lambda broker: broker.paste(flow, address))
        except ConnectionsError as error:
            self._show(*await self.ask(lambda broker: _attempt(broker, flow)), error)
            return
        self.go(f"authorization/{flow}")

    def _show(
        self,
        seen: "Authorization",
        connection: "Connection",
        service: "Service",
        error: ConnectionsError | None = None,
    ) -> None:
        errors, problem = beside(error, {"address"})
        self.show_screen(
            "authorization.html",
            status=error.status if error else 200,
            title=_title(seen),
            seen=seen,
            connection=connection,
            service=service,
            why=why_ended(seen) if seen.state in _ENDED else "",
            rows=_granted(seen, service),
            errors=errors,
            problem=problem,
        )


async def follow(
    screen: ScreenHandler,
    connection: "Connection",
    service: "Service",
    begun: "Authorization",
) -> None:
    """Lead on from a beginning: to the page that waits, or to the connection.

    Args:
        screen: Where it was begun.
        connection: What is authorized.
        service: What it is to.
        begun: The attempt.
    """
    if begun.state == "pending":
        screen.go(f"authorization/{begun.flow}")
        return
    if begun.state != "done":
        note = Note(strong=why_ended(begun), rest="Nothing was stored.", tone="bad")
        screen.go(details_of(connection.full_name), note=note)
        return
    note = await connected(screen, connection, service)
    screen.go(details_of(connection.full_name), note=note)


async def connected(
    screen: ScreenHandler, connection: "Connection", service: "Service"
) -> Note:
    """Say that a connection has its credentials; what was typed is tried out first.

    Args:
        screen: Where that was asked for.
        connection: The connection.
        service: What it is to.
    """
    if not _typed.asks_for(service) or service.test_path is None:
        return Note(strong="Connected.", rest="Use it in a cell: the code is below.")
    try:
        result = await screen.ask(lambda broker: broker.test(connection.full_name))
        works, said = result.ok, look.sentence(result.message)
    except ConnectionsError as error:
        works, said = False, " ".join(look.spoken(error)).strip()
    if works:
        return Note(strong="Connected.", rest=said)
    return Note(strong="Stored, but not working yet.", rest=said, tone="soon")


def is_asked(service: "Service") -> bool:
    """Tell whether something has to be typed before an authorization can begin."""
    return bool(_typed.asks_for(service)) or _typed.needs_registration(service)


def why_ended(seen: "Authorization") -> str:
    """Say why an attempt did not end in a connection."""
    return look.sentence(seen.error or _ENDED[seen.state].format(seen.service_name))


def _of(broker: "Broker", name: str) -> "tuple[Connection, Service]":
    connection = broker.connection(name)
    return connection, _filled(broker, connection)


def _attempt(
    broker: "Broker", flow: str
) -> "tuple[Authorization, Connection, Service]":
    seen = broker.authorization(flow)
    connection = broker.connection(seen.link_name)
    return seen, connection, _filled(broker, connection)


def _filled(broker: "Broker", connection: "Connection") -> "Service":
    service = broker.service(connection.service)
    try:
        return service.filled(connection.parameters)
    except ValueError:
        return service  # the broker says what is wrong when it is used


def _title(seen: "Authorization") -> str:
    if seen.state == "done":
        return f"Connected as {seen.account}" if seen.account else "Connected"
    return f"Authorize {seen.service_name}"


def _granted(seen: "Authorization", service: "Service") -> list[dict[str, Any]]:
    words = {scope.name: scope.display_name for scope in service.scopes}
    return [
        {"name": s, "words": words.get(s, ""), "granted": s in seen.granted_scopes}
        for s in seen.asked_scopes
    ]
