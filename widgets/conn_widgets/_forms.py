"""The forms as people open them."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from conn_core import Authorization, Connection, Service, ServiceProposal
from conn_core.broker import Broker
from conn_core.look import now

from ._begin import service_of, show_authorization, start_authorization
from ._confirm import ConfirmScreen, Deed
from ._edit import EditScreen
from ._job import JobReadiness
from ._journey import Journey
from ._new import NewConnection
from ._panel import Panel
from ._stage import Stage

if TYPE_CHECKING:
    from conn_core._values import AskedWay


def connections_panel(broker: Broker, *, clock: Callable[[], datetime] = now) -> Stage:
    """Return the Connections screen.

    Args:
        broker: Whose connections.
        clock: Tells the time.
    """
    return Panel(broker, clock=clock).stage


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
    return NewConnection(Stage(), broker, name=name, flow=flow).begin(service)


def service_form(
    broker: Broker,
    *,
    service: str | Service | None = None,
    proposal: ServiceProposal | None = None,
) -> Stage:
    """Return the form that describes a service of one's own.

    Args:
        broker: Who keeps it.
        service: The service to be edited, or its id; None creates one, and goes on to
            connect to it.
        proposal: What the form begins with, such as an imported description.

    Raises:
        ServiceNotFound: If there is no such service.
    """
    known = broker.service(service) if isinstance(service, str) else service
    making = NewConnection(Stage(), broker)
    return making.describe(service=known, proposal=proposal)


def connection_details(
    broker: Broker,
    connection: Connection | str,
    *,
    clock: Callable[[], datetime] = now,
) -> Stage:
    """Return all about one connection: facts, code, where it is used, history.

    Args:
        broker: Whom to ask.
        connection: The connection, or its name.
        clock: Tells the time.
    """
    return Panel(broker, clock=clock, first=_read(broker, connection)).stage


def authorize_form(
    broker: Broker,
    authorization: Authorization | Connection | str,
    *,
    flow: "AskedWay" = "auto",
    clock: Callable[[], datetime] = now,
) -> Stage:
    """Return the form that waits for somebody to sign in, or asks for a key.

    Args:
        broker: Whom to ask.
        authorization: An attempt that has begun; or a connection, or its name, to
            begin one for.
        flow: How consent is obtained where it begins here.
        clock: Tells the time.
    """
    journey = Journey(stage=Stage(), broker=broker, clock=clock)
    if isinstance(authorization, Authorization):
        connection = broker.connection(authorization.link_name)
        show_authorization(journey, authorization, service_of(journey, connection))
    else:
        start_authorization(journey, _read(broker, authorization), flow=flow)
    return journey.stage


def job_form(
    broker: Broker,
    notebook: str | Path,
    *,
    until: datetime | None = None,
    clock: Callable[[], datetime] = now,
) -> Stage:
    """Return the form that says whether a notebook can run by itself, and schedules it.

    Args:
        broker: Whom to ask.
        notebook: Which notebook.
        until: Until when it has to work; None asks only about now.
        clock: Tells the time.
    """
    return JobReadiness(broker, Path(notebook), until=until, clock=clock).stage


def confirm_form(
    broker: Broker,
    connection: Connection | str,
    action: Deed,
    *,
    clock: Callable[[], datetime] = now,
) -> Stage:
    """Return the question that is asked before something stops working.

    Args:
        broker: Who does it.
        connection: To what.
        action: ``revoke`` or ``delete``.
        clock: Tells the time.
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
            clock=clock,
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
