"""Whose bearer a remote broker shows: where it is found, read when it is needed.

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
