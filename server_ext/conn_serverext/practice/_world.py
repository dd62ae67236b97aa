"""Everything a running practice service knows. It lives in memory and ends with it."""

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from ._books import Books
from ._client_book import Clients
from ._counters import Counters
from ._grants import Grants
from ._sessions import Sessions

NAME: Final = "Practice Expenses"


@dataclass(slots=True, kw_only=True)
class World:
    """What the handlers share; touched by the service's own thread only.

    Attributes:
        issuer: The service's address, without a slash at the end.
        outages: Path prefixes that answer 503, one entry for each outage.
        issued: Every code and token given out, for tests that look for them.
    """

    issuer: str
    clients: Clients
    grants: Grants
    sessions: Sessions
    books: Books
    counters: Counters
    clock: Callable[[], float]
    issued: deque[str] = field(repr=False)
    outages: list[str] = field(default_factory=list)

    @property
    def host(self) -> str:
        """Host and port."""
        return self.issuer.removeprefix("http://")

    @property
    def hosts(self) -> frozenset[str]:
        """What a ``Host`` header may say; another site's name must not lead here."""
        port = self.host.rpartition(":")[2]
        return frozenset({self.host, f"localhost:{port}"})

    def is_out(self, path: str) -> bool:
        """Tell whether an outage covers a path."""
        return any(path.startswith(prefix) for prefix in self.outages)

    def today(self) -> str:
        """Return the day as ISO 8601 writes it."""
        return time.strftime("%Y-%m-%d", time.gmtime(self.clock()))
