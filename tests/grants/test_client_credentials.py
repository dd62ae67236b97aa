"""A client that acts for itself, at a certified server, by each proof of who it is."""

import pytest
from joserfc.jwk import ECKey

from conn_core.http import connected_client

pytestmark = pytest.mark.peer


@pytest.fixture
def started(bar, desk):
    """Starts a server whose client proves itself in one way: ``started("…")``."""

    def start(method):
        client = {
            "grant_types": ["client_credentials"],
            "redirect_uris": [],
            "response_types": [],
            "token_endpoint_auth_method": method,
        }
        secret = None
        if method == "private_key_jwt":
            # Once per run: the canary need not look for it, it never leaves the vault.
            key = ECKey.generate_key("P-256", {"kid": "desk", "alg": "ES256"})
            public = key.as_dict(private=False)
            client |= {"client_secret": None, "jwks": {"keys": [public]}}
            secret = key.as_pem(private=True).decode()
        server = bar(client=client, secret=secret)
        desk.opened(
            server.service_toml(
                grant_type="client_credentials",
                token_endpoint_auth_method=method,
                default_scopes=["items.read"],
            )
        )
        return server

    return start


METHODS = ["client_secret_basic", "client_secret_post", "private_key_jwt"]


@pytest.mark.parametrize("method", METHODS)
def test_nobody_has_to_consent(method, started, desk, clock):
    """One step to a connection; at its end a new token is asked for like the first."""
    server = started(method)
    broker = desk.created("certified")
    done = broker.authorize("coffee")
    assert ("done", "none") == (done.state, done.way), done.error
    with connected_client(broker, "coffee") as client:
        assert 3 == len(client.get("/items").raise_for_status().json()["items"])
    first = broker.access_token("coffee")

    clock.advance(600)
    second = broker.access_token("coffee")

    assert (1, 2) == (first.generation, second.generation)
    assert first.access_token != second.access_token
    assert (2, 0) == (server.counters()["code"], server.counters()["refused"])


def test_a_wrong_key_is_said_in_words(started, desk):
    """Another key of the same kind proves nothing."""
    server = started("private_key_jwt")
    other = ECKey.generate_key("P-256").as_pem(private=True).decode()
    desk.registered("certified", client_id="coffee-client", client_secret=other)
    broker = desk.created("certified")

    done = broker.authorize("coffee")

    assert "failed" == done.state
    assert "Certified Coffee refused the request (invalid_client" in done.error
    assert "needs authorization" == broker.connection("coffee").status
    assert 0 == server.counters()["code"]
