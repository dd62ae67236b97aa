"""Where a credential may go. One decision, taken after parsing, for every hop."""

import functools
from collections.abc import Sequence
from typing import TYPE_CHECKING

from .._urls import host_matches, is_loopback
from ..errors import HostNotAllowed

if TYPE_CHECKING:
    import httpx

_PORTS = {"https": 443, "http": 80}


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
    host, scheme = url.raw_host.decode("ascii"), url.scheme
    port = url.port or _PORTS.get(scheme, 0)
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
    if url.userinfo:
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
