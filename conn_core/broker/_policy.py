"""Who may do what. One function, default deny, asked on every path."""

from dataclasses import dataclass
from typing import Literal, Self

from ..store import rows

#: See that it is there, use its credentials, obtain credentials for it; change, revoke,
#: enable and delete it.
Action = Literal["see", "use", "authorize", "change"]
#: Whom a connection is shared with that everybody here may use.
EVERYBODY = "*"


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """Who asks.

    Attributes:
        name: The person.
        principals: What they may be named as when something is shared.
    """

    name: str
    principals: frozenset[str]

    @classmethod
    def person(cls, name: str) -> Self:
        """Return a person who is known by name alone."""
        return cls(name=name, principals=frozenset({EVERYBODY, f"user:{name}"}))


def allows(actor: Actor, action: Action, connection: rows.Row) -> bool:
    """Tell whether somebody may do something with a connection.

    Args:
        actor: Who asks.
        action: What they want to do.
        connection: The row of the connection.
    """
    is_owner = connection.owner == actor.name
    match action:
        case "see" | "use":
            return is_owner or _is_lent_to(actor, connection)
        case "authorize":
            # Whose credentials count is who may obtain them.
            uses_own = connection.use_login_user_credentials
            return is_owner or (uses_own and _is_lent_to(actor, connection))
        case "change":
            return bool(is_owner)
    return False


def _is_lent_to(actor: Actor, connection: rows.Row) -> bool:
    """Tell whether a connection is shared with somebody; what a task made never is."""
    shared_with = (connection.shared_with or "").split()
    return not connection.internal and not actor.principals.isdisjoint(shared_with)
