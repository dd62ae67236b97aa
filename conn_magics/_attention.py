"""A word under a cell about connections that ended, or end soon; each once."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from conn_core.broker import Broker

#: So many seconds pass before it is looked again.
LOOKED_EVERY = 600.0
_MOST = 100


def _utc_now() -> datetime:
    return datetime.now(UTC)


class Attention:
    """Remembers what was said in this kernel.

    Args:
        clock: Seconds that only grow.
        now: The time of day.
    """

    def __init__(
        self, clock: Callable[[], float], *, now: Callable[[], datetime] = _utc_now
    ) -> None:
        self._clock = clock
        self._now = now
        self._looked_at: float | None = None
        self._said: set[str] = set()

    def notes(self, broker: "Broker") -> tuple[str, ...]:
        """Return what to say now; never raises, a cell does not fail for it.

        Args:
            broker: Who knows the connections.
        """
        now = self._clock()
        if self._looked_at is not None and now - self._looked_at < LOOKED_EVERY:
            return ()
        self._looked_at = now
        try:
            found = tuple(self._found(broker))
        except Exception:  # noqa: BLE001 - see above
            return ()
        new = tuple(note for note in found if note not in self._said)
        self._said.update(new)
        return new

    def _found(self, broker: "Broker") -> Iterator[str]:
        from conn_core.look import attention

        at = self._now()
        for connection in broker.connections(limit=_MOST).items:
            is_own = connection.group != "organisation"
            if is_own or connection.use_login_user_credentials:
                note = attention(connection, at=at)
                if note:
                    yield note
