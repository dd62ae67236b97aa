"""Verbs that make connections ready: new, authorize."""

from typing import TYPE_CHECKING

from conn_core.errors import InteractionRequired

from .. import _words
from .._blocks import Note, Sentence
from .._desk import Desk
from .._forms import show_authorize_form, show_new_form
from .._usage import UsageError
from .._verb import NAME, argument, verb
from .._views import View
from .._waiting import authorization_view, wait_until_done
from ._services import services

if TYPE_CHECKING:
    import conn_core

WAIT = argument("--wait", action="store_true", help="wait until it is done")
TIMEOUT = argument(
    "--timeout",
    type=float,
    default=300.0,
    metavar="S",
    help="how long to wait, seconds",
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
    no_authorize: bool = False,
    no_widget: bool = False,
    wait: bool = False,
    timeout: float = 300.0,
) -> View | None:
    """Make a connection: in a form, or at once when service and name are given."""
    complete = service is not None and (
        name is not None or not desk.around.widgets or no_widget
    )
    if not complete:
        return _form(desk, service=service, name=name, allowed=not no_widget)
    created = desk.broker.create(
        _draft(
            service=service,
            name=name or "",
            scopes=scopes,
            login_user=login_user,
            param=param,
        )
    )
    if no_authorize:
        return View(
            Sentence(f"'{created.link_name}' is created", "todo"),
            Note(f"Run %conn authorize {created.link_name}"),
            data=created.to_json(),
        )
    return authorize(desk, name=created.link_name, wait=wait, timeout=timeout)


def _form(
    desk: Desk, *, service: str | None, name: str | None, allowed: bool
) -> View | None:
    if desk.around.widgets and allowed:
        show_new_form(desk, service=service, name=name)
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


@verb("authorize", NAME, WAIT, TIMEOUT)
def authorize(
    desk: Desk, *, name: str, wait: bool = False, timeout: float = 300.0
) -> View | None:
    """Authorize a connection in the browser, for the first time or again."""
    if not desk.around.person:
        link_name = desk.broker.connection(name).link_name
        raise InteractionRequired(
            f"This notebook runs without a user, and '{link_name}' needs someone to authorize it",
            f"Open a notebook and run %conn authorize {link_name}, then run the job again",
        )
    authorization = desk.broker.authorize(name)
    view = authorization_view(authorization)
    if wait:
        desk.show(view)
        return authorization_view(wait_until_done(desk, authorization, timeout=timeout))
    if desk.around.widgets:
        show_authorize_form(desk, authorization)
        return None
    return view
