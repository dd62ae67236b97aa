"""Verbs about services of one's own: describe, change and delete one."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from conn_core.errors import CredentialsAtStake

from .. import _words
from .._asking import ask_client_secret
from .._blocks import Block, Note, Sentence
from .._confirm import Question, confirmed, unchanged
from .._desk import Desk
from .._forms import show_service_form
from .._naming import said_as_options
from .._service_members import changed, completed
from .._service_options import OPTION_OF, arguments, members_from
from .._texts import read_text
from .._usage import UsageError
from .._verb import SECRET_STDIN, YES, argument, verb
from .._views import View
from ._services import OWN_ID, needs_registration

if TYPE_CHECKING:
    from conn_core import Connection, Secret, Service, ServiceDraft, ServiceProposal

_NAMED = 4
_SOURCES = (
    argument(
        "--issuer",
        metavar="URL",
        help="its authorization server; what that says of itself is filled in",
    ),
    argument("--openapi", metavar="FILE", help="an OpenAPI document to learn from"),
    argument("--from", dest="source", metavar="FILE", help="an exported service"),
)
_NO_WIDGET = argument("--no-widget", action="store_true", help="no form")


@verb(
    "service new",
    argument("--id", metavar="ID", help="made from the name when absent"),
    *_SOURCES,
    *arguments(),
    _NO_WIDGET,
    SECRET_STDIN,
)
def new_service(
    desk: Desk,
    *,
    id: str | None = None,  # noqa: A002 - the option's name
    issuer: str | None = None,
    openapi: str | None = None,
    source: str | None = None,
    no_widget: bool = False,
    **described: Any,
) -> View | None:
    """Describe a service of your own: in a form, or by options."""
    typed = members_from(described) | ({} if id is None else {"id": id})
    learned = learned_from(desk, issuer=issuer, openapi=openapi, source=source)
    members = dict(learned.service) | typed
    complete = "name" in members and "api_base_url" in members
    if desk.around.widgets and not (no_widget or complete):
        show_service_form(desk, proposal=_with(learned, members))
        return None
    return create(desk, members, notes=learned.notes)


def learned_from(desk: Desk, **sources: str | None) -> "ServiceProposal":
    """Return what a source says of a service; nothing where none is named.

    Raises:
        UsageError: If several are named.
    """
    from conn_core import ServiceProposal

    named = {name: value for name, value in sources.items() if value is not None}
    if not named:
        return ServiceProposal(service={})
    if len(named) > 1:
        raise UsageError("Name one source: --issuer, --openapi or --from")
    ((name, value),) = named.items()
    match name:
        case "issuer":
            with said_as_options(OPTION_OF):
                return desk.broker.propose_service(issuer=value)
        case "openapi":
            text = read_text(Path(value), option="--openapi")
            return desk.broker.propose_service(openapi=text)
    return desk.broker.propose_service(toml=read_text(Path(value), option="--from"))


def _with(learned: "ServiceProposal", members: dict[str, Any]) -> "ServiceProposal":
    from conn_core import ServiceProposal

    return ServiceProposal(service=members, notes=learned.notes)


def create(desk: Desk, members: dict[str, Any], *, notes: tuple[str, ...]) -> View:
    """Describe a service, and say what is next.

    Args:
        desk: The broker, and how to ask for the client secret.
        members: What is known.
        notes: What else there is to know.

    Raises:
        InvalidInput: With the options that are wrong; nothing was stored.
    """
    with said_as_options(OPTION_OF):
        draft = _draft(desk, completed(members))
        made = desk.broker.create_service(draft)
    return View(
        Sentence(f"'{made.id}' is described: everybody here can connect to it", "ok"),
        *_to_know(made, notes),
        *_what_is_next(made),
        data=made.model_dump(mode="json"),
    )


def _to_know(service: "Service", learned: tuple[str, ...]) -> list[Note]:
    """Return what was learned of a service, and a warning where it looks borrowed."""
    from conn_core.look import addresses_apart

    return [Note(words) for words in (*learned, addresses_apart(service)) if words]


def _draft(desk: Desk, members: Mapping[str, Any]) -> "ServiceDraft":
    """Read a description; the client secret is asked for once the rest is right."""
    from conn_core import ServiceDraft, read_draft

    if desk.piped is not None and "client_id" in desk.piped:
        members = {"client_id": desk.piped["client_id"].reveal(), **members}
    draft: ServiceDraft = read_draft(ServiceDraft, members)
    if not draft.client_id and desk.piped is None:
        return draft
    secret = _client_secret(desk, draft)
    if secret is None:
        return draft
    # No local variable for the secret: tracebacks may show those.
    return read_draft(ServiceDraft, {**members, "client_secret": secret.reveal()})


def _client_secret(desk: Desk, draft: "ServiceDraft") -> "Secret | None":
    if desk.piped is None and not desk.around.person:
        return None  # a script that has none; the registration says what is missing
    return ask_client_secret(desk, draft.token_endpoint_auth_method)


def _what_is_next(service: "Service") -> list[Block]:
    if needs_registration(service) and not service.registered:
        redirect = service.redirect_uri or ""
        where = (
            [Note(f"Register this redirect URL there: {redirect}")] if redirect else []
        )
        return [*where, Note(f"Run %conn service register {service.id}")]
    return [Note(f"Run %conn new {service.id}")]


@verb(
    "service edit",
    OWN_ID,
    *_SOURCES,
    *arguments(),
    argument(
        "--wipe-credentials",
        action="store_true",
        help="end the credentials that are bound to what changes, without asking",
    ),
    _NO_WIDGET,
    SECRET_STDIN,
)
def edit_service(
    desk: Desk,
    *,
    service_id: str,
    issuer: str | None = None,
    openapi: str | None = None,
    source: str | None = None,
    wipe_credentials: bool = False,
    no_widget: bool = False,
    **described: Any,
) -> View | None:
    """Change a service of your own; a client secret that is left out is kept."""
    before = desk.broker.service(service_id)
    learned = learned_from(desk, issuer=issuer, openapi=openapi, source=source)
    changes = {**learned.service, **members_from(described)}
    changes.pop("id", None)  # it never changes
    if not changes and desk.piped is None:
        if not desk.around.widgets or no_widget:
            raise UsageError(
                "Say what to change. See %conn service edit --help for the options"
            )
        show_service_form(desk, service=before)
        return None
    with said_as_options(OPTION_OF):
        draft = _draft(desk, changed(before, changes))
    after = _kept(desk, before, draft, wipe=wipe_credentials)
    return unchanged() if after is None else _edited(after, learned.notes)


def _kept(
    desk: Desk, before: "Service", draft: "ServiceDraft", *, wipe: bool
) -> "Service | None":
    """Make the change; ask before credentials end; None where that is not wanted."""
    broker, version = desk.broker, before.version
    try:
        with said_as_options(OPTION_OF):
            return broker.edit_service(
                before.id, draft, version=version, wipe_credentials=wipe
            )
    except CredentialsAtStake as error:
        if not desk.around.person:
            hint = "Add --wipe-credentials to end them"
            raise CredentialsAtStake(error.message, hint) from None
        if not confirmed(desk, _about_ending(desk, before, why=error.message)):
            return None
    return broker.edit_service(before.id, draft, version=version, wipe_credentials=True)


def _about_ending(desk: Desk, service: "Service", *, why: str) -> Question:
    return Question(
        title=f"End the credentials of {service.name}?",
        consequence=f"{why.rstrip('.')}. Credentials belong to the addresses they were "
        "made for: everybody has to authorize again.",
        doing=f"ending the credentials of {service.name}",
        command=f"%conn service edit {service.id} --wipe-credentials",
        places=_concerned(desk, service),
        head="It concerns:",
    )


def _concerned(desk: Desk, service: "Service") -> list[str]:
    page = desk.broker.connections(service=service.id, limit=_NAMED)
    rest = page.total - len(page.items)
    return [*map(_of_whom, page.items), *([f"  and {rest} more"] if rest else [])]


def _of_whom(connection: "Connection") -> str:
    return f"  {connection.link_name}, of {connection.owner}"


def _edited(after: "Service", notes: tuple[str, ...]) -> View:
    return View(
        Sentence(f"'{after.id}' is changed", "ok"),
        *_to_know(after, notes),
        data=after.model_dump(mode="json"),
    )


@verb("service delete", OWN_ID, YES)
def delete_service(desk: Desk, *, service_id: str, yes: bool = False) -> View:
    """Delete a service of your own that no connection uses."""
    found = desk.broker.service(service_id)
    in_use = _words.counted(found.connection_count, "connection")
    question = Question(
        title=f"Delete {found.name}?",
        consequence="This cannot be undone. Its client registration is deleted too. "
        f"A service that connections use cannot be deleted: {in_use} here.",
        doing=f"deleting {found.name}",
        command=f"%conn service delete {found.id}",
        places=_concerned(desk, found),
    )
    if not (yes or confirmed(desk, question)):
        return unchanged()
    desk.broker.delete_service(found.id)
    return View(
        Sentence(f"'{found.id}' is deleted", "off"), data=found.model_dump(mode="json")
    )
