"""Registering ourselves, where a server lets us (RFC 7591)."""

import pytest
from scripted import Reply, Wants

from conn_core.auth import register_client
from conn_core.errors import ProviderError, ProviderUnavailable

CALLBACK = "https://hub.example/callback/desk"


@pytest.fixture
def register(pure, new_service, run):
    """Registers with an answer: ``register({…}, grant_type=…)``."""

    def go(says, *, status=201, **changes):
        pure.plays(Reply(says, status=status))
        service = new_service(registration_endpoint="BASE/register", **changes)
        steps = register_client(service, name="Jupyter", redirect_uris=[CALLBACK])
        return run(steps, pure)

    return go


def test_a_client_is_registered(server, new_service, run, canary):
    """What we are, and what the server made of it."""
    service = new_service(
        server.base,
        registration_endpoint="BASE/register",
        default_scopes=["read", "write"],
    )
    wants = Wants(
        path="/register",
        kind="json",
        fields={
            "client_name": "Jupyter",
            "redirect_uris": [CALLBACK],
            "grant_types": ["authorization_code", "refresh_token"],
            "response_types": ["code"],
            "token_endpoint_auth_method": "client_secret_post",
            "scope": "read write",
        },
    )
    said = {
        "client_id": "s6BhdRkqt3",
        "client_secret": canary("client-secret"),
        "client_secret_expires_at": 1_800_000_000,
        "token_endpoint_auth_method": "client_secret_basic",
        "registration_access_token": canary("management-token"),
        "registration_client_uri": f"{server.base}/register/s6BhdRkqt3",
    }
    server.plays((wants, Reply(said, status=201)))
    steps = register_client(service, name="Jupyter", redirect_uris=[CALLBACK])
    made = run(steps, server)
    assert (
        "s6BhdRkqt3",
        said["client_secret"],
        1_800_000_000.0,
        "client_secret_basic",
        said["registration_access_token"],
        said["registration_client_uri"],
    ) == (
        made.client.client_id,
        made.client.client_secret.reveal(),
        made.expires_at,
        made.token_endpoint_auth_method,
        made.management_token.reveal(),
        made.management_uri,
    )
    canary.sweep(texts={"registration": repr(made)})


@pytest.mark.parametrize(
    ("callback", "kind"),
    [
        ("http://127.0.0.1:8888/connections/callback/desk", "native"),
        ("http://localhost:8888/connections/callback/desk", "native"),
        (CALLBACK, None),
    ],
)
def test_an_application_on_this_machine_says_so(callback, kind, pure, new_service, run):
    """RFC 8252 7.3: a web application may not come back to a loopback address."""
    pure.plays(Reply({"client_id": "x"}, status=201))
    service = new_service(registration_endpoint="BASE/register")
    run(register_client(service, name="Jupyter", redirect_uris=[callback]), pure)
    assert kind == pure.seen[0].fields.get("application_type")


def test_a_key_that_nobody_made_is_not_promised(register, pure):
    """Where the server prefers keys, a secret is asked for."""
    made = register({"client_id": "x"}, token_endpoint_auth_method="private_key_jwt")
    asked = pure.seen[0].fields["token_endpoint_auth_method"]
    assert ("client_secret_basic",) * 2 == (asked, made.token_endpoint_auth_method)


def test_a_public_client_has_no_secret(register):
    """And nothing to manage it with; zero means never."""
    made = register(
        {"client_id": "x", "client_secret_expires_at": 0},
        token_endpoint_auth_method="none",
    )
    assert (None, None, None, None, "none") == (
        made.client.client_secret,
        made.expires_at,
        made.management_token,
        made.management_uri,
        made.token_endpoint_auth_method,
    )


@pytest.mark.parametrize(
    ("grant", "sent"),
    [
        ("client_credentials", "client_credentials"),
        ("device_code", "urn:ietf:params:oauth:grant-type:device_code"),
    ],
)
def test_a_grant_without_a_browser_names_no_redirect(grant, sent, register, pure):
    """There is nothing to come back to."""
    register({"client_id": "x"}, grant_type=grant)
    asked = pure.seen[0].fields
    assert ([], [], [sent, "refresh_token"]) == (
        asked["redirect_uris"],
        asked["response_types"],
        asked["grant_types"],
    )


@pytest.mark.parametrize(
    "said",
    [
        {},
        {"client_id": 7},
        {"client_id": ""},
        {"client_id": "x" * 2001},
        {"client_id": "é"},
        {"client_id": "x", "token_endpoint_auth_method": "tls_client_auth"},
        {"client_id": "x", "token_endpoint_auth_method": ["none"]},
    ],
)
def test_a_client_that_cannot_be_used_is_refused(said, register):
    """Better now than at the first consent."""
    with pytest.raises(ProviderUnavailable, match="cannot be used"):
        register(said)


def test_a_refusal_is_said(register):
    """By its own word."""
    with pytest.raises(ProviderError, match="invalid_redirect_uri: not here"):
        register(
            {"error": "invalid_redirect_uri", "error_description": "not here"},
            status=400,
        )
