"""A service's client registration, and the end of a service of one's own."""

from typing import TYPE_CHECKING

from tornado import web

from conn_core import look
from conn_core.errors import ConnectionsError

from .._handler import may
from . import _typed
from ._screen import Note, ScreenHandler, beside

if TYPE_CHECKING:
    from conn_core import Service
    from conn_core.broker import Broker

MINE = "new?kind=custom"


class DeleteServiceScreen(ScreenHandler):
    """``service/{id}/delete``."""

    @web.authenticated
    @may("write")
    async def get(self, service_id: str) -> None:
        """Ask."""
        await self._ask(service_id)

    @web.authenticated
    @may("write")
    async def post(self, service_id: str) -> None:
        """Do it."""
        try:
            service = await self.ask(lambda broker: broker.service(service_id))
            await self.ask(lambda broker: broker.delete_service(service_id))
        except ConnectionsError as error:
            await self._ask(service_id, error)
            return
        self.go(MINE, note=Note(strong=f"‘{service.name}’ is deleted."))

    async def _ask(
        self, service_id: str, error: ConnectionsError | None = None
    ) -> None:
        service, lines = await self.ask(
            lambda broker: (broker.service(service_id), concerned(broker, service_id))
        )
        self.show_screen(
            "delete_service.html",
            status=error.status if error else 200,
            title=f"Delete {service.name}?",
            service=service,
            lines=lines,
            problem=look.spoken(error) if error else None,
        )


class RegistrationScreen(ScreenHandler):
    """``service/{id}/registration``: the client id and secret; write-only."""

    @web.authenticated
    @may("write")
    async def get(self, service_id: str) -> None:
        """Show the redirect URL, and empty fields."""
        await self._show(service_id)

    @web.authenticated
    @may("write")
    async def post(self, service_id: str) -> None:
        """Keep what was typed, or let the service register a client."""
        automatic = self.form.button == _typed.AUTOMATICALLY
        try:
            service = await self.ask(
                lambda broker: (
                    broker.register_automatically(service_id)
                    if automatic
                    else self._keep(broker, service_id)
                )
            )
        except ConnectionsError as error:
            await self._show(service_id, error)
            return
        self.go(
            f"new/{service.id}",
            note=Note(strong=f"{service.name} is registered for everybody here."),
        )

    def _keep(self, broker: "Broker", service_id: str) -> "Service":
        service = broker.service(service_id)
        draft = _typed.typed_registration(service, self.form, kept=service.registered)
        return broker.register_client(service_id, draft)

    async def _show(
        self, service_id: str, error: ConnectionsError | None = None
    ) -> None:
        service = await self.ask(lambda broker: broker.service(service_id))
        entries = _typed.registration_entries(service, kept=service.registered)
        errors, problem = beside(error, {entry.name for entry in entries})
        self.show_screen(
            "registration.html",
            status=error.status if error else 200,
            title=f"Register a client with {service.name}",
            service=service,
            entries=entries,
            intro=_typed.registration_intro(service),
            has_redirect=_typed.has_redirect(service),
            typed=self.form.text if error else _typed.nothing_typed,
            errors=errors,
            problem=problem,
        )


def concerned(broker: "Broker", service_id: str, *, most: int = 4) -> "list[look.Line]":
    """Return the connections to a service; nothing where they cannot be learned."""
    try:
        page = broker.connections(service=service_id, limit=most)
    except ConnectionsError:
        return []
    lines = [(f"%%connection {c.link_name}", f", of {c.owner}") for c in page.items]
    rest = page.total - len(lines)
    return [*lines, (look.counted(rest, "more connection"), "")] if rest else lines
