"""The same engine against a server of another make: what it does differently is data.

Glewlwyd answers errors without a body, its issuer has a path and its addresses two
slashes in a row, its access tokens are JWT, and it takes Basic credentials as they are.
"""

import json
import urllib.parse

import pytest
from joserfc import jwt
from joserfc.jwk import OctKey

from conn_core import auth
from conn_core.errors import AuthorizationEnded, ProviderError
from conn_core.http import connected_client

pytestmark = pytest.mark.peer

USUAL = """
[service.habits.request]
basic = "plain"
"""
#: Its word for a spent refresh token is a status without a body.
SILENT = USUAL + '[service.habits.answer]\nended = ["HTTP 400"]\n'


def claims_of(token, server):
    """Read a JWT as an API does: by the server's key."""
    key = OctKey.import_key(server.key)
    return jwt.decode(token.access_token.reveal(), key, algorithms=["HS256"]).claims


@pytest.fixture
def known(other_server, desk, canary):
    """Opens us with a service that is what the server says of itself, and ``changes``."""

    def open_(*, habits=USUAL, **changes):
        desk.opened("service = []\n")
        found = desk.core.drive(auth.discover(other_server.issuer))
        record = {
            "id": "other",
            "name": "Other",
            "issuer": found.issuer,
            "token_endpoint_auth_method": found.token_endpoint_auth_method,
            "iss_parameter_supported": found.iss_parameter_supported,
            "pkce": found.pkce,
            "default_scopes": list(found.scopes),
            "api_base_url": other_server.issuer,
            "api_hosts": [urllib.parse.urlsplit(other_server.issuer).netloc],
            "test_path": "/userinfo",
            "account_field": "sub",
            **found.endpoints,
            **changes,
        }
        lines = [f"{name} = {json.dumps(value)}" for name, value in record.items()]
        desk.opened("\n".join(["[[service]]", *lines, habits]))
        desk.registered(
            "other",
            client_id=other_server.client_id,
            client_secret=other_server.client_secret,
        )
        return desk.created("other")

    yield open_
    canary.sweep([desk.settings.data_dir])


def test_it_says_what_it_is(other_server, desk):
    """OpenID Discovery below a path, where RFC 8414 has nothing to read."""
    desk.opened("service = []\n")
    found = desk.core.drive(auth.discover(other_server.issuer))

    assert f"{other_server.address}/api/oidc" == found.issuer
    assert {
        "authorization_endpoint",
        "token_endpoint",
        "revocation_endpoint",
    } == found.endpoints.keys()
    assert (
        f"{other_server.address}//api/oidc/token" == found.endpoints["token_endpoint"]
    )
    assert ("openid", "items.read") == found.scopes
    assert "client_secret_basic" == found.token_endpoint_auth_method
    assert () == found.foreign_hosts


@pytest.mark.parametrize("method", ["client_secret_basic", "client_secret_post"])
def test_code_refresh_and_the_end(other_server, known, desk, clock, method):
    """Consent, a call, a rotated refresh after expiry, and an end at the provider."""
    broker = known(token_endpoint_auth_method=method)
    done = desk.authorized("other", other_server)
    assert done.account
    assert set(done.granted_scopes) == {"openid", "items.read"}
    first = broker.access_token("coffee")
    assert other_server.issuer == claims_of(first, other_server)["iss"]
    with connected_client(broker, "coffee") as client:
        who = client.get("/userinfo").raise_for_status().json()
    assert done.account == who["sub"] == claims_of(first, other_server)["sub"]

    clock.advance(3600)
    second = broker.access_token("coffee")
    clock.advance(3600)
    third = broker.access_token("coffee")
    assert [1, 2, 3] == [t.generation for t in (first, second, third)]
    assert 3 == len({t.access_token.reveal() for t in (first, second, third)})
    assert broker.test("coffee").ok

    kept = desk.refresh_token()
    assert other_server.is_active(kept)
    broker.delete("coffee")
    assert not other_server.is_active(kept)
    assert 0 == broker.connections().total


@pytest.mark.parametrize("method", ["client_secret_basic", "client_secret_post"])
def test_a_client_acts_for_itself(other_server, known, clock, method):
    """Client credentials, and a new token when the first is at its end."""
    broker = known(
        grant_type="client_credentials",
        default_scopes=["items.read"],
        token_endpoint_auth_method=method,
    )
    done = broker.authorize("coffee")
    assert ("done", "none") == (done.state, done.way), done.error
    first = broker.access_token("coffee")
    assert ("items.read",) == first.scopes
    assert other_server.client_id == claims_of(first, other_server)["client_id"]

    clock.advance(3600)
    second = broker.access_token("coffee")

    assert 2 == second.generation
    assert (
        claims_of(first, other_server)["jti"] != claims_of(second, other_server)["jti"]
    )


def test_an_error_without_a_body_is_said_in_words(known, desk, other_server, canary):
    """403 and nothing else: the status is named, and what to look at."""
    broker = known(grant_type="client_credentials", default_scopes=["items.read"])
    wrong = canary("wrong-secret")
    desk.registered("other", client_id=other_server.client_id, client_secret=wrong)

    done = broker.authorize("coffee")

    assert ("failed", None) == (done.state, done.account)
    assert (
        "Other refused the request (HTTP 403). Check the client id and secret"
        == done.error
    )
    assert "needs authorization" == broker.connection("coffee").status


@pytest.fixture
def ended(known, desk, other_server, clock):
    """A connection whose grant somebody ended at the provider, after its last token."""

    def end(habits):
        broker = known(habits=habits)
        desk.authorized("other", other_server)
        token = desk.refresh_token()
        assert other_server.is_active(token)
        assert 200 == other_server.post("revoke", token=token).status
        assert not other_server.is_active(token)
        clock.advance(3600)
        return broker

    return end


def test_a_grant_that_ended_in_silence_is_kept_and_the_error_says_why(ended):
    """400 and nothing else may mean anything: nothing is thrown away."""
    broker = ended(USUAL)

    with pytest.raises(ProviderError, match=r"Other refused the request \(HTTP 400\)"):
        broker.access_token("coffee")

    assert "connected" == broker.connection("coffee").status
    assert ("refresh", "failed") == (
        broker.events("coffee")[0].action,
        broker.events("coffee")[0].result,
    )


def test_a_service_can_say_what_the_silence_of_its_server_means(ended):
    """One line of data, and people are told to authorize again."""
    broker = ended(SILENT)

    with pytest.raises(AuthorizationEnded, match="no longer accepts") as caught:
        broker.access_token("coffee")

    assert "Run %conn authorize coffee" == caught.value.hint
    assert "failed" == broker.connection("coffee").status
