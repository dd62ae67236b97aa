"""How many connections and services one person may have."""

import sqlalchemy as sa

from ..errors import LimitReached
from ..store import rows
from ._workshop import Workshop

_HOW = "An operator allows more with"


def refuse_more_connections(
    workshop: Workshop, tx: sa.Connection, person: str, *, whose: str = "You have"
) -> None:
    """Refuse one more connection to who has as many as they may.

    Args:
        workshop: What the operator allows.
        tx: The transaction in which it would be stored.
        person: Whose it would be.
        whose: The beginning of the sentence that says so.

    Raises:
        LimitReached: If it would be one too many.
    """
    most = workshop.settings.most_connections
    if rows.count_owned(tx, person) >= most:
        raise LimitReached(
            f"{whose} {most:,} connections, and nobody may have more here",
            f"Delete one, with %conn delete. {_HOW} c.Connections.most_connections",
        )


def refuse_more_services(workshop: Workshop, tx: sa.Connection, person: str) -> None:
    """Refuse to describe one more service to who has described as many as they may.

    Raises:
        LimitReached: If it would be one too many.
    """
    most = workshop.settings.most_services
    if rows.count_described(tx, person) >= most:
        raise LimitReached(
            f"You have described {most:,} services, and nobody may describe more here",
            f"Delete one, with %conn service delete. {_HOW} c.Connections.most_services",
        )
