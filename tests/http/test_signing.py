"""Requests that the broker signs, one by one."""

import threading

import pytest

from conn_core import Secret
from conn_core.errors import BrokerUnavailable, ConnectionRevoked, HostNotAllowed
from conn_core.http import connected_client

FORM = "application/x-www-form-urlencoded"


@pytest.fixture
def signing(new_broker):
    """A broker that signs, and remembers what and in which thread."""
    broker = new_broker(signed_by="oauth1", access_token=Secret(""))
    broker.secret_of = lambda _: ""
    broker.signed, broker.threads, broker.refusal = [], [], None

    def sign(name, *, method, url, headers, body):
        broker.threads.append(threading.current_thread())
        if broker.refusal is not None:
            raise broker.refusal
        broker.signed.append((name, method, url, headers, body))
        return {"Authorization": f"OAuth CNRY-signature-{len(broker.signed)}"}

    broker.sign = sign
    return broker


def test_a_request_arrives_with_its_signature(ask, signing, peer):
    """What is signed is what is sent; a credential of one's own is not."""
    own = {"authorization": "users", "X-Mine": "kept"}

    answer = ask("POST", "/notes?a=b#c", using=signing, data={"d": "e"}, headers=own)

    name, method, url, headers, body = signing.signed[0]
    assert ("coffee", "POST", b"d=e") == (name, method, body)
    assert f"{peer.url}/v1/notes?a=b" == url
    assert FORM == headers["Content-Type"]
    assert "users" not in peer.seen[0].everything
    sent = [text for n, text in peer.seen[0].pairs if n.lower() == "authorization"]
    assert ["OAuth CNRY-signature-1"] == sent
    assert ("kept", b"d=e") == (peer.seen[0].headers["x-mine"], peer.seen[0].body)
    assert "authorization" not in answer.request.headers.keys() - own.keys()
    assert "CNRY" not in str(answer.request.headers.raw)


def test_each_request_is_signed_anew(signing, peer):
    """A signature serves once."""
    with connected_client(signing, "coffee") as client:
        client.get("/a")
        client.get("/a")

    sent = [seen.headers["authorization"] for seen in peer.seen]
    assert ["OAuth CNRY-signature-1", "OAuth CNRY-signature-2"] == sent


def test_async_waits_for_the_broker_in_a_thread(ask, signing, request):
    """The event loop goes on meanwhile."""
    ask("GET", "/a", using=signing)

    is_async = "async" in request.node.callspec.id
    assert is_async == (signing.threads[0] is not threading.main_thread())


def test_the_guard_comes_first(ask, signing, stranger):
    """The broker is not even asked about another host."""
    with pytest.raises(HostNotAllowed):
        ask("GET", f"{stranger.url}/a", using=signing)

    assert ([], []) == (signing.threads, stranger.seen)


def test_a_hop_is_signed_for_where_it_leads(ask, signing, peer, reply):
    """A redirect within the service; one out of it is refused."""
    peer.answer = lambda seen: (
        reply(302, headers={"Location": "/v1/there"})
        if seen.path == "/v1/here"
        else reply()
    )

    ask("GET", "/here", using=signing, follow_redirects=True)

    assert [f"{peer.url}/v1/here", f"{peer.url}/v1/there"] == [
        url for _, _, url, *_ in signing.signed
    ]


@pytest.mark.parametrize(("method", "times"), [("GET", 2), ("POST", 1)])
def test_the_rule_for_a_second_try_is_the_same(
    ask, signing, peer, reply, method, times
):
    """Once, for an idempotent request, after a renewal; with another signature."""
    peer.answer = lambda _: reply(401)

    ask(method, "/a", using=signing)

    assert times == len(peer.seen) == len(signing.signed)


def test_without_a_renewal_there_is_no_second_try(ask, signing, peer, reply):
    """The usual case with OAuth 1.0a."""
    signing.renews = False
    peer.answer = lambda _: reply(401)

    assert 401 == ask("GET", "/a", using=signing).status_code
    assert 1 == len(peer.seen)


@pytest.mark.parametrize(
    ("refusal", "asked_again"),
    [(ConnectionRevoked("It was revoked"), 1), (BrokerUnavailable("Nobody there"), 0)],
)
def test_a_refusal_is_the_brokers(signing, peer, refusal, asked_again):
    """Nothing is sent; after a no the broker is asked before the next request."""
    with connected_client(signing, "coffee") as client:
        client.get("/a")
        signing.refusal = refusal
        with pytest.raises(type(refusal)):
            client.get("/a")
        before, signing.refusal = len(signing.asked), None
        client.get("/a")

    assert 2 == len(peer.seen)
    assert asked_again <= len(signing.asked) - before
