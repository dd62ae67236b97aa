"""What else the remote broker asks for: services of one's own, jobs, places."""

import json
from datetime import UTC, datetime

import pytest

from conn_core import (
    ClientRegistration,
    Need,
    ServiceDraft,
    read_draft,
)
from conn_core.broker import RemoteBroker

MEMBERS = {
    "name": "Acme CRM",
    "authorization_endpoint": "https://login.acme.example/authorize",
    "token_endpoint": "https://login.acme.example/token",
    "api_base_url": "https://api.acme.example/v2",
}


@pytest.fixture
def service_json():
    """A service as REST shows it."""
    draft = read_draft(ServiceDraft, MEMBERS)
    shown = draft.described(owner="sam").model_dump(mode="json")
    return shown | {"version": 4}


def sent(server):
    """Return the last request's line and its JSON."""
    seen = server.peer.seen[-1]
    path = seen.path.partition("api/v1/")[2]
    return f"{seen.method} {path}", json.loads(seen.body) if seen.body else None


def test_a_description_travels_with_its_secret_in_the_body(
    server, broker, service_json
):
    """Only what was filled in is sent; the secret is put in by hand."""
    server.answers["POST", "services"] = 201, service_json
    draft = read_draft(
        ServiceDraft, MEMBERS | {"client_id": "c", "client_secret": "CNRY-remote-1"}
    )
    assert broker.create_service(draft).version == 4
    line, body = sent(server)
    assert line == "POST services"
    assert body == MEMBERS | {
        "id": "acme-crm",
        "api_hosts": ["api.acme.example"],
        "client_id": "c",
        "client_secret": "CNRY-remote-1",
    }


def test_an_edit_names_the_version_and_what_may_end(server, broker, service_json):
    """Both are said outside of the description."""
    server.answers["PATCH", "services/acme-crm"] = 200, service_json
    draft = read_draft(ServiceDraft, MEMBERS)
    broker.edit_service("acme-crm", draft, version=3, wipe_credentials=True)
    assert sent(server)[0] == "PATCH services/acme-crm?wipe_credentials=true"
    assert server.peer.seen[-1].headers["if-match"] == '"3"'
    assert "client_secret" not in sent(server)[1]
    broker.edit_service("acme-crm", draft)
    assert sent(server)[0] == "PATCH services/acme-crm"
    assert "if-match" not in server.peer.seen[-1].headers


def test_a_service_is_deleted(server, broker):
    """There is nothing to tell."""
    server.answers["DELETE", "services/acme-crm"] = 204, None
    assert broker.delete_service("acme-crm") is None


@pytest.mark.parametrize("source", ["issuer", "openapi", "toml"])
def test_one_source_is_asked_about(server, broker, source):
    """What was learned comes back as it is."""
    learned = {"service": {"issuer": "https://a.example"}, "notes": ["One."]}
    server.answers["POST", "services/proposals"] = 200, learned
    found = broker.propose_service(**{source: "text"})
    assert (found.service, found.notes) == (learned["service"], ("One.",))
    assert sent(server) == ("POST services/proposals", {source: "text"})


def test_registrations_are_made_and_typed(server, broker, service_json):
    """One is asked for, the other is brought."""
    server.answers["POST", "services/acme-crm/registration"] = 200, service_json
    server.answers["PUT", "services/acme-crm/registration"] = 200, service_json
    broker.register_automatically("acme-crm")
    assert sent(server) == ("POST services/acme-crm/registration", {})
    registration = ClientRegistration(client_id="c")
    broker.register_client("acme-crm", registration)
    assert sent(server)[1] == {"client_id": "c"}


def test_an_internal_connection_is_asked_for(server, broker, connection_json):
    """By its service."""
    server.answers["PUT", "internal-connections/slack"] = 200, connection_json
    broker.internal_connection("slack", scopes=("chat:write",), parameters={"a": "b"})
    assert sent(server)[1] == {"scopes": ["chat:write"], "parameters": {"a": "b"}}


def test_a_revocation_at_the_provider_is_said(server, broker, connection_json):
    """Nothing is said where it is only suspended."""
    server.answers["POST", "connections/finance-sheet/revoke"] = 200, connection_json
    broker.revoke("finance-sheet")
    assert sent(server)[1] == {}
    broker.revoke("finance-sheet", at_provider=True)
    assert sent(server)[1] == {"at_provider": True}


def test_uses_and_checks_are_lists(server, broker):
    """Moments are moments again."""
    use = {"place": "a.ipynb", "person": "sam", "last_at": "2026-11-25T10:00:00Z"}
    server.answers["GET", "connections/crm/uses"] = 200, {"items": [use]}
    (found,) = broker.uses("crm")
    assert found.last_at == datetime(2026, 11, 25, 10, tzinfo=UTC)

    ready = {"name": "crm", "ready": True, "until": "2026-12-01T00:00:00Z"}
    server.answers["POST", "check"] = 200, {"items": [ready]}
    until = datetime(2026, 11, 30, tzinfo=UTC)
    (found,) = broker.check([Need(name="crm", scopes=("a",))], until=until)
    assert found.ready
    assert sent(server)[1] == {
        "needs": [{"name": "crm", "scopes": ["a"], "task": ""}],
        "until": "2026-11-30T00:00:00Z",
    }


def test_the_place_is_told_in_plain_characters(server, tmp_path, connection_json):
    """A notebook may be called anything; the end of a long path says most."""
    server.answers["GET", "connections/crm"] = 200, connection_json
    broker = RemoteBroker(
        server.endpoint, runtime_dir=tmp_path, place=f"{'x/' * 200}größe\n.ipynb"
    )
    broker.connection("crm")
    told = server.peer.seen[-1].headers["x-connections-place"]
    assert told.endswith("/gr%C3%B6%C3%9Fe%0A.ipynb")
    assert told.isascii()
    broker.close()


def test_no_place_is_told_where_there_is_none(server, broker, connection_json):
    """A script is no notebook."""
    server.answers["GET", "connections/crm"] = 200, connection_json
    broker.connection("crm")
    assert "x-connections-place" not in server.peer.seen[-1].headers
