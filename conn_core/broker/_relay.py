"""The way of requests whose credential stays with a broker in another process."""

from collections.abc import Callable

from .._secret import Secret


class Relay:
    """What a client is told about that way: an address, and what to show there.

    Args:
        address: What stands for the API at the server; a path follows it.
        bearer: Returns what to show the server; told what it refused, another one
            where there is one.
        place: From which notebook or job the requests come, percent-encoded.
    """

    def __init__(
        self,
        address: str,
        *,
        bearer: Callable[[Secret | None], Secret],
        place: str = "",
    ) -> None:
        self.address = address
        self.place = place
        self._bearer = bearer

    def __repr__(self) -> str:
        return f"<relay at {self.address}>"

    def bearer(self, *, refused: Secret | None = None) -> Secret:
        """Return what to show the server.

        Args:
            refused: What it did not take; it may have been restarted since.

        Raises:
            BrokerUnavailable: If there is nothing to show.
        """
        return self._bearer(refused)
