"""Answers that are here whole: they go out in one piece, and are waited for all the same."""

import asyncio
import socket

import pytest
from patience import SECONDS, soon

PROXY = "api/v1/connections/mine/proxy/"
#: One packet on this machine, and far more than fits between two ends with so little room.
_SIZE = 60_000
_ROOM = 4096


@pytest.fixture
def stalled(kernel_header, http_server_port, root, mine, api):
    """Asks for a short answer, and reads nothing of it."""
    head = f"HTTP/1.1 200 OK\r\nContent-Length: {_SIZE}\r\n\r\n".encode()
    api.says("/v1/short", head + bytes(_SIZE))
    listener, port = http_server_port
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _ROOM)
    asking = socket.socket()

    def go():
        asking.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _ROOM)
        asking.settimeout(SECONDS)
        asking.connect(("127.0.0.1", port))
        lines = [f"GET {root}{PROXY}short HTTP/1.1", "Host: 127.0.0.1"]
        lines += [f"{name}: {value}" for name, value in kernel_header.items()]
        asking.sendall("\r\n".join([*lines, "Connection: close", "", ""]).encode())
        return asking

    yield go
    asking.close()


def _rest(asking):
    found = 0
    while part := asking.recv(65536):
        found += len(part)
    return found


async def test_a_short_answer_goes_out_in_one_piece(kernel, mine, api):
    """So whoever asked is told its length, where the service did not know it."""
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    api.says("/v1/x", head + b"5\r\nshort\r\n0\r\n\r\n")

    answer = await kernel("GET", f"{PROXY}x")

    assert ("short", "5") == (answer.text, answer.headers["Content-Length"])


async def test_J8_an_answer_that_ends_as_a_secret_begins_is_whole(
    kernel, mine, api, key
):
    """What waited for the rest of the secret comes at the end."""
    text = f"it begins with {key[:9]}"
    api.answers("/v1/x", text.encode())

    answer = await kernel("GET", f"{PROXY}x")

    assert text == answer.text


async def test_J13_a_short_answer_that_nobody_reads_is_cut(allow, extension, stalled):
    """Its reader may take nothing for as long as that of a long one."""
    under_way = extension.core.relaying.crowd._under_way
    await allow(idle_seconds=1)
    asking = stalled()
    await soon(lambda: under_way)
    await soon(lambda: not under_way, what="the end of its time")

    assert await asyncio.to_thread(_rest, asking) < _SIZE


async def test_J19_a_short_answer_takes_its_place_until_it_is_read(
    api, extension, stalled
):
    """Whoever leaves without reading it gives the place back."""
    under_way = extension.core.relaying.crowd._under_way
    asking = stalled()
    await soon(lambda: api.seen)
    await asyncio.sleep(0.5)
    assert 1 == sum(under_way.values())

    asking.close()

    await soon(lambda: not under_way, what="a free place")
