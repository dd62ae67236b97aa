"""What the organisation knows of people: a hub does, a laptop knows nobody else."""

from typing import Protocol


class People(Protocol):
    """Who is here, in which groups, and who looks after the deployment.

    They are asked at each use, so whoever has to ask a network keeps answers for some
    seconds: somebody who is removed is out after that. What cannot be found out raises
    ``BrokerUnavailable``: nobody is taken for gone, or for an administrator, by mistake.
    """

    def is_active(self, name: str) -> bool:
        """Tell whether somebody's account exists and is active."""
        ...

    def is_known_active(self, name: str) -> bool:
        """Tell whether that is known for sure without asking anybody now."""
        ...

    def groups_of(self, name: str) -> tuple[str, ...]:
        """Return the groups that somebody is in."""
        ...

    def is_administrator(self, name: str) -> bool:
        """Tell whether somebody looks after this deployment."""
        ...

    def has_administrators(self) -> bool:
        """Tell whether anybody looks after this deployment."""
        ...


class EverybodyHere:
    """Where nobody keeps a list: everybody is active, and in no group.

    Args:
        administrators: Whom the operator named.
    """

    def __init__(self, administrators: tuple[str, ...] = ()) -> None:
        self._administrators = frozenset(administrators)

    def is_active(self, name: str) -> bool:  # noqa: ARG002 - there is no list
        """Say yes."""
        return True

    def is_known_active(self, name: str) -> bool:  # noqa: ARG002 - there is no list
        """Say yes."""
        return True

    def groups_of(self, name: str) -> tuple[str, ...]:  # noqa: ARG002 - there is no list
        """Return none."""
        return ()

    def is_administrator(self, name: str) -> bool:
        """Tell whether the operator named somebody."""
        return name in self._administrators

    def has_administrators(self) -> bool:
        """Tell whether the operator named anybody."""
        return bool(self._administrators)
