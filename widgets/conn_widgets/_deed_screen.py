"""A screen that does something to one connection, or says why it was refused."""

from collections.abc import Callable
from datetime import datetime
from typing import Generic, TypeVar

from conn_core import Connection
from conn_core.broker import Broker
from conn_core.errors import ConnectionsError
from conn_core.look import Line, uses_of, what_stops

from ._problem import Problem
from ._stage import Screen, Stage

Outcome = TypeVar("Outcome")


class DeedScreen(Screen, Generic[Outcome]):
    """What the screens of one connection have in common.

    Args:
        stage: Where it is shown.
        broker: Who does it.
        connection: To what.
        on_done: Gets what came of it.

    Attributes:
        problem: Where it is said why it was refused.
    """

    def __init__(
        self,
        stage: Stage,
        broker: Broker,
        connection: Connection,
        on_done: Callable[[Outcome], None],
    ) -> None:
        self._stage = stage
        self._broker = broker
        self._connection = connection
        self._on_done = on_done
        self.problem = Problem()

    def _refuse(self, error: ConnectionsError) -> None:
        self.problem.refuse(error)
        self._stage.focus_on_error()

    def _what_stops(self, *, at: datetime) -> list[Line]:
        """Say what would work no more, for the person who asks."""
        try:
            user = self._broker.status().user
        except ConnectionsError:
            user = self._connection.owner
        uses = uses_of(self._broker, self._connection)
        return what_stops(self._connection, uses, user=user, at=at)
