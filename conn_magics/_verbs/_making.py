"""Verbs that make connections ready: new, authorize."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from conn_core import READ_ONLY, principals_in

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
from .._naming import said_as_options
from .._usage import UsageError
from .._verb import NAME, OPEN, SECRET_STDIN, argument, verb
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

#: What people type for a member of a connection.
_OPTIONS = {
    "service": "SERVICE",
    "name": "--name",
    "scopes": "--scopes",
    "parameters": "--param",
    "shared_with": "--share",
}
NO_AUTHORIZE = argument(
    "--no-authorize", action="store_true", help="do not authorize it now"
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
        default=[],
        metavar="k=v",
        help="a value the service needs, such as a sub-domain (again for more)",
    ),
    argument(
        "--private", action="store_true", help="only you see it; else everybody here"
    ),
    argument(
        "--share",
        action="append",
        default=[],
        metavar="WHO",
        help="only you and these see it: people and group:NAME, with commas",
    ),
    argument(
        "--sealed",
        action="store_true",
        help="the token stays with the broker, and requests go through it",
    ),
    argument(
        "--read-only",
        action="store_true",
        help="only requests that change nothing: GET, HEAD, OPTIONS; it is sealed then",
    ),
    FLOW,
    NO_AUTHORIZE,
    argument("--no-widget", action="store_true", help="no form"),
    WAIT,
    TIMEOUT,
    OPEN,
    SECRET_STDIN,
)
def new(
    desk: Desk,
    *,
    service: str | None = None,
    name: str | None = None,
    scopes: str | None = None,
    login_user: bool = False,
    param: Sequence[str] = (),
    private: bool = False,
    share: Sequence[str] = (),
    sealed: bool = False,
    read_only: bool = False,
    flow: "AskedWay" = "auto",
    no_authorize: bool = False,
    no_widget: bool = False,
    wait: bool = False,
    timeout: float | None = None,
) -> View | None:
    """Make a connection: in a form, or at once when it is described here."""
    if no_widget:
        desk = desk.without_widgets()
    described: dict[str, Any] = {
        "scopes": None if scopes is None else _words.split(scopes),
        "use_login_user_credentials": login_user,
        "parameters": _pairs(param),
        **_shared_with(share, private=private),
        **({"exposure": "sealed"} if sealed else {}),
        **({"rules": {"methods": list(READ_ONLY)}} if read_only else {}),
    }
    decided = name is not None or no_authorize or any(described.values()) or private
    if service is None or (desk.around.widgets and not decided):
        return _form(desk, service=service, name=name, flow=flow)
    with said_as_options(_OPTIONS):
        draft = _draft(described | {"service": service, "name": name or ""})
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


def _shared_with(share: Sequence[str], *, private: bool) -> dict[str, list[str]]:
    """Return who else may use it, where that is not everybody here."""
    if private and share:
        raise UsageError("--private and --share say two different things: write one")
    if not (private or share):
        return {}
    return {"shared_with": principals_in(",".join(share))}


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


def _draft(body: Mapping[str, Any]) -> "conn_core.ConnectionDraft":
    from conn_core import ConnectionDraft, read_draft

    return read_draft(ConnectionDraft, body)


def _pairs(texts: Sequence[str]) -> dict[str, str]:
    pairs = [text.partition("=") for text in texts]
    if any(not (key and equals) for key, equals, _ in pairs):
        raise UsageError("--param takes name=value")  # what was typed may be a secret
    if len({key for key, _, _ in pairs}) < len(pairs):
        raise UsageError("--param gives one name twice")
    return {key: value for key, _, value in pairs}


@verb("authorize", NAME, FLOW, WAIT, TIMEOUT, OPEN, SECRET_STDIN)
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
        return connected_view(desk, desk.broker.connection(_words.key_of(connection)))
    in_form = desk.around.widgets and (not wait or authorization.way == "paste")
    if authorization.state == "pending" and in_form:
        show_authorize_form(desk, authorization)
        return None
    return follow(desk, authorization, wait=wait, timeout=timeout)
