"""The handle file: how a running server tells its kernels the bearer to show.

The address is inherited through the environment, the bearer never is: environments
are shown by ``%env``, ``ps`` and crash reports. It lies in a file that only its owner
can read. Windows has no owner and mode to look at; there the folder's access list,
the user profile's, does it.
"""

import contextlib
import hashlib
import json
import os
import secrets
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

from .._secret import Secret
from ._private_file import CREATE, READ

_LARGEST: Final = 65_536


@dataclass(frozen=True, slots=True, kw_only=True)
class Handle:
    """What a kernel needs to speak with its server.

    Attributes:
        endpoint: The server's address, ending in ``connections/``.
        bearer: What to show it; lives as long as the server.
        pid: The server's process.
        socket: The Unix socket where it listens for kernels alone; empty where there
            is none.
    """

    endpoint: str
    bearer: Secret
    pid: int
    socket: str = ""

    @classmethod
    def from_text(cls, text: bytes) -> Self:
        """Read a handle's file.

        Raises:
            ValueError: If it is none.
        """
        body = json.loads(text)
        try:
            return cls(
                endpoint=str(body["endpoint"]),
                bearer=Secret(str(body["bearer"])),
                pid=int(body["pid"]),
                socket=str(body.get("socket", "")),
            )
        except (KeyError, TypeError) as error:
            msg = "this is no handle"
            raise ValueError(msg) from error


def handle_path(runtime_dir: str | Path, endpoint: str) -> Path:
    """Return where the handle of an endpoint lies."""
    digest = hashlib.sha256(endpoint.encode()).hexdigest()[:16]
    return Path(runtime_dir) / f"connections-{digest}.json"


def socket_path(runtime_dir: str | Path, endpoint: str) -> Path:
    """Return where the server of an endpoint listens for its kernels alone."""
    return handle_path(runtime_dir, endpoint).with_suffix(".sock")


def write_handle(
    runtime_dir: str | Path,
    *,
    endpoint: str,
    bearer: Secret,
    pid: int | None = None,
    socket: Path | None = None,
) -> Path:
    """Write the handle of a server that starts, in the place of an older one.

    Args:
        runtime_dir: Jupyter's runtime folder.
        endpoint: The server's address, ending in ``connections/``.
        bearer: What kernels will show.
        pid: The server's process; this one when absent.
        socket: Where it listens for them alone.

    Raises:
        OSError: If it cannot be written.
    """
    path = handle_path(runtime_dir, endpoint)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    body = {
        "endpoint": endpoint,
        "bearer": bearer.reveal(),
        "pid": os.getpid() if pid is None else pid,
        **({} if socket is None else {"socket": str(socket)}),
    }
    descriptor = os.open(partial, CREATE, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            json.dump(body, file)
        partial.replace(path)
    except OSError:
        with contextlib.suppress(OSError):
            partial.unlink()
        raise
    return path


def read_handle(runtime_dir: str | Path, endpoint: str) -> Handle | None:
    """Return the handle of an endpoint; None where its server has left none.

    Raises:
        PermissionError: If the file is not only its owner's: somebody else may have
            put it there.
    """
    path = handle_path(runtime_dir, endpoint)
    try:
        descriptor = os.open(path, READ)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise PermissionError(f"{path} cannot be read ({error.strerror})") from error
    try:
        _refuse_untrusted(path, os.fstat(descriptor))
        found = Handle.from_text(os.read(descriptor, _LARGEST))
    except ValueError:
        return None
    finally:
        os.close(descriptor)
    return found if found.endpoint == endpoint else None


def remove_handle(
    runtime_dir: str | Path, *, endpoint: str, pid: int | None = None
) -> None:
    """Remove what a server that stops has left, unless a newer one has replaced it.

    Args:
        runtime_dir: Jupyter's runtime folder.
        endpoint: The server's address.
        pid: The server's process; this one when absent.
    """
    with contextlib.suppress(OSError):
        found = read_handle(runtime_dir, endpoint)
        if found is not None and found.pid == (os.getpid() if pid is None else pid):
            handle_path(runtime_dir, endpoint).unlink()
            if found.socket:
                socket_path(runtime_dir, endpoint).unlink()


def _refuse_untrusted(path: Path, found: os.stat_result) -> None:
    if not stat.S_ISREG(found.st_mode):
        raise PermissionError(f"{path} is no file")
    if not hasattr(os, "geteuid"):
        return
    if found.st_uid != os.geteuid():
        raise PermissionError(f"{path} belongs to somebody else")
    if found.st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise PermissionError(f"{path} can be read by other people")
