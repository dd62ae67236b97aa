"""Verbs about this place: env, ui, and bare ``%conn``."""

from typing import TYPE_CHECKING

from conn_core import __version__

from .. import _words
from .._blocks import Cell, Facts, Heading, Note, Sentence, Table
from .._desk import Desk
from .._forms import show_panel
from .._verb import verb, verbs_at
from .._views import View
from ._listing import list_connections

if TYPE_CHECKING:
    import conn_core

_MOST = 1000
_PACKAGES = ("ipython", "ipykernel", "ipywidgets", "httpx", "jupyter-server")


@verb("env", reading=True)
def env(desk: Desk) -> View:
    """Say where credentials come from here, and why."""
    status = desk.broker.status()
    facts = [
        ("Credentials from", Cell(_place(status))),
        ("Acting as", Cell(status.user)),
        ("Key", Cell(status.key_source)),
        (
            "Redirect URLs begin",
            Cell(
                status.redirect_base or "nowhere: no server can receive a browser here"
            ),
        ),
        ("Version", Cell(_versions_in_words(status.version))),
    ]
    steps = tuple(
        (Cell(step.name), Cell("yes" if step.chosen else ""), Cell(step.outcome))
        for step in desk.holder.resolved.steps
    )
    data = {
        "status": status.to_json(),
        "overridden": desk.holder.overridden,
        "steps": [
            {"name": s.name, "outcome": s.outcome, "chosen": s.chosen}
            for s in desk.holder.resolved.steps
        ],
        "versions": _versions(),
    }
    return View(
        *_overridden(desk),
        Facts(tuple(facts)),
        Heading("How it was found: the first that answers is chosen"),
        Table(("Looked at", "Chosen", "What was there"), steps),
        data=data,
    )


def _overridden(desk: Desk) -> tuple[Sentence, ...]:
    if not desk.holder.overridden:
        return ()
    return (Sentence("cm.override() answers for some connections here", "todo"),)


def _place(status: "conn_core.BrokerStatus") -> str:
    kind = "the store" if status.kind == "local" else "the server"
    return f"{kind} {status.location}"


def _versions() -> dict[str, str]:
    import platform
    from importlib import metadata

    found = {"jupyter-connections": __version__, "python": platform.python_version()}
    for package in _PACKAGES:
        try:
            found[package] = metadata.version(package)
        except metadata.PackageNotFoundError:
            continue
    return found


def _versions_in_words(answering: str) -> str:
    ours = _versions()
    if answering and answering != ours["jupyter-connections"]:
        ours["jupyter-connections"] += f" here, {answering} where credentials are"
    return ", ".join(f"{name} {version}" for name, version in ours.items())


@verb("ui", only="magic")
def ui(desk: Desk) -> View | None:
    """Open the panel with all connections."""
    if desk.around.widgets:
        show_panel(desk)
        return None
    return list_connections(desk)


def summary(desk: Desk) -> View:
    """Say in three lines how things stand, then what can be typed."""
    status = desk.broker.status()
    found = desk.broker.connections(limit=_MOST).items
    todo = [c for c in found if c.status != "connected"]
    lines = (
        f"{_words.counted(len(found), 'connection')}, {len(found) - len(todo)} ready to use",
        _first_todo(todo) if found else "Make one: %conn new",
        f"Credentials come from {_place(status)}, as {status.user}",
    )
    known = verbs_at("command" if desk.around.command else "magic")
    verbs = tuple(
        (Cell(f"%conn {name}", "command"), Cell(each.summary))
        for name, each in known.items()
    )
    return View(
        *(Sentence(line) for line in lines),
        Heading("Verbs"),
        Table(("Type", "To"), verbs),
        Note("%conn? lists every option"),
        data={
            "connections": len(found),
            "ready": len(found) - len(todo),
            "status": status.to_json(),
            "verbs": list(known),
        },
    )


def _first_todo(todo: "list[conn_core.Connection]") -> str:
    if not todo:
        return "Nothing needs you"
    first = todo[0]
    more = f", and {len(todo) - 1} more: %conn status" if todo[1:] else ""
    return f"'{first.link_name}' is {_state(first)}: {_words.next_command(first)}{more}"


def _state(connection: "conn_core.Connection") -> str:
    if connection.status == "needs authorization":
        return "not authorized"
    return connection.status
