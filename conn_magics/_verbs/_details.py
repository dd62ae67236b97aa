"""Verbs about one connection: show, snippet, log."""

from datetime import datetime
from typing import TYPE_CHECKING

from conn_core import LIBRARIES, libraries_for
from conn_core import snippet as code_for
from conn_core.look import briefly, what_was_done, who_did

from .. import _words
from .._blocks import Block, Cell, Code, Facts, Heading, Note, Table, Title
from .._desk import Desk
from .._verb import NAME, argument, verb
from .._views import ListView, View, page_of

if TYPE_CHECKING:
    import conn_core

#: How much of its history, and of where it is used, a connection's page shows.
_EVENTS = 5
_USES = 100


@verb("show", NAME, reading=True)
def show(desk: Desk, *, name: str) -> View:
    """Show one connection: facts, code to copy, history, where it is used."""
    connection = desk.broker.connection(name)
    key = _words.key_of(connection)
    service = desk.broker.service(connection.service)
    user, now = desk.broker.status().user, desk.now()
    events = desk.broker.events(key, limit=_EVENTS)
    uses = desk.broker.uses(key, limit=_USES)
    places = _words.places(uses, user=user, now=now)
    blocks: list[Block] = [
        Title(connection.name, connection.link_name),
        Facts(_facts(connection, service, user=user, now=now)),
        Heading("Code"),
        Code(code_for(connection, service=service)),
    ]
    if events:
        blocks += [Heading("History"), _history(events)]
    if places:
        blocks += [Heading("Used in"), *map(Note, places)]
    return View(*blocks, data=connection.to_json())


def _facts(
    connection: "conn_core.Connection",
    service: "conn_core.Service",
    *,
    user: str,
    now: datetime,
) -> tuple[tuple[str, Cell], ...]:
    account = f", account {connection.account}" if connection.account else ""
    kind = "predefined" if service.predefined else "custom"
    exposure = (
        "direct: a short-lived token reaches the notebook"
        if connection.exposure == "direct"
        else "sealed: the token stays with the broker, and requests go through it"
    )
    pairs = (
        ("Status", Cell(connection.status, "status", note=connection.status_reason)),
        ("Service", Cell(f"{service.name}, {kind}")),
        ("Whose credentials", Cell(_words.whose(connection, user) + account)),
        ("Who may use it", Cell(_words.audience(connection, user))),
        ("Scopes", Cell(_words.listed(connection.scopes), "code")),
        ("Granted", Cell(_granted(connection), "code")),
        *((name, Cell(text, "code")) for name, text in connection.parameters.items()),
        ("Allowed hosts", Cell(_words.listed(service.api_hosts), "code")),
        ("Exposure", Cell(exposure)),
        ("Requests", Cell(_requests(connection))),
        ("Expires", Cell(_words.ahead(connection.expires_at, now))),
        ("Created", Cell(_words.day(connection.created_at))),
        ("Last used", Cell(_words.ago(connection.last_used_at, now))),
    )
    return tuple(pair for pair in pairs if pair[1].text)


def _requests(connection: "conn_core.Connection") -> str:
    return f"only {connection.rules.in_words()}" if connection.rules else ""


def _granted(connection: "conn_core.Connection") -> str:
    """Name the granted scopes when they are not simply those that were asked for."""
    granted = connection.granted_scopes
    return "" if set(granted) == set(connection.scopes) else _words.listed(granted)


@verb(
    "snippet",
    NAME,
    argument(
        "--for",
        dest="library",
        choices=LIBRARIES,
        default="httpx",
        help="a library, or python for a script; some are for some services only",
    ),
    reading=True,
)
def snippet(desk: Desk, *, name: str, library: str = "httpx") -> View:
    """Show code to copy."""
    connection = desk.broker.connection(name)
    service = desk.broker.service(connection.service)
    code = code_for(connection, library=library, service=service)
    known = libraries_for(service, exposure=connection.exposure)
    data = {
        "link_name": connection.link_name,
        "snippet": code,
        "libraries": list(known),
    }
    return View(Code(code), data=data)


@verb(
    "log",
    argument(
        "name",
        nargs="?",
        metavar="NAME",
        help="link name or display name; everything that concerns you without one",
        completes="connection",
    ),
    argument(
        "-n", dest="limit", type=int, default=20, metavar="N", help="how many lines"
    ),
    reading=True,
)
def log(
    desk: Desk, *, name: str | None = None, limit: int = 20
) -> "ListView[conn_core.AuditLine]":
    """Say who used, refreshed, changed or revoked a connection, and from where."""
    page = desk.broker.audit(connection=name, limit=limit)
    data = page_of(
        page.items, write=lambda line: line.to_json(), next_cursor=page.next_cursor
    )
    shown = _lines(page.items, every=name is None)
    return ListView(page.items, shown, data=data)


def _lines(lines: "tuple[conn_core.AuditLine, ...]", *, every: bool) -> Block:
    if not lines:
        return Note("Nothing has happened yet")
    named = ("Connection",) if every else ()
    rows = tuple(
        (
            Cell(_words.minute(line.at)),
            Cell(who_did(line)),
            *((Cell(line.connection),) if every else ()),
            Cell(what_was_done(line)),
            Cell(briefly(line.place)),
            Cell(line.result),
        )
        for line in lines
    )
    return Table(("When", "Who", *named, "What", "From", "Result"), rows)


def _history(events: "tuple[conn_core.Event, ...]") -> Table:
    rows = tuple(
        (Cell(_words.minute(e.at)), Cell(e.actor), Cell(_event_words(e)))
        for e in events
    )
    return Table(("When", "Who", "What"), rows)


def _event_words(event: "conn_core.Event") -> str:
    failed = "" if event.result == "ok" else f" ({event.result})"
    told = f": {briefly(event.detail)}" if event.detail else ""
    return f"{event.action}{failed}{told}"
