"""Clients of sealed connections: the relay sends what they ask for, and they hold nothing.

The relay here is scripted and speaks the wire that the real one speaks.
"""

import asyncio
import json
import logging
import pickle
import ssl
import threading
import traceback
from types import SimpleNamespace

import httpx
import pytest
from self_signed import self_signed
from shown import everything_in

from conn_core import Secret
from conn_core.broker import Relay
from conn_core.errors import (
    BrokerUnavailable,
    ConnectionRevoked,
    ConnectionsError,
    HostNotAllowed,
    InvalidInput,
    MethodNotAllowed,
    ProviderUnavailable,
)
from conn_core.http import (
    Courier,
    TokenSource,
    _tls,
    connected_async_client,
    connected_client,
)

PREFIX = "/user/sam/connections/api/v1/connections/coffee/proxy"
UPSTREAM = {"X-Connections-Upstream": "1"}


@pytest.fixture
def bearers():
    """What the server takes: the first one until it is restarted."""
    return ["CNRY-bearer-one-4e1f", "CNRY-bearer-two-9c3a"]


@pytest.fixture
def server(new_peer, reply, bearers):
    """A relay that takes one bearer, and answers by script for the service."""
    peer = new_peer()
    server = SimpleNamespace(
        peer=peer, takes=bearers[0], says=lambda _: reply(headers=UPSTREAM)
    )

    def answer(seen):
        if seen.headers.get("authorization") != f"Bearer {server.takes}":
            return reply(403, b'{"message": "Forbidden"}')
        return server.says(seen)

    peer.answer = answer
    return server


@pytest.fixture
def broker(new_broker, peer, server, bearers):
    """A broker whose connection is sealed: it tells all but the credential."""
    broker = new_broker(exposure="sealed", access_token=Secret(""))
    broker.shown = [Secret(bearers[0])]

    def bearer(refused):
        if refused is not None and server.takes == bearers[1]:
            broker.shown.append(Secret(bearers[1]))
        return broker.shown[-1]

    def relay(name):
        address = f"{server.peer.url}{PREFIX.replace('coffee', name)}"
        return Relay(address, bearer=bearer, place="a%20notebook.ipynb")

    broker.relay = relay
    return broker


def test_J_a_request_goes_to_the_relay_and_nowhere_else(ask, server, peer, bearers):
    """With the address it is meant for; the path as it was written."""
    answer = ask("GET", "/b%2Fc?q=1%202#part", headers={"X-Mine": "yes"})

    [seen] = server.peer.seen
    assert [] == peer.seen
    assert 200 == answer.status_code
    assert f"{PREFIX}/v1/b%2Fc?q=1%202" == seen.path
    assert peer.url == seen.headers["x-connections-origin"]
    assert server.peer.host == seen.headers["host"]
    assert f"Bearer {bearers[0]}" == seen.headers["authorization"]
    assert "a%20notebook.ipynb" == seen.headers["x-connections-place"]
    assert "yes" == seen.headers["x-mine"]


def test_J_what_the_user_gets_is_the_services_answer(ask, server, peer, reply):
    """Its address, its status, its headers; nothing of the way it took."""
    told = UPSTREAM | {"X-Connections-Note": "ours", "ETag": '"7"'}
    server.says = lambda _: reply(418, b"a teapot", told)

    answer = ask("POST", "/pot", json={"tea": 1})

    assert (418, "a teapot") == (answer.status_code, answer.text)
    assert f"{peer.url}/v1/pot" == str(answer.url) == str(answer.request.url)
    assert '"7"' == answer.headers["etag"]
    assert not [name for name in answer.headers if name.startswith("x-connections")]
    assert b'{"tea":1}' == server.peer.seen[0].body


def test_K_neither_request_nor_answer_shows_the_bearer(ask, server, bearers):
    """It stands only in what goes over the wire."""
    answer = ask("GET", "/x")

    shown = f"{answer!r} {vars(answer)} {vars(answer.request)}"
    assert bearers[0] not in shown
    assert "authorization" not in answer.request.headers
    assert "x-connections-origin" not in answer.request.headers


def test_J_headers_that_mean_something_to_our_server_are_wrapped(ask, server):
    """Cookies, an origin, and names of our own wire; the credential's place is empty."""
    ask(
        "GET",
        "/x",
        headers={
            "Cookie": "a=b",
            "Origin": "https://coffee.example",
            "Referer": "https://coffee.example/x",
            "Sec-Fetch-Mode": "cors",
            "X-Forwarded-For": "192.0.2.1",
            "X-Connections-Origin": "https://evil.example",
            "Authorization": "Bearer CNRY-of-the-user-11aa",
        },
    )

    [seen] = server.peer.seen
    names = [name.lower() for name, _ in seen.pairs]
    forwarded = {
        name.removeprefix("x-connections-forward-"): seen.headers[name]
        for name in names
        if name.startswith("x-connections-forward-")
    }
    assert {
        "cookie": "a=b",
        "origin": "https://coffee.example",
        "referer": "https://coffee.example/x",
        "sec-fetch-mode": "cors",
        "x-forwarded-for": "192.0.2.1",
        "x-connections-origin": "https://evil.example",
    } == forwarded
    assert {"cookie", "origin", "referer", "x-forwarded-for"}.isdisjoint(names)
    assert 1 == names.count("x-connections-origin") == names.count("authorization")
    assert "CNRY-of-the-user" not in seen.everything


def test_J_an_authorization_of_the_users_own_is_wrapped_too(
    ask, broker, server, new_broker
):
    """Where the credential has another place, it is a header as any other."""
    sealed = new_broker(exposure="sealed", param_type="query", param_name="key")
    sealed.relay = broker.relay

    ask("GET", "/x", using=sealed, headers={"Authorization": "Digest mine"})

    [seen] = server.peer.seen
    assert "Digest mine" == seen.headers["x-connections-forward-authorization"]


@pytest.mark.parametrize(
    "address",
    ["https://evil.example/x", "http://127.0.0.1:9/x"],
)
def test_F1_the_guard_comes_before_the_relay(ask, server, address):
    """Nothing leaves the kernel, and no name is looked up elsewhere."""
    with pytest.raises(HostNotAllowed, match="Nothing was sent"):
        ask("GET", address)

    assert [] == server.peer.seen


@pytest.mark.parametrize("method", ["TRACE", "CONNECT"])
def test_J10_what_shows_credentials_is_refused_here_already(ask, server, method):
    """As in direct exposure."""
    with pytest.raises(InvalidInput, match="Nothing was sent"):
        ask(method, "/x")

    assert [] == server.peer.seen


def test_F6_another_host_header_is_refused(ask, server):
    """It would lead the relay elsewhere."""
    with pytest.raises(HostNotAllowed, match="Host header"):
        ask("GET", "/x", headers={"Host": "evil.example"})

    assert [] == server.peer.seen


def test_F3_redirects_are_followed_by_the_client(ask, server, peer, reply, stranger):
    """Each hop is a request of its own through the relay, and passes the guard."""
    server.says = lambda seen: (
        reply(headers=UPSTREAM, body=b"there")
        if seen.path.endswith("/v1/there")
        else reply(302, headers=UPSTREAM | {"Location": "/v1/there"})
    )

    answer = ask("GET", "/here", follow_redirects=True)

    assert "there" == answer.text
    assert f"{peer.url}/v1/there" == str(answer.url)
    server.says = lambda _: reply(302, headers=UPSTREAM | {"Location": stranger.url})
    with pytest.raises(HostNotAllowed):
        ask("GET", "/away", follow_redirects=True)
    assert [] == stranger.seen


@pytest.mark.parametrize(
    ("status", "code", "kind"),
    [
        (403, "method_not_allowed", MethodNotAllowed),
        (403, "host_not_allowed", HostNotAllowed),
        (423, "connection_revoked", ConnectionRevoked),
        (503, "provider_unavailable", ProviderUnavailable),
    ],
)
def test_J_an_error_of_the_broker_is_raised_as_ours(
    ask, server, reply, status, code, kind
):
    """With its text and its command."""
    body = {"code": code, "message": "It may not", "hint": "Run %conn show coffee"}
    server.says = lambda _: reply(status, json.dumps(body).encode())

    with pytest.raises(kind) as caught:
        ask("GET", "/x")

    assert "It may not. Run %conn show coffee" == str(caught.value)
    assert 1 == len(server.peer.seen)


@pytest.mark.parametrize("body", [b"<html>gateway</html>", b"[1]", b""])
def test_F60_an_answer_that_is_nobodys_is_no_answer_of_the_service(
    ask, server, reply, body
):
    """A proxy before our server, whose page must not pass for the API's."""
    server.says = lambda _: reply(502, body)

    with pytest.raises(BrokerUnavailable, match="answered 502"):
        ask("GET", "/x")


def test_F60_a_server_that_is_gone_is_named_as_such(ask, server):
    """It is not the service that cannot be reached."""
    server.peer.close()
    server.peer.close = lambda: None

    with pytest.raises(BrokerUnavailable, match="server that holds the credential"):
        ask("GET", "/x")


def test_F61_a_restarted_server_is_shown_its_new_bearer(ask, server, bearers):
    """Nothing was done before: also a POST goes again."""
    server.takes = bearers[1]

    assert 200 == ask("POST", "/x", content=b"once").status_code
    assert [b"once", b"once"] == [seen.body for seen in server.peer.seen]


def test_F61_a_bearer_that_nobody_takes_is_shown_once(ask, server):
    """There is no other one: the answer is the error."""
    server.takes = "another"

    with pytest.raises(BrokerUnavailable, match="answered 403"):
        ask("GET", "/x")
    assert 1 == len(server.peer.seen)


def test_F61_a_stream_is_not_sent_twice(broker, server, bearers):
    """It is read already; the next request has the new bearer."""
    server.takes = bearers[1]

    with (
        connected_client(broker, "coffee") as client,
        pytest.raises(BrokerUnavailable),
    ):
        client.post("/x", content=iter([b"only", b"once"]))

    assert 1 == len(server.peer.seen)
    assert b"onlyonce" == server.peer.seen[0].body


def test_J_a_401_of_the_service_is_not_sent_again_from_here(ask, broker, server, reply):
    """The relay has renewed and repeated already, where that is safe."""
    server.says = lambda _: reply(401, headers=UPSTREAM)

    assert 401 == ask("GET", "/x").status_code
    assert 1 == len(server.peer.seen)
    assert [None] == [rejected for _, _, rejected in broker.asked]


def test_J_after_an_error_the_broker_is_asked_before_the_next_request(
    broker, server, reply
):
    """It may be revoked: then nothing is sent any more."""
    body = {"code": "connection_revoked", "message": "Revoked", "hint": ""}
    server.says = lambda _: reply(423, json.dumps(body).encode())

    with connected_client(broker, "coffee") as client:
        with pytest.raises(ConnectionRevoked):
            client.get("/x")
        broker.error = ConnectionRevoked("Revoked by priya")
        with pytest.raises(ConnectionRevoked, match="by priya"):
            client.get("/x")

    assert 1 == len(server.peer.seen)


def test_J_bodies_are_streamed_both_ways(broker, server, reply):
    """Part by part, as the person reads them."""
    server.says = lambda seen: reply(body=seen.body * 1000, headers=UPSTREAM)

    with connected_client(broker, "coffee") as client:
        asked = client.build_request("PUT", "/x", content=iter([b"abc"] * 1000))
        answer = client.send(asked, stream=True)
        parts = answer.iter_bytes()
        first = next(parts)
        assert 0 < len(first) < 3_000_000
        assert 3_000_000 == len(first) + sum(map(len, parts))


def test_F29_a_timeout_is_the_clients_own(broker, server, reply):
    """Whoever sets it gets httpx's error, as in direct exposure."""
    never = threading.Event()
    server.says = lambda _: never.wait(20) and reply(headers=UPSTREAM)

    with (
        connected_client(broker, "coffee", timeout=0.2) as client,
        pytest.raises(httpx.ReadTimeout),
    ):
        client.get("/x")
    never.set()


def test_F_an_answer_that_breaks_off_is_an_error(ask, server, reply):
    """The relay cuts the connection where the service did; nobody takes half for all."""
    short = UPSTREAM | {"Content-Length": "100"}
    server.says = lambda _: reply(body=b"half", headers=short)

    with pytest.raises(httpx.RemoteProtocolError):
        ask("GET", "/x")


def test_F_a_refusal_that_breaks_off_is_an_error_too(ask, server, reply):
    """Half of what our own server says, says nothing; it is not the service's."""
    server.says = lambda _: reply(503, body=b"half", headers={"Content-Length": "100"})

    with pytest.raises(BrokerUnavailable, match="answered 503"):
        ask("GET", "/x")


def test_a_call_through_the_relay_can_be_hung_up(broker, server, reply):
    """The stop button of a function ends it."""
    arrived, never = threading.Event(), threading.Event()

    def wait(_):
        arrived.set()
        never.wait(20)
        return reply(headers=UPSTREAM)

    server.says = wait
    ended = []
    client = connected_client(broker, "coffee")

    def call():
        try:
            client.get("/x")
        except httpx.TransportError as error:
            ended.append(type(error))

    thread = threading.Thread(target=call)
    thread.start()
    assert arrived.wait(20)
    client.hang_up()
    thread.join(20)
    never.set()

    assert 1 == len(ended)


def test_other_libraries_requests_are_relayed_too(broker, server, reply):
    """The courier carries for requests, Slack's and GitHub's libraries."""
    server.says = lambda seen: reply(body=seen.body, headers=UPSTREAM)
    courier = Courier(TokenSource(broker, "coffee"))

    with courier.carry("POST", f"{broker.token.api_base_url}/x", body=b"cake") as got:
        assert (200, b"cake") == (got.status, got.read())
    courier.close()

    assert [f"{PREFIX}/v1/x"] == [seen.path for seen in server.peer.seen]


def test_J_where_there_is_no_relay_requests_go_out_from_here(
    ask, new_broker, peer, secret
):
    """A broker in this process has the credential: there is no wall to keep it behind."""
    here = new_broker(exposure="sealed")
    here.relay = lambda _: None

    assert 200 == ask("GET", "/x", using=here).status_code
    assert f"Bearer {secret}" == peer.seen[0].headers["authorization"]


def test_a_relay_shows_no_bearer(broker, bearers):
    """Neither does what holds it."""
    relay = broker.relay("coffee")

    assert bearers[0] not in f"{relay!r} {relay} {vars(relay)}"
    with pytest.raises((pickle.PicklingError, AttributeError, TypeError)):
        pickle.dumps(relay)


def test_E37_our_own_server_is_vouched_for_by_the_system(monkeypatch, tmp_path):
    """An organisation's authority counts there, but no file receives the keys."""
    keys = tmp_path / "keys.log"
    monkeypatch.setenv("SSLKEYLOGFILE", str(keys))

    context = _tls._build_for_broker.__wrapped__()

    assert context.keylog_filename is None
    assert (ssl.CERT_REQUIRED, True) == (context.verify_mode, context.check_hostname)
    assert _tls.broker_tls_context() is _tls.broker_tls_context()
    assert not keys.exists()


@pytest.fixture
def vouched_for(tmp_path, monkeypatch):
    """Makes a server speak TLS, with a certificate that the system knows."""
    certificate, server_side = self_signed()
    file = tmp_path / "authority.pem"
    file.write_text(certificate)

    def vouch(peer):
        monkeypatch.setenv("SSL_CERT_FILE", str(file))
        listening = peer._server.socket
        peer._server.socket = server_side.wrap_socket(listening, server_side=True)

    _tls._build_for_broker.cache_clear()
    yield vouch
    _tls._build_for_broker.cache_clear()


@pytest.mark.parametrize("known", [True, False])
def test_the_relay_is_spoken_with_over_tls(
    ask, broker, server, vouched_for, monkeypatch, known
):
    """With the name of the certificate; without one that counts nothing is sent."""
    vouched_for(server.peer)
    plain = broker.relay

    def secure(name):
        relay = plain(name)
        relay.address = relay.address.replace("http://", "https://")
        return relay

    broker.relay = secure
    if known:
        assert 200 == ask("GET", "/x").status_code
        assert 1 == len(server.peer.seen)
        return
    monkeypatch.delenv("SSL_CERT_FILE")
    with pytest.raises(BrokerUnavailable, match="cannot be reached"):
        ask("GET", "/x")
    assert [] == server.peer.seen


def test_one_async_client_serves_many_tasks(broker, server):
    """Each through the relay, on kept connections."""

    async def run():
        client = connected_async_client(broker, "coffee")
        async with client:
            return await asyncio.gather(*(client.get(f"/{n}") for n in range(20)))

    assert {200} == {answer.status_code for answer in asyncio.run(run())}
    assert 20 == len(server.peer.seen)


def _frames_of(error):
    """Return our own frames of an error and of what it came from."""
    frames = []
    while error is not None:
        frames += [frame for frame, _ in traceback.walk_tb(error.__traceback__)]
        error = error.__cause__ or error.__context__
    theirs = (__file__, "conftest.py")
    return [f for f in frames if not f.f_code.co_filename.endswith(theirs)]


BROKEN = {
    "no answer": (0, {}),
    "half an error": (503, {"Content-Length": "1000"}),
    "an error": (403, {}),
    "an error that is known": (503, {}),
}


@pytest.mark.parametrize(("status", "headers"), BROKEN.values(), ids=BROKEN)
def test_K12_no_frame_of_an_error_shows_the_bearer(
    ask, server, reply, bearers, status, headers
):
    """Error reporters print the locals of every frame of every chained exception."""
    body = b'{"code": "method_not_allowed", "message": "No", "hint": ""}'
    server.says = lambda _: reply(status, body, headers)

    with pytest.raises((httpx.RemoteProtocolError, ConnectionsError)) as caught:
        ask("GET", "/x")

    frames = _frames_of(caught.value)
    assert any(frame.f_code.co_name == "send" for frame in frames)
    assert bearers[0] not in everything_in([frame.f_locals for frame in frames])
    assert bearers[0] not in everything_in(caught.value)


def test_K13_no_logger_shows_the_bearer(ask, server, bearers, caplog):
    """Not at DEBUG, with every library's logger on."""
    caplog.set_level(logging.DEBUG)

    ask("GET", "/x")

    assert bearers[0] in server.peer.seen[0].everything
    assert bearers[0] not in caplog.text
