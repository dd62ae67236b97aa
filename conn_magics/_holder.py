"""The one object that owns the broker this process found."""

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from ._attention import Attention
from ._masking import watched

if TYPE_CHECKING:
    from conn_core import Settings
    from conn_core.broker import Broker, Resolved

#: How old a list of names may be that completion shows, seconds.
_NAMES_LAST = 2.0
_MOST_SERVICES = 100


def settings_here() -> "Settings":
    """Read the settings of this process."""
    from jupyter_core import paths

    from conn_core import Settings, os_user

    return Settings.from_environment(
        os.environ,
        jupyter_data_dir=paths.jupyter_data_dir(),
        jupyter_runtime_dir=paths.jupyter_runtime_dir(),
        user=os_user(),
    )


def find_broker() -> "Resolved":
    """Ask the resolver, which names every step it tried."""
    from conn_core.broker import resolve

    return resolve(settings_here(), os.environ)


class Holder:
    """Finds the broker once, keeps it, and lends it to magics and functions.

    Args:
        find: Finds the broker.
        clock: Seconds that only grow.
    """

    def __init__(
        self,
        *,
        find: "Callable[[], Resolved]" = find_broker,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._find = find
        self.clock = clock
        self._resolved: Resolved | None = None
        self._instead: list[Broker] = []
        self._lists: dict[str, tuple[float, tuple[str, ...]]] = {}
        self.clients: dict[Any, Any] = {}
        self.attention = Attention(clock)

    @property
    def resolved(self) -> "Resolved":
        """The resolver's answer; a failure is not kept, the next call asks again."""
        if self._resolved is None:
            found = self._find()
            found.broker = watched(found.broker)
            self._resolved = found
        return self._resolved

    @property
    def broker(self) -> "Broker":
        """The broker to use now."""
        return self._instead[-1] if self._instead else self.resolved.broker

    @property
    def overridden(self) -> bool:
        """A test has put something in the broker's place."""
        return bool(self._instead)

    @contextmanager
    def using(self, broker: "Broker") -> "Iterator[Broker]":
        """Use another broker for a while."""
        kept, said = self.clients, self.attention
        self._instead.append(broker)
        self.clients = {}
        self.attention = Attention(self.clock)
        self._lists.clear()
        try:
            yield broker
        finally:
            self._instead.remove(broker)
            self.clients, self.attention = kept, said
            self._lists.clear()

    def forget(self) -> None:
        """Close what was opened, and look for the broker again at the next use."""
        if self._resolved is not None:
            self._resolved.close()
        self._resolved = None
        self.clients = {}
        self._lists.clear()

    def connection_names(self) -> tuple[str, ...]:
        """Return link names for completion, at most two seconds old; never raises."""
        return self._listed(
            "connections",
            lambda: (c.link_name for c in self.broker.connections(limit=500).items),
        )

    def service_ids(self, beginning: str, *, custom: bool = False) -> tuple[str, ...]:
        """Return service ids for completion, at most two seconds old; never raises.

        Args:
            beginning: What is typed; there are too many services to list them all.
            custom: Only those that people made here.
        """
        only = False if custom else None
        return self._listed(
            f"services {custom} {beginning}",
            lambda: (
                s.id
                for s in self.broker.services(
                    beginning, predefined=only, limit=_MOST_SERVICES
                ).items
            ),
        )

    def schedule_names(self) -> tuple[str, ...]:
        """Return schedules for completion, at most two seconds old; never raises."""
        return self._listed(
            "schedules", lambda: (one.name for one in self.broker.schedules())
        )

    def _listed(self, what: str, ask: Callable[[], Any]) -> tuple[str, ...]:
        now = self.clock()
        asked, names = self._lists.get(what, (float("-inf"), ()))
        if now - asked > _NAMES_LAST:
            try:
                names = tuple(ask())
            except Exception:  # noqa: BLE001 - a TAB never raises, whatever is wrong
                names = ()
            # a failure is kept too: a server that hangs must not hang every TAB
            self._lists[what] = (self.clock(), names)
        return names


HOLDER = Holder()
