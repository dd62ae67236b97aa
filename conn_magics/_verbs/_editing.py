"""The verb that changes a connection: edit."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from .. import _words
from .._blocks import Note, Sentence
from .._desk import Desk
from .._forms import show_edit_form
from .._usage import UsageError
from .._verb import NAME, argument, verb
from .._views import View

if TYPE_CHECKING:
    import conn_core


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
)
def edit(
    desk: Desk,
    *,
    name: str,
    new_name: str | None = None,
    scopes: str | None = None,
    add_scope: Sequence[str] = (),
    drop_scope: Sequence[str] = (),
) -> View | None:
    """Change the name or the scopes; nothing else can be changed."""
    from conn_core import ConnectionEdit, read_draft

    before = desk.broker.connection(name)
    body: dict[str, Any] = {} if new_name is None else {"name": new_name}
    if scopes is not None or add_scope or drop_scope:
        body["scopes"] = _wanted(before, scopes, add=add_scope, drop=drop_scope)
    if not body:
        _ask_in_a_form(desk, before)
        return None
    change = read_draft(ConnectionEdit, body)
    return _edited(desk.broker.edit(before.link_name, change, version=before.version))


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


def _edited(after: "conn_core.Connection") -> View:
    name, data = after.link_name, after.to_json()
    if after.status != "needs authorization":
        return View(Sentence(f"'{name}' is changed", "ok"), data=data)
    return View(
        Sentence(f"'{name}' is changed and needs authorization again", "todo"),
        Note(f"Run %conn authorize {name}"),
        data=data,
    )
