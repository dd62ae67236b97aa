"""Where a credential may go. One decision, taken after parsing, for every hop."""

import functools
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from .._urls import host_matches, is_loopback
from ..errors import HostNotAllowed

if TYPE_CHECKING:
    import httpx

_PORTS = {"https": 443, "http": 80}
_NOT_SENT = re.compile(r"[ \\#]")


def check_destination(
    url: "httpx.URL", *, link_name: str, api_hosts: Sequence[str]
) -> None:
    """Refuse an address that a connection's credential must not be sent to.

    Args:
        url: The address, parsed; its host is compared in its lower-case ASCII form.
        link_name: The connection, for the error.
        api_hosts: The only hosts that are allowed.

    Raises:
        HostNotAllowed: If it is another host or port, not https (plain http is for
            this machine only), or holds a user name or password.
    """
    _check(
        (url.scheme, url.raw_host.decode("ascii"), url.port),
        link_name=link_name,
        api_hosts=api_hosts,
        holds_password=bool(url.userinfo),
    )


def check_address(url: str, *, link_name: str, api_hosts: Sequence[str]) -> None:
    """Refuse an address that somebody else sends something of a connection to.

    Args:
        url: The address as it is sent: ASCII, nothing left to encode, no fragment.
        link_name: The connection, for the error.
        api_hosts: The only hosts that are allowed.

    Raises:
        HostNotAllowed: As ``check_destination``, and if two readers of the address
            might not agree where it leads.
    """
    try:
        parts = urlsplit(url)
        place = (parts.scheme, parts.hostname or "", parts.port)
    except ValueError:
        place = None
    # urlsplit leaves out what is not printable, and others do not.
    is_plain = url.isascii() and url.isprintable() and not _NOT_SENT.search(url)
    if place is None or not is_plain:
        raise HostNotAllowed(
            f"'{link_name}' needs an address such as https://api.example.com/v1. "
            "Nothing was sent"
        )
    _check(
        place,
        link_name=link_name,
        api_hosts=api_hosts,
        holds_password="@" in parts.netloc,
    )


def _check(
    place: tuple[str, str, int | None],
    *,
    link_name: str,
    api_hosts: Sequence[str],
    holds_password: bool,
) -> None:
    scheme, host, given_port = place
    port = given_port or _PORTS.get(scheme, 0)
    if not _is_listed(host, port, tuple(api_hosts)):
        shown = host if port in _PORTS.values() else f"{host}:{port}"
        raise HostNotAllowed(
            f"'{link_name}' may only be used with {_listed(api_hosts)}, "
            f"not {shown or 'an address without a host'}. Nothing was sent"
        )
    if scheme != "https" and not (scheme == "http" and is_loopback(host)):
        raise HostNotAllowed(
            f"'{link_name}' may only be used over https, not {scheme}. Nothing was sent"
        )
    if holds_password:
        raise HostNotAllowed(
            f"'{link_name}' brings its own credential, and the address must not hold "
            "a user name or password. Nothing was sent"
        )


@functools.lru_cache
def _is_listed(host: str, port: int, api_hosts: tuple[str, ...]) -> bool:
    """Tell whether a host is allowed; remembered, because every request asks."""
    return any(host_matches(pattern, host, port) for pattern in api_hosts)


def _listed(hosts: Sequence[str]) -> str:
    *first, last = hosts or ("no host",)
    return f"{', '.join(first)} and {last}" if first else last
