"""Verbs that make connections ready: new, authorize."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from .. import _words
from .._authorizing import (
    begin,
    connected_view,
    follow,
    needs_form,
    refuse_without_person,
    service_of,
    with_typed,
)
from .._blocks import Note, Sentence
from .._desk import Desk
from .._forms import show_authorize_form, show_new_form
from .._usage import UsageError
from .._verb import NAME, argument, verb
from .._views import View
from ._services import services

if TYPE_CHECKING:
    import conn_core
    from conn_core._values import AskedWay

WAIT = argument("--wait", action="store_true", help="wait until it is done")
TIMEOUT = argument(
    "--timeout",
    type=float,
    metavar="S",
    help="how long to wait, seconds; 300, or as long as a code works",
)
FLOW = argument(
    "--flow",
    choices=("auto", "browser", "device", "paste"),
    default="auto",
    help="how you allow access; auto chooses and says why",
)


@verb(
    "new",
    argument(
        "service",
        nargs="?",
        metavar="SERVICE",
        help="a service's id: see %%conn services",
        completes="service",
    ),
    argument(
        "--name", metavar="N", help="what people read; the service's name when absent"
    ),
    argument(
        "--scopes", metavar="a,b", help="what to ask for; the usual ones when absent"
    ),
    argument(
        "--login-user",
        action="store_true",
        help="each person authorizes and uses their own credentials",
    ),
    argument(
        "--param",
        action="append",
        metavar="k=v",
        help="a value the service needs, such as a sub-domain",
    ),
    FLOW,
    argument("--no-authorize", action="store_true", help="only create it"),
    argument("--no-widget", action="store_true", help="no form"),
    WAIT,
    TIMEOUT,
)
def new(
    desk: Desk,
    *,
    service: str | None = None,
    name: str | None = None,
    scopes: str | None = None,
    login_user: bool = False,
    param: list[str] | None = None,
    flow: "AskedWay" = "auto",
    no_authorize: bool = False,
    no_widget: bool = False,
    wait: bool = False,
    timeout: float | None = None,
) -> View | None:
    """Make a connection: in a form, or at once when service and name are given."""
    if no_widget:
        desk = desk.without_widgets()
    complete = service is not None and (name is not None or not desk.around.widgets)
    if not complete:
        return _form(desk, service=service, name=name, flow=flow)
    draft = _draft(
        service=service,
        name=name or "",
        scopes=scopes,
        login_user=login_user,
        param=param,
    )
    created = desk.broker.create(draft if no_authorize else with_typed(desk, draft))
    if no_authorize:
        return View(
            Sentence(f"'{created.link_name}' is created", "todo"),
            Note(f"Run %conn authorize {created.link_name}"),
            data=created.to_json(),
        )
    if created.status == "connected":  # what was typed was enough
        return connected_view(desk, created)
    return authorize(
        desk, name=created.link_name, flow=flow, wait=wait, timeout=timeout
    )


def _form(
    desk: Desk, *, service: str | None, name: str | None, flow: "AskedWay"
) -> View | None:
    if desk.around.widgets:
        show_new_form(desk, service=service, name=name, flow=flow)
        return None
    if not desk.around.person:
        raise UsageError("A service is needed. Write: %conn new SERVICE --name NAME")
    found = services(desk)
    how_to = Note('Write %conn new SERVICE --name "NAME". See %conn services')
    return View(*found.blocks, how_to, data=found.to_json())


def _draft(
    *,
    service: str | None,
    name: str,
    scopes: str | None,
    login_user: bool,
    param: list[str] | None,
) -> "conn_core.ConnectionDraft":
    from conn_core import ConnectionDraft, read_draft

    body = {
        "service": service,
        "name": name,
        "scopes": None if scopes is None else _words.split(scopes),
        "use_login_user_credentials": login_user,
        "parameters": dict(_pair(each) for each in param or ()),
    }
    return read_draft(ConnectionDraft, body)


def _pair(text: str) -> tuple[str, str]:
    key, equals, value = text.partition("=")
    if not (key and equals):
        raise UsageError(f"--param takes name=value, not '{text}'")
    return key, value


@verb("authorize", NAME, FLOW, WAIT, TIMEOUT)
def authorize(
    desk: Desk,
    *,
    name: str,
    flow: "AskedWay" = "auto",
    secret: Mapping[str, str] | None = None,
    wait: bool = False,
    timeout: float | None = None,
) -> View | None:
    """Authorize a connection, for the first time or again: in the browser, by a code or a key."""
    connection = desk.broker.connection(name)
    service = service_of(desk, connection)
    refuse_without_person(desk, connection, service, secret=secret)
    if desk.around.widgets and needs_form(service, secret=secret):
        show_authorize_form(desk, connection, flow=flow)
        return None
    authorization = begin(desk, connection, service, flow=flow, secret=secret)
    if authorization.state == "done":
        return connected_view(desk, desk.broker.connection(connection.link_name))
    in_form = desk.around.widgets and (not wait or authorization.way == "paste")
    if authorization.state == "pending" and in_form:
        show_authorize_form(desk, authorization)
        return None
    return follow(desk, authorization, wait=wait, timeout=timeout)
