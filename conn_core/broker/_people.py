"""What the organisation knows of people: a hub does, a laptop knows nobody else."""

from collections.abc import Callable
from typing import NamedTuple, Protocol

#: So long an answer is taken for true: somebody who is removed is out after that.
SECONDS_REMEMBERED = 5.0
_MOST_REMEMBERED = 20_000


class People(Protocol):
    """Who is here, in which groups, and who looks after the deployment.

    Answers may be some seconds old. What cannot be found out raises
    ``BrokerUnavailable``: nobody is taken for gone, or for an administrator, by mistake.
    """

    def is_active(self, name: str) -> bool:
        """Tell whether somebody's account exists and is active."""
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

    def groups_of(self, name: str) -> tuple[str, ...]:  # noqa: ARG002 - there is no list
        """Return none."""
        return ()

    def is_administrator(self, name: str) -> bool:
        """Tell whether the operator named somebody."""
        return name in self._administrators

    def has_administrators(self) -> bool:
        """Tell whether the operator named anybody."""
        return bool(self._administrators)


class _Known(NamedTuple):
    at: float
    answer: object


class Remembered:
    """People, asked again only after some seconds.

    What could not be found out is not remembered.

    Args:
        people: Who knows them.
        clock: Seconds that pass.
        seconds: So long an answer counts.
    """

    def __init__(
        self,
        people: People,
        *,
        clock: Callable[[], float],
        seconds: float = SECONDS_REMEMBERED,
    ) -> None:
        self._people = people
        self._clock = clock
        self._seconds = seconds
        self._known: dict[tuple[str, str], _Known] = {}

    def is_active(self, name: str) -> bool:
        """Tell whether somebody's account exists and is active."""
        return bool(self._asked("is_active", name, self._people.is_active))

    def groups_of(self, name: str) -> tuple[str, ...]:
        """Return the groups that somebody is in."""
        found = self._asked("groups_of", name, self._people.groups_of)
        assert isinstance(found, tuple)  # noqa: S101 - as it was put there
        return found

    def is_administrator(self, name: str) -> bool:
        """Tell whether somebody looks after this deployment."""
        return bool(
            self._asked("is_administrator", name, self._people.is_administrator)
        )

    def has_administrators(self) -> bool:
        """Tell whether anybody looks after this deployment."""
        return self._people.has_administrators()

    def _asked(self, what: str, name: str, ask: Callable[[str], object]) -> object:
        now, known = self._clock(), self._known.get((what, name))
        if known is not None and 0 <= now - known.at < self._seconds:
            return known.answer
        answer = ask(name)
        if len(self._known) >= _MOST_REMEMBERED:
            self._known.clear()
        self._known[what, name] = _Known(now, answer)
        return answer
