"""REST is sent what nobody thought of: no 500, and only what the document says."""

import json
import urllib.request

import hypothesis
import pytest
import schemathesis
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
#: The same ones each time: what is found today is found tomorrow.
_FEW = hypothesis.settings(
    max_examples=12,
    deadline=None,
    database=None,
    derandomize=True,
    suppress_health_check=list(hypothesis.HealthCheck),
)


class Server:
    """A server that runs, and its bearer."""

    def __init__(self, endpoint, bearer):
        self.root = endpoint.removesuffix("/")
        self.headers = {"Authorization": f"Bearer {bearer}"}

    def ask(self, method, path, body):
        request = urllib.request.Request(
            f"{self.root}/api/v1/{path}",
            json.dumps(body).encode(),
            headers=self.headers | {"Content-Type": "application/json"},
            method=method,
        )
        with urllib.request.urlopen(request, timeout=20) as answer:
            return json.load(answer)


@pytest.fixture(scope="module")
def server(start_server, environment):
    """A server in a process of its own, with something of each kind."""
    environment["JUPYTER_CONNECTIONS_ALLOW_LOOPBACK"] = "1"
    _, handle = start_server("--ServerApp.port=0")
    server = Server(handle["endpoint"], handle["bearer"])
    server.ask("POST", "services", _SERVICE)
    registration = {"client_id": "fuzz", "client_secret": "CNRY-fuzz-secret-77aa"}
    server.ask("PUT", "services/fuzzed/registration", registration)
    server.ask("POST", "connections", {"service": "fuzzed", "name": "fuzzed"})
    server.ask("PUT", "internal-connections/fuzzed", {})
    return server


@pytest.fixture(scope="module")
def described():
    """The document, as schemathesis reads it."""
    return schemathesis.openapi.from_dict(document("/connections"))


@pytest.mark.parametrize("mode", GenerationMode)
@pytest.mark.parametrize("operation", sorted(OPERATIONS))
def test_O1_whatever_is_sent_is_answered_as_described(
    server, described, operation, mode
):
    """Neither what the document allows nor what it does not leads to a 500."""
    method, _, path = operation.partition(" ")
    cases = described[f"/api/v1/{path}"][method].as_strategy(generation_mode=mode)

    @hypothesis.settings(_FEW)
    @hypothesis.given(case=cases)
    def send(case):
        case.call_and_validate(
            base_url=server.root, headers=server.headers, checks=_CHECKS, timeout=20
        )

    send()
