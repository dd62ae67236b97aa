"""Sealed connections where something goes wrong: whose error it is, and what it shows."""

import json
import logging
import pickle
import ssl
import threading
import traceback

import httpx
import pytest
from scripted_relay import UPSTREAM
from self_signed import self_signed
from shown import everything_in

from conn_core.errors import (
    BrokerUnavailable,
    ConnectionRevoked,
    ConnectionsError,
    HostNotAllowed,
    MethodNotAllowed,
    ProviderUnavailable,
)
from conn_core.http import (
    _tls,
    connected_client,
)


@pytest.fixture
def broker(sealed_broker):
    """What the clients of this file ask."""
    return sealed_broker


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


def dying_once(server, reply):
    """Let the relay hang up on a first request, and answer all others."""
    answers = iter([reply(0)])
    server.says = lambda _: next(answers, reply(headers=UPSTREAM))


def test_F70_a_dying_server_is_asked_once_more_for_what_may_be_repeated(
    ask, server, reply
):
    """Another one may have taken its place: the caller notices nothing."""
    dying_once(server, reply)

    assert 200 == ask("PUT", "/x", content=b"whole").status_code

    assert [b"whole", b"whole"] == [seen.body for seen in server.peer.seen]


@pytest.mark.parametrize("method", ["POST", "PATCH"])
def test_F70_what_may_have_been_done_is_not_repeated(ask, server, reply, method):
    """It is an error of ours that says so, and httpx's for whoever waits for that."""
    dying_once(server, reply)

    with pytest.raises(BrokerUnavailable, match="may have been done") as caught:
        ask(method, "/x", json={})

    assert isinstance(caught.value, httpx.TransportError)
    assert 1 == len(server.peer.seen)


def test_F70_F78_a_body_that_has_gone_by_is_not_repeated(broker, server, reply):
    """A second time it would be empty."""
    dying_once(server, reply)

    with (
        connected_client(broker, "coffee") as client,
        pytest.raises(BrokerUnavailable, match="may have been done"),
    ):
        client.put("/x", content=iter([b"a", b"b"]))

    assert [b"ab"] == [seen.body for seen in server.peer.seen]


def test_F70_a_server_that_only_dies_is_asked_twice_and_no_more(ask, server, reply):
    """Then it is an error that says what to do."""
    server.says = lambda _: reply(0)

    with pytest.raises(BrokerUnavailable, match="%conn env"):
        ask("GET", "/x")

    assert 2 == len(server.peer.seen)


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


def test_F29_a_timeout_is_the_clients_own(broker, server, reply):
    """Whoever sets it gets httpx's error, as in direct exposure."""
    never = threading.Event()
    server.says = lambda _: never.wait(60) and reply(headers=UPSTREAM)

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
        never.wait(60)
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
    assert arrived.wait(60)
    client.hang_up()
    thread.join(60)
    never.set()

    assert 1 == len(ended)


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
