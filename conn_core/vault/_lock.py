"""Only one process makes the first key: two would seal rows that no other can open."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ..errors import StoreLocked

if sys.platform == "win32":  # pragma: no cover - the other system's half
    import msvcrt

    def _lock(descriptor: int) -> None:
        msvcrt.locking(descriptor, msvcrt.LK_LOCK, 1)

else:
    import fcntl

    def _lock(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_EX)


@contextmanager
def alone_in(folder: Path) -> Iterator[None]:
    """Wait until no other process is in this block for the same folder.

    Raises:
        StoreLocked: If the file system has no locks, or the folder is not ours.
    """
    flags = os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0)
    try:
        descriptor = os.open(folder / ".lock", flags, 0o600)
    except OSError as error:
        raise _cannot(folder, error) from None
    try:
        try:
            _lock(descriptor)
        except OSError as error:
            raise _cannot(folder, error) from None
        yield
    finally:
        os.close(descriptor)


def _cannot(folder: Path, error: OSError) -> StoreLocked:
    return StoreLocked(
        f"No key can be made in {folder} ({error.strerror})",
        "Make it writable, or name a key file in JUPYTER_CONNECTIONS_KEY_FILE",
    )
