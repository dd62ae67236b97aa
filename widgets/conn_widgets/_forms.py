"""The forms as people open them: which screen follows which."""

from typing import TYPE_CHECKING, Any

from conn_core import Authorization, Connection, Service
from conn_core.broker import Broker

from ._begin import (
    service_of,
    show_authorization,
    show_connected,
    start_authorization,
)
from ._confirm import ConfirmScreen, Deed
from ._connect import ConnectScreen
from ._edit import EditScreen
from ._journey import Journey
from ._list import ListScreen
from ._pick import PickScreen
from ._stage import Stage

if TYPE_CHECKING:
    from conn_core._values import AskedWay


def connections_panel(broker: Broker) -> Stage:
    """Return the Connections screen.

    Args:
        broker: Whose connections.
    """
    return _Panel(broker).stage


def new_connection_form(
    broker: Broker,
    *,
    service: str | Service | None = None,
    name: str | None = None,
    flow: "AskedWay" = "auto",
) -> Stage:
    """Return the form that creates and authorizes a connection.

    Args:
        broker: Who creates it.
        service: To what; None asks.
        name: The connection's name to begin with.
        flow: How consent is obtained then.

    Raises:
        ServiceNotFound: If there is no such service.
    """
    return _NewConnection(Stage(), broker, name=name, flow=flow).begin(service)


def authorize_form(
    broker: Broker,
    authorization: Authorization | Connection | str,
    *,
    flow: "AskedWay" = "auto",
) -> Stage:
    """Return the form that waits for somebody to sign in, or asks for a key.

    Args:
        broker: Whom to ask.
        authorization: An attempt that has begun; or a connection, or its name, to
            begin one for.
        flow: How consent is obtained where it begins here.
    """
    journey = Journey(stage=Stage(), broker=broker)
    if isinstance(authorization, Authorization):
        connection = broker.connection(authorization.link_name)
        show_authorization(journey, authorization, service_of(journey, connection))
    else:
        start_authorization(journey, _read(broker, authorization), flow=flow)
    return journey.stage


def confirm_form(broker: Broker, connection: Connection | str, action: Deed) -> Stage:
    """Return the question that is asked before something stops working.

    Args:
        broker: Who does it.
        connection: To what.
        action: ``revoke`` or ``delete``.
    """
    stage = Stage()
    stage.begin(
        ConfirmScreen(
            stage,
            broker,
            _read(broker, connection),
            action,
            on_done=lambda said: stage.end(said, tone="ok", shape="check"),
            on_cancel=lambda: stage.end("Nothing was changed."),
        )
    )
    return stage


def edit_form(broker: Broker, connection: Connection | str) -> Stage:
    """Return the form that changes a connection's name and scopes.

    Args:
        broker: Who changes it.
        connection: What to change.
    """
    stage = Stage()
    found = _read(broker, connection)

    def finish(changed: Connection) -> None:
        if changed.status == "needs authorization":
            start_authorization(Journey(stage=stage, broker=broker), changed)
        else:
            stage.end(f"‘{changed.name}’ is updated.", tone="ok", shape="check")

    stage.begin(
        EditScreen(
            stage,
            broker,
            found,
            broker.service(found.service),
            on_done=finish,
            on_cancel=lambda: stage.end("Nothing was changed."),
        )
    )
    return stage


def _read(broker: Broker, connection: Connection | str) -> Connection:
    return broker.connection(connection) if isinstance(connection, str) else connection


class _NewConnection:
    """Pick, connect, authorize.

    Args:
        stage: Where it happens.
        broker: Whom to ask.
        name: The connection's name to begin with.
        flow: How consent is obtained.
        home: Goes back to the list, to the row of a link name; None without a list.
    """

    def __init__(
        self,
        stage: Stage,
        broker: Broker,
        *,
        name: str | None = None,
        flow: "AskedWay" = "auto",
        home: Any = None,
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
            self._stage.begin(self._connect_screen(known, can_go_back=False))
        return self._stage

    def pick(self) -> None:
        """Show the services."""
        self._stage.show(self._pick_screen())

    def _pick_screen(self) -> PickScreen:
        back = (lambda: self._home(None)) if self._home else None
        return PickScreen(self._broker, on_pick=self._connect, on_back=back)

    def _connect(self, service_id: str) -> None:
        service = self._broker.service(service_id)
        self._stage.show(self._connect_screen(service, can_go_back=True))

    def _connect_screen(self, service: Service, *, can_go_back: bool) -> ConnectScreen:
        back = self.pick if can_go_back else None
        return ConnectScreen(
            self._stage,
            self._broker,
            service,
            name=self._name,
            on_created=self._authorize,
            on_cancel=self._cancel,
            on_back=back,
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


class _Panel:
    """The Connections screen and the screens that it leads to.

    Args:
        broker: Whom to ask.
    """

    def __init__(self, broker: Broker) -> None:
        self._broker = broker
        self.stage = Stage()
        self._list = ListScreen(broker, on_new=self._new, on_action=self._act)
        self.stage.begin(self._list)

    def _home(self, link_name: str | None) -> None:
        self._list.come_back_to(link_name)
        self.stage.show(self._list)

    def _new(self) -> None:
        _NewConnection(self.stage, self._broker, home=self._home).pick()

    def _act(self, action: str, connection: Connection) -> None:
        match action:
            case "authorize":
                journey = Journey(
                    stage=self.stage,
                    broker=self._broker,
                    on_done=lambda c: self._home(c.link_name),
                    on_close=lambda: self._home(connection.link_name),
                )
                start_authorization(journey, connection)
            case "edit":
                self._edit(connection)
            case "revoke" | "delete":
                self._confirm(connection, action)

    def _edit(self, connection: Connection) -> None:
        name = connection.link_name
        service = self._broker.service(connection.service)
        self.stage.show(
            EditScreen(
                self.stage,
                self._broker,
                connection,
                service,
                on_done=lambda _: self._home(name),
                on_cancel=lambda: self._home(name),
                way_back="Connections",
            )
        )

    def _confirm(self, connection: Connection, action: Any) -> None:
        name = connection.link_name
        self.stage.show(
            ConfirmScreen(
                self.stage,
                self._broker,
                connection,
                action,
                on_done=lambda _: self._home(name if action == "revoke" else None),
                on_cancel=lambda: self._home(name),
            )
        )
