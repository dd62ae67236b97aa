"""The broker that asks a server over REST."""

import json
import subprocess
import sys
from datetime import UTC, datetime

import pytest
from rest_answers import TOKEN
from scripted_peer import Reply

import conn_core
from conn_core import Connection, ConnectionDraft, ConnectionEdit, Secret, errors
from conn_core.broker import RemoteBroker, write_handle
from conn_core.errors import BrokerUnavailable, ConnectionRevoked, NotAllowed

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


def test_a_token_is_vended_with_the_bearer_of_the_handle(server, broker, bearer):
    """The question and the answer are as documented; secrets stay Secrets."""
    server.answers["POST", "connections/finance-sheet/token"] = 200, TOKEN

    token = broker.access_token("finance-sheet", require=("read",), rejected=6)

    assert (
        "POST",
        "connections/finance-sheet/token",
        {"require": ["read"], "rejected": 6},
    ) == server.sent()
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
        == server.sent()[1]
    )
    assert ("2", 12) == (found.next_cursor, found.total)
    assert isinstance(found.items[0], Connection)
    broker.connections(service="google-sheets", cursor="2", limit=5)
    assert "connections?service=google-sheets&cursor=2&limit=5" == server.sent()[1]


def test_services_are_services(server, broker):
    """Whole ones, in lists and alone."""
    server.answers["GET", "services"] = 200, {"items": [SERVICE], "total": 1}
    server.answers["GET", "services/google-sheets"] = 200, SERVICE

    page = broker.services("she", predefined=True, category="office")

    assert "services?q=she&predefined=true&category=office&limit=24" == server.sent()[1]
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
    body = {"client_id": "id-1", "client_secret": "CNRY-client-secret-e1"}
    assert body == server.sent()[2]
    assert "CNRY-client-secret-e1" not in f"{seen.path} {seen.headers}"

    broker.register_client("google-sheets", conn_core.ClientRegistration(client_id="2"))
    assert {"client_id": "2"} == server.sent()[2]


def test_create_sends_what_was_filled_in(server, broker, connection_json):
    """What was left out is for the server to decide."""
    server.answers["POST", "connections"] = 201, connection_json
    draft = ConnectionDraft(service="google-sheets", name="Finance Sheet")

    assert "finance-sheet" == broker.create(draft).link_name

    body = server.sent()[2]
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
    assert {"timeout": 3} == server.sent()[2]
    assert ("revoke",) == tuple(e.action for e in broker.events("finance-sheet"))
    assert "connections/finance-sheet/events?limit=20" == server.sent()[1]


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
