"""Verbs of grants, permissions for jobs on other machines: grant create, list, revoke."""

import re
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from .. import _words
from .._blocks import Cell, Facts, Note, Sentence, Table
from .._confirm import Question, confirmed, unchanged
from .._desk import Desk
from .._usage import UsageError
from .._verb import YES, argument, verb
from .._views import ListView, View, page_of

if TYPE_CHECKING:
    from conn_core import Grant

_TTL: Final = re.compile(r"([1-9][0-9]{0,5})(m|h|d|w)")
_UNIT: Final = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_HERE: Final = frozenset({"127.0.0.1", "::1", "localhost"})
_HEADS: Final = ("Grant", "For", "Connections", "Token", "State", "Last used")


@verb("grant", reading=True)
def grant(desk: Desk) -> View:
    """List the permissions that jobs on other machines have."""
    return listed(desk)


@verb(
    "grant create",
    argument(
        "--for", dest="purpose", required=True, metavar="X", help="what it is for"
    ),
    argument(
        "--names",
        required=True,
        metavar="a,b",
        help="the connections that the job may use",
        completes="connection",
    ),
    argument("--ttl", default="30d", metavar="30d", help="how long: 90m, 12h, 30d, 8w"),
    argument(
        "-o",
        "--output",
        required=True,
        metavar="FILE",
        help="a new file, for you alone",
    ),
    argument(
        "--direct", action="store_true", help="the job may have the tokens themselves"
    ),
    argument(
        "--endpoint", default="", metavar="URL", help="where the job reaches the server"
    ),
    argument(
        "--insecure",
        action="store_true",
        help="the way there may be unencrypted: in a network that is yours alone",
    ),
)
def create(
    desk: Desk,
    *,
    purpose: str,
    names: str,
    output: str,
    ttl: str = "30d",
    direct: bool = False,
    endpoint: str = "",
    insecure: bool = False,
) -> View:
    """Let a job on another machine use some connections, as you."""
    from conn_core import GrantDraft, read_draft

    from .._grants import grant_into

    wanted = {
        "name": purpose,
        "connections": _words.split(names),
        "ttl": lifetime(ttl).total_seconds(),
        "exposure": "direct" if direct else "sealed",
    }
    issued, where = grant_into(
        Path(output),
        desk.broker,
        read_draft(GrantDraft, wanted),
        endpoint=endpoint,
        insecure=insecure,
    )
    made = issued.grant
    return View(
        Sentence(f"The grant '{made.name}' is in {output}, and nowhere else", "ok"),
        Facts(_facts(made, where)),
        Note(f"The job sets JUPYTER_CONNECTIONS_GRANT={output}"),
        Note(f"To end it, run %conn grant revoke {made.id}"),
        *_works_here_only(where),
        data=made.to_json() | {"file": output, "endpoint": where},
    )


def lifetime(text: str) -> timedelta:
    """Read how long something is to live.

    Raises:
        UsageError: If it is no such time.
    """
    found = _TTL.fullmatch(text)
    if found is None:
        raise UsageError("--ttl takes a time such as 90m, 12h, 30d or 8w")
    return timedelta(**{_UNIT[found[2]]: int(found[1])})


def _facts(made: "Grant", where: str) -> tuple[tuple[str, Cell], ...]:
    token = "may have it" if made.exposure == "direct" else "stays with the server"
    return (
        ("Connections", Cell(_words.listed(made.connections))),
        ("Acts as", Cell(made.owner)),
        ("Asks", Cell(where, "code")),
        ("Token", Cell(token)),
        ("Ends", Cell(_words.day(made.expires_at))),
    )


def _works_here_only(where: str) -> tuple[Note, ...]:
    if urlsplit(where).hostname not in _HERE:
        return ()
    return (
        Note("It works on this machine only; --endpoint names the server for others"),
    )


@verb("grant list", reading=True)
def listed(desk: Desk) -> View:
    """List them: what each may use, until when, and when it was last used."""
    found = desk.broker.grants()
    data = page_of(found, write=lambda one: one.to_json())
    if not found:
        nothing = (
            Sentence("There is no grant"),
            Note("Run %conn grant create --for X --names a,b -o FILE"),
        )
        return ListView(found, *nothing, data=data)
    rows = tuple(_row(each, desk) for each in found)
    table = Table(_HEADS, rows, elastic="Connections", droppable=("Token", "Last used"))
    return ListView(found, table, data=data)


def _row(one: "Grant", desk: Desk) -> tuple[Cell, ...]:
    used = _words.ago(one.last_used_at, desk.now())
    return (
        Cell(one.id, "code"),
        Cell(one.name, "strong"),
        Cell(_words.listed(one.connections)),
        Cell("given" if one.exposure == "direct" else "sealed"),
        Cell(_state(one, desk)),
        Cell(f"{used}, {one.last_used_from}" if one.last_used_from else used),
    )


def _state(one: "Grant", desk: Desk) -> str:
    if one.revoked_at is not None:
        return f"revoked {_words.day(one.revoked_at)}"
    if one.expires_at is not None and one.expires_at <= desk.now():
        return f"ended {_words.day(one.expires_at)}"
    return f"ends {_words.ahead(one.expires_at, desk.now())}"


@verb(
    "grant revoke",
    argument("grant_id", metavar="ID", help="its id, as grant list shows it"),
    YES,
)
def revoke(desk: Desk, *, grant_id: str, yes: bool = False) -> View:
    """End one at once: its job fails at the next call."""
    question = Question(
        title=f"Revoke the grant {grant_id}?",
        consequence="Its job fails at the next call; the connections stay as they are.",
        doing=f"revoking the grant {grant_id}",
        command=f"%conn grant revoke {grant_id}",
    )
    if not yes and not confirmed(desk, question):
        return unchanged()
    ended = desk.broker.revoke_grant(grant_id)
    return View(
        Sentence(f"The grant '{ended.name}' is revoked: its job fails now", "off"),
        Note(f"For a new one, run %conn grant create --for '{ended.name}' …"),
        data=ended.to_json(),
    )
