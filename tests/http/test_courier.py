"""Requests of other libraries, carried: what they get, and what they never get."""

import socket

import pytest

from conn_core.errors import HostNotAllowed, InvalidInput
from conn_core.http import Courier, TokenSource


@pytest.fixture
def courier(broker):
    """Carries for the connection called coffee."""
    courier = Courier(TokenSource(broker, "coffee"))
    yield courier
    courier.close()


def test_a_request_arrives_with_the_credential(courier, peer, reply, secret):
    """The answer is what came over the wire, headers and all."""
    peer.answer = lambda _: reply(201, b"cake", {"X-A": "1", "X-B": "2"})

    answer = courier.carry(
        "post", f"{peer.url}/v1/orders", headers=[("X-Mine", "yes")], body=b"one"
    )

    assert (201, "Created") == (answer.status, answer.reason)
    assert {("X-A", "1"), ("X-B", "2")} <= set(answer.headers)
    assert b"cake" == answer.read()
    seen = peer.seen[0]
    assert ("POST", b"one", "yes") == (seen.method, seen.body, seen.headers["x-mine"])
    assert f"Bearer {secret}" == seen.headers["authorization"]


def test_an_answer_is_read_like_a_file(courier, peer, reply):
    """In parts of any size, once; closing it early is fine."""
    peer.answer = lambda _: reply(body=b"a cake\nand another\n")

    with courier.carry("GET", f"{peer.url}/v1/list") as answer:
        assert answer.readable()
        assert b"a c" == answer.read(3)
        assert b"ake\n" == answer.readline()
    answer.close()
    assert answer.closed
    with courier.carry("GET", f"{peer.url}/v1/list") as answer:
        assert [b"a cake\n", b"and another\n"] == list(answer)
        assert b"" == answer.read()


def test_F1_a_stranger_gets_nothing(courier, stranger):
    """The guard is the one of our own client."""
    with pytest.raises(HostNotAllowed, match="Nothing was sent"):
        courier.carry("GET", f"{stranger.url}/x")
    assert [] == stranger.seen


def test_F3_a_redirect_is_the_answer(courier, peer, stranger, reply):
    """Who follows it comes back here, and meets the guard."""
    peer.answer = lambda _: reply(302, headers={"Location": f"{stranger.url}/x"})

    assert 302 == courier.carry("GET", f"{peer.url}/v1/x").status
    assert [] == stranger.seen


def test_F41_a_401_is_renewed_and_repeated(courier, peer, reply, second_secret):
    """Once, as everywhere."""
    peer.answer = lambda seen: reply(
        200 if second_secret in seen.headers["authorization"] else 401
    )

    assert 200 == courier.carry("GET", f"{peer.url}/v1/x").status
    assert 2 == len(peer.seen)


def test_what_is_no_address_is_refused(courier):
    """Before anybody is asked."""
    with pytest.raises(InvalidInput, match="no address"):
        courier.carry("GET", "http://x/\0")


def test_a_server_that_is_not_there_is_a_connection_error(courier, peer):
    """Python's own, which every library knows; nothing of ours hangs on it."""
    peer.close()

    with pytest.raises(ConnectionError) as caught:
        courier.carry("GET", f"{peer.url}/v1/x")
    assert caught.value.__context__ is None


@pytest.mark.parametrize("timeout", [0.05, (5, 0.05), (None, 0.05)])
def test_a_server_that_says_nothing_is_a_timeout(new_broker, timeout):
    """While the answer is waited for."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        host = f"127.0.0.1:{silent.getsockname()[1]}"
        source = TokenSource(new_broker(api_hosts=(host,)), "coffee")
        with pytest.raises(TimeoutError):
            Courier(source).carry("GET", f"http://{host}/x", timeout=timeout)


def test_an_answer_that_breaks_off_is_a_connection_error(courier, peer, reply):
    """While it is read."""
    peer.answer = lambda _: reply(body=b"ab", headers={"Content-Length": "9"})

    answer = courier.carry("GET", f"{peer.url}/v1/x")

    with pytest.raises(ConnectionError):
        answer.read()
    answer.close()


def test_closing_closes_sockets_and_no_more(courier, peer):
    """The next request opens one again."""
    courier.carry("GET", f"{peer.url}/v1/x").read()
    courier.close()

    assert 200 == courier.carry("GET", f"{peer.url}/v1/x").status
