"""Answers that come before the request is whole, through the server."""

import asyncio
import contextlib

import httpx
import pytest
from patience import SECONDS, soon

from conn_serverext import _rest_proxy

PROXY = "api/v1/connections/mine/proxy/"
TOO_LARGE = b"HTTP/1.1 413 No\r\nContent-Length: 9\r\n\r\ntoo large"
CHUNKED = b"HTTP/1.1 413 No\r\nTransfer-Encoding: chunked\r\n\r\n3\r\ntoo\r\n0\r\n\r\n"
CHUNK = b"10000\r\n" + bytes(65536) + b"\r\n"


@pytest.fixture
def nobody_waits_long(monkeypatch):
    """Whoever sends on and on is left soon."""
    monkeypatch.setattr(_rest_proxy, "_LAST_WORDS_SECONDS", 0.3)


@pytest.fixture
def refuses(api):
    """An API that says no when it has seen the head, and reads no further."""

    def go(answer):
        def play(line, file):
            line.sendall(answer)
            while file.read1():
                pass
            api.hung_up.set()

        api.early["/v1/up"] = play

    return go


async def test_a_small_body_may_come_in_pieces(mine, api, line):
    """However many: it is taken whole when all is here."""
    reader, writer = await line("POST", "echo", "Content-Length: 9")
    for _ in range(3):
        writer.write(b"abc")
        await writer.drain()
        await asyncio.sleep(0.05)

    head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), SECONDS)

    assert head.startswith(b"HTTP/1.1 200 ")
    assert b"abcabcabc" == api.seen[0].body


async def test_J14_J22_a_refusal_does_not_wait_for_the_upload(
    mine, api, line, refuses, extension, monkeypatch
):
    """It is there while the body still comes; nothing is sent on, no place is taken."""
    monkeypatch.setattr(_rest_proxy, "_LAST_WORDS_SECONDS", SECONDS)
    refuses(TOO_LARGE)
    reader, writer = await line("PUT", "up", "Transfer-Encoding: chunked")
    writer.write(CHUNK)

    told = await asyncio.wait_for(reader.readuntil(b"too large"), SECONDS)

    assert told.startswith(b"HTTP/1.1 413 ")
    assert await asyncio.to_thread(api.hung_up.wait, SECONDS)
    await soon(lambda: not extension.core.relaying.crowd._under_way)
    # Whoever reads when all is sent may end, and goes on with this connection.
    writer.write(CHUNK + b"0\r\n\r\n")
    await line("GET", "me", on=(reader, writer))
    again = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), SECONDS)
    assert again.startswith(b"HTTP/1.1 200 ")


@pytest.mark.parametrize("answer", [TOO_LARGE, CHUNKED])
async def test_J14_an_upload_that_goes_on_is_left(
    mine, line, refuses, answer, nobody_waits_long
):
    """The answer is whole, then the connection ends: the body might have no end."""
    refuses(answer)
    reader, writer = await line("PUT", "up", "Transfer-Encoding: chunked")
    sending = asyncio.create_task(_send_on(writer))

    found = await _all_of(reader)

    assert found.startswith(b"HTTP/1.1 413 ")
    assert found.endswith((b"too large", b"3\r\ntoo\r\n0\r\n\r\n"))
    await asyncio.wait_for(sending, SECONDS)


async def _all_of(reader):
    """Read to the end, however that comes: half of what was sent was not read."""
    found = b""
    with contextlib.suppress(ConnectionResetError):
        while part := await asyncio.wait_for(reader.read(4096), SECONDS):
            found += part
    return found


async def _send_on(writer):
    """Send until nobody takes it any more."""
    try:
        while True:
            writer.write(CHUNK)
            await writer.drain()
            await asyncio.sleep(0.01)
    except ConnectionError:
        return


async def test_J14_our_own_refusal_does_not_wait_for_the_upload(
    mine, api, line, nobody_waits_long
):
    """Somebody who stands still in the middle of it is told all the same."""
    elsewhere = "X-Connections-Origin: https://evil.example"
    reader, writer = await line("PUT", "up", "Transfer-Encoding: chunked", elsewhere)
    writer.write(CHUNK)

    found = await _all_of(reader)

    assert found.startswith(b"HTTP/1.1 403 ")
    assert b"host_not_allowed" in found
    assert [] == api.seen


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        # Whether its head is seen before the upload fails is a race inside the client.
        (
            b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf",
            (b"half", b"provider_unavailable"),
        ),
        (b"", (b"provider_unavailable",)),
    ],
    ids=["cut", "none"],
)
async def test_J13_J14_an_answer_that_is_cut_in_an_upload(
    mine, api, line, extension, caplog, nobody_waits_long, answer, told
):
    """It ends the connection, and leaves nothing behind."""

    def half(socket, file):
        file.readline()
        socket.sendall(answer)
        socket.shutdown(2)

    api.early["/v1/up"] = half
    reader, writer = await line("PUT", "up", "Transfer-Encoding: chunked")
    sending = asyncio.create_task(_send_on(writer))

    found = await _all_of(reader)

    assert any(words in found for words in told), found[:200]
    await asyncio.wait_for(sending, SECONDS)
    await soon(lambda: not extension.core.relaying.crowd._under_way)
    assert "Traceback" not in caplog.text


async def test_J14_both_directions_at_once(mine, api, line):
    """An API that answers part by part what it is sent part by part."""

    def echo(socket, file):
        socket.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        while size := int(file.readline(), 16):
            part = file.read(size)
            file.readline()
            socket.sendall(b"%x\r\n%s\r\n" % (size, part))
        socket.sendall(b"0\r\n\r\n")

    api.early["/v1/echo"] = echo
    reader, writer = await line("POST", "echo", "Transfer-Encoding: chunked")

    for word in (b"first", b"second"):
        writer.write(b"%x\r\n%s\r\n" % (len(word), word))
        assert await asyncio.wait_for(reader.readuntil(word), SECONDS)
    writer.write(b"0\r\n\r\n")

    assert b"\r\n0\r\n\r\n" == await asyncio.wait_for(
        reader.readuntil(b"\r\n0\r\n\r\n"), SECONDS
    )


async def test_J14_a_client_that_reads_when_all_is_sent(
    mine, refuses, kernel_header, jp_http_port, root
):
    """So does httpx, which ours is: it finds the refusal."""
    refuses(TOO_LARGE)
    url = f"http://127.0.0.1:{jp_http_port}{root}{PROXY}up"

    def send():
        parts = (bytes(65536) for _ in range(300))
        return httpx.put(url, content=parts, headers=kernel_header, timeout=SECONDS)

    answer = await asyncio.to_thread(send)

    assert (413, "too large") == (answer.status_code, answer.text)
