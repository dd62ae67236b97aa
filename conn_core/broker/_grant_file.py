"""The grant file: what a job on another machine needs, where only it can read it.

Trusted is a file of our own that nobody else can open. Two places that operators use
cannot be like that, and are trusted for another reason: files of root's that nobody but
root could have put there, because they lie on a file system that is mounted read-only.
systemd's credentials are such files; a service of another account reads them through an
access list, which shows as the group's right to read (0440). So are Kubernetes' secrets
with ``defaultMode: 0440`` and a pod's ``fsGroup``; they are links within their mount,
so there a link is followed. What others can read (0444, Kubernetes' own default) is
refused everywhere: other accounts of the machine could take the bearer.
"""

import contextlib
import errno
import json
import os
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final, Self
from urllib.parse import urlsplit

from .._job_values import IssuedGrant
from .._secret import Secret
from .._urls import is_loopback
from .._value import format_time, parse_time
from ..errors import BrokerUnavailable, InvalidInput
from ._bearers import BearerSource
from ._private_file import CREATE, READ

GRANT: Final = "JUPYTER_CONNECTIONS_GRANT"
_CREDENTIALS: Final = "CREDENTIALS_DIRECTORY"
_LARGEST: Final = 262_144
_OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO
_ROOT: Final = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class GrantFile:
    """What is in a grant file.

    Attributes:
        endpoint: Where the bearer is shown, and nowhere else.
        bearer: What is shown.
        connections: What can be used; for people, the server decides.
        expires_at: When it ends; for people, too.
        insecure: Whoever made it allows the way to the endpoint to be in clear.
    """

    endpoint: str
    bearer: Secret
    connections: tuple[str, ...] = ()
    expires_at: datetime | None = None
    insecure: bool = False

    @classmethod
    def from_text(cls, text: bytes) -> Self:
        """Read a grant's file.

        Raises:
            ValueError: If it is none.
        """
        body = json.loads(text)
        try:
            return cls(
                endpoint=str(body["endpoint"]),
                bearer=Secret(str(body["bearer"])),
                connections=tuple(map(str, body["connections"])),
                expires_at=parse_time(body["expires_at"]),
                insecure=body.get("insecure") is True,
            )
        except (KeyError, TypeError, AttributeError) as error:
            msg = "this is no grant"
            raise ValueError(msg) from error


def refuse_clear_way(endpoint: str, *, insecure: bool) -> None:
    """Refuse an address where others on the way could read the bearer.

    Args:
        endpoint: Where the bearer would be shown.
        insecure: Somebody has said that the network is theirs alone.

    Raises:
        InvalidInput: If it is no address, or not a secure one.
    """
    try:
        parts = urlsplit(endpoint)
        host = parts.hostname or ""
        parts.port  # noqa: B018 - raises where it is none
    except ValueError:
        host = ""
    if not host or parts.scheme not in {"http", "https"} or "@" in parts.netloc:
        raise InvalidInput(
            "The server's address is not like https://lab.example.com/connections/",
            "Name it with --endpoint",
        )
    if parts.scheme == "http" and not insecure and not is_loopback(host):
        raise InvalidInput(
            f"The way to {host} is not encrypted: others on it could read the grant",
            "Use https; in a network that is yours alone, make the grant with --insecure",
        )


def make_grant_file(path: Path) -> int:
    """Make an empty file for a grant, before there is one; return its descriptor.

    Raises:
        InvalidInput: If there is something of this name, or it cannot be made.
    """
    try:
        return os.open(path, CREATE, 0o600)
    except OSError as error:
        raise InvalidInput(
            f"{path} cannot be written ({error.strerror})",
            "Name a file that does not exist yet",
        ) from None


def fill_grant_file(
    descriptor: int, issued: IssuedGrant, *, endpoint: str, insecure: bool = False
) -> None:
    """Write a grant into its new file, and close that.

    Raises:
        OSError: If it cannot be written.
    """
    body: dict[str, Any] = {
        "endpoint": endpoint,
        "bearer": issued.bearer.reveal(),
        "connections": list(issued.grant.connections),
        "expires_at": format_time(issued.grant.expires_at),
    }
    if insecure:
        body["insecure"] = True
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        json.dump(body, file)
        file.write("\n")


def grant_path(named: str, environ: Mapping[str, str]) -> Path:
    """Return the file that ``JUPYTER_CONNECTIONS_GRANT`` names.

    A word without a slash is one of the credentials that systemd hands to the service
    (``LoadCredential=``).

    Raises:
        BrokerUnavailable: If there are no credentials.
    """
    if "/" in named or os.sep in named:
        return Path(named)
    folder = environ.get(_CREDENTIALS)
    if folder:
        return Path(folder) / named
    raise BrokerUnavailable(
        f"{GRANT} names the systemd credential '{named}', and this process has none",
        "Write the whole path of the grant's file, or LoadCredential= in the unit",
    )


def read_grant_file(path: Path) -> GrantFile:
    """Read a grant's file.

    Raises:
        BrokerUnavailable: If there is none, it is not trusted, or the way to its server
            is not secure.
    """
    try:
        found = GrantFile.from_text(_trusted_text(path))
        refuse_clear_way(found.endpoint, insecure=found.insecure)
    except FileNotFoundError:
        raise _unusable(path, "is not there") from None
    except OSError as error:
        raise _unusable(path, error.strerror or str(error)) from None
    except InvalidInput as error:
        raise BrokerUnavailable(error.message, error.hint) from None
    except ValueError:
        raise _unusable(path, "is no grant") from None
    return found


def bearer_of_grant(path: Path, endpoint: str) -> BearerSource:
    """Return what reads a grant's bearer again: it may have been renewed meanwhile.

    Args:
        path: The grant's file.
        endpoint: Where its bearer is shown. A file that names another one by now is
            not read: the bearer of one server is not shown to another.
    """

    def read() -> Secret:
        found = read_grant_file(path)
        if found.endpoint != endpoint:
            raise _unusable(path, "is for another server by now; restart the job")
        return found.bearer

    return read


def _unusable(path: Path, why: str) -> BrokerUnavailable:
    return BrokerUnavailable(
        f"The job's grant {path} cannot be used: it {why}", "Run %conn grant create"
    )


def _trusted_text(path: Path) -> bytes:
    """Return the bytes of a file that nobody else could have put there, or read.

    Raises:
        FileNotFoundError: If there is none.
        OSError: If it is not trusted.
    """
    descriptor, by_link = _opened(path)
    try:
        _refuse_untrusted(descriptor, by_link=by_link)
        return os.read(descriptor, _LARGEST)
    finally:
        os.close(descriptor)


def _opened(path: Path) -> tuple[int, bool]:
    """Open a file; tell whether a link led to it."""
    try:
        return os.open(path, READ), False
    except OSError as error:
        if error.errno != errno.ELOOP:
            raise
    return os.open(os.path.realpath(path), READ), True


def _refuse_untrusted(descriptor: int, *, by_link: bool) -> None:
    found = os.fstat(descriptor)
    if not stat.S_ISREG(found.st_mode):
        raise OSError(errno.EINVAL, "is no file")
    if not hasattr(os, "geteuid"):
        return
    is_own = found.st_uid == os.geteuid() and not found.st_mode & _OTHERS
    if (is_own and not by_link) or _is_mounted_for_us(descriptor, found):
        return
    if by_link:
        raise OSError(errno.ELOOP, "is a link")
    if found.st_uid != os.geteuid():
        raise OSError(errno.EPERM, "belongs to somebody else")
    raise OSError(errno.EPERM, "can be read by other people; chmod 600 it")


def _is_mounted_for_us(descriptor: int, found: os.stat_result) -> bool:
    """Tell whether an operator's machinery put a file there; see the module."""
    by_root = found.st_uid == _ROOT and not found.st_mode & (
        stat.S_IWGRP | stat.S_IRWXO
    )
    with contextlib.suppress(OSError):
        return by_root and bool(os.fstatvfs(descriptor).f_flag & os.ST_RDONLY)
    return False
