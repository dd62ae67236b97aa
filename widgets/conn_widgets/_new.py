"""Pick, connect, authorize: the way to a new connection, and to a service of one's own."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from conn_core import Connection, Service, ServiceProposal
from conn_core.broker import Broker

from ._begin import service_of, show_connected, start_authorization
from ._connect import ConnectScreen
from ._journey import Journey
from ._pick import PickScreen
from ._service_form import ServiceScreen
from ._service_questions import DeleteServiceScreen, ExportScreen
from ._stage import Stage

if TYPE_CHECKING:
    from conn_core._values import AskedWay


class NewConnection:
    """Pick, connect, authorize.

    Args:
        stage: Where it happens.
        broker: Whom to ask.
        name: The connection's name to begin with.
        flow: How consent is obtained.
        home: Goes back to the list, to the row of a key; None without a list.
    """

    def __init__(
        self,
        stage: Stage,
        broker: Broker,
        *,
        name: str | None = None,
        flow: "AskedWay" = "auto",
        home: Callable[[str | None], None] | None = None,
    ) -> None:
        self._stage = stage
        self._broker = broker
        self._name = name
        self._flow = flow
        self._home = home

    def begin(self, service: str | Service | None) -> Stage:
        """Show the first screen in a new box."""
        if service is None:
            self._stage.begin(self._pick_screen())
        else:
            known = (
                self._broker.service(service) if isinstance(service, str) else service
            )
            self._stage.begin(self._connect_screen(known))
        return self._stage

    def pick(self, kind: str = "predefined") -> None:
        """Show the services."""
        self._stage.show(self._pick_screen(kind))

    def _pick_screen(self, kind: str = "predefined") -> PickScreen:
        home = self._home
        return PickScreen(
            self._broker,
            on_pick=lambda service_id: self._connect(self._broker.service(service_id)),
            on_create=self._create_service,
            on_action=self._do_with_service,
            on_back=(lambda: home(None)) if home else None,
            kind=kind,
        )

    # --- services of one's own --------------------------------------------------------

    def describe(
        self, *, service: Service | None = None, proposal: ServiceProposal | None = None
    ) -> Stage:
        """Show the form of a service in a new box."""
        stage = self._stage

        def updated(changed: Service) -> None:
            stage.end(f"‘{changed.name}’ is updated.", tone="ok", shape="check")

        stage.begin(
            ServiceScreen(
                stage,
                self._broker,
                service=service,
                proposal=proposal,
                on_done=updated if service else self._connect,
                on_cancel=self._cancel,
            )
        )
        return stage

    def _create_service(self) -> None:
        self._stage.show(
            ServiceScreen(
                self._stage,
                self._broker,
                on_done=self._connect,
                on_cancel=self.pick,
                way_back="Pick your service",
            )
        )

    def _do_with_service(self, action: str, service_id: str) -> None:
        service = self._broker.service(service_id)
        self._stage.show(self._service_screens(service)[action]())

    def _service_screens(self, service: Service) -> dict[str, Callable[[], Any]]:
        def back(_changed: Any = None) -> None:
            self.pick("custom")

        return {
            "edit": lambda: ServiceScreen(
                self._stage,
                self._broker,
                service=service,
                on_done=back,
                on_cancel=back,
                way_back="Pick your service",
            ),
            "export": lambda: ExportScreen(service, on_close=back),
            "delete": lambda: DeleteServiceScreen(
                self._stage, self._broker, service, on_done=back, on_cancel=back
            ),
        }

    # --- connecting -------------------------------------------------------------------

    def _connect(self, service: Service) -> None:
        self._stage.show(self._connect_screen(service, on_back=self.pick))

    def _connect_screen(
        self, service: Service, *, on_back: Callable[[], None] | None = None
    ) -> ConnectScreen:
        return ConnectScreen(
            self._stage,
            self._broker,
            service,
            name=self._name,
            on_created=self._authorize,
            on_cancel=self._cancel,
            on_back=on_back,
        )

    def _authorize(self, connection: Connection) -> None:
        link_name = connection.link_name
        home = self._home
        journey = Journey(
            stage=self._stage,
            broker=self._broker,
            step="Step 3 of 3.",
            on_done=(lambda _: home(link_name)) if home else None,
            on_close=(lambda: home(link_name)) if home else None,
        )
        if connection.status == "connected":  # what was typed was enough
            show_connected(journey, connection, service_of(journey, connection))
        else:
            start_authorization(journey, connection, flow=self._flow)

    def _cancel(self) -> None:
        if self._home:
            self._home(None)
        else:
            self._stage.end("Nothing was created.")
