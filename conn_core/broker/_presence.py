"""Who takes leases, and how others on this machine see that they live no more.

Each process holds a lock on a small file. The system lets go of it when the process
ends, however it ends: a lease of a process that was killed is over at once, and not
after the longest time that a provider may take.
"""

import contextlib
import os
import secrets
import socket
import sys
import threading
import time
from pathlib import Path
from typing import Final

if sys.platform == "win32":  # pragma: no cover - the other system's half
    import msvcrt

    def _try_lock(descriptor: int) -> None:
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)

else:
    import fcntl

    def _try_lock(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)


_BOOT: Final = Path("/proc/sys/kernel/random/boot_id")
#: Marks of the dead are swept when no lease can name them any more.
_SWEPT_AFTER: Final = 600


class Presence:
    """The mark of this process in a folder that it shares with others.

    Args:
        folder: Where the marks are; made when the first lease is taken.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._guard = threading.Lock()
        self._mark: int | None = None
        self._process: int | None = None
        self._name = ""

    @property
    def name(self) -> str:
        """As whom this process takes leases: another after a fork."""
        if self._process != os.getpid():
            self._guard = threading.Lock() if self._process else self._guard
            with self._guard:
                if self._process != os.getpid():
                    self._enter()
        return self._name

    def is_dead(self, name: str | None) -> bool:
        """Tell whether a process is known to be no more.

        Args:
            name: As whom it took a lease.

        Returns:
            False for one of which nothing is known, such as one of another machine.
        """
        if name is None or name == self._name or not _is_name(name):
            return False
        return _is_unlocked(self._folder / name)

    def is_alive(self, name: str | None) -> bool:
        """Tell whether a process of this machine is known to live, running or stopped.

        Args:
            name: As whom it took a lease.
        """
        return name is not None and _is_name(name) and _is_locked(self._folder / name)

    def close(self) -> None:
        """Take the mark away."""
        if self._mark is not None and self._process == os.getpid():
            with contextlib.suppress(OSError):
                (self._folder / self._name).unlink()
            os.close(self._mark)
            self._mark = None

    def _enter(self) -> None:
        if self._mark is not None:  # the parent's: it keeps its own handle of it
            os.close(self._mark)
        self._name, self._mark = secrets.token_hex(16), None
        with contextlib.suppress(OSError):
            # Without a mark a lease ends by its time alone.
            self._mark = _make_mark(self._folder, self._name)
            _sweep(self._folder)
        self._process = os.getpid()


def _make_mark(folder: Path, name: str) -> int:
    folder.mkdir(mode=0o700, exist_ok=True)
    flags = os.O_CREAT | os.O_EXCL | os.O_RDWR
    mark = os.open(folder / name, flags, 0o600)
    try:
        _hold(mark, folder / name)
        os.write(mark, _this_machine())
    except OSError:
        (folder / name).unlink()
        os.close(mark)
        raise
    return mark


def _is_unlocked(mark: Path) -> bool:
    """Tell whether a process of this machine made a mark, and holds it no more.

    The locks of another machine may be invisible in a folder that both have mounted.
    """
    return _is_free(mark, says=_this_machine())


def _is_locked(mark: Path) -> bool:
    """Tell whether a process of this machine made a mark, and holds it."""
    try:
        is_of_here = mark.read_bytes() == _this_machine()
    except OSError:
        return False
    return is_of_here and not _is_unlocked(mark)


def _hold(descriptor: int, mark: Path) -> None:
    """Lock a new mark.

    Raises:
        OSError: If it cannot be, or the file system says that nobody holds it. Then its
            owner would be taken for dead: better one of whom nothing is known.
    """
    _try_lock(descriptor)
    if _is_free(mark, says=b""):
        msg = "locks hold nobody off here"
        raise OSError(msg)


def _is_free(mark: Path, *, says: bytes) -> bool:
    """Tell whether a file holds a text, and nobody a lock on it."""
    try:
        descriptor = os.open(mark, os.O_RDWR | getattr(os, "O_NOFOLLOW", 0))
    except OSError:
        return False
    try:
        if os.read(descriptor, 200) != says:
            return False
        _try_lock(descriptor)
    except OSError:
        return False
    else:
        return True
    finally:
        os.close(descriptor)


def _sweep(folder: Path) -> None:
    for mark in folder.iterdir():
        is_old = time.time() - mark.stat().st_mtime > _SWEPT_AFTER
        if is_old and _is_unlocked(mark):
            mark.unlink()


def _this_machine() -> bytes:
    """Return what tells this machine, since it was started, from every other one."""
    try:
        return _BOOT.read_bytes().strip()
    except OSError:
        return socket.gethostname().encode()


def _is_name(text: str) -> bool:
    return len(text) == 32 and text.isalnum()
