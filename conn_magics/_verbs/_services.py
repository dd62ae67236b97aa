"""The verbs about what one can connect to: services, and how one is described."""

from typing import TYPE_CHECKING

from .. import _words
from .._blocks import Block, Cell, Facts, Heading, Note, Table, Title
from .._desk import Desk
from .._verb import VERBS, argument, verb
from .._views import ListView, View, page_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    import conn_core

_SHOWN = 50
ID = argument("service_id", metavar="ID", help="the service", completes="service")
OWN_ID = argument(
    "service_id",
    metavar="ID",
    help="a service of your own",
    completes="custom service",
)
_AUTHENTICATION = {
    "oauth2": "OAuth 2.0",
    "oauth1": "OAuth 1.0a",
    "api_key": "API key",
    "basic": "user name and password",
    "bearer": "bearer token",
    "aws_sigv4": "AWS signature",
}
_ENDPOINTS = (
    ("Issuer", "issuer"),
    ("Request token URL", "request_token_endpoint"),
    ("Authorize URL", "authorization_endpoint"),
    ("Device URL", "device_authorization_endpoint"),
    ("Access token URL", "token_endpoint"),
    ("Refresh token URL", "refresh_endpoint"),
    ("Revoke URL", "revocation_endpoint"),
    ("Registration URL", "registration_endpoint"),
    ("API base URL", "api_base_url"),
    ("Test path", "test_path"),
    ("Redirect URL", "redirect_uri"),
    ("Documentation", "docs_url"),
)


@verb(
    "services",
    argument("query", nargs="*", metavar="QUERY", help="part of a name or category"),
    argument(
        "--predefined",
        dest="predefined",
        action="store_const",
        const=True,
        help="only those that ship",
    ),
    argument(
        "--custom",
        dest="predefined",
        action="store_const",
        const=False,
        help="only those people made here",
    ),
    argument("--category", metavar="C", help="only of this category"),
    reading=True,
)
def services(
    desk: Desk,
    *,
    query: list[str] | str = "",
    predefined: bool | None = None,
    category: str | None = None,
) -> "ListView[conn_core.Service]":
    """Search the services one can connect to."""
    wanted = query if isinstance(query, str) else " ".join(query)
    page = desk.broker.services(
        wanted, predefined=predefined, category=category, limit=_SHOWN
    )
    data = page_of(
        page.items,
        write=lambda s: s.model_dump(mode="json"),
        next_cursor=page.next_cursor,
        total=page.total,
    )
    if not page.items:
        return ListView(
            (), Note("No service is like that. See %conn services"), data=data
        )
    more = (
        f"{len(page.items)} of {page.total} services. Narrow it: %conn services QUERY"
    )
    return ListView(
        page.items,
        _table(page.items),
        *([Note(more)] if page.next_cursor else []),
        data=data,
    )


def _table(found: "Sequence[conn_core.Service]") -> Table:
    rows = tuple(
        (
            Cell(s.name, "strong", note=s.id, plain=s.id),
            Cell(s.category or ("" if s.predefined else f"by {s.owner}")),
            Cell(s.description),
        )
        for s in found
    )
    heads = ("Service", "Category", "What it is for")
    return Table(heads, rows, elastic="What it is for")


@verb("service")
def service(desk: Desk) -> View:
    """Look at a service; describe one of your own; register with one."""
    del desk
    actions = VERBS["service"].actions
    rows = tuple(
        (Cell(f"%conn service {name}", "command"), Cell(each.summary))
        for name, each in actions.items()
    )
    return View(Table(("Type", "To"), rows), data={"actions": list(actions)})


@verb("service show", ID, reading=True)
def show_service(desk: Desk, *, service_id: str) -> View:
    """Show a service: addresses, scopes, hosts, and whether it is registered."""
    found = desk.broker.service(service_id)
    return View(
        Title(found.name, found.id),
        *([Note(found.description)] if found.description else []),
        Facts(_facts(found)),
        *_scopes(found),
        Note(_next_step(found)),
        data=found.model_dump(mode="json"),
    )


def _facts(service: "conn_core.Service") -> tuple[tuple[str, Cell], ...]:
    kind = "predefined" if service.predefined else f"custom, by {service.owner}"
    how = _AUTHENTICATION[service.auth_type]
    if service.auth_type == "oauth2":
        how += f", {service.grant_type.replace('_', ' ')}"
    addresses = (
        (head, Cell(getattr(service, member) or "", "code"))
        for head, member in _ENDPOINTS
    )
    pairs = (
        ("Kind", Cell(kind)),
        ("Category", Cell(service.category)),
        ("Authentication", Cell(how)),
        *addresses,
        ("Allowed hosts", Cell(_words.listed(service.api_hosts), "code")),
        ("Asks for", Cell(_words.listed(_persons_blanks(service)), "code")),
        ("Registration", Cell(_registration(service))),
        ("Connections", Cell(str(service.connection_count))),
    )
    return tuple(pair for pair in pairs if pair[1].text)


def _persons_blanks(service: "conn_core.Service") -> list[str]:
    return [each.name for each in service.parameters if each.filled_by == "person"]


def needs_registration(service: "conn_core.Service") -> bool:
    """Tell whether a client has to be registered with a service."""
    return service.auth_type in {"oauth1", "oauth2"}


def _registration(service: "conn_core.Service") -> str:
    if not needs_registration(service):
        return ""
    return "entered" if service.registered else "not entered yet"


def _scopes(service: "conn_core.Service") -> list[Block]:
    if not service.scopes:
        return []
    rows = tuple(
        (
            Cell(each.name, "code"),
            Cell(each.display_name),
            Cell("read-only" if each.read_only else ""),
        )
        for each in service.scopes
    )
    table = Table(("Name", "What it allows", "Changes"), rows, elastic="What it allows")
    return [Heading("Scopes"), table]


def _next_step(service: "conn_core.Service") -> str:
    if needs_registration(service) and not service.registered:
        return f"Run %conn service register {service.id}, then %conn new {service.id}"
    return f"Run %conn new {service.id}"
