"""Forms in notebooks. Each brings its own text twin, for front ends without widgets."""

from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from conn_core import Authorization, Connection, Service, ServiceProposal
    from conn_core._values import AskedWay

    from ._desk import Desk


def show_panel(desk: "Desk") -> None:
    """Show the panel with all connections."""
    from conn_widgets import connections_panel

    desk.show(connections_panel(desk.broker))


def show_new_form(
    desk: "Desk",
    *,
    service: str | None,
    name: str | None,
    flow: "AskedWay" = "auto",
) -> None:
    """Show the form that makes a connection."""
    from conn_widgets import new_connection_form

    desk.show(new_connection_form(desk.broker, service=service, name=name, flow=flow))


def show_authorize_form(
    desk: "Desk",
    authorization: "Authorization | Connection",
    *,
    flow: "AskedWay" = "auto",
) -> None:
    """Show the link to open or the key to type and, once it is done, who is connected."""
    from conn_widgets import authorize_form

    desk.show(authorize_form(desk.broker, authorization, flow=flow))


def show_edit_form(desk: "Desk", connection: "Connection") -> None:
    """Show the form that changes name and scopes."""
    from conn_widgets import edit_form

    desk.show(edit_form(desk.broker, connection))


def show_confirm_form(
    desk: "Desk", connection: "Connection", action: Literal["revoke", "delete"]
) -> None:
    """Show what stops working, and the button that does it."""
    from conn_widgets import confirm_form

    desk.show(confirm_form(desk.broker, connection, action))


def show_job_form(
    desk: "Desk", notebook: "Path", *, until: "datetime | None" = None
) -> None:
    """Show whether a notebook can run by itself, and the button that schedules it."""
    from conn_widgets import job_form

    desk.show(job_form(desk.broker, notebook, until=until))


def show_service_form(
    desk: "Desk",
    *,
    service: "Service | None" = None,
    proposal: "ServiceProposal | None" = None,
) -> None:
    """Show the form that describes a service of one's own."""
    from conn_widgets import service_form

    desk.show(service_form(desk.broker, service=service, proposal=proposal))
