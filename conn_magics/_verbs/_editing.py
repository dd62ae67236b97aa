"""The verb that changes a connection: edit."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from .. import _words
from .._blocks import Cell, Facts, Note, Sentence
from .._desk import Desk
from .._forms import show_edit_form
from .._naming import said_as_options
from .._usage import UsageError
from .._verb import NAME, OPEN, argument, verb
from .._views import View
from ._making import FLOW, NO_AUTHORIZE, authorize

if TYPE_CHECKING:
    import conn_core
    from conn_core._values import AskedWay


@verb(
    "edit",
    NAME,
    argument("--name", dest="new_name", metavar="NEW", help="a new display name"),
    argument("--scopes", metavar="a,b", help="exactly these scopes"),
    argument(
        "--add-scope", action="append", default=[], metavar="x", help="one more scope"
    ),
    argument(
        "--drop-scope", action="append", default=[], metavar="x", help="one scope less"
    ),
    FLOW,
    NO_AUTHORIZE,
    OPEN,
)
def edit(
    desk: Desk,
    *,
    name: str,
    new_name: str | None = None,
    scopes: str | None = None,
    add_scope: Sequence[str] = (),
    drop_scope: Sequence[str] = (),
    flow: "AskedWay" = "auto",
    no_authorize: bool = False,
) -> View | None:
    """Change the name or the scopes; new scopes are authorized next."""
    from conn_core import ConnectionEdit, read_draft

    before = desk.broker.connection(name)
    body: dict[str, Any] = {} if new_name is None else {"name": new_name}
    if scopes is not None or add_scope or drop_scope:
        body["scopes"] = _wanted(before, scopes, add=add_scope, drop=drop_scope)
    if not body:
        _ask_in_a_form(desk, before)
        return None
    with said_as_options({"name": "--name", "scopes": "--scopes"}):
        change = read_draft(ConnectionEdit, body)
        key, version = _words.key_of(before), before.version
        after = desk.broker.edit(key, change, version=version)
    changed = _changed(after, name)
    if after.status != "needs authorization":
        return changed
    if no_authorize or not desk.around.person:
        command = Note(f"Run {_words.next_command(after, _words.called(after, name))}")
        return View(
            *changed.blocks, command, data=after.to_json(), outcome="needs person"
        )
    desk.show(changed)
    return authorize(desk, name=_words.key_of(after), flow=flow)


def _wanted(
    before: "conn_core.Connection",
    scopes: str | None,
    *,
    add: Sequence[str],
    drop: Sequence[str],
) -> list[str]:
    wanted = list(before.scopes) if scopes is None else _words.split(scopes)
    wanted += [scope for scope in add if scope not in wanted]
    return [scope for scope in wanted if scope not in drop]


def _ask_in_a_form(desk: Desk, connection: "conn_core.Connection") -> None:
    if not desk.around.widgets:
        raise UsageError(
            "Say what to change: --name, --scopes, --add-scope or --drop-scope"
        )
    show_edit_form(desk, connection)


def _changed(after: "conn_core.Connection", name: str) -> View:
    called, data = _words.called(after, name), after.to_json()
    if after.status != "needs authorization":
        return View(Sentence(f"'{called}' is changed", "ok"), data=data)
    return View(
        Sentence(f"'{called}' is changed and needs authorization again", "todo"),
        Facts(_consent(after)),
        data=data,
    )


def _consent(after: "conn_core.Connection") -> tuple[tuple[str, Cell], ...]:
    """Set what is asked for against what was granted."""
    missing = [each for each in after.scopes if each not in after.granted_scopes]
    pairs = (
        ("Asked for", after.scopes),
        ("Granted", after.granted_scopes),
        ("Consent missing", missing),
    )
    return tuple(
        (head, Cell(_words.listed(scopes), "code")) for head, scopes in pairs if scopes
    )
