"""Who may do what. One function, default deny, asked on every path."""

from dataclasses import dataclass
from typing import Literal, Self

from .._values import Exposure
from ..store import rows

#: See that it is there; use its credentials; obtain credentials for it; change what it
#: is called, may do and who else uses it; seal, revoke, enable and delete it; give it to
#: somebody else.
Action = Literal["see", "use", "authorize", "edit", "change", "transfer"]
#: Whom a connection is shared with that everybody here may use.
EVERYBODY = "*"


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """Who asks.

    Attributes:
        name: The person; the owner of the grant, where a job shows one.
        principals: What they may be named as when something is shared.
        is_administrator: They look after this deployment: see everything, stop anything,
            use nothing by that alone.
        grant: The id of the grant that a job shows; empty for a person.
        granted: The ids of the connections that the grant names; None for a person.
        exposure: Of the grant: ``direct`` lets a job have its owner's own tokens.
        by: Who it really is, where somebody acts as somebody else; for the audit log.
    """

    name: str
    principals: frozenset[str]
    is_administrator: bool = False
    grant: str = ""
    granted: frozenset[str] | None = None
    exposure: Exposure = "sealed"
    by: str = ""

    @classmethod
    def person(
        cls, name: str, *, groups: tuple[str, ...] = (), is_administrator: bool = False
    ) -> Self:
        """Return a person, with the groups that the organisation knows them in."""
        named = {EVERYBODY, f"user:{name}", *(f"group:{group}" for group in groups)}
        return cls(
            name=name,
            principals=frozenset(named),
            is_administrator=is_administrator,
        )


def allows(actor: Actor, action: Action, connection: rows.Row) -> bool:
    """Tell whether somebody may do something with a connection.

    Args:
        actor: Who asks.
        action: What they want to do.
        connection: The row of the connection.
    """
    if actor.granted is not None:
        is_granted = connection.id in actor.granted and action in {"see", "use"}
        return is_granted and _may(actor, action, connection)
    return _may(actor, action, connection)


def _may(actor: Actor, action: Action, connection: rows.Row) -> bool:
    is_owner = connection.owner == actor.name
    match action:
        case "see":
            return is_owner or actor.is_administrator or _is_lent_to(actor, connection)
        case "use":
            return is_owner or _is_lent_to(actor, connection)
        case "authorize":
            # Whose credentials count is who may obtain them.
            uses_own = connection.use_login_user_credentials
            return is_owner or (uses_own and _is_lent_to(actor, connection))
        case "edit":
            return bool(is_owner)
        case "change" | "transfer":
            return is_owner or actor.is_administrator
    return False


def _is_lent_to(actor: Actor, connection: rows.Row) -> bool:
    """Tell whether a connection is shared with somebody; what a task made never is."""
    shared_with = rows.principals_of(connection)
    return not connection.internal and not actor.principals.isdisjoint(shared_with)


def is_borrowed(actor: Actor, connection: rows.Row) -> bool:
    """Tell whether the credentials that somebody would use are somebody else's."""
    is_theirs = connection.use_login_user_credentials
    return not is_theirs and bool(connection.owner != actor.name)
