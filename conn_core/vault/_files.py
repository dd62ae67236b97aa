"""Key files: whom we trust with reading them, and how a new one is made.

Windows has no owner and mode to look at: there only links and the length are
checked, and the folder's access list is the user profile's.
"""

import contextlib
import os
import secrets
import stat
from pathlib import Path
from typing import Final, NoReturn

from ..errors import StoreLocked
from ._key import MasterKey, read_keys

#: More is no list of keys; reading stops there.
_LARGEST: Final = 65_536
_ROOT: Final = 0
_O_NOFOLLOW: Final = getattr(os, "O_NOFOLLOW", 0)
#: Such as a secret of Kubernetes, which is mounted to be read only.
BY_HAND: Final = (
    "Put a new first line into it where it is made (openssl rand -base64 32), keep "
    "the others, then run jupyter connections key rotate"
)
#: O_NONBLOCK: a named pipe in the place of the file must not hang the start.
_READ: Final = (
    os.O_RDONLY
    | _O_NOFOLLOW
    | getattr(os, "O_NONBLOCK", 0)
    | getattr(os, "O_CLOEXEC", 0)
    | getattr(os, "O_BINARY", 0)
)
#: O_EXCL: what is there already, a link among it, stays as it is.
_CREATE: Final = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)


def read_key_file(path: Path) -> tuple[MasterKey, ...]:
    """Read the keys of a file that only its owner can read.

    Args:
        path: The file; the newest key comes first.

    Raises:
        FileNotFoundError: If there is no such file.
        StoreLocked: If it cannot be read, is not trustworthy, or holds no key.
    """
    keys = read_keys(read_written(path))
    if keys is None:
        _refuse(path, "holds no key: 32 random bytes are needed, raw, in base64 or hex")
    return keys


def read_written(path: Path) -> bytes:
    """Read a key file as it is, if only its owner can.

    Raises:
        FileNotFoundError: If there is no such file.
        StoreLocked: If it cannot be read, or is not trustworthy.
    """
    _refuse_untrusted_folder(path)
    try:
        descriptor = os.open(path, _READ)
    except FileNotFoundError:
        raise
    except OSError as error:
        # Without O_NOFOLLOW's ELOOP a link shows as such in the check below.
        is_link = path.is_symlink()
        _refuse(path, "is a link" if is_link else f"cannot be read ({error.strerror})")
    try:
        _refuse_untrusted_file(path, os.fstat(descriptor))
        return os.read(descriptor, _LARGEST)
    finally:
        os.close(descriptor)


def create_key_file(path: Path, written: str) -> None:
    """Write a key file that only its owner can read, whole or not at all.

    The caller makes sure that nobody else writes it at the same time.

    Raises:
        StoreLocked: If it cannot be written.
    """
    partial = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    try:
        descriptor = os.open(partial, _CREATE, 0o600)
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(f"{written}\n")
            file.flush()
            os.fsync(file.fileno())
        partial.rename(path)
        _make_durable(path.parent)
    except OSError as error:
        reason = error.strerror
        with contextlib.suppress(OSError):
            partial.unlink()
    else:
        return
    _refuse(path, f"cannot be written ({reason})")


def change_key_file(path: Path, written: str) -> None:
    """Put other keys into a key file: whoever reads finds the old ones or the new ones.

    Raises:
        StoreLocked: If it cannot be written, or belongs to somebody else.
    """
    if hasattr(os, "geteuid") and path.stat().st_uid != os.geteuid():
        _refuse(path, "belongs to somebody else and stays as it is", BY_HAND)
    try:
        create_key_file(path, written.rstrip("\n"))
    except StoreLocked as error:
        raise StoreLocked(error.message, BY_HAND) from None


def prepare_key_folder(folder: Path) -> None:
    """Make the folder of the generated key file, with mode 0700.

    Raises:
        StoreLocked: If it cannot be made.
    """
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        _refuse(folder, f"cannot be made ({error.strerror})")


def _refuse_untrusted_folder(path: Path) -> None:
    try:
        found = path.parent.stat()
    except FileNotFoundError:
        raise
    except OSError as error:
        _refuse(path, f"cannot be reached ({error.strerror})")
    if not hasattr(os, "geteuid"):
        return
    if found.st_uid not in {os.geteuid(), _ROOT}:
        _refuse(path, "lies in a folder of somebody else")
    if found.st_mode & stat.S_IWOTH:
        _refuse(
            path,
            "lies in a folder where anybody can put files",
            f"Run chmod o-w '{path.parent}'",
        )


def _refuse_untrusted_file(path: Path, found: os.stat_result) -> None:
    if path.is_symlink():
        _refuse(path, "is a link")
    if not stat.S_ISREG(found.st_mode):
        _refuse(path, "is no file")
    if found.st_nlink > 1:
        _refuse(path, "has a second name elsewhere (a hard link)")
    if not hasattr(os, "geteuid"):
        return
    if found.st_uid not in {os.geteuid(), _ROOT}:
        _refuse(path, "belongs to somebody else")
    if found.st_mode & _open_to(found):
        _refuse(path, "can be read by other people", f"Run chmod 600 '{path}'")


def _open_to(found: os.stat_result) -> int:
    """Return the permission bits that a key file must not have.

    systemd shows a service its credentials as root:root 0440, the group's bits being
    the mask of an access list that names only the service.
    """
    if found.st_uid == found.st_gid == _ROOT != os.geteuid():
        return stat.S_IWGRP | stat.S_IXGRP | stat.S_IRWXO
    return stat.S_IRWXG | stat.S_IRWXO


def _make_durable(folder: Path) -> None:
    """Write the folder's entry to the disk; Windows opens no folders for that."""
    if not hasattr(os, "O_DIRECTORY"):
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _refuse(path: Path, reason: str, hint: str = "") -> NoReturn:
    raise StoreLocked(
        f"The key file {path} {reason}",
        hint or "Name another one in JUPYTER_CONNECTIONS_KEY_FILE",
    ) from None
