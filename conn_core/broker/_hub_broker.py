"""A kernel's broker on a hub: the service, but for what the person's own server does."""

from ._bearers import BearerSource
from ._below_jobs import SchedulesBelow
from ._remote import RemoteBroker


class HubBroker(SchedulesBelow, RemoteBroker):
    """Asks the hub's service, and about schedules the person's own server: it runs them.

    Args:
        endpoint: The service's address, ending in ``connections/``.
        bearer: Finds the hub's token; both let its person in.
        place: The notebook or job that asks.
        own_server: The own server's address, ending in ``connections/``.
    """

    def __init__(
        self, endpoint: str, *, bearer: BearerSource, place: str, own_server: str
    ) -> None:
        super().__init__(endpoint, bearer=bearer, place=place)
        self._own_server = RemoteBroker(own_server, bearer=bearer, place=place)
        self.below = lambda: self._own_server

    def close(self) -> None:
        """Close the connections to both."""
        super().close()
        self._own_server.close()
