"""Services that answer before they have all of what they are sent."""

import asyncio
import contextlib
import threading
from pathlib import Path

import pytest

from conn_core.errors import ProviderUnavailable
from conn_core.http import Errand, Relay

TOO_LARGE = b"HTTP/1.1 413 No\r\nContent-Length: 9\r\n\r\ntoo large"


class Endless:
    """A body that comes for ever, and knows whether anybody still takes it."""

    def __init__(self):
        self.is_over = threading.Event()

    async def __call__(self):
        try:
            while True:
                yield bytes(65536)
                await asyncio.sleep(0)
        finally:
            self.is_over.set()


@pytest.fixture
def endless():
    return Endless()


def test_J14_an_answer_before_the_end_of_an_upload_comes_back(carry, api, endless):
    """The upload is stopped, and its socket is not used for anything else."""
    stay = threading.Event()

    def play(line, _):
        line.sendall(TOO_LARGE)
        stay.wait(5)

    api.early["/v1/up"] = play

    answer = carry("up", method="PUT", body=None, parts=endless)

    assert (413, b"too large") == (answer.status, answer.body)
    assert endless.is_over.wait(5)
    stay.set()
    assert 200 == carry("me").status
    assert ["me"] == [asked.path.removeprefix("/v1/") for asked in api.seen]


def test_J14_a_service_that_answers_and_hangs_up(carry, api):
    """What it said is read before more is written, which would lose it."""

    def play(line, _):
        line.sendall(TOO_LARGE.replace(b"413 No", b"413 No\r\nConnection: close"))

    api.early["/v1/up"] = play
    told = 0
    for _ in range(10):
        endless = Endless()
        # It can hang up between a look and a write: then nobody knows what it said.
        with contextlib.suppress(ProviderUnavailable):
            told += carry("up", method="PUT", body=None, parts=endless).status == 413
        assert endless.is_over.wait(5)
    assert told >= 5, "more than that is not read"


def test_J22_an_upload_that_nobody_reads_leaves_no_socket(
    api, loan, lender_of, policy, limits, endless
):
    """The API has answered and stands still: what is not sent yet is let go."""
    stay = threading.Event()

    def play(line, _):
        stay.wait(10)
        line.sendall(TOO_LARGE)
        stay.clear()
        stay.wait(10)

    api.early["/v1/up"] = play

    async def sockets_left():
        relay = Relay(policy=policy, limits=limits)
        errand = Errand(method="PUT", target="up", body=None, parts=endless)
        before = _sockets()
        sending = asyncio.create_task(relay.send(lender_of(loan), errand))
        await asyncio.sleep(0.3)  # by then all that could be sent is
        stay.set()
        answer = await sending
        assert b"too large" == await answer.part()
        await asyncio.sleep(0.1)
        answer.close()
        await asyncio.sleep(0.1)
        left = _sockets() - before
        await relay.close()
        return left

    assert 1 == asyncio.run(sockets_left()), "the API's own and another one"
    stay.set()


def _sockets():
    """Return how many this process has open; the API's are among them."""
    found = 0
    for link in Path("/proc/self/fd").iterdir():
        with contextlib.suppress(FileNotFoundError):  # the one of this very look
            found += str(link.readlink()).startswith("socket:")
    return found


def test_J14_both_directions_at_once(api, loan, lender_of, policy, limits):
    """An API that echoes what it is sent, part by part, while it is sent."""

    def echo(line, file):
        line.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        while size := int(file.readline(), 16):
            part = file.read(size)
            file.readline()
            line.sendall(b"%x\r\n%s\r\n" % (size, part))
        line.sendall(b"0\r\n\r\n")

    api.early["/v1/echo"] = echo
    mine = asyncio.Queue()

    async def parts():
        while (part := await mine.get()) is not None:
            yield part

    async def talk():
        relay = Relay(policy=policy, limits=limits)
        errand = Errand(method="POST", target="echo", body=None, parts=parts)
        heard = []
        mine.put_nowait(b"first")
        answer = await relay.send(lender_of(loan), errand)
        for word in (b"second", b"third", None):
            heard.append(await answer.part())
            mine.put_nowait(word)
        heard.append(await answer.part())
        answer.close()
        await relay.close()
        return heard

    assert [b"first", b"second", b"third", b""] == asyncio.run(talk())
