"""P1 and P2: a request through a connection's client against one through plain httpx.

Run it with ``python benchmarks/calls.py``.
"""

import asyncio
import contextlib
import gc
import statistics
import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import httpx
from _table import Row, print_table

from conn_core import AccessToken, Secret
from conn_core.http import connected_async_client, connected_client

_BLOCKS = 7
_ROUNDS = 800
_WARM_UP = 200
Times = tuple[float, float]
_SERVER = textwrap.dedent("""
    import asyncio

    ANSWER = (b"HTTP/1.1 200 OK\\r\\nContent-Type: application/json\\r\\n"
              b"Content-Length: 17\\r\\n\\r\\n" + b'{"login": "sam"}\\n')

    class Connection(asyncio.Protocol):
        def connection_made(self, transport):
            self.transport = transport

        def data_received(self, data):
            assert b"uthorization: Bearer" in data
            self.transport.write(ANSWER)

    async def main():
        server = await asyncio.get_running_loop().create_server(
            Connection, "127.0.0.1", 0)
        print(server.sockets[0].getsockname()[1], flush=True)
        await server.serve_forever()

    asyncio.run(main())
""")


class _Broker:
    """Vends one token at once: what is measured is the client."""

    def __init__(self, port: int) -> None:
        self._token = AccessToken(
            access_token=Secret("a-token-of-the-usual-length-0123456789"),
            expires_at=datetime.now(UTC) + timedelta(hours=1),
            link_name="coffee",
            service_name="Coffee",
            api_base_url=f"http://127.0.0.1:{port}",
            api_hosts=(f"127.0.0.1:{port}",),
        )

    def access_token(self, _name, *, require=(), rejected=None):  # noqa: ARG002 - the port's
        return self._token


@contextlib.contextmanager
def _server() -> Iterator[int]:
    process = subprocess.Popen(
        [sys.executable, "-c", _SERVER], stdout=subprocess.PIPE, text=True
    )
    try:
        yield int(process.stdout.readline())
    finally:
        process.terminate()
        process.wait(10)
        process.stdout.close()


def _plain(port: int) -> dict[str, object]:
    header = "Bearer a-token-of-the-usual-length-0123456789"
    return {
        "base_url": f"http://127.0.0.1:{port}",
        "headers": {"Authorization": header},
        "trust_env": False,
        "timeout": 30.0,
    }


def _sync(port: int) -> list[Times]:
    """Time ours and plain httpx, request by request in turns."""
    found = []
    with (
        connected_client(_Broker(port), "coffee") as connected,
        httpx.Client(**_plain(port)) as plain,
    ):
        for number in range(_WARM_UP + _BLOCKS * _ROUNDS):
            times = {}
            order = (connected, plain) if number % 2 else (plain, connected)
            for client in order:
                began = time.perf_counter()
                client.get("/user")
                times[client] = time.perf_counter() - began
            found.append((times[connected], times[plain]))
    return found[_WARM_UP:]


async def _async(port: int) -> list[Times]:
    found = []
    async with (
        connected_async_client(_Broker(port), "coffee") as connected,
        httpx.AsyncClient(**_plain(port)) as plain,
    ):
        for number in range(_WARM_UP + _BLOCKS * _ROUNDS):
            times = {}
            order = (connected, plain) if number % 2 else (plain, connected)
            for client in order:
                began = time.perf_counter()
                await client.get("/user")
                times[client] = time.perf_counter() - began
            found.append((times[connected], times[plain]))
    return found[_WARM_UP:]


def _row(number: str, what: str, target: float, found: list[Times]) -> Row:
    """Take the median ratio of several blocks: a busy moment spoils one of them."""
    blocks = [found[n : n + _ROUNDS] for n in range(0, len(found), _ROUNDS)]
    medians = [
        [statistics.median(column) for column in zip(*b, strict=True)] for b in blocks
    ]
    ratio = statistics.median(ours / theirs for ours, theirs in medians)
    ours, theirs = (statistics.median(column) for column in zip(*found, strict=True))
    return Row(
        id=number,
        what=what,
        ours=f"{ours * 1e6:.0f} µs",
        peer=f"httpx {theirs * 1e6:.0f} µs",
        ratio=ratio,
        target=target,
        ok=ratio <= target,
    )


def rows() -> list[Row]:
    """Measure both clients against httpx with a static header, in turns."""
    gc.freeze()
    with _server() as port:
        return [
            _row("P1", "request through the injected client", 1.03, _sync(port)),
            _row("P2", "the same, async", 1.05, asyncio.run(_async(port))),
        ]


if __name__ == "__main__":
    print_table(rows())
