"""The relay's sockets: connections to checked addresses only, and nothing kept but them.

aiohttp, because it carries several times as many small requests as httpx does.
"""

import asyncio
import functools
import socket
from ipaddress import ip_address
from typing import Any

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult

from ._address import AddressPolicy
from ._lookups import Lookups, Resolve, resolve_name
from ._tls import tls_context

#: What waits in memory for a reader who is slow, per request; aiohttp stops at twice it.
_BUFFER = 128 * 1024
#: Sockets to one host, for everybody together.
_MOST_PER_HOST = 256


def open_pool(
    policy: AddressPolicy, *, resolve: Resolve = resolve_name
) -> aiohttp.ClientSession:
    """Return a session that follows nothing, keeps nothing and listens to nobody.

    Args:
        policy: Which addresses may be connected to.
        resolve: Looks names up.
    """
    connector = aiohttp.TCPConnector(
        resolver=_CheckedResolver(policy, Lookups(resolve)),
        ssl=tls_context(),
        limit=0,
        limit_per_host=_MOST_PER_HOST,
    )
    return aiohttp.ClientSession(
        connector=connector,
        cookie_jar=aiohttp.DummyCookieJar(),
        trust_env=False,
        auto_decompress=False,
        read_bufsize=_BUFFER,
        skip_auto_headers=("Accept", "Content-Type", "User-Agent"),
        timeout=aiohttp.ClientTimeout(total=None),
        max_line_size=32 * 1024,
        max_field_size=32 * 1024,
    )


@functools.lru_cache
def check_literal(policy: AddressPolicy, host: str) -> None:
    """Check a host that is an address itself: nobody looks that up.

    What was permitted is remembered, because every request asks.

    Raises:
        HostNotAllowed: If it may not be connected to.
    """
    try:
        ip_address(host)
    except ValueError:
        return
    policy.permit(host, [host])


class _CheckedResolver(AbstractResolver):  # type: ignore[misc]  # aiohttp is not looked into
    """Looks a name up once, checks every address, and hands on those alone."""

    def __init__(self, policy: AddressPolicy, lookups: Lookups) -> None:
        self._policy = policy
        self._lookups = lookups

    async def resolve(
        self,
        host: str,
        port: int = 0,
        family: int = socket.AF_UNSPEC,  # noqa: ARG002 - aiohttp's signature
    ) -> list[ResolveResult]:
        """Return the addresses of a name, if each of them may be connected to."""
        found = await asyncio.wrap_future(self._lookups.begin(host, port))
        permitted = self._policy.permit(host, found)
        return [_result(host, port, address) for address in permitted]

    async def close(self) -> None:
        """Keep nothing."""


def _result(host: str, port: int, address: str) -> Any:
    is_six = ":" in address
    return {
        "hostname": host,
        "host": address,
        "port": port,
        "family": socket.AF_INET6 if is_six else socket.AF_INET,
        "proto": socket.IPPROTO_TCP,
        "flags": socket.AI_NUMERICHOST,
    }
