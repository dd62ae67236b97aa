"""Long requests and answers through the server: nothing is kept, nothing goes on alone."""

import asyncio
import dataclasses
import os
import threading

import pytest

from conn_core import RelayLimits

PROXY = "api/v1/connections/mine/proxy/"


@pytest.fixture
def allow(extension, jp_asyncio_loop):
    """Sets limits, as an operator does."""

    def go(**limits):
        relaying = extension.core.relaying

        async def change():
            settings = await relaying._told()
            relaying._settings = dataclasses.replace(
                settings, relay=RelayLimits(**limits)
            )

        return change()

    return go


@pytest.fixture
def line(kernel_header, jp_http_port, root, jp_asyncio_loop):
    """Opens a socket of one's own and sends the head of a request."""
    opened = []

    async def go(method, target, *headers):
        reader, writer = await asyncio.open_connection("127.0.0.1", jp_http_port)
        opened.append(writer)
        lines = [f"{method} {root}{PROXY}{target} HTTP/1.1", "Host: 127.0.0.1"]
        lines += [f"{name}: {value}" for name, value in kernel_header.items()]
        writer.write("\r\n".join([*lines, *headers, "", ""]).encode())
        return reader, writer

    yield go
    for writer in opened:
        writer.close()


def _memory():
    with open("/proc/self/statm") as file:  # noqa: PTH123 - not a real file
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


async def test_J13_J22_an_endless_answer_to_a_reader_who_stops(mine, api, line):
    """The API waits for the reader, memory stays, and the end reaches the API."""
    api.streams("/v1/big", bytes(65536))
    reader, writer = await line("GET", "big")
    await reader.readuntil(b"\r\n\r\n")
    for _ in range(100):
        await reader.readexactly(65536)
    before = _memory()

    await asyncio.sleep(0.5)  # nobody reads
    stood = api.sent
    await asyncio.sleep(0.5)

    assert stood == api.sent, "the API is still read"
    assert _memory() - before < 16 * 2**20
    writer.close()
    assert await asyncio.to_thread(api.hung_up.wait, 5), "the API's socket is open"


async def test_J13_an_answer_that_is_too_long_ends_the_connection(
    mine, api, line, allow
):
    """Nobody takes what came for the whole."""
    await allow(most_answered=1_000_000)
    api.streams("/v1/big", bytes(65536))
    reader, _ = await line("GET", "big")

    found = await reader.read()
    while more := await reader.read():
        found += more

    assert found.startswith(b"HTTP/1.1 200 OK") or b"Upstream: 1" in found
    assert not found.endswith(b"0\r\n\r\n"), "it looks like a whole answer"
    assert await asyncio.to_thread(api.hung_up.wait, 5)


async def test_J14_a_large_upload_is_streamed(mine, api, kernel):
    """The API has it byte for byte, with its length."""
    body = os.urandom(3_000_000)
    answer = await kernel("PUT", f"{PROXY}up", body=body)

    assert 200 == answer.code
    assert (body, str(len(body))) == (
        api.seen[0].body,
        api.seen[0].one("Content-Length"),
    )


async def test_J14_an_upload_costs_no_memory(mine, api, line):
    """What the API does not take is not taken from whoever sends it."""
    api.keeps_bodies = False
    reader, writer = await line("PUT", "up", "Transfer-Encoding: chunked")
    part = b"10000\r\n" + bytes(65536) + b"\r\n"
    before = _memory()
    for _ in range(1_000):
        writer.write(part)
        await writer.drain()

    writer.write(b"0\r\n\r\n")
    head = await reader.readuntil(b"\r\n\r\n")

    assert head.startswith(b"HTTP/1.1 200 ")
    assert 65_536_000 == api.seen[0].size
    assert _memory() - before < 32 * 2**20


async def test_J14_half_an_upload_is_no_upload(mine, api, line):
    """Whoever sends it leaves: the API never sees an end."""
    _, writer = await line("PUT", "up", "Transfer-Encoding: chunked")
    writer.write(b"4\r\nhalf\r\n")
    await writer.drain()
    while not api.received:  # noqa: ASYNC110 - counted in another thread
        await asyncio.sleep(0.01)

    writer.close()

    assert await asyncio.to_thread(api.hung_up.wait, 5)
    assert [] == api.seen


async def test_J14_a_large_upload_is_refused(mine, api, kernel, allow):
    """In words, though its body is still coming."""
    await allow(most_sent=100_000)

    answer = await kernel("PUT", f"{PROXY}up", body=bytes(150_000))

    assert (422, "invalid_input") == (answer.code, answer.json["code"])
    assert [] == api.seen


async def test_J22_whoever_leaves_frees_the_api(mine, api, line, extension):
    """Also before the API has said anything."""
    asked = threading.Event()

    def wait(socket, _):
        asked.set()
        socket.recv(1)
        api.hung_up.set()

    api.plays["/v1/slow"] = wait
    _, writer = await line("GET", "slow")
    await asyncio.to_thread(asked.wait, 5)
    assert 1 == sum(extension.core.relaying.crowd._under_way.values())

    writer.close()

    assert await asyncio.to_thread(api.hung_up.wait, 5)
    for _ in range(100):
        if not extension.core.relaying.crowd._under_way:
            return
        await asyncio.sleep(0.05)
    pytest.fail("the place is still taken")


async def test_J19_nobody_takes_all_the_room(mine, api, kernel, allow):
    """One more than allowed is told when to come again; then there is room."""
    await allow(at_once=3)
    go = threading.Event()

    def wait(socket, _):
        go.wait(10)
        socket.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")

    api.plays["/v1/slow"] = wait
    waiting = [asyncio.ensure_future(kernel("GET", f"{PROXY}slow")) for _ in range(3)]
    while len(api.seen) < 3:  # noqa: ASYNC110 - as above
        await asyncio.sleep(0.01)

    refused = await kernel("GET", f"{PROXY}me")
    go.set()
    answers = await asyncio.gather(*waiting)

    assert (429, "too_many_attempts") == (refused.code, refused.json["code"])
    assert "1" == refused.headers["Retry-After"]
    assert [200] * 3 == [answer.code for answer in answers]
    assert 200 == (await kernel("GET", f"{PROXY}me")).code


async def test_an_answer_that_breaks_off_ends_the_connection(mine, api, line):
    """As it did at the service."""

    def half(socket, _):
        socket.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf")
        socket.shutdown(2)

    api.plays["/v1/x"] = half
    reader, _ = await line("GET", "x")

    found = await reader.read()
    while more := await reader.read():
        found += more

    assert b"Content-Length: 100" in found
    assert found.endswith(b"half")


async def test_events_arrive_as_they_are_sent(mine, api, line):
    """A stream of events does not wait for its end."""
    go = threading.Event()

    def play(socket, _):
        head = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"
        socket.sendall(head + b"Connection: close\r\n\r\ndata: 1\n\n")
        go.wait(10)

    api.plays["/v1/events"] = play
    reader, _ = await line("GET", "events")

    assert b"data: 1\n\n" in await reader.readuntil(b"data: 1\n\n")
    go.set()
