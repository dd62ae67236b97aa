"""What somebody should look at before a notebook fails: it ended, or ends soon."""

from datetime import datetime, timedelta

from .._values import Connection

#: So long before its end a connection is spoken of.
SOON = timedelta(days=7)


def needs_attention(connection: Connection, *, at: datetime) -> bool:
    """Tell whether a connection ended, or ends within a week."""
    if connection.status == "failed":
        return True
    ends = connection.expires_at
    return connection.status == "connected" and ends is not None and ends < at + SOON


def attention(connection: Connection, *, at: datetime) -> str:
    """Say what is the matter with a connection and what to do; empty where nothing is."""
    if not needs_attention(connection, at=at):
        return ""
    name = connection.link_name
    if connection.status == "failed":
        why = connection.status_reason.rstrip(".")
        said = f"'{name}' has ended" + (f": {why}" if why else "")
    else:
        said = f"'{name}' ends on {connection.expires_at:%Y-%m-%d}"
    return f"{said}. Run %conn authorize {name}"
