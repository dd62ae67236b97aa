"""Verbs about all connections: list, status."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from .. import _words
from .._blocks import Block, Cell, Note, Table
from .._connection import Connection
from .._desk import Desk
from .._verb import argument, verb
from .._views import ListView, every_page, page_of

if TYPE_CHECKING:
    import conn_core
    from conn_core._values import Group, Status

_STATUSES = ("connected", "needs authorization", "revoked", "suspended", "failed")
_MOST_IN_A_PAGE = 1000
_MOST_AT_ALL = 100_000
_HEADS = (
    "Name",
    "Owner",
    "Service",
    "Status",
    "Credentials",
    "Scopes",
    "Expires",
    "Last used",
)
#: What a narrow terminal leaves out, first to go first.
_DROPPABLE = ("Credentials", "Scopes", "Last used", "Expires", "Service")


@verb(
    "list",
    argument(
        "pattern", nargs="?", default="", metavar="PATTERN", help="part of a name"
    ),
    argument("--my", dest="group", action="store_const", const="my", help="only mine"),
    argument(
        "--org",
        dest="group",
        action="store_const",
        const="organisation",
        help="only those of others here",
    ),
    argument(
        "--internal",
        dest="group",
        action="store_const",
        const="internal",
        help="only those of built-in tasks",
    ),
    argument(
        "--everybody",
        dest="group",
        action="store_const",
        const="all",
        help="all that there are, as an administrator",
    ),
    argument(
        "--service", metavar="S", help="only of this service", completes="service"
    ),
    argument("--status", choices=_STATUSES, metavar="S", help="only with this status"),
    reading=True,
)
def list_connections(
    desk: Desk,
    *,
    pattern: str = "",
    group: "Group | None" = None,
    service: str | None = None,
    status: "Status | None" = None,
) -> ListView[Connection]:
    """List connections: status, whose credentials, scopes, last use."""
    page = every_page(
        lambda cursor, limit: desk.broker.connections(
            pattern,
            group=group,
            service=service,
            status=status,
            cursor=cursor,
            limit=limit,
        ),
        most=_most(desk),
    )
    found = page.items
    names = _words.names_of(found)
    filtered = bool(pattern or group or service or status)
    blocks = (
        _table(desk, found, names, with_owner=group in {"organisation", "all"})
        if found
        else (_nothing(filtered=filtered),)
    )
    return ListView(
        _handles(desk, found, names),
        *blocks,
        *_rest(page),
        data=lambda: _as_json(page),
    )


def _as_json(page: "conn_core.Page[conn_core.Connection]") -> dict[str, Any]:
    return page_of(
        page.items,
        write=lambda c: c.to_json(),
        next_cursor=page.next_cursor,
        total=page.total,
    )


def _most(desk: Desk) -> int:
    """Return how many connections are shown: a page has an end, a terminal scrolls."""
    return _MOST_AT_ALL if desk.around.command else _MOST_IN_A_PAGE


def _rest(page: "conn_core.Page[conn_core.Connection]") -> tuple[Note, ...]:
    if page.next_cursor is None:
        return ()
    shown = f"{len(page.items):,} of {page.total:,} connections"
    return (Note(f"{shown}. Narrow it: %conn list PATTERN"),)


def _handles(
    desk: Desk, found: "Sequence[conn_core.Connection]", names: Sequence[str]
) -> list[Connection]:
    return [
        Connection(name, facts=each, holder=desk.holder)
        for name, each in zip(names, found, strict=True)
    ]


def _nothing(*, filtered: bool) -> Note:
    if filtered:
        return Note("No connection is like that. See %conn list")
    return Note("There are no connections yet. Run %conn new")


def _table(
    desk: Desk,
    found: "Sequence[conn_core.Connection]",
    names: Sequence[str],
    *,
    with_owner: bool,
) -> tuple[Block, ...]:
    user, now = desk.broker.status().user, desk.now()
    rows = [
        (
            name_cell(c, name),
            Cell(c.owner if with_owner else ""),
            Cell(c.service_name),
            Cell(c.status, "status", note=c.status_reason, plain=c.status),
            _credentials_cell(c, user),
            Cell(_words.listed(c.scopes), "code"),
            Cell(_words.ahead(c.expires_at, now)),
            Cell(_words.ago(c.last_used_at, now)),
        )
        for c, name in zip(found, names, strict=True)
    ]
    # A column without a single entry says nothing.
    used = [n for n in range(len(_HEADS)) if any(row[n].text for row in rows)]
    table = Table(
        tuple(_HEADS[n] for n in used),
        tuple(tuple(row[n] for n in used) for row in rows),
        elastic="Scopes",
        droppable=_DROPPABLE,
    )
    return (table,)


def _credentials_cell(connection: "conn_core.Connection", user: str) -> Cell:
    account = f"as {connection.account}" if connection.account else ""
    sealed = "sealed" if connection.exposure == "sealed" else ""
    note = ", ".join(filter(None, (account, sealed)))
    whose = _words.whose(connection, user)
    plain = f"{whose} {account}".strip() + (f", {sealed}" if sealed else "")
    return Cell(whose, note=note, plain=plain)


def name_cell(connection: "conn_core.Connection", name: str) -> Cell:
    """Show a name: what people read above what code writes; a terminal shows the latter."""
    return Cell(connection.name, "strong", note=name, plain=name)


@verb(
    "status",
    argument(
        "names",
        nargs="*",
        metavar="NAME",
        help="all when absent",
        completes="connection",
    ),
    reading=True,
)
def status(desk: Desk, *, names: list[str] | None = None) -> ListView[Connection]:
    """Say how connections are, and the next command to run; asks no service."""
    broker = desk.broker
    found = (
        [broker.connection(name) for name in names]
        if names
        else every_page(
            lambda cursor, limit: broker.connections(cursor=cursor, limit=limit),
            most=_most(desk),
        ).items
    )
    called = _words.names_of(found)
    rows = tuple(
        (
            name_cell(c, name),
            Cell(c.status, "status"),
            Cell(_words.next_command(c, name), "command"),
            Cell(_status_words(c)),
        )
        for c, name in zip(found, called, strict=True)
    )
    items = _handles(desk, found, called)
    data = page_of(found, write=_status_json)
    if not found:
        return ListView(items, _nothing(filtered=False), data=data)
    table = Table(("Name", "Status", "Next", "Why"), rows, elastic="Why")
    return ListView(items, table, data=data)


def _status_words(connection: "conn_core.Connection") -> str:
    if connection.status_reason:
        return connection.status_reason
    if connection.status == "connected" and connection.account:
        return f"as {connection.account}"
    return ""


def _status_json(connection: "conn_core.Connection") -> dict[str, object]:
    return {
        "link_name": connection.link_name,
        "status": connection.status,
        "status_reason": connection.status_reason,
        "account": connection.account,
        "next": _words.next_command(connection),
    }
