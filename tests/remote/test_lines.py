"""Connections to a server that are kept, dropped, cut and shared."""

import contextlib
import json
import os
import socket
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from cut_door import CutDoor
from rest_answers import TOKEN
from scripted_peer import Reply
from self_signed import self_signed

from conn_core import ConnectionDraft, Secret, errors
from conn_core.broker import RemoteBroker
from conn_core.errors import BrokerUnavailable


def test_F70_a_server_that_hangs_is_left(server, tmp_path):
    """With the time it was given, in words."""
    answered = threading.Event()
    server.answers["GET", "status"] = lambda _: answered.wait(60) and Reply()
    broker = RemoteBroker(server.endpoint, runtime_dir=tmp_path, timeout=0.2)

    with pytest.raises(BrokerUnavailable, match=r"did not answer within 0\.2 seconds"):
        broker.status()
    answered.set()


def test_F70_a_server_that_hangs_on_a_kept_connection_is_left(
    server, tmp_path, connection_json
):
    """A hanging server is not asked the same again."""
    answered = threading.Event()
    broker = RemoteBroker(server.endpoint, runtime_dir=tmp_path, timeout=1.5)
    server.answers["GET", "connections/x"] = 200, connection_json
    broker.connection("x")
    server.answers["GET", "connections/x"] = lambda _: answered.wait(60) and Reply()

    with pytest.raises(BrokerUnavailable, match=r"did not answer within 1\.5 seconds"):
        broker.connection("x")
    answered.set()

    assert 2 == len(server.peer.seen)


def test_a_connection_that_the_server_closes_is_not_kept(
    server, broker, connection_json
):
    """It says so in a header."""
    body = json.dumps(connection_json).encode()
    server.answers["GET", "connections/x"] = lambda _: Reply(
        200, body, {"Connection": "close"}
    )

    assert 3 == broker.connection("x").version
    assert [] == broker._wire._idle


def test_a_connection_is_kept(server, broker, connection_json):
    """One connection for questions in a row."""
    server.answers["GET", "connections/x"] = 200, connection_json

    for _ in range(5):
        broker.connection("x")

    assert 1 == len(server.peer._server.connections)


def test_a_kept_connection_that_was_closed_is_noticed(server, broker, connection_json):
    """Also for what must not be sent twice."""
    server.answers["POST", "connections/x/revoke"] = 200, connection_json
    broker.revoke("x")

    server.peer.cut()
    broker.revoke("x")

    assert 2 == len(server.peer.seen)


def test_a_question_is_repeated_on_a_dropped_connection(server, broker):
    """Asking twice for a token vends one: the generation says which is meant."""
    server.answers["POST", "connections/x/token"] = 200, TOKEN
    broker.access_token("x")
    answers = iter([lambda _: Reply(0)])

    def drops_once(seen):
        return next(answers, lambda _: Reply(200, json.dumps(TOKEN).encode()))(seen)

    server.answers["POST", "connections/x/token"] = drops_once

    assert 7 == broker.access_token("x").generation
    assert 3 == len(server.peer.seen)


def test_a_change_is_not_repeated_on_a_dropped_connection(
    server, broker, connection_json
):
    """It may have been made."""
    server.answers["POST", "connections/x/revoke"] = 200, connection_json
    broker.revoke("x")
    server.answers["POST", "connections"] = lambda _: Reply(0)

    with pytest.raises(BrokerUnavailable, match="cannot be reached"):
        broker.create(ConnectionDraft(service="x"))

    assert 2 == len(server.peer.seen)


def first_then(first, then):
    """Return what answers a first request in one way, and all others in another."""
    answers = iter([first])

    def answer(seen):
        return next(answers, then)(seen)

    return answer


def vended(_):
    return Reply(200, json.dumps(TOKEN).encode())


def gone(_):
    """Nothing: the connection is dropped instead."""
    return Reply(0)


def bad_gateway(_):
    """What a proxy says of a server behind it that is going."""
    return Reply(502, b"<html>Bad Gateway</html>")


@pytest.mark.parametrize("first", [gone, bad_gateway])
def test_F70_a_first_question_that_meets_a_dying_server_is_asked_once_more(
    server, broker, first
):
    """Somebody else may have taken its place: the caller notices nothing."""
    server.answers["POST", "connections/x/token"] = first_then(first, vended)

    assert 7 == broker.access_token("x").generation

    assert 2 == len(server.peer.seen)


def test_F70_a_door_that_hangs_up_first_is_knocked_at_again(server, broker, tmp_path):
    """A balancer that still sends calls to one that is gone, and then to another."""
    ways = iter([[]])
    door = CutDoor(lambda: next(ways, [("127.0.0.1", server.peer.port)]))
    endpoint = f"http://127.0.0.1:{door.port}/user/alice/connections/"
    token = Secret(server.takes)
    behind = RemoteBroker(endpoint, bearer=lambda: token, timeout=60)
    server.answers["POST", "connections/x/token"] = 200, TOKEN

    assert 7 == behind.access_token("x").generation

    behind.close()
    door.close()


@pytest.mark.parametrize(
    ("answer", "words"),
    [(gone, "it hung up before it answered"), (bad_gateway, "answered 502")],
)
def test_F70_a_server_that_only_dies_is_asked_twice_and_no_more(
    server, broker, answer, words
):
    """Then it is an error that says what to do."""
    server.answers["GET", "status"] = answer

    with pytest.raises(BrokerUnavailable, match=words):
        broker.status()

    assert 2 == len(server.peer.seen)


@pytest.mark.parametrize("answer", [gone, bad_gateway])
def test_F70_a_first_change_that_meets_a_dying_server_is_not_repeated(
    server, broker, answer
):
    """It may have been made."""
    server.answers["POST", "connections"] = answer

    with pytest.raises(BrokerUnavailable):
        broker.create(ConnectionDraft(service="x"))

    assert 1 == len(server.peer.seen)


def test_F70_what_the_server_itself_says_is_not_asked_for_again(server, broker):
    """It has its reasons, and an error of ours."""
    told = errors.StoreUnavailable("The database is away").to_json()
    server.answers["GET", "status"] = 503, told

    with pytest.raises(errors.StoreUnavailable):
        broker.status()

    assert 1 == len(server.peer.seen)


def test_F70_a_server_with_another_certificate_is_told_nothing(canary):
    """It is said what is wrong, and who can mend it; it is asked once."""
    token = Secret(canary("bearer"))
    _, context = self_signed()
    calls = []

    def answer():
        while True:
            try:
                line, _ = listener.accept()
            except OSError:
                return
            calls.append(line)
            with line, contextlib.suppress(OSError):
                context.wrap_socket(line, server_side=True).recv(1000)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=answer)
        thread.start()
        address = f"https://127.0.0.1:{listener.getsockname()[1]}/connections/"
        with pytest.raises(BrokerUnavailable) as caught:
            RemoteBroker(address, bearer=lambda: token, timeout=60).status()
        listener.shutdown(socket.SHUT_RDWR)
        thread.join(60)

    assert (
        "The server could not prove that it is the one it says: its certificate is not "
        "trusted here (self-signed certificate). Run %conn env, and tell who runs the "
        "server" == str(caught.value)
    )
    assert 1 == len(calls)
    canary.sweep(texts={"error": repr(caught.value)})


def test_F70_a_name_that_nobody_knows_any_more_is_said(canary, monkeypatch):
    """The service has moved: nothing is asked twice."""
    token, looked_up = Secret(canary("bearer")), []

    def unknown(host, *_, **__):
        looked_up.append(host)
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    lost = RemoteBroker("http://moved.example/connections/", bearer=lambda: token)
    with pytest.raises(BrokerUnavailable) as caught:
        lost.status()
    assert (
        "The server cannot be reached (Name or service not known). Run %conn env"
        == str(caught.value)
    )
    assert ["moved.example"] == looked_up


def test_F70_where_nobody_listens_nobody_is_asked_again(server, broker, monkeypatch):
    """The error comes at once, not after a pause."""
    server.peer.close()
    monkeypatch.setattr("time.sleep", lambda _: pytest.fail("it pauses"))

    with pytest.raises(BrokerUnavailable, match="The server is not running any more"):
        broker.status()


def test_many_threads_share_a_broker(server, broker, connection_json):
    """And no two of them a connection at a time."""
    server.answers["GET", "connections/x"] = 200, connection_json

    with ThreadPoolExecutor(16) as pool:
        versions = list(pool.map(lambda _: broker.connection("x").version, range(200)))

    assert [3] * 200 == versions
    assert len(broker._wire._idle) <= 4


def test_L7_a_forked_child_opens_connections_of_its_own(
    server, broker, connection_json
):
    """Two processes on one connection would read each other's answers."""
    server.answers["GET", "connections/x"] = 200, connection_json
    broker.connection("x")

    broker._wire._process = os.getpid() + 1  # as it looks in a child
    broker.connection("x")

    assert 2 == len(server.peer._server.connections)


def test_a_forgotten_broker_closes_its_connections(
    server, tmp_path, connection_json, recwarn
):
    """No ResourceWarning in somebody's notebook."""
    import gc

    server.answers["GET", "connections/x"] = 200, connection_json
    broker = RemoteBroker(server.endpoint, runtime_dir=tmp_path)
    broker.connection("x")
    idle = broker._wire._idle
    assert 1 == len(idle)

    del broker
    gc.collect()

    assert [] == idle
    assert [] == [w for w in recwarn if issubclass(w.category, ResourceWarning)]
