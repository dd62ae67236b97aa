"""Where a connection is used, in lines for people."""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from .._values import Connection, Use
from ..errors import ConnectionsError
from ._briefly import briefly
from ._words import ago, counted

if TYPE_CHECKING:
    from ..broker import Broker

_LOOKED_AT = 100
#: A name to stress, and the rest of the line.
Line = tuple[str, str]


def uses_of(broker: "Broker", connection: Connection) -> tuple[Use, ...]:
    """Return where a connection is used; nothing where that cannot be learned."""
    try:
        return broker.uses(connection.full_name, limit=_LOOKED_AT)
    except ConnectionsError:
        return ()  # a question can be asked without it


def what_stops(
    connection: Connection,
    uses: Sequence[Use],
    *,
    user: str,
    at: datetime,
    most: int = 5,
) -> list[Line]:
    """Say who and what will miss a connection.

    Args:
        connection: The connection.
        uses: Where it is used, the latest first.
        user: Who asks; others are named.
        at: The moment.
        most: How many lines there may be.
    """
    used = connection.last_used_at
    last = "never used so far" if used is None else f"last used {ago(used, at=at)}"
    code = f"%%connection {connection.link_name}"
    lines = [(code, f" in every notebook and job, {last}")]
    lines += [_line(use, user=user, at=at) for use in uses]
    if len(lines) <= most:
        return lines
    rest = len(lines) - most + 1
    return [*lines[: most - 1], (counted(rest, "more place"), "")]


def _line(use: Use, *, user: str, at: datetime) -> Line:
    who = "" if use.person == user else f" by {use.person}"
    if use.place == "elsewhere":
        return "A program that says no name", f", used{who} {ago(use.last_at, at=at)}"
    return briefly(use.place), f", used{who} {ago(use.last_at, at=at)}"
