"""Moments, statuses and owners in the words of people."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from conn_core import Connection

_DAY = timedelta(days=1)


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
        return "each person's own"
    return f"{connection.owner} (you)" if connection.owner == user else connection.owner


def listed(words: Sequence[str]) -> str:
    """Join words with commas."""
    return ", ".join(words)


def next_command(connection: "Connection") -> str:
    """Return the command to run next, empty when all is well."""
    match connection.status:
        case "revoked":
            return f"%conn enable {connection.link_name}"
        case "needs authorization" | "failed":
            return f"%conn authorize {connection.link_name}"
    return ""


def split(scopes: str) -> list[str]:
    """Split what was typed at commas."""
    return [scope.strip() for scope in scopes.split(",") if scope.strip()]
