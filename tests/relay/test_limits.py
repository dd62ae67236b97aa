"""Answers and uploads without end, and those that hardly move."""

import asyncio
import dataclasses
import threading
import tracemalloc

import pytest
from patience import SECONDS, stands

from conn_core import RelayLimits
from conn_core.errors import InvalidInput, ProviderError, ProviderUnavailable
from conn_core.http import Errand, Relay


@pytest.fixture
def limits():
    return RelayLimits(
        most_answered=3_000_000,
        most_sent=1_000_000,
        idle_seconds=1,
        total_seconds=2,
    )


def test_J13_an_answer_larger_than_allowed_is_cut(carry, api):
    """10 GB, or any number without an end."""
    api.streams("/v1/me", bytes(65536))

    with pytest.raises(ProviderError, match="more than 3,000,000 bytes"):
        carry()
    assert api.hung_up.wait(SECONDS)


def test_J13_silence_is_cut(carry, api):
    """Neither a head that does not come, nor a body."""
    silent = threading.Event()
    api.plays["/v1/me"] = lambda _, __: silent.wait(SECONDS)
    with pytest.raises(ProviderUnavailable, match="did not answer in time"):
        carry()

    def half(line, _):
        line.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf")
        silent.wait(SECONDS)

    api.plays["/v1/me"] = half
    with pytest.raises(ProviderUnavailable, match="broke off"):
        carry()
    silent.set()


def test_J13_a_drip_ends_when_the_time_is_over(carry, api):
    """It is never idle, and never finished."""
    stop = threading.Event()
    api.streams("/v1/me", b"x", pause=stop)

    with pytest.raises(ProviderUnavailable, match="broke off"):
        carry()
    assert api.hung_up.wait(SECONDS)
    stop.set()


def test_J14_a_large_upload_is_refused_before_it_is_sent(carry, api):
    """Where its length is known."""
    with pytest.raises(InvalidInput, match="at most 1,000,000 bytes"):
        carry("up", method="PUT", body=None, length=1_000_001)
    assert [] == api.seen


def test_J14_an_upload_without_an_end_is_cut(carry, api):
    """Where it is not; the API never sees its end."""

    async def parts():
        while True:
            yield bytes(65536)

    with pytest.raises(InvalidInput, match="at most 1,000,000 bytes"):
        carry("up", method="PUT", body=None, parts=parts)
    assert [] == api.seen
    assert api.received <= 1_000_000


def test_J14_half_an_upload_is_never_taken_for_a_whole_one(carry, api):
    """When whoever sends it is gone, the API is told no end."""

    async def parts():
        yield b"half"
        raise ConnectionResetError

    with pytest.raises(ProviderUnavailable):
        carry("up", method="PUT", body=None, parts=parts)
    assert [] == api.seen


def test_J14_an_upload_that_stands_still_is_cut(carry, api):
    """It holds a socket of the API."""

    async def parts():
        yield b"some"
        await asyncio.sleep(SECONDS)

    with pytest.raises(ProviderUnavailable, match="did not answer in time"):
        carry("up", method="PUT", body=None, parts=parts)


def test_J14_an_upload_that_moves_may_take_longer_than_silence(
    carry, api, limits, policy
):
    """The clock of silence starts anew with every part."""

    async def parts():
        for _ in range(15):
            yield b"some"
            await asyncio.sleep(0.15)

    lenient = dataclasses.replace(limits, idle_seconds=2, total_seconds=60)
    relay = Relay(policy=policy, limits=lenient)

    assert 200 == carry("up", method="PUT", body=None, parts=parts, relay=relay).status


def test_J13_a_reader_who_stops_costs_no_memory(loan, lender_of, api, policy):
    """The API is not read on: what waits is a few buffers."""
    api.streams("/v1/me", bytes(65536))

    async def stall():
        relay = Relay(policy=policy, limits=RelayLimits())
        answer = await relay.send(lender_of(loan), Errand(method="GET", target="me"))
        await answer.part()
        tracemalloc.start()
        await stands(lambda: api.sent)  # fails if the API is read on and on
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        answer.close()
        await relay.close()
        return peak

    assert asyncio.run(stall()) < 2_000_000
    assert api.hung_up.wait(SECONDS)


def test_J22_a_cancelled_request_closes_its_connection(loan, lender_of, api, policy):
    """While it waits for a head, too."""
    asked = threading.Event()

    def wait(line, _):
        asked.set()
        line.recv(1)
        api.hung_up.set()

    api.plays["/v1/me"] = wait

    async def cancel():
        relay = Relay(policy=policy, limits=RelayLimits())
        sending = asyncio.create_task(
            relay.send(lender_of(loan), Errand(method="GET", target="me"))
        )
        assert await asyncio.to_thread(asked.wait, SECONDS)
        sending.cancel()
        with pytest.raises(asyncio.CancelledError):
            await sending
        closed = await asyncio.to_thread(api.hung_up.wait, SECONDS)
        await relay.close()
        return closed

    assert asyncio.run(cancel())


def test_limits_come_from_the_environment():
    """Each has its variable."""
    found = RelayLimits.from_environment(
        {
            "JUPYTER_CONNECTIONS_RELAY_AT_ONCE": "3",
            "JUPYTER_CONNECTIONS_RELAY_MOST_SENT": "1000",
        }
    )

    assert RelayLimits(at_once=3, most_sent=1000) == found


@pytest.mark.parametrize("text", ["0", "-1", "many", "1.5", "²"])
def test_a_limit_that_is_none_is_said(text):
    """With the variable that holds it."""
    with pytest.raises(InvalidInput, match="is no limit") as caught:
        RelayLimits.from_environment({"JUPYTER_CONNECTIONS_RELAY_IDLE_SECONDS": text})
    assert "JUPYTER_CONNECTIONS_RELAY_IDLE_SECONDS" in caught.value.hint
