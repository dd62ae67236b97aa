"""Names that nobody answers for hold up nothing else."""

import asyncio
import threading
from concurrent.futures import wait

import pytest
from patience import SECONDS

from conn_core.http._lookups import Lookups
from conn_core.http._relay_pool import open_pool


class Anywhere:
    """A policy for tests that allows everything."""

    def permit(self, _host, addresses):
        return addresses


@pytest.fixture
def over():
    """Set when the silent resolver gives its answers."""
    event = threading.Event()
    yield event
    event.set()


@pytest.fixture
def silent(over):
    """A resolver that answers for no name but ours until it is over."""

    def resolve(host, _port):
        if host != "coffee.example":
            over.wait(SECONDS)
        return ["127.0.0.1"]

    return resolve


def test_W6_so_many_at_once_and_no_more(silent, over):
    """The next one is refused at once, and let in when there is room again."""
    lookups = Lookups(silent, most=3)
    waiting = [lookups.begin(f"{n}.silent.example", 443) for n in range(3)]

    with pytest.raises(OSError, match="too many names"):
        lookups.begin("coffee.example", 443)

    over.set()
    assert not wait(waiting, timeout=SECONDS).not_done
    assert ("127.0.0.1",) == lookups.begin("coffee.example", 443).result(SECONDS)


def test_W6_a_name_that_is_unknown_makes_room_again():
    """An error is an answer too."""

    def unknown(*_):
        raise UnicodeError("no name")

    lookups = Lookups(unknown, most=1)
    for _ in range(3):
        with pytest.raises(OSError, match="no name"):
            lookups.begin("x", 443).result(SECONDS)


def test_W6_silent_names_hold_up_no_other_request(silent, peer):
    """Of forty requests that wait for a resolver, one to another host hears nothing."""

    async def run():
        async with open_pool(Anywhere(), resolve=silent) as pool:
            waiting = [
                asyncio.create_task(pool.get(f"http://{n}.silent.example/"))
                for n in range(40)
            ]
            await asyncio.sleep(0.1)
            async with asyncio.timeout(40):
                answer = await pool.get(f"http://coffee.example:{peer.port}/")
                # What others do in threads goes on as well.
                assert 4 == await asyncio.to_thread(lambda: 2 + 2)
            for task in waiting:
                task.cancel()
            await asyncio.gather(*waiting, return_exceptions=True)
            return answer.status

    assert 200 == asyncio.run(run())
