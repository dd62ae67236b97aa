"""The text twins of the lists, for a terminal and for notebooks without widgets."""

from collections.abc import Sequence
from datetime import datetime

from conn_core import Connection, Service
from conn_core.broker import Broker
from conn_core.look import counted, now, pill_of, used, whose

_MOST = 50
_NO_CONNECTIONS = """\
There is no connection yet. In a notebook:
  1. %conn new           pick a service
  2. authorize it once, in your browser
  3. %%connection NAME   use it in a cell"""


def connections_text(broker: Broker) -> str:
    """Return the connections as a table of text.

    Args:
        broker: Whom to ask.
    """
    return connections_table(broker, at=now())


def connections_table(broker: Broker, *, at: datetime) -> str:
    """Return the connections as a table of text, as of a moment."""
    page = broker.connections(limit=_MOST)
    if not page.items:
        return _NO_CONNECTIONS
    user = broker.status().user
    rows = [_connection_row(c, user=user, at=at) for c in page.items]
    shown = table(("NAME", "LINK NAME", "STATUS", "WHOSE", "USED"), rows)
    hidden = page.total - len(rows)
    return f"{shown}\n… and {counted(hidden, 'more connection')}" if hidden else shown


def services_text(broker: Broker, query: str = "") -> str:
    """Return the services as a table of text.

    Args:
        broker: Whom to ask.
        query: What to search for.
    """
    page = broker.services(query, limit=_MOST)
    if not page.items:
        return f"No service matches '{query}'." if query else "There are no services."
    rows = [_service_row(service) for service in page.items]
    shown = table(("SERVICE", "NAME", "WHAT IT IS FOR"), rows)
    hidden = page.total - len(rows)
    return f"{shown}\n… and {counted(hidden, 'more service')}" if hidden else shown


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Write columns as wide as they need to be."""
    lines = [head, *rows]
    widths = [max(len(line[i]) for line in lines) for i in range(len(head))]
    return "\n".join(
        "  ".join(
            cell.ljust(width) for cell, width in zip(line, widths, strict=True)
        ).rstrip()
        for line in lines
    )


def _connection_row(
    connection: Connection, *, user: str, at: datetime
) -> tuple[str, ...]:
    return (
        _one_line(connection.name),
        connection.link_name,
        pill_of(connection, at=at).label,
        _one_line(whose(connection, user=user)),
        used(connection, at=at),
    )


def _service_row(service: Service) -> tuple[str, ...]:
    return service.id, _one_line(service.name), _one_line(service.description)


def _one_line(text: str, most: int = 60) -> str:
    """Keep foreign text on its line: no control characters, no endless names."""
    plain = "".join(c if c.isprintable() else " " for c in text)
    return plain if len(plain) <= most else f"{plain[: most - 1]}…"
