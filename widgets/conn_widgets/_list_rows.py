"""A row of the list, as the script that draws it wants it."""

from datetime import datetime
from typing import Any

from conn_core import BrokerStatus, Connection
from conn_core.look import hue, monogram, pill_of, scopes_line, used, whose

from ._deeds import deeds_of


def row_of(
    connection: Connection, *, who: BrokerStatus, at: datetime, group: str
) -> dict[str, Any]:
    """Return what a row says, and its buttons.

    Args:
        connection: The connection.
        who: As whom the broker acts.
        at: The moment.
        group: In which group it is listed.
    """
    pill = pill_of(connection, at=at)
    buttons, more = deeds_of(
        connection, user=who.user, looks_after=who.is_administrator
    )
    everybodys = group == "all"
    return {
        "key": connection.full_name,
        "link_name": connection.full_name if everybodys else connection.link_name,
        "name": connection.name,
        "monogram": monogram(connection.service_name),
        "hue": hue(connection.service),
        "whose": whose(connection, user=who.user),
        "used": used(connection, at=at),
        "scopes": scopes_line(connection),
        "pill": {"label": pill.label, "icon": pill.icon, "tone": pill.tone},
        "why": connection.status_reason,
        "buttons": buttons,
        "more": more,
    }


def line(text: str, *, ok: bool) -> dict[str, str]:
    """Return what was done, or why not, with its tone and icon."""
    tone, shape = ("ok", "check") if ok else ("bad", "stop")
    return {"tone": tone, "icon": shape, "text": text.strip()}
