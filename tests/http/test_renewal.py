"""After a 401: one refresh, and one replay where that is safe."""

import asyncio
import contextlib
import threading
import time

import anyio
import pytest

from conn_core.errors import AuthorizationEnded, BrokerUnavailable
from conn_core.http import connected_async_client, connected_client


@pytest.fixture
def picky(peer, reply, second_secret):
    """An API that no longer takes the first token."""

    def answer(seen):
        good = second_secret in seen.headers.get("authorization", "")
        return reply(200 if good else 401)

    peer.answer = answer
    return peer


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS", "PUT", "DELETE"])
def test_F41_an_idempotent_request_is_sent_again_with_a_renewed_token(
    ask, picky, broker, method
):
    """One refresh, one replay, success; the broker hears which token was refused."""
    options = {"content": b"same body"} if method == "PUT" else {}

    assert 200 == ask(method, "/user", **options).status_code
    assert 2 == len(picky.seen)
    assert picky.seen[0].body == picky.seen[1].body
    assert [None, 1] == [rejected for _, _, rejected in broker.asked]


@pytest.mark.parametrize("method", ["POST", "PATCH"])
def test_F41_other_requests_are_answered_as_they_were_and_the_token_is_renewed(
    broker, picky, method
):
    """Twice is not once: the user decides, and the next request works."""
    with connected_client(broker, "coffee") as client:
        assert 401 == client.request(method, "/orders", json={}).status_code
        assert 1 == len(picky.seen)
        assert 200 == client.request(method, "/orders", json={}).status_code


@pytest.mark.parametrize("kind", ["sync", "async"])
def test_F41_a_streamed_body_is_not_sent_again(broker, picky, kind):
    """What was read from a file or a generator is gone."""
    if kind == "sync":
        with connected_client(broker, "coffee") as client:
            status = client.put("/file", content=iter([b"a", b"b"])).status_code
    else:

        async def parts():
            yield b"a"
            yield b"b"

        async def send():
            async with connected_async_client(broker, "coffee") as client:
                return (await client.put("/file", content=parts())).status_code

        status = asyncio.run(send())

    assert 401 == status
    assert [b"ab"] == [seen.body for seen in picky.seen]
    assert [None, 1] == [rejected for _, _, rejected in broker.asked]


def test_F42_an_api_that_refuses_every_token_gets_one_replay(ask, peer, broker, reply):
    """The second 401 is the answer."""
    peer.answer = lambda _: reply(401)

    assert 401 == ask("GET", "/user").status_code
    assert 2 == len(peer.seen)
    assert [None, 1] == [rejected for _, _, rejected in broker.asked]


def test_F42_no_replay_when_there_is_no_new_token(ask, peer, broker, reply):
    """The broker has refreshed just now, or cannot: the same request is pointless."""
    peer.answer = lambda _: reply(401, b"why")
    broker.renews = False

    answer = ask("GET", "/user")

    assert (401, b"why") == (answer.status_code, answer.content)
    assert 1 == len(peer.seen)


def test_a_403_never_refreshes(ask, peer, broker, reply):
    """It is about what the token may do, not whether it is good."""
    peer.answer = lambda _: reply(403)

    assert 403 == ask("GET", "/user").status_code
    assert [None] == [rejected for _, _, rejected in broker.asked]


def test_F26_a_stranger_triggers_no_refresh(ask, peer, stranger, broker, reply):
    """A captive portal's 401 is never asked for, and so never believed."""
    stranger.answer = lambda _: reply(401)
    peer.answer = lambda _: reply(302, headers={"Location": stranger.url})

    with pytest.raises(PermissionError):
        ask("GET", "/user", follow_redirects=True)

    assert {None} == {rejected for _, _, rejected in broker.asked}


@pytest.mark.parametrize(
    "error",
    [
        AuthorizationEnded("It ended", "Run %conn"),
        BrokerUnavailable("Gone", "Run %conn"),
    ],
)
def test_what_the_broker_says_of_a_refused_token_is_what_the_user_reads(
    ask, peer, broker, reply, error
):
    """Its sentence says more than a 401."""

    def answer(_):
        broker.error = error
        return reply(401)

    peer.answer = answer

    with pytest.raises(type(error), match=error.message):
        ask("GET", "/user")


@pytest.mark.parametrize("open_client", [connected_client, connected_async_client])
@pytest.mark.parametrize("broker_ends_it", [False, True])
def test_the_refused_answer_lets_go_of_its_connection(
    broker, peer, reply, broker_ends_it, open_client
):
    """A hundred of them, and the pool would be empty."""

    def answer(_):
        if broker_ends_it:
            broker.error = AuthorizationEnded("It ended", "Run %conn")
        return reply(401, b"x" * 100_000)

    peer.answer = answer

    async def pool_afterwards():
        client = open_client(broker, "coffee")
        with contextlib.suppress(AuthorizationEnded):
            sent = client.get("/user")
            if asyncio.iscoroutine(sent):
                await sent
        pool = client._transport._pool.opened()
        states = [connection.is_idle() for connection in pool.connections]
        await client.aclose() if pool_is_async(pool) else client.close()
        return states

    def pool_is_async(pool):
        return hasattr(pool, "aclose")

    assert all(asyncio.run(pool_afterwards()))


def test_fifty_threads_with_a_refused_token_make_one_refresh(broker, picky):
    """P3 in small: whoever comes second gets what the first one got."""
    from concurrent.futures import ThreadPoolExecutor

    with connected_client(broker, "coffee") as client, ThreadPoolExecutor(50) as pool:
        statuses = set(pool.map(lambda _: client.get("/user").status_code, range(50)))

    assert {200} == statuses
    assert 1 == [rejected for _, _, rejected in broker.asked].count(1)


def test_fifty_coroutines_with_a_refused_token_make_one_refresh(broker, picky):
    """The same without threads of one's own."""

    async def run():
        async with connected_async_client(broker, "coffee") as client:
            answers = await asyncio.gather(*(client.get("/user") for _ in range(50)))
            return {answer.status_code for answer in answers}

    assert {200} == asyncio.run(run())
    assert 1 == [rejected for _, _, rejected in broker.asked].count(1)


def test_coroutines_that_wait_for_the_broker_need_one_thread(broker, peer):
    """Not one each: others want to do something in threads as well."""
    threads = set()
    vend = broker.access_token

    def slowly(name, **options):
        time.sleep(0.2)
        threads.update(t for t in threading.enumerate() if "AnyIO" in t.name)
        return vend(name, **options)

    async def run():
        async with connected_async_client(broker, "coffee") as client:
            client._source._held = None
            broker.access_token = slowly
            await asyncio.gather(*(client.get("/user") for _ in range(20)))

    asyncio.run(run())

    assert 1 == len(threads)
    assert 20 == len(peer.seen)


def test_F31_a_cancelled_request_leaves_the_question_to_the_others(broker, peer):
    """The broker's answer is kept, although who asked first has gone."""
    may_answer = threading.Event()
    vend = broker.access_token

    def slowly(name, **options):
        assert may_answer.wait(60)
        return vend(name, **options)

    async def run():
        async with connected_async_client(broker, "coffee") as client:
            broker.asked.clear()
            client._source._held = None
            broker.access_token = slowly
            began = time.monotonic()
            with anyio.move_on_after(0.05) as first:
                await client.get("/user")
            assert first.cancelled_caught
            assert time.monotonic() - began < 30  # the broker has not answered yet
            may_answer.set()
            return await client.get("/user")

    assert 200 == asyncio.run(run()).status_code
    assert 1 == len(broker.asked)
