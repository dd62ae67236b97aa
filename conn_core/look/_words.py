"""What screens say: one place, so that forms, pages and text twins say the same."""

import zlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from .._snippet import snippet
from .._values import Authorization, Connection
from ..errors import ConnectionsError

if TYPE_CHECKING:  # pydantic is not paid for by who only reads a status
    from .._services import Service

_SOON = timedelta(days=7)
#: What the broker says of a way that a person asked for.
_ASKED = "You asked for it."


@dataclass(frozen=True, slots=True, kw_only=True)
class Pill:
    """A status for people: icon shape and words first, colour third."""

    label: str
    icon: str
    tone: str


def now() -> datetime:
    """Return this moment."""
    return datetime.now(UTC)


def pill_of(connection: Connection, *, at: datetime) -> Pill:
    """Return how a connection's status is shown."""
    match connection.status:
        case "needs authorization":
            return Pill(label="Needs authorization", icon="key", tone="todo")
        case "revoked":
            label = "Suspended" if connection.is_suspended else "Revoked"
            return Pill(label=label, icon="pause", tone="off")
        case "failed":
            return Pill(label="Failed", icon="stop", tone="bad")
    ends = connection.expires_at
    if ends is not None and at < ends < at + _SOON:
        left = _in_words(ends - at)
        return Pill(label=f"Expires in {left}", icon="clock", tone="soon")
    return Pill(label="Connected", icon="check", tone="ok")


def ago(moment: datetime, *, at: datetime) -> str:
    """Say when something happened: ``2 hours ago``, ``yesterday``, ``14 Nov``."""
    passed = at - moment
    if passed < timedelta(minutes=1):
        return "just now"
    if passed < timedelta(hours=1):
        return f"{_counted(passed // timedelta(minutes=1), 'minute')} ago"
    days = (at.astimezone().date() - moment.astimezone().date()).days
    if days == 0:
        return f"{_counted(passed // timedelta(hours=1), 'hour')} ago"
    if days == 1:
        return "yesterday"
    if days < 7:
        return f"{days} days ago"
    shown = moment.astimezone()
    year = "" if shown.year == at.astimezone().year else f" {shown.year}"
    return f"{shown.day} {shown:%b}{year}"


def used(connection: Connection, *, at: datetime) -> str:
    """Say when a connection was last used."""
    if connection.last_used_at is None:
        return "Never used"
    return f"Used {ago(connection.last_used_at, at=at)}"


def whose(connection: Connection, *, user: str) -> str:
    """Say whose credentials a connection uses."""
    if connection.group == "internal":
        return "Built-in task"
    if connection.use_login_user_credentials:
        by = f", set up by {connection.owner}" if connection.owner != user else ""
        return f"Each person’s own{by}"
    if connection.owner == user:
        return f"{user} (you)"
    return connection.owner


def day(moment: datetime) -> str:
    """Write a day: ``12 November 2026``."""
    local = moment.astimezone()
    return f"{local.day} {local:%B %Y}"


def minute(moment: datetime, *, at: datetime) -> str:
    """Write a moment of a history: ``Today 09:14``, ``18 Nov 16:40``."""
    local, today = moment.astimezone(), at.astimezone()
    if local.date() == today.date():
        return f"Today {local:%H:%M}"
    year = "" if local.year == today.year else f" {local.year}"
    return f"{local.day} {local:%b}{year} {local:%H:%M}"


def scopes_line(connection: Connection) -> str:
    """Return a connection's scopes on one line."""
    return ", ".join(connection.scopes) or "No scopes"


def used_by(connection: Connection) -> str:
    """Say who works with the account that was just connected."""
    if connection.use_login_user_credentials:
        return "you; each person uses their own"
    account = connection.account or connection.owner
    return f"everybody who may use this connection, as {account}"


def valid_until(connection: Connection) -> str:
    """Say when the authorization ends."""
    if connection.expires_at is None:
        return "you revoke it, or the service ends it"
    return f"{connection.expires_at.astimezone():%Y-%m-%d %H:%M}"


def first_cell(connection: Connection, service: "Service | None" = None) -> str:
    """Return a cell to paste that makes one harmless call."""
    return snippet(connection, service=service)


def monogram(name: str) -> str:
    """Return two letters for a service: ``GitHub`` gives ``GH``."""
    words = [w for w in (_plain(word) for word in name.split()) if w]
    if not words:
        return "··"
    marked = [c for c in words[0] if c.isupper() or c.isdigit()]
    if len(marked) > 1:
        return "".join(marked[:2])
    if len(words) > 1:
        return (words[0][0] + words[1][0]).upper()
    return words[0][:2].upper()


def hue(service_id: str) -> int:
    """Return which of the six tints a service's monogram has."""
    return zlib.crc32(service_id.encode()) % 6


def sentence(text: str) -> str:
    """Make a field's problem (``must not be empty``) a sentence."""
    text = text[:1].upper() + text[1:]
    return text if text.endswith((".", "?")) else f"{text}."


def spoken(error: ConnectionsError) -> tuple[str, str]:
    """Return an error as the two sentences of a note: what and why, and what next."""
    return sentence(error.message), sentence(error.hint) if error.hint else ""


def next_step(service: "Service") -> str:
    """Say what happens after *Create and connect*."""
    name = service.name
    if service.auth_type not in {"oauth1", "oauth2"}:
        return f"{name} needs no page to sign in at: you are connected at once."
    match service.grant_type:
        case "client_credentials":
            return f"{name} knows the client alone: no page opens, a token is fetched at once."
        case "device_code":
            return f"You authorize at {name} with a code in the next step."
    return f"You authorize at {name} in the next step."


def chosen_because(authorization: Authorization) -> str:
    """Say why a way was chosen, if nobody chose it."""
    chosen = authorization.why not in ("", _ASKED)
    return f"Why this way: {authorization.why}" if chosen else ""


def without_scheme(address: str) -> str:
    """Write an address as people read it aloud."""
    return address.removeprefix("https://")


def counted(number: int, noun: str) -> str:
    """Write ``1 connection`` or ``2 connections``."""
    return _counted(number, noun)


def _counted(number: int, noun: str) -> str:
    ending = "" if number == 1 else "es" if noun.endswith("s") else "s"
    return f"{number:,} {noun}{ending}"


def _in_words(left: timedelta) -> str:
    if left < timedelta(hours=1):
        return _counted(max(1, left // timedelta(minutes=1)), "minute")
    if left < timedelta(days=1):
        return _counted(left // timedelta(hours=1), "hour")
    return _counted(left // timedelta(days=1), "day")


def _plain(word: str) -> str:
    return "".join(c for c in word if c.isalnum())
