"""Services that answer before they have all of what they are sent."""

import asyncio
import threading

import psutil
import pytest
from patience import SECONDS, soon, stands

from conn_core.http import Errand, Relay

TOO_LARGE = b"HTTP/1.1 413 No\r\nContent-Length: 9\r\n\r\ntoo large"


class Endless:
    """A body that comes for ever, and knows whether anybody still takes it."""

    def __init__(self):
        self.is_over, self.taken = threading.Event(), 0

    async def __call__(self):
        try:
            while True:
                yield bytes(65536)
                self.taken += 1
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
        stay.wait(SECONDS)

    api.early["/v1/up"] = play

    answer = carry("up", method="PUT", body=None, parts=endless)

    assert (413, b"too large") == (answer.status, answer.body)
    assert endless.is_over.wait(SECONDS)
    stay.set()
    assert 200 == carry("me").status
    assert ["me"] == [asked.path.removeprefix("/v1/") for asked in api.seen]


def test_J14_a_service_that_answers_and_hangs_up(carry, api):
    """What it said is read before more is written, which would lose it."""
    has_hung_up = threading.Event()

    def play(line, file):
        line.recv(
            1
        )  # the body is coming; what is not read of it makes the end a hard one
        line.sendall(TOO_LARGE.replace(b"413 No", b"413 No\r\nConnection: close"))
        file.close()
        line.close()
        has_hung_up.set()

    api.early["/v1/up"] = play

    async def parts():
        yield bytes(65536)
        # The loop stands still: it has not seen what is there when the next part is.
        has_hung_up.wait(SECONDS)
        while True:
            yield bytes(65536)

    assert 413 == carry("up", method="PUT", body=None, parts=parts).status


def test_J22_an_upload_that_nobody_reads_leaves_no_socket(
    api, loan, lender_of, policy, limits, endless
):
    """The API has answered and stands still: what is not sent yet is let go."""
    answers, stay = threading.Event(), threading.Event()

    def play(line, _):
        answers.wait(SECONDS)
        line.sendall(TOO_LARGE)
        stay.wait(SECONDS)

    api.early["/v1/up"] = play

    async def goes_and_comes():
        relay = Relay(policy=policy, limits=limits)
        errand = Errand(method="PUT", target="up", body=None, parts=endless)
        sending = asyncio.create_task(relay.send(lender_of(loan), errand))
        await stands(lambda: endless.taken)  # all that could be sent is
        answers.set()
        answer = await sending
        assert b"too large" == await answer.part()
        assert 1 == len(_sockets_to(api))
        answer.close()
        await soon(lambda: not _sockets_to(api), what="the end of our socket")
        await relay.close()

    asyncio.run(goes_and_comes())
    stay.set()


def _sockets_to(api):
    """Return those of this process that lead there."""
    lines = psutil.Process().net_connections("tcp4")
    return [line for line in lines if line.raddr and line.raddr.port == api.port]


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
