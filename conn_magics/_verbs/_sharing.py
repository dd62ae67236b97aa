"""Verbs about whom a connection is for, and whose it is: share, transfer."""

from typing import TYPE_CHECKING

from conn_core import principals_in

from .. import _words
from .._blocks import Block, Note, Sentence
from .._confirm import Question, confirmed, unchanged
from .._desk import Desk
from .._usage import UsageError
from .._verb import NAME, YES, argument, verb
from .._views import View

if TYPE_CHECKING:
    import conn_core


@verb(
    "share",
    NAME,
    argument(
        "--with",
        dest="whom",
        required=True,
        metavar="WHO",
        help="everybody, nobody, or people and group:NAME with commas",
    ),
)
def share(desk: Desk, *, name: str, whom: str) -> View:
    """Say anew who else may use one of your connections."""
    connection = desk.broker.connection(name)
    wanted = principals_in(whom)
    if not (wanted or whom.strip() == "nobody"):
        raise UsageError("--with takes everybody, nobody, or names with commas")
    shared = desk.broker.share(_words.key_of(connection), wanted)
    audience = _words.audience(shared, desk.broker.status().user)
    called = _words.called(shared, name)
    return View(
        Sentence(f"'{called}' can be used by {audience}", "ok"),
        *_notice(shared),
        data=shared.to_json(),
    )


@verb(
    "transfer",
    NAME,
    argument("--to", required=True, metavar="PERSON", help="whose it becomes"),
    YES,
)
def transfer(desk: Desk, *, name: str, to: str, yes: bool = False) -> View:
    """Make somebody else the owner; they authorize it anew."""
    connection = desk.broker.connection(name)
    called = _words.called(connection, name)
    if not (yes or confirmed(desk, _about(connection, called, to))):
        return unchanged()
    handed_on = desk.broker.transfer(_words.key_of(connection), to)
    return View(
        Sentence(f"'{called}' belongs to {to} now", "todo"),
        *_notice(handed_on),
        Note(f"{to} authorizes it next: %conn authorize {handed_on.link_name}"),
        data=handed_on.to_json(),
    )


def _about(connection: "conn_core.Connection", called: str, to: str) -> Question:
    ends = (
        "Each person keeps their own authorization."
        if connection.use_login_user_credentials
        else f"The authorization at {connection.service_name} ends, and nobody can use "
        f"it until {to} has authorized it."
    )
    return Question(
        title=f"Give '{called}' to {to}?",
        consequence=f"{ends} Only {to} can give it back.",
        doing=f"giving '{called}' to {to}",
        command=f"%conn transfer {called} --to {to}",
    )


def _notice(connection: "conn_core.Connection") -> tuple[Block, ...]:
    return (Note(connection.notice),) if connection.notice else ()
