"""Registrations that a server makes for us (RFC 7591)."""

import json

import pytest

from conn_core import ClientRegistration, ServiceDraft, read_draft
from conn_core.broker._known_services import filled_service
from conn_core.errors import InvalidInput, NotAllowed, ProviderError

ISSUER = "https://login.acme.example"
MEMBERS = {
    "name": "Acme",
    "authorization_endpoint": f"{ISSUER}/authorize",
    "token_endpoint": f"{ISSUER}/token",
    "registration_endpoint": f"{ISSUER}/register",
    "api_base_url": "https://api.acme.example",
}


@pytest.fixture
def acme(world):
    """A described service that registers clients."""
    broker = world.broker("sam")
    broker.create_service(read_draft(ServiceDraft, MEMBERS))
    return broker


def made(answer, **members):
    """Return what a server answers that made a registration."""
    body = {"client_id": "desk-client", "client_secret": "CNRY-dyn-41"} | members
    headers = {"content-type": "application/json"}
    return answer(201, json.dumps(body).encode(), headers)


def test_a_server_makes_the_registration(world, acme, answer):
    """Nothing is typed, and the redirect URL that was registered is the one we use."""
    world.provider.api_answer = made(answer)
    service = acme.register_automatically("acme")
    assert service.registered
    _, content = world.provider.api_bodies[-1]
    asked = json.loads(content)
    assert asked["redirect_uris"] == [service.redirect_uri]
    assert asked["client_name"] == "Jupyter connections"
    assert b"CNRY" not in b"".join(
        str(row).encode() for row in world.sql("SELECT * FROM registrations")
    )


def test_B7_one_client_at_two_services_has_two_redirect_urls(world, acme):
    """So a code for the one is of no use to the other: its address names the service."""
    other = MEMBERS | {"name": "Billing", "token_endpoint": "https://b.example/token"}
    acme.create_service(read_draft(ServiceDraft, other))
    same = ClientRegistration(client_id="desk", client_secret="CNRY-same-41")
    for service in ("acme", "billing"):
        acme.register_client(service, same)

    urls = {id_: acme.service(id_).redirect_uri for id_ in ("acme", "billing")}

    assert urls["acme"].endswith("/callback/acme")
    assert urls["billing"].endswith("/callback/billing")


def test_the_way_a_server_wants_to_see_the_client_is_used(world, acme, answer):
    """It may choose another one than the service says (RFC 7591 3.2.1)."""
    world.provider.api_answer = made(
        answer,
        token_endpoint_auth_method="client_secret_post",
        client_secret_expires_at=1_900_000_000,
    )
    acme.register_automatically("acme")
    found = filled_service(world.core, "acme", {})
    assert found.token_endpoint_auth_method == "client_secret_post"
    assert world.sql("SELECT secret_expires_at FROM registrations") == [
        (1_900_000_000.0,)
    ]


def test_a_server_that_refuses(world, acme, answer):
    """Its reason is told, and nothing is stored."""
    world.provider.api_answer = answer(
        400,
        b'{"error": "invalid_redirect_uri"}',
        {"content-type": "application/json"},
    )
    with pytest.raises(ProviderError, match="invalid_redirect_uri"):
        acme.register_automatically("acme")
    assert not acme.service("acme").registered


def test_a_service_that_registers_nobody(world):
    """What to do instead is said."""
    with pytest.raises(InvalidInput) as caught:
        world.broker().register_automatically("expenses")
    assert "%conn service register expenses" in caught.value.hint


def test_replacing_one_is_the_owners(world, acme, answer):
    """The same rule as for one that is typed."""
    world.provider.api_answer = made(answer)
    priya = world.broker("priya")
    assert priya.register_automatically("acme").registered
    with pytest.raises(NotAllowed, match="described by sam"):
        priya.register_automatically("acme")
