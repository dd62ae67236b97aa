"""The types against a certified authorization server: every grant, every proof."""

import re
import time
from urllib.parse import parse_qsl, urlsplit

import pytest
from certified import _Browser
from joserfc.jwk import ECKey

from conn_core import Secret
from conn_core._services import Service
from conn_core.auth import (
    Attempt,
    Client,
    GrantEnded,
    Polling,
    TokenSet,
    auth_type,
    discover,
    drive,
    poll_request,
    register_client,
)
from conn_core.http import ProviderClient

pytestmark = pytest.mark.peer

OAUTH2 = auth_type("oauth2")
CALLBACK = "http://127.0.0.1:8888/connections/callback/certified"
KEY = ECKey.generate_key("P-256", {"kid": "desk", "use": "sig", "alg": "ES256"})
DEVICE_GRANT = "urn:ietf:params:oauth:grant-type:device_code"


@pytest.fixture
def way_out():
    """Drives a type over a real wire."""
    client = ProviderClient(allow_loopback=True, timeout=60)

    def send(request):
        headers = dict(request.headers)
        if request.content:
            headers["Content-Type"] = request.content_type
        return client.send(
            request.method, request.address, headers=headers, content=request.content
        )

    def go(steps):
        return drive(steps, send, clock=time.time)

    go.send = send
    return go


@pytest.fixture
def peer(start_certified_server, canary, way_out):
    """A server with a client that proves itself in one of three ways."""

    def start(method, **changes):
        secret = canary("client-secret")
        registered = {
            "client_id": "desk-client",
            "client_secret": secret,
            "application_type": "native",
            "grant_types": [
                "authorization_code",
                "refresh_token",
                "client_credentials",
                DEVICE_GRANT,
            ],
            "redirect_uris": [CALLBACK],
            "token_endpoint_auth_method": method,
        }
        if method == "private_key_jwt":
            del registered["client_secret"]
            registered["jwks"] = {"keys": [KEY.as_dict(private=False)]}
            secret = KEY.as_pem(private=True).decode()
        server = start_certified_server(clients=[registered], registration=True)
        found = way_out(discover(server.issuer))
        assert () == found.foreign_hosts
        service = Service.model_validate(
            {
                "id": "certified",
                "name": "Certified",
                "issuer": found.issuer,
                "token_endpoint_auth_method": method,
                "iss_parameter_supported": found.iss_parameter_supported,
                "pkce": found.pkce,
                "api_base_url": f"{server.issuer}/api",
                "api_hosts": [urlsplit(server.issuer).netloc],
                "authorization_parameters": {"prompt": "consent"},
                **found.endpoints,
                **changes,
            }
        )
        return (
            server,
            service,
            Client(client_id="desk-client", client_secret=Secret(secret)),
        )

    return start


METHODS = ["client_secret_basic", "client_secret_post", "private_key_jwt"]


def attempt(**changes):
    usual = {
        "scopes": ("openid", "offline_access", "items.read"),
        "now": time.time(),
        "redirect_uri": CALLBACK,
        "state": "the-state",
        "verifier": Secret("CNRY-" + "v" * 43),
    }
    return Attempt(**usual | changes)


@pytest.mark.parametrize("method", METHODS)
def test_code_and_pkce_with_a_pushed_request_rotation_and_revocation(
    method, peer, way_out
):
    """The whole life of a grant, by each proof of the client."""
    server, service, client = peer(method)
    assert service.pushed_authorization_request_endpoint is not None
    consent = way_out(OAUTH2.begin(service, client, attempt()))
    assert {"client_id", "request_uri"} == dict(
        parse_qsl(urlsplit(consent.url).query)
    ).keys()
    answer = dict(parse_qsl(urlsplit(server.consent(consent.url)).query))
    assert ("the-state", "") == (
        OAUTH2.returned(service, answer).state,
        OAUTH2.returned(service, answer).error,
    )
    assert server.issuer == answer["iss"]
    first = way_out(OAUTH2.finish(service, client, attempt(), answer))
    second = way_out(OAUTH2.renew(service, client, first, now=time.time()))
    assert first.refresh_token != second.refresh_token
    assert first.identity == second.identity is not None
    assert way_out(OAUTH2.revoke(service, client, second, now=time.time())) is True
    with pytest.raises(GrantEnded, match="invalid_grant"):
        way_out(OAUTH2.renew(service, client, second, now=time.time()))


@pytest.mark.parametrize("method", METHODS)
def test_a_client_acts_for_itself(method, peer, way_out):
    """Client credentials, by each proof."""
    _, service, client = peer(method, grant_type="client_credentials")
    tokens = way_out(OAUTH2.begin(service, client, attempt(scopes=("items.read",))))
    assert (600.0, ("items.read",)) == (tokens.expires_in, tokens.scopes)
    again = way_out(OAUTH2.renew(service, client, tokens, now=time.time()))
    assert tokens.access_token != again.access_token


def test_a_wrong_description_of_the_proof_is_mended(peer, way_out):
    """The server takes Basic only, the service says the body."""
    _, service, client = peer("client_secret_basic", grant_type="client_credentials")
    wrong = service.model_copy(
        update={"token_endpoint_auth_method": "client_secret_post"}
    )
    tokens = way_out(OAUTH2.begin(wrong, client, attempt(scopes=())))
    assert tokens.access_token


def type_the_code(code):
    """Do what a person does on the other device."""
    browser = _Browser()

    def page_of(url, body=None):
        with browser._opener.open(url, body, timeout=60) as answer:
            return answer.read().decode()

    page = page_of(code.complete_uri)
    xsrf = re.search(r'name="xsrf" value="([^"]+)"', page)[1]
    form = {"xsrf": xsrf, "user_code": code.user_code, "confirm": "yes"}
    url = browser.open(code.verification_uri, **form)
    url = browser.open(url, login="ada", answer="ok")
    return browser.open(url, answer="ok")


def test_a_code_is_typed_on_another_device(peer, way_out):
    """Pending until it is typed, a token afterwards, and that can be renewed."""
    _, service, client = peer("client_secret_basic", grant_type="device_code")
    code = way_out(OAUTH2.begin(service, client, attempt()))
    assert code.is_of_provider

    def ask(state):
        now = state.next_at
        request = poll_request(service, client, device_code=code.device_code, now=now)
        return state.answered(service, request, way_out.send(request), now=now)

    waiting = ask(Polling.of(code, now=time.time()))
    assert isinstance(waiting, Polling)
    type_the_code(code)
    tokens = ask(waiting)
    assert isinstance(tokens, TokenSet)
    renewed = way_out(OAUTH2.renew(service, client, tokens, now=time.time()))
    assert renewed.access_token != tokens.access_token


def test_a_client_registers_itself_and_is_known(peer, way_out):
    """RFC 7591, then a consent page with the new client."""
    server, service, _ = peer("client_secret_basic")
    steps = register_client(
        service,
        name="Jupyter",
        redirect_uris=["https://hub.example/callback/certified"],
    )
    made = way_out(steps)
    assert "client_secret_basic" == made.token_endpoint_auth_method
    returning = attempt(redirect_uri="https://hub.example/callback/certified")
    consent = way_out(OAUTH2.begin(service, made.client, returning))
    answer = dict(parse_qsl(urlsplit(server.consent(consent.url)).query))
    tokens = way_out(OAUTH2.finish(service, made.client, returning, answer))
    assert tokens.refresh_token is not None
