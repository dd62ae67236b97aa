"""A kernel's broker on a hub: the service, but for what the person's own server does."""

from ._bearers import BearerSource
from ._below_jobs import SchedulesBelow
from ._remote import RemoteBroker


class HubBroker(SchedulesBelow, RemoteBroker):
    """Asks the hub's service, and about schedules the person's own server: it runs them.

    Args:
        endpoint: The service's address, ending in ``connections/``.
        bearer: Finds the hub's token, which the service knows; the own server never
            sees it.
        place: The notebook or job that asks.
        own_server: Asks that server, with what it has left for its kernels.
    """

    def __init__(
        self,
        endpoint: str,
        *,
        bearer: BearerSource,
        place: str,
        own_server: RemoteBroker,
    ) -> None:
        super().__init__(endpoint, bearer=bearer, place=place)
        self._own_server = own_server
        self.below = lambda: own_server

    def close(self) -> None:
        """Close the connections to both."""
        super().close()
        self._own_server.close()
