"""As whom somebody acts: active, in these groups, or looking after the deployment."""

from ..errors import NotAllowed
from ._policy import Actor
from ._workshop import Workshop


def acting(workshop: Workshop, name: str) -> Actor:
    """Return a person as the policy knows them.

    Where the organisation cannot be asked nobody acts: without their groups they would
    be told that what they use every day does not exist.

    Args:
        workshop: What knows the people.
        name: The person.

    Raises:
        BrokerUnavailable: If it cannot be found out who they are.
        NotAllowed: If their account is not active.
    """
    people = workshop.people
    refuse_inactive(workshop, name)
    return Actor.person(
        name,
        groups=people.groups_of(name),
        is_administrator=people.is_administrator(name),
    )


def refuse_inactive(workshop: Workshop, name: str) -> None:
    """Raise NotAllowed if a person's account is not active."""
    if not workshop.people.is_active(name):
        raise NotAllowed(
            f"The account '{name[:80]}' is not active here",
            "Ask who runs this server",
        )
