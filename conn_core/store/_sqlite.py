"""A SQLite file: whether it is still the one we opened, its journal, its backup."""

import os
import sqlite3
import struct
import sys
import tempfile
from contextlib import closing
from pathlib import Path
from typing import Final

from ..errors import StoreUnavailable

if sys.platform == "linux":
    import fcntl

    def _lock(descriptor: int) -> bool:
        """Try to lock a file: as SQLite does, but for one descriptor, not a process."""
        asked = struct.pack("hhqqi4x", fcntl.F_WRLCK, os.SEEK_SET, 0, 0, 0)
        try:
            fcntl.fcntl(descriptor, fcntl.F_OFD_SETLK, asked)
        except OSError:
            return False
        return True

else:  # pragma: no cover - where nobody can tell, nobody is refused

    def _lock(descriptor: int) -> bool:
        del descriptor
        return False


#: What several machines may have mounted. WAL shares memory between processes, and so
#: only works among those of one machine.
_NETWORK_FILE_SYSTEMS: Final = frozenset(
    {"9p", "afs", "ceph", "cifs", "fuse.sshfs", "glusterfs", "lustre", "nfs", "nfs4"}
    | {"smb3", "smbfs"}
)
_MOUNTS: Final = Path("/proc/self/mounts")
#: SQLITE_CORRUPT and SQLITE_NOTADB in words.
_DAMAGE: Final = ("malformed", "not a database")


class SameFile:
    """The file as it was when it was opened.

    A process whose database is deleted or replaced under it would go on writing into
    a file that nobody will ever find again.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._found = self._identity()

    def check(self) -> None:
        """Raise if the path leads to another file by now.

        Raises:
            StoreUnavailable: If it does, or to none.
        """
        if self._identity() != self._found:
            raise StoreUnavailable(
                f"The database {self.path} was deleted or replaced while it was in use. "
                "Nothing was written",
                "Bring back the file or a backup, then restart the server",
            )

    def _identity(self) -> tuple[int, int] | None:
        try:
            found = os.stat(self.path)  # noqa: PTH116 - twice as fast, on every write
        except OSError:
            return None
        return found.st_dev, found.st_ino


def is_damage(reason: str) -> bool:
    """Tell whether SQLite's words mean that the file is damaged."""
    return any(words in reason for words in _DAMAGE)


def refuse_orphaned_log(path: Path) -> None:
    """Refuse to make a database beside the log of one that is gone.

    SQLite would take it for the log of the new one, find that it is not, and delete it
    with whatever was committed and not yet copied.

    Raises:
        StoreUnavailable: If there is such a log.
    """
    log = path.with_name(f"{path.name}-wal")
    if not path.exists() and log.exists() and log.stat().st_size:
        raise StoreUnavailable(
            f"The database {path} is missing, but its log {log.name} is there. Nothing "
            "was made or deleted",
            "Put the database or a backup in its place, or move the log away to begin "
            "anew",
        )


def refuse_without_locks(folder: Path) -> None:
    """Refuse a folder where two can hold a lock that only one may hold.

    Some network and container file systems say yes to everybody. Refreshes would end
    each other's grants there, and writers would damage the database.

    Raises:
        StoreUnavailable: If it is such a folder.
    """
    try:
        held, name = tempfile.mkstemp(prefix="locks.", dir=folder)
    except OSError:
        return  # a full disk: the database says so in its own words
    wanted = os.open(name, os.O_RDWR)
    try:
        if _lock(held) and _lock(wanted):
            raise StoreUnavailable(
                f"Two can lock the same file at once in {folder}, so that refreshes "
                "would end each other's authorizations",
                "Name a folder on a disk of this machine in "
                "JUPYTER_CONNECTIONS_DATA_DIR",
            )
    finally:
        os.close(held)
        os.close(wanted)
        Path(name).unlink()


def journal_mode_for(path: Path, *, mounts: Path = _MOUNTS) -> str:
    """Return ``WAL``, or ``DELETE`` where several machines may share the file.

    Args:
        path: The database.
        mounts: What is mounted where, as Linux says it.
    """
    try:
        lines = mounts.read_text().splitlines()
    except OSError:
        return "WAL"
    place = str(path.resolve())
    best, kind = "", ""
    for line in lines:
        _, folder, found, *_ = line.split(" ")
        folder = folder.replace("\\040", " ").rstrip("/")
        if place.startswith(f"{folder}/") and len(folder) >= len(best):
            best, kind = folder, found
    return "DELETE" if kind in _NETWORK_FILE_SYSTEMS else "WAL"


def back_up(path: Path, revision: str) -> Path:
    """Copy a database before a migration; one copy for each version it came from.

    Args:
        path: The database.
        revision: The version of its tables.
    """
    copy = path.with_name(f"{path.name}.{revision}.bak")
    copy_database(path, copy)
    return copy


def copy_database(path: Path, copy: Path) -> None:
    """Copy a database that others may be writing: consistent, 0600, whole or not at all.

    Args:
        path: The database.
        copy: Where the copy is put, in the place of what is there.
    """
    part = copy.with_name(f"{copy.name}.{os.getpid()}")
    create_private(part)
    try:
        with (
            closing(read_only(path)) as source,
            closing(sqlite3.connect(part)) as target,
        ):
            source.backup(target)
            # One file: a copy that is carried away has no log beside it.
            target.execute("PRAGMA journal_mode=DELETE")
        part.replace(copy)
    finally:
        part.unlink(missing_ok=True)


def create_private(path: Path) -> None:
    """Make an empty file that only its owner can read, or empty the one there is."""
    flags = os.O_CREAT | os.O_RDWR | os.O_TRUNC | getattr(os, "O_NOFOLLOW", 0)
    os.close(os.open(path, flags, 0o600))


def read_only(path: Path) -> sqlite3.Connection:
    """Open a database to read from it; nothing is made or changed."""
    return sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True, timeout=10)
