"""A connection's history in the words of people."""

from collections.abc import Sequence
from datetime import datetime

from .._values import Event
from ._briefly import briefly
from ._words import minute

_WHAT = {
    "accept": "Accepted",
    "authorize": "Authorized",
    "create": "Created",
    "delete": "Deleted",
    "edit": "Changed",
    "enable": "Enabled",
    "grant.create": "Grant made",
    "grant.revoke": "Grant revoked",
    "grant.use": "Grant used",
    "refresh": "Access token refreshed",
    "register": "Client registered",
    "revoke": "Revoked",
    "seal": "Sealed",
    "share": "Shared",
    "test": "Tested",
    "token.reflected": "The service repeated the credential, and it was taken out",
    "transfer": "Handed on",
    "trim": "Log trimmed",
    "unseal": "Unsealed",
    "use": "Used",
    "vend": "Used",
}


def history_rows(
    events: Sequence[Event], *, at: datetime
) -> list[tuple[str, str, str]]:
    """Return when, who and what of each event.

    Args:
        events: What happened.
        at: The moment from which it is looked at.
    """
    return [(minute(event.at, at=at), event.actor, what(event)) for event in events]


def word_for(action: str) -> str:
    """Say what was done in people's words."""
    return _WHAT.get(action) or action.replace("_", " ").capitalize()


def what(event: Event) -> str:
    """Say what happened: ``Changed: scopes``, ``Access token refreshed (failed)``."""
    word = word_for(event.action)
    ended = "" if event.result == "ok" else f" ({event.result})"
    detail = f": {briefly(event.detail)}" if event.detail else ""
    return f"{word}{ended}{detail}"
