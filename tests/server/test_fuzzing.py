"""REST is sent what nobody thought of: no 500, and only what the document says."""

import json
import urllib.error
import urllib.request

import hypothesis
import pytest
import schemathesis
from hypothesis.strategies import booleans
from schemathesis import GenerationMode, checks

from conn_serverext.openapi import document
from conn_serverext.openapi._operations import OPERATIONS

pytestmark = pytest.mark.timeout(240)

#: A door that nobody listens at: no answer, at once.
_NOBODY = "http://127.0.0.1:9"
_SERVICE = {
    "id": "fuzzed",
    "name": "Fuzzed",
    "authorization_endpoint": f"{_NOBODY}/authorize",
    "token_endpoint": f"{_NOBODY}/token",
    "revocation_endpoint": f"{_NOBODY}/revoke",
    "scopes": [{"name": "read"}],
    "api_base_url": f"{_NOBODY}/v1",
    "test_path": "/me",
}
_CHECKS = [
    checks.not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_schema_conformance,
    checks.response_headers_conformance,
]
_FEW = hypothesis.settings(
    max_examples=12, suppress_health_check=list(hypothesis.HealthCheck)
)


#: What each address that is sent something accepts; one member at a time is spoiled.
_ACCEPTED = {
    "AuthorizationDraft": {"flow": "paste"},
    "CheckDraft": {"needs": [{"name": "fuzzed"}]},
    "ClientRegistration": {"client_id": "fuzz"},
    "ConnectionDraft": {"service": "fuzzed"},
    "PastedAddress": {"address": "http://127.0.0.1/connections/callback/fuzzed?a=b"},
    "ServiceDraft": _SERVICE | {"id": "spoiled"},
    "SigningQuestion": {"method": "GET", "url": f"{_NOBODY}/v1/me"},
}
_ODD = (
    "a\0b",
    "\ud800",
    "\u202e\u2066",
    "x" * 20_000,
    "😀" * 300,
    "../../etc/passwd",
    "{name} {",
    "%00%ff",
    -1,
    10**400,
    1e308,
    None,
    True,
    [],
    {},
    ["a\0b"],
    {"a\0b": "\udfff"},
    [[[[[[[[[[[[]]]]]]]]]]]],
)
_JSON = {"Content-Type": "application/json"}
_ODD_BODIES = (
    (b"", _JSON),
    (b"null", _JSON),
    (b"[]", _JSON),
    (b'"text"', _JSON),
    (b"[" * 50_000, _JSON),
    (b'{"a":' * 10_000, _JSON),
    (b'{"a": ' + b"9" * 10_000 + b"}", _JSON),
    (b'{"a": 1, "a": 2}', _JSON),
    (b'{"a": Infinity}', _JSON),
    (b"\xff\xfe{}", _JSON),
    (b"\0", _JSON),
    (b"{}", {"Content-Type": "text/plain"}),
    (b"{}", {"Content-Type": "application/json\xff"}),
    (b"a=b", {"Content-Type": "application/x-www-form-urlencoded"}),
    (b"--x\r\n\r\n", {"Content-Type": "multipart/form-data; boundary=x"}),
    (b"\x1f\x8b\x08", _JSON | {"Content-Encoding": "gzip"}),
)


class Server:
    """A server that runs, its bearer, and what is there."""

    def __init__(self, handle):
        self.root = handle["endpoint"].removesuffix("/")
        self.headers = {"Authorization": f"Bearer {handle['bearer']}"}
        self.there = {}

    def ask(self, method, path, body):
        status, answer = self.send(method, path, json.dumps(body).encode(), _JSON)
        assert status < 300, answer
        return answer

    def send(self, method, path, content, headers):
        request = urllib.request.Request(
            f"{self.root}/api/v1/{path}",
            content,
            headers=self.headers | headers,
            method=method,
        )
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as error:
            with error:
                return error.code, json.load(error)


@pytest.fixture(scope="module")
def server(start_server, environment):
    """A server in a process of its own, with something of each kind."""
    environment["JUPYTER_CONNECTIONS_ALLOW_LOOPBACK"] = "1"
    _, handle = start_server("--ServerApp.port=0")
    server = Server(handle)
    server.ask("POST", "services", _SERVICE)
    registration = {"client_id": "fuzz", "client_secret": "CNRY-fuzz-secret-77aa"}
    server.ask("PUT", "services/fuzzed/registration", registration)
    server.ask("POST", "connections", {"service": "fuzzed", "name": "fuzzed"})
    # It cannot be deleted, however often that is tried.
    internal = server.ask("PUT", "internal-connections/fuzzed", {})
    begun = server.ask("POST", "connections/fuzzed/authorizations", {})
    secret = {"api_key": "CNRY-fuzz-api-key-31bc"}
    server.ask("POST", "connections", {"service": "anthropic", "secret": secret})
    drafted = {"name": "Fuzz", "connections": ["anthropic"]}
    granted = server.ask("POST", "grants", drafted)
    server.there = {
        "service_id": "fuzzed",
        "name": internal["link_name"],
        "flow": begun["flow"],
        "grant_id": granted["grant"]["id"],
        "path": "me",
    }
    return server


@pytest.fixture(scope="module")
def described():
    """The document, as schemathesis reads it."""
    return schemathesis.openapi.from_dict(document("/connections"))


def _addressed(operation):
    method, _, path = operation.partition(" ")
    return method, path


@pytest.mark.parametrize("mode", GenerationMode)
@pytest.mark.parametrize("operation", sorted(OPERATIONS))
def test_O1_whatever_is_sent_is_answered_as_described(
    server, described, operation, mode
):
    """Neither what the document allows nor what it does not leads to a 500."""
    method, path = _addressed(operation)
    cases = described[f"/api/v1/{path}"][method].as_strategy(generation_mode=mode)

    @hypothesis.settings(_FEW)
    @hypothesis.given(case=cases, exists=booleans())
    def send(case, exists):
        if exists and case.path_parameters:
            case.path_parameters = {
                name: server.there[name] for name in case.path_parameters
            }
        case.call_and_validate(
            base_url=server.root, headers=server.headers, checks=_CHECKS, timeout=60
        )

    send()


def _with_bodies():
    return sorted(name for name, found in OPERATIONS.items() if found.takes)


@pytest.mark.parametrize("operation", _with_bodies())
def test_O1_no_member_breaks_the_server(server, operation):
    """Control and half characters, huge numbers, wrong types: each member in turn."""
    method, path = _addressed(operation)
    path, takes = path.format(**server.there), OPERATIONS[operation].takes
    members = document("")["components"]["schemas"][takes].get("properties", {})
    problems = []
    for name in (*members, "unknown\0"):
        for odd in _ODD:
            body = _ACCEPTED.get(takes, {}) | {name: odd}
            content = json.dumps(body).encode()
            status, answer = server.send(method, path, content, _JSON)
            if not _is_fine(status, answer):
                problems.append((name, str(odd)[:40], status, answer))
    assert [] == problems


@pytest.mark.parametrize("operation", _with_bodies())
def test_O1_no_body_breaks_the_server(server, operation):
    """Whatever is no object is refused, whatever it says it is."""
    method, path = _addressed(operation)
    path = path.format(**server.there)
    for content, headers in _ODD_BODIES[1:]:
        status, answer = server.send(method, path, content, headers)
        assert status in {400, 403, 413, 415}, (content[:40], answer)
        assert {"code", "message", "hint"} == answer.keys()
    assert _is_fine(*server.send(method, path, *_ODD_BODIES[0]))


def _is_fine(status, answer):
    """A refusal of ours, or done; a service that does not answer is a 503 too."""
    if status == 503:
        return answer["code"] == "provider_unavailable"
    return status < 500
