"""Whose bearer a remote broker shows, and which door it takes: read when it is needed.

Endpoints travel through environments, bearers never do.
"""

from collections.abc import Callable
from pathlib import Path

from .._secret import Secret
from ..errors import BrokerUnavailable
from ._handle import read_handle

#: Finds the bearer; called again when the server no longer takes the one it gave.
#: Raises ``BrokerUnavailable`` where there is none.
BearerSource = Callable[[], Secret]
#: Finds the Unix socket where the server listens for kernels alone; empty where none is.
DoorSource = Callable[[], str]


def bearer_of_handle(runtime_dir: str | Path, endpoint: str) -> BearerSource:
    """Return what reads the bearer that a running server left for its kernels.

    Args:
        runtime_dir: Jupyter's runtime folder.
        endpoint: The server's address, as it wrote it down.
    """

    def read() -> Secret:
        try:
            handle = read_handle(runtime_dir, endpoint)
        except PermissionError as error:
            raise BrokerUnavailable(
                f"The key to the server is not trusted: {error}", "Run %conn env"
            ) from None
        if handle is None:
            raise BrokerUnavailable(
                "The server is not running any more, or has left no key for this kernel",
                "Run %conn env",
            )
        return handle.bearer

    return read


def door_of_handle(runtime_dir: str | Path, endpoint: str) -> DoorSource:
    """Return what reads where a running server listens for its kernels alone.

    Args:
        runtime_dir: Jupyter's runtime folder.
        endpoint: The server's address, as it wrote it down.
    """

    def read() -> str:
        handle = read_handle(runtime_dir, endpoint)
        return handle.socket if handle else ""

    return read


def no_door() -> str:
    """Take the server's address: it is none of this machine's own."""
    return ""
