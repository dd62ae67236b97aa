"""Verbs that carry services and connections elsewhere, without secrets."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from conn_core.errors import ConnectionsError

from .._blocks import Cell, Code, Note, Sentence, Table
from .._desk import Desk
from .._texts import read_text, write_text
from .._verb import argument, verb
from .._views import View, every_page

if TYPE_CHECKING:
    from conn_core import Connection, Service

_MOST = 1000
Row = tuple[Cell, Cell, Cell]


@verb("export", argument("file", metavar="FILE", nargs="?", help="write it there"))
def export(desk: Desk, *, file: str | None = None) -> View:
    """Write your services and connections without secrets, as TOML or JSON."""
    from conn_core import bundle_text

    services, connections = _mine(desk)
    as_json = file is not None and file.endswith(".json")
    text = bundle_text(services, connections, as_json=as_json)
    names = {
        "services": [each.id for each in services],
        "connections": [each.link_name for each in connections],
    }
    if file is None:
        return View(Code(text), data=names | {"toml": text})
    write_text(Path(file), text, option="FILE")
    what = f"{len(services)} services and {len(connections)} connections"
    return View(
        Sentence(f"{what} are written to {file}, without any secret", "ok"),
        Note(f"Elsewhere, run %conn import {file} and authorize each"),
        data=names | {"file": file},
    )


def _mine(desk: Desk) -> "tuple[list[Service], list[Connection]]":
    """Return the person's own services, others' that are used, and own connections."""
    me = desk.broker.status().user
    connections = every_page(
        lambda cursor, limit: desk.broker.connections(
            group="my", cursor=cursor, limit=limit
        ),
        most=_MOST,
    ).items
    used = {each.service for each in connections}
    described = every_page(
        lambda cursor, limit: desk.broker.services(
            predefined=False, cursor=cursor, limit=limit
        ),
        most=_MOST,
    ).items
    services = [each for each in described if each.owner == me or each.id in used]
    return services, list(connections)


@verb("import", argument("file", metavar="FILE", help="what %%conn export wrote"))
def import_bundle(desk: Desk, *, file: str) -> View:
    """Create the services and connections of a file; you become their owner."""
    from conn_core import read_bundle

    bundle = read_bundle(read_text(Path(file), option="FILE"))
    rows: list[Row] = []
    made: dict[str, list[str]] = {"services": [], "connections": []}
    for service in bundle.services:
        _try(rows, made["services"], service.id, desk.broker.create_service, service)
    for connection in bundle.connections:
        name = connection.link_name or connection.name or connection.service
        _try(rows, made["connections"], name, desk.broker.create, connection)
    done = sum(map(len, made.values()))
    failed = len(rows) - done
    return View(
        Sentence(f"{done} imported, {failed} not", "bad" if failed else "ok"),
        Table(("Name", "Result", "Next"), tuple(rows)),
        Note("Secrets are in no file: authorize each connection"),
        data=made | {"failed": failed},
        outcome="failed" if failed else "ok",
    )


def _try(rows: list[Row], made: list[str], name: str, create: Any, draft: Any) -> None:
    try:
        found = create(draft)
    except ConnectionsError as error:
        rows.append((Cell(name), Cell(error.message), Cell(error.hint, "command")))
        return
    mend, called = _next(found)
    made.append(called)
    rows.append((Cell(name), Cell("imported"), Cell(mend, "command")))


def _next(found: Any) -> tuple[str, str]:
    """Return what to type next, and what the thing is called."""
    link_name = getattr(found, "link_name", None)
    if link_name is not None:
        return f"%conn authorize {link_name}", str(link_name)
    return f"%conn service register {found.id}", str(found.id)
