"""Clients of one run: nobody else has them, so that they can be ended with it."""

from typing import TYPE_CHECKING, Any

from .._holder import Holder

if TYPE_CHECKING:
    from conn_core.broker import Broker


class Stopped(BaseException):
    """Somebody has stopped the run. No ``Exception``: code that retries lets it pass."""


class Lender(Holder):
    """Lends clients to one run, until it is stopped.

    Args:
        below: Lends the broker.

    Attributes:
        is_stopped: It lends nothing any more.
    """

    def __init__(self, below: Holder) -> None:
        super().__init__()
        self._below = below
        self.is_stopped = False

    @property
    def broker(self) -> "Broker":
        """The broker, as long as the run goes on.

        Raises:
            Stopped: After that.
        """
        broker: Any = _Asked(self)
        return broker  # type: ignore[no-any-return]  # it passes everything on

    def real(self) -> "Broker":
        """Return the broker itself.

        Raises:
            Stopped: If the run is to end.
        """
        self.check()
        return self._below.broker

    def check(self) -> None:
        """Raise if the run is to end.

        Raises:
            Stopped: If it is.
        """
        if self.is_stopped:
            raise Stopped

    def stop(self) -> None:
        """End calls that wait for an answer, and lend nothing any more."""
        self.is_stopped = True
        for client in list(self.clients.values()):
            if hasattr(client, "hang_up"):
                client.hang_up()

    async def end_async(self) -> None:
        """Close the async clients, in the loop they were used in."""
        for client in self.clients.values():
            if hasattr(client, "aclose"):
                await client.aclose()

    def end(self) -> None:
        """Close the others."""
        for client in self.clients.values():
            if hasattr(client, "close"):
                client.close()


class _Asked:
    """The broker, asked anew for each thing: also clients of adapters end with a run."""

    def __init__(self, lender: Lender) -> None:
        self._lender = lender

    def __getattr__(self, name: str) -> Any:
        return getattr(self._lender.real(), name)
