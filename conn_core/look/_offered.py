"""What somebody shares, to be agreed to before it is used the first time."""

from .._audience import is_among
from .._values import Connection


def is_offered(connection: Connection, *, user: str) -> bool:
    """Tell whether somebody has something to agree to before the first use.

    Administrators see what is not shared with them, and use nothing by that.
    """
    if connection.accepted or connection.status != "connected":
        return False
    return is_among(connection.shared_with, user)
