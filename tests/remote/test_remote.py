"""The broker that asks a server over REST."""

import contextlib
import json
import os
import socket
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest
from cut_door import CutDoor
from scripted_peer import Reply
from self_signed import self_signed

import conn_core
from conn_core import Connection, ConnectionDraft, ConnectionEdit, Secret, errors
from conn_core.broker import RemoteBroker, write_handle
from conn_core.errors import BrokerUnavailable, ConnectionRevoked, NotAllowed

TOKEN = {
    "access_token": "CNRY-vended-token-33ab01",
    "token_type": "Bearer",
    "expires_at": "2026-11-25T12:00:00Z",
    "scopes": ["read"],
    "generation": 7,
    "link_name": "finance-sheet",
    "service_name": "Google Sheets",
    "api_base_url": "https://sheets.example/v4",
    "api_hosts": ["sheets.example"],
}
SERVICE = {
    "id": "google-sheets",
    "name": "Google Sheets",
    "authorization_endpoint": "https://login.example/a",
    "token_endpoint": "https://login.example/t",
    "api_base_url": "https://sheets.example/v4",
    "api_hosts": ["sheets.example"],
    "registered": True,
}
FLOW = {
    "flow": "f1",
    "state": "pending",
    "link_name": "finance-sheet",
    "service": "google-sheets",
    "service_name": "Google Sheets",
    "start_url": "http://127.0.0.1:8888/connections/start/f1",
}


def sent(server, number=-1):
    seen = server.peer.seen[number]
    body = json.loads(seen.body) if seen.body else None
    path = seen.path.removeprefix("/user/alice/connections/api/v1/")
    return seen.method, path, body


def test_a_token_is_vended_with_the_bearer_of_the_handle(server, broker, bearer):
    """The question and the answer are as documented; secrets stay Secrets."""
    server.answers["POST", "connections/finance-sheet/token"] = 200, TOKEN

    token = broker.access_token("finance-sheet", require=("read",), rejected=6)

    assert (
        "POST",
        "connections/finance-sheet/token",
        {"require": ["read"], "rejected": 6},
    ) == sent(server)
    seen = server.peer.seen[0]
    assert f"Bearer {bearer}" == seen.headers["authorization"]
    assert not {"cookie", "origin"} & seen.headers.keys()
    assert token.access_token.same_as(TOKEN["access_token"])
    assert (7, ("sheets.example",)) == (token.generation, token.api_hosts)
    assert datetime(2026, 11, 25, 12, tzinfo=UTC) == token.expires_at
    assert "CNRY" not in repr(token) + repr(broker) + repr(vars(broker))


def test_a_display_name_is_one_part_of_the_path(server, broker, connection_json):
    """Whatever somebody calls a connection."""
    server.answers["GET", "connections/Finance%2F%20Sheet%3F%C3%A4"] = (
        200,
        connection_json,
    )

    connection = broker.connection("Finance/ Sheet?ä")

    assert ("finance-sheet", 3) == (connection.link_name, connection.version)


def test_status_says_that_it_is_a_server(server, broker):
    """The server says *local*, which it is, seen from there."""
    server.answers["GET", "status"] = (
        200,
        {
            "kind": "local",
            "user": "priya",
            "location": "/home/priya/connections.db",
            "key_source": "the key file",
            "redirect_base": "http://127.0.0.1:8888/connections/",
            "version": "0.1.0",
        },
    )

    status = broker.status()

    assert ("server", server.endpoint) == (status.kind, status.location)
    assert ("priya", "the key file") == (status.user, status.key_source)


def test_lists_are_asked_for_with_their_filters(server, broker, connection_json):
    """Only those that were given."""
    page = {"items": [connection_json], "next_cursor": "2", "total": 12}
    server.answers["GET", "connections"] = 200, page

    found = broker.connections("fin & co", group="my", status="needs authorization")

    assert (
        "connections?q=fin+%26+co&group=my&status=needs+authorization&limit=100"
        == sent(server)[1]
    )
    assert ("2", 12) == (found.next_cursor, found.total)
    assert isinstance(found.items[0], Connection)
    broker.connections(service="google-sheets", cursor="2", limit=5)
    assert "connections?service=google-sheets&cursor=2&limit=5" == sent(server)[1]


def test_services_are_services(server, broker):
    """Whole ones, in lists and alone."""
    server.answers["GET", "services"] = 200, {"items": [SERVICE], "total": 1}
    server.answers["GET", "services/google-sheets"] = 200, SERVICE

    page = broker.services("she", predefined=True, category="office")

    assert "services?q=she&predefined=true&category=office&limit=24" == sent(server)[1]
    assert page.items == (broker.service("google-sheets"),)
    assert page.items[0].registered


def test_categories_are_asked_for_alone(server, broker):
    """The picker's tabs, without the services."""
    server.answers["GET", "categories"] = 200, {"items": ["office", "code"]}

    assert ("office", "code") == broker.categories()


def test_a_client_secret_travels_in_the_body_alone(server, broker):
    """A secret left out is not sent, and so is kept."""
    server.answers["PUT", "services/google-sheets/registration"] = 200, SERVICE
    registration = conn_core.ClientRegistration(
        client_id="id-1", client_secret="CNRY-client-secret-e1"
    )

    assert broker.register_client("google-sheets", registration).registered
    seen = server.peer.seen[0]
    assert {"client_id": "id-1", "client_secret": "CNRY-client-secret-e1"} == sent(
        server
    )[2]
    assert "CNRY-client-secret-e1" not in f"{seen.path} {seen.headers}"

    broker.register_client("google-sheets", conn_core.ClientRegistration(client_id="2"))
    assert {"client_id": "2"} == sent(server)[2]


def test_create_sends_what_was_filled_in(server, broker, connection_json):
    """What was left out is for the server to decide."""
    server.answers["POST", "connections"] = 201, connection_json
    draft = ConnectionDraft(service="google-sheets", name="Finance Sheet")

    assert "finance-sheet" == broker.create(draft).link_name

    body = sent(server)[2]
    assert ("google-sheets", "Finance Sheet") == (body["service"], body["name"])
    assert not {"scopes", "link_name"} & body.keys()


def test_edit_names_the_version_it_read(server, broker, connection_json):
    """``If-Match``, only when there is one."""
    server.answers["PATCH", "connections/finance-sheet"] = 200, connection_json

    broker.edit("finance-sheet", ConnectionEdit(name="New"), version=3)
    broker.edit("finance-sheet", ConnectionEdit(scopes=("read",)))

    first, second = server.peer.seen
    assert '"3"' == first.headers["if-match"]
    assert {"name": "New"} == json.loads(first.body)
    assert "if-match" not in second.headers
    assert {"scopes": ["read"]} == json.loads(second.body)


@pytest.mark.parametrize("verb", ["refresh", "revoke", "enable"])
def test_changes_return_the_connection(server, broker, connection_json, verb):
    """As it is afterwards."""
    server.answers["POST", f"connections/finance-sheet/{verb}"] = 200, connection_json

    assert 3 == getattr(broker, verb)("finance-sheet").version


def test_delete_tells_what_the_provider_said(server, broker, connection_json):
    """The answer is what it was, and a notice."""
    told = connection_json | {"notice": "Google ended the authorization."}
    server.answers["DELETE", "connections/finance-sheet"] = 200, told

    assert "Google ended the authorization." == broker.delete("finance-sheet").notice
    broker.delete("finance-sheet", keep_grant=True)
    assert server.peer.seen[-1].path.endswith("/finance-sheet?keep_grant=true")


def test_cancel_returns_nothing(server, broker):
    """204 has no body."""
    server.answers["DELETE", "authorizations/f1"] = 204, None

    assert broker.cancel("f1") is None


def test_an_authorization_is_begun_and_followed(server, broker):
    """The start link is the server's."""
    server.answers["POST", "connections/finance-sheet/authorizations"] = 201, FLOW
    server.answers["GET", "authorizations/f1"] = 200, FLOW | {"state": "done"}

    begun = broker.authorize("finance-sheet")

    assert FLOW["start_url"] == begun.start_url
    assert "done" == broker.authorization(begun.flow).state


def test_test_and_events_are_read(server, broker):
    """With the server's own words."""
    server.answers["POST", "connections/finance-sheet/test"] = (
        200,
        {"link_name": "finance-sheet", "ok": True, "message": "Works", "latency_ms": 9},
    )
    event = {"at": "2026-11-25T12:00:00Z", "actor": "priya", "action": "revoke"}
    server.answers["GET", "connections/finance-sheet/events"] = 200, {"items": [event]}

    assert "Works" == broker.test("finance-sheet", timeout=3).message
    assert {"timeout": 3} == sent(server)[2]
    assert ("revoke",) == tuple(e.action for e in broker.events("finance-sheet"))
    assert "connections/finance-sheet/events?limit=20" == sent(server)[1]


@pytest.mark.parametrize("kind", errors.ERRORS_BY_CODE.values())
def test_an_error_is_raised_as_it_was_over_there(server, broker, kind):
    """The same class with the same words; nothing is tried twice."""
    error = kind("What happened", "Run %conn list", fields={"name": "is taken"})
    server.answers["GET", "connections/x"] = error.status, error.to_json()

    with pytest.raises(kind) as caught:
        broker.connection("x")

    assert type(caught.value) is kind
    assert error.to_json() == caught.value.to_json()
    assert 1 == len(server.peer.seen)


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (500, b"<html>Traceback CNRY</html>"),
        (404, b"[1]"),
        (302, b""),
        (200, b"<html>Log in</html>"),
        (200, b"{}"),
        (200, b'{"items": 5}'),
        (200, b'{"items": [{"name": "x"}]}'),
        (200, b'"text"'),
        (403, b'{"message": "Forbidden"}'),
    ],
)
def test_an_answer_that_is_not_ours_is_said_to_be_so(server, broker, status, body):
    """A proxy's error page, a log-in page, another program on that port."""
    server.answers["GET", "connections"] = lambda _: Reply(status, body)

    with pytest.raises(
        BrokerUnavailable, match=f"answered {status} and not in the"
    ) as e:
        broker.connections()

    assert "CNRY" not in str(e.value)


def test_F72_a_restarted_server_is_recognised(
    server, broker, connection_json, tmp_path
):
    """Its handle has a new bearer: read again, asked again, once."""
    server.answers["GET", "connections/x"] = 200, connection_json
    broker.connection("x")

    server.takes = "CNRY-bearer-after-restart"
    write_handle(tmp_path, endpoint=server.endpoint, bearer=Secret(server.takes))

    assert 3 == broker.connection("x").version
    assert 3 == len(server.peer.seen)


def test_a_bearer_that_is_not_taken_is_not_tried_twice(server, broker):
    """The file has no other."""
    server.takes = "CNRY-another"

    with pytest.raises(BrokerUnavailable, match="answered 403"):
        broker.connection("x")
    with pytest.raises(BrokerUnavailable, match="answered 403"):
        broker.connection("x")

    assert 2 == len(server.peer.seen)


def test_a_refusal_of_ours_is_the_answer(server, broker, connection_json):
    """403 is not always about the bearer."""
    server.answers["GET", "connections/x"] = 200, connection_json
    server.answers["POST", "connections/x/revoke"] = (
        403,
        NotAllowed("Only priya may").to_json(),
    )
    broker.connection("x")

    with pytest.raises(NotAllowed, match="Only priya may"):
        broker.revoke("x")

    assert 2 == len(server.peer.seen)


def test_no_server_is_said_at_once(new_server, tmp_path):
    """Stopped, and the handle left behind."""
    server = new_server()
    server.peer.close()
    broker = RemoteBroker(server.endpoint, runtime_dir=tmp_path)

    with pytest.raises(BrokerUnavailable) as caught:
        broker.access_token("x")

    assert "The server is not running any more. Run %conn env" == str(caught.value)


def test_no_handle_is_said(server, tmp_path):
    """Stopped, and the handle taken along."""
    broker = RemoteBroker(server.endpoint, runtime_dir=tmp_path / "elsewhere")

    with pytest.raises(BrokerUnavailable, match="has left no key for this kernel"):
        broker.status()

    assert [] == server.peer.seen


def test_P_a_handle_that_others_can_read_is_not_used(server, broker, tmp_path):
    """Nor is the server asked."""
    for file in tmp_path.glob("connections-*.json"):
        file.chmod(0o644)

    with pytest.raises(BrokerUnavailable, match="can be read by other people"):
        broker.status()

    assert [] == server.peer.seen


def test_F70_a_server_that_hangs_is_left(server, tmp_path):
    """With the time it was given, in words."""
    answered = threading.Event()
    server.answers["GET", "status"] = lambda _: answered.wait(5) and Reply()
    broker = RemoteBroker(server.endpoint, runtime_dir=tmp_path, timeout=0.2)

    with pytest.raises(BrokerUnavailable, match=r"did not answer within 0\.2 seconds"):
        broker.status()
    answered.set()


def test_F70_a_server_that_hangs_on_a_kept_connection_is_left(
    server, tmp_path, connection_json
):
    """A hanging server is not asked the same again."""
    answered = threading.Event()
    broker = RemoteBroker(server.endpoint, runtime_dir=tmp_path, timeout=0.2)
    server.answers["GET", "connections/x"] = 200, connection_json
    broker.connection("x")
    server.answers["GET", "connections/x"] = lambda _: answered.wait(5) and Reply()

    with pytest.raises(BrokerUnavailable, match=r"did not answer within 0\.2 seconds"):
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
    behind = RemoteBroker(endpoint, bearer=lambda: token, timeout=5)
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
            RemoteBroker(address, bearer=lambda: token, timeout=5).status()
        listener.shutdown(socket.SHUT_RDWR)
        thread.join(10)

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


def test_K13_debugging_the_standard_library_shows_no_bearer(
    server, broker, connection_json, monkeypatch, capsys
):
    """``debuglevel`` on the class prints what is sent."""
    import http.client

    monkeypatch.setattr(http.client.HTTPConnection, "debuglevel", 1)
    server.answers["GET", "connections/x"] = 200, connection_json

    broker.connection("x")

    assert "CNRY" not in "".join(capsys.readouterr())


def test_K10_a_broker_with_a_bearer_is_not_pickled(server, broker, connection_json):
    """It opens where it is needed."""
    import pickle

    server.answers["GET", "connections/x"] = 200, connection_json
    broker.connection("x")

    with pytest.raises(TypeError):
        pickle.dumps(broker)


def test_a_revocation_reaches_the_client(server, broker):
    """The words of the other kernel's revocation, in this one."""
    from conn_core.http import connected_client

    server.answers["POST", "connections/finance-sheet/token"] = 200, TOKEN
    with connected_client(broker, "finance-sheet") as client:
        client._source._held = None
        error = ConnectionRevoked("Connection 'finance-sheet' was revoked by priya")
        server.answers["POST", "connections/finance-sheet/token"] = 423, error.to_json()

        with pytest.raises(ConnectionRevoked, match="was revoked by priya"):
            client.get("/values")


def test_the_vend_path_imports_no_heavy_library():
    """A kernel that vends a token pays for neither validation nor HTTP library."""
    code = (
        "import sys\n"
        "from conn_core.broker import RemoteBroker, resolve\n"
        "from conn_core import AccessToken\n"
        "heavy = {'pydantic', 'httpx', 'sqlalchemy', 'authlib', 'cryptography', 'rich'}\n"
        "assert not heavy & sys.modules.keys(), heavy & sys.modules.keys()\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)


def sign(broker, **changes):
    usual = {
        "method": "POST",
        "url": "https://api.desk.example/1/notes?a=b",
        "headers": {"Content-Type": "application/x-www-form-urlencoded; charset=x"},
        "body": b"text=a+b",
    }
    return broker.sign("finance-sheet", **usual | changes)


def test_what_is_signed_of_a_request_travels(server, broker):
    """Method, address, and the form; headers come back."""
    headers = {"Authorization": "OAuth CNRY-signature"}
    path = "connections/finance-sheet/sign"
    server.answers["POST", path] = 200, {"headers": headers}

    assert headers == sign(broker)

    expected = {
        "method": "POST",
        "url": "https://api.desk.example/1/notes?a=b",
        "content_type": "application/x-www-form-urlencoded",
        "form": "text=a+b",
    }
    assert ("POST", path, expected) == sent(server)


@pytest.mark.parametrize("body", [b'{"CNRY": 1}', None])
def test_what_is_not_signed_stays_here(server, broker, body):
    """Other headers, and every body that is no form."""
    path = "connections/finance-sheet/sign"
    server.answers["POST", path] = 200, {"headers": {}}

    sign(broker, headers={"Cookie": "CNRY-c", "Content-Type": "text/x"}, body=body)

    assert "CNRY" not in str(sent(server))
    assert ("text/x", "") == (sent(server)[2]["content_type"], sent(server)[2]["form"])


@pytest.mark.parametrize("body", [None, b"a" * (1024 * 1024 + 1), b"\xff"])
def test_a_form_that_cannot_be_signed_asks_nobody(server, broker, body):
    """A stream, too large a one, one that is not encoded."""
    with pytest.raises(errors.InvalidInput, match="signs its requests"):
        sign(broker, body=body)

    assert [] == server.peer.seen


@pytest.mark.parametrize("answer", [{}, {"headers": None}, {"headers": []}])
def test_an_answer_without_a_signature_is_an_error(server, broker, answer):
    """Not a request without one."""
    server.answers["POST", "connections/finance-sheet/sign"] = 200, answer

    with pytest.raises(BrokerUnavailable):
        sign(broker)
