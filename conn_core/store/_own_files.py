"""A folder that only its owner enters, and a database that only its owner reads."""

import contextlib
import errno
import os
import stat
from pathlib import Path

from ..errors import StoreUnavailable


def prepare_folder(folder: Path) -> None:
    """Make a folder that only its owner can enter, or check that it is one.

    Raises:
        StoreUnavailable: If it cannot be made, or is somebody else's.
    """
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        found = folder.stat()
        if hasattr(os, "getuid") and found.st_uid != os.getuid():
            raise StoreUnavailable(f"The folder {folder} belongs to somebody else")
        if stat.S_IMODE(found.st_mode) & 0o077 and os.name == "posix":
            # Not mended here: it may be a folder that others need, such as /tmp.
            raise StoreUnavailable(
                f"Other people can enter the folder {folder}",
                f"Run chmod 700 {folder}, or name another folder in "
                "JUPYTER_CONNECTIONS_DATA_DIR",
            )
    except OSError as error:
        raise StoreUnavailable(
            f"The folder {folder} cannot be used ({error.strerror})",
            "Make it writable, or name another in JUPYTER_CONNECTIONS_DATA_DIR",
        ) from error


def create_unreadable_to_others(path: Path) -> None:
    """Create the file 0600 before SQLite does it with the umask; never follow a link.

    SQLite gives its ``-wal`` and ``-shm`` files the mode of the database.
    """
    # One that is there is never opened here: to close it again would let go of every
    # lock that SQLite has on it in this process, such as for a store that is open, and
    # another process could take its log away under it.
    flags = os.O_CREAT | os.O_EXCL | os.O_RDWR
    try:
        if not os.path.lexists(path):
            with contextlib.suppress(FileExistsError):
                os.close(os.open(path, flags, 0o600))
        mode = _mode_of_own(path)
    except OSError as error:
        raise StoreUnavailable(
            f"The database {path} cannot be written ({error.strerror})",
            "Make it writable for you, or name another folder in "
            "JUPYTER_CONNECTIONS_DATA_DIR",
        ) from error
    if mode & 0o077 and os.name == "posix":
        raise StoreUnavailable(
            f"Other people can read the database {path}", f"Run chmod 600 {path}"
        )


def _mode_of_own(path: Path) -> int:
    """Return the permissions of a file that is none else, and that we may write."""
    found, problem = path.lstat(), 0
    if stat.S_ISLNK(found.st_mode):
        problem = errno.ELOOP
    elif stat.S_ISDIR(found.st_mode):
        problem = errno.EISDIR
    elif not os.access(path, os.R_OK | os.W_OK):
        is_read_only = os.name == "posix" and os.statvfs(path).f_flag & os.ST_RDONLY
        problem = errno.EROFS if is_read_only else errno.EACCES
    if problem:
        raise OSError(problem, os.strerror(problem))
    return stat.S_IMODE(found.st_mode)
