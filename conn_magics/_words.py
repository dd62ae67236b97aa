"""Moments, statuses and owners in the words of people."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import conn_core

if TYPE_CHECKING:
    from conn_core import Connection, Use

_DAY = timedelta(days=1)
#: How many places a question names.
_PLACES = 5


def day(moment: datetime | None) -> str:
    """Write a day: ``12 November 2026``."""
    return "" if moment is None else f"{(at := moment.astimezone()).day} {at:%B %Y}"


def minute(moment: datetime) -> str:
    """Write a moment of a history: ``2026-11-12 10:02``, local time."""
    return f"{moment.astimezone():%Y-%m-%d %H:%M}"


def ago(moment: datetime | None, now: datetime) -> str:
    """Write how long ago something was: ``2 hours ago``, ``yesterday``, ``14 Nov``."""
    if moment is None:
        return "never"
    passed = now - moment
    if passed < timedelta(minutes=1):
        return "just now"
    if passed < timedelta(hours=1):
        return f"{_count(passed // timedelta(minutes=1), 'minute')} ago"
    days = (now.astimezone().date() - moment.astimezone().date()).days
    if days == 0:
        return f"{_count(passed // timedelta(hours=1), 'hour')} ago"
    if days == 1:
        return "yesterday"
    return f"{days} days ago" if days < 7 else day(moment)


def ahead(moment: datetime | None, now: datetime) -> str:
    """Write when an authorization ends: ``in 5 days``, ``31 January 2027``."""
    if moment is None:
        return ""
    left = moment - now
    if left <= timedelta():
        return f"ended {day(moment)}"
    if left < timedelta(hours=1):
        return f"in {_count(max(1, left // timedelta(minutes=1)), 'minute')}"
    if left < _DAY:
        return f"in {_count(left // timedelta(hours=1), 'hour')}"
    return f"in {_count(left // _DAY, 'day')}" if left < 30 * _DAY else day(moment)


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def counted(number: int, noun: str) -> str:
    """Write a number with its noun: ``1 connection``, ``2 connections``."""
    return _count(number, noun)


def whose(connection: "Connection", user: str) -> str:
    """Say whose credentials a connection uses."""
    if connection.use_login_user_credentials:
        by = "" if connection.owner == user else f", set up by {connection.owner}"
        return f"each person's own{by}"
    return f"{connection.owner} (you)" if connection.owner == user else connection.owner


def audience(connection: "Connection", user: str) -> str:
    """Say who may use a connection."""
    if connection.group == "internal":
        return "a built-in task, for you"
    owner = "you" if connection.owner == user else connection.owner
    return conn_core.audience(connection.shared_with, owner=owner)


def key_of(connection: "Connection") -> str:
    """Return the name by which a broker finds exactly this connection.

    Somebody else's may have the link name of one's own.
    """
    if connection.group == "organisation":
        return f"{connection.owner}/{connection.link_name}"
    return connection.link_name


def called(connection: "Connection", name: str) -> str:
    """Return the name to say: ``owner/link_name`` where that is what was typed."""
    whole = f"{connection.owner}/{connection.link_name}"
    return whole if name == whole else connection.link_name


def names_of(found: "Sequence[Connection]") -> list[str]:
    """Return what to type for each: the link name, unless two here have the same."""
    times = Counter(each.link_name for each in found)
    return [
        each.link_name if times[each.link_name] == 1 else key_of(each) for each in found
    ]


def places(uses: "Sequence[Use]", *, user: str, now: datetime) -> list[str]:
    """Say where a connection is used, in a few lines; the latest first."""
    shown = uses if len(uses) <= _PLACES else uses[: _PLACES - 1]
    lines = [f"  {_place(use, user, now)}" for use in shown]
    rest = len(uses) - len(shown)
    return [*lines, f"  and {rest} more"] if rest else lines


def _place(use: "Use", user: str, now: datetime) -> str:
    from conn_core.look import briefly

    who = "" if use.person == user else f" by {use.person}"
    where = briefly(use.place)
    if use.place == "elsewhere":
        where = "a program that says no name"
    return f"{where}, used{who} {ago(use.last_at, now)}"


def listed(words: Sequence[str]) -> str:
    """Join words with commas."""
    return ", ".join(words)


def next_command(connection: "Connection", name: str = "") -> str:
    """Return the command to run next, empty when all is well.

    Args:
        connection: The connection.
        name: What to call it; its link name when empty.
    """
    name = name or connection.link_name
    match connection.status:
        case "revoked":
            return "" if connection.is_suspended else f"%conn enable {name}"
        case "needs authorization" | "failed":
            return f"%conn authorize {name}"
    return "" if connection.accepted else f"%conn accept {name}"


def split(scopes: str) -> list[str]:
    """Split what was typed at commas."""
    return [scope.strip() for scope in scopes.split(",") if scope.strip()]
