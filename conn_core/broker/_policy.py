"""Who may do what. One function, default deny, asked on every path."""

from typing import Literal

from ..store._rows import Row

Action = Literal["see", "use", "authorize", "change"]


def allows(actor: str, action: Action, connection: Row) -> bool:
    """Tell whether a person may do something with a connection.

    Args:
        actor: Who asks.
        action: What they want to do.
        connection: The row of the connection.
    """
    match action:
        case "see" | "use" | "authorize" | "change":
            return bool(connection.owner == actor)
    return False
