"""Long requests and answers through the server: nothing is kept, nothing goes on alone."""

import asyncio
import os
import threading

import pytest
from patience import SECONDS, soon, stands

PROXY = "api/v1/connections/mine/proxy/"


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

    await stands(
        lambda: api.sent
    )  # nobody reads; fails if the API is read all the same

    assert _memory() - before < 16 * 2**20
    writer.close()
    assert await asyncio.to_thread(api.hung_up.wait, SECONDS), "its socket is open"


async def test_J13_a_long_answer_costs_no_memory(mine, api, line):
    """A hundred megabytes go by; what is in memory at a time is a few parts."""
    api.streams("/v1/big", os.urandom(65536))
    reader, _ = await line("GET", "big")
    await reader.readuntil(b"\r\n\r\n")
    await reader.readexactly(65536)
    before, most = _memory(), 0
    for _ in range(1_600):
        await reader.readexactly(65536)
        most = max(most, _memory())

    assert most - before < 32 * 2**20


@pytest.mark.parametrize("limit", ["total_seconds", "idle_seconds"])
async def test_J13_an_answer_that_drips_or_stands_still_is_cut(
    mine, api, line, allow, limit
):
    """One byte at a time until all its time is over, or none for too long."""
    await allow(**{limit: 1})
    stop = threading.Event()
    if limit == "total_seconds":
        api.streams("/v1/drip", b"x", pause=stop)
    else:
        api.plays["/v1/drip"] = lambda socket, _: (
            socket.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nx"),
            stop.wait(SECONDS),
        )
    reader, _ = await line("GET", "drip")

    found = b""
    while part := await asyncio.wait_for(reader.read(4096), SECONDS / 2):
        found += part
    stop.set()

    assert b"x" in found
    assert not found.endswith(b"0\r\n\r\n"), "it looks like a whole answer"


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
    assert await asyncio.to_thread(api.hung_up.wait, SECONDS)


async def test_J13_what_is_wrong_from_the_beginning_is_said(mine, api, kernel, allow):
    """Nothing was sent by then, so there is a way to say it."""
    await allow(most_answered=10)
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\n"
    api.says("/v1/me", head + bytes(20))

    answer = await kernel("GET", f"{PROXY}me")

    assert (424, "provider_error") == (answer.code, answer.json["code"])
    assert "X-Connections-Upstream" not in answer.headers


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
    await soon(lambda: api.received)

    writer.close()

    assert await asyncio.to_thread(api.hung_up.wait, SECONDS)
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
    assert await asyncio.to_thread(asked.wait, SECONDS)
    assert 1 == sum(extension.core.relaying.crowd._under_way.values())

    writer.close()

    assert await asyncio.to_thread(api.hung_up.wait, SECONDS)
    await soon(
        lambda: not extension.core.relaying.crowd._under_way, what="a free place"
    )


async def test_J19_nobody_takes_all_the_room(mine, api, kernel, allow):
    """One more than allowed is told when to come again; then there is room."""
    await allow(at_once=3)
    go = threading.Event()

    def wait(socket, _):
        go.wait(SECONDS)
        socket.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")

    api.plays["/v1/slow"] = wait
    waiting = [asyncio.ensure_future(kernel("GET", f"{PROXY}slow")) for _ in range(3)]
    await soon(lambda: len(api.seen) == 3)

    refused = await kernel("GET", f"{PROXY}me")
    go.set()
    answers = await asyncio.gather(*waiting)

    assert (429, "too_many_attempts") == (refused.code, refused.json["code"])
    assert "1" == refused.headers["Retry-After"]
    assert [200] * 3 == [answer.code for answer in answers]
    assert 200 == (await kernel("GET", f"{PROXY}me")).code


async def test_J19_hundreds_at_once_are_carried_or_told(
    mine, api, line, allow, extension
):
    """As many as allowed are under way; the others hear it at once."""
    await allow(at_once=16)
    go = threading.Event()

    def wait(socket, _):
        go.wait(2 * SECONDS)
        socket.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")

    api.plays["/v1/slow"] = wait
    asked = await asyncio.gather(*(line("GET", "slow") for _ in range(200)))

    async def status(reader):
        head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 3 * SECONDS)
        return int(head.split()[1])

    asking = [asyncio.ensure_future(status(reader)) for reader, _ in asked]
    await soon(lambda: sum(one.done() for one in asking) >= 184, what="184 refusals")
    assert {429} == {one.result() for one in asking if one.done()}
    go.set()

    answers = await asyncio.gather(*asking)

    assert (16, 184) == (answers.count(200), answers.count(429))
    assert not extension.core.relaying.crowd._under_way


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


async def test_an_answer_in_which_we_fail_ends_the_connection(
    mine, api, line, monkeypatch
):
    """As if it had broken off: the last chunk would say that this was all."""

    async def failing(_):
        raise RuntimeError

    go = threading.Event()

    def play(socket, _):
        socket.sendall(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nhalf")
        go.wait(SECONDS)
        socket.sendall(b"more")

    api.plays["/v1/x"] = play
    reader, _ = await line("GET", "x")
    await reader.readuntil(b"half\r\n")
    monkeypatch.setattr("conn_serverext._journey.Journey.part", failing)
    go.set()

    found = await asyncio.wait_for(reader.read(), SECONDS)

    assert b"more" in found
    assert not found.endswith(b"0\r\n\r\n"), "it looks like a whole answer"


async def test_events_arrive_as_they_are_sent(mine, api, line):
    """A stream of events does not wait for its end."""
    go = threading.Event()

    def play(socket, _):
        head = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"
        socket.sendall(head + b"Connection: close\r\n\r\ndata: 1\n\n")
        go.wait(SECONDS)

    api.plays["/v1/events"] = play
    reader, _ = await line("GET", "events")

    assert b"data: 1\n\n" in await reader.readuntil(b"data: 1\n\n")
    go.set()
