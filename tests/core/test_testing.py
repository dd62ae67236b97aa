"""One harmless call, for every authentication type; no token is changed by it."""

import base64
import dataclasses

import pytest
from oauth1_site import CLIENT_ID, OAuth1Site

from conn_core import ClientRegistration, ConnectionDraft
from conn_core.broker import open_core
from conn_core.errors import (
    AuthorizationEnded,
    AuthorizationRequired,
    ConnectionRevoked,
    ProviderUnavailable,
)

SERVICES = """
[[service]]
id = "{id}"
name = "Some Desk"
auth_type = "{auth_type}"
api_base_url = "https://api.some.example/v1"
api_hosts = ["api.some.example"]
test_path = "/me"
account_field = "person.mail"
{more}
"""
KEY, PASSWORD = "CNRY-testing-key", "CNRY-testing-password"
BASIC = base64.b64encode(f"sam:{PASSWORD}".encode()).decode()
URL = "https://api.some.example/v1/me"
TYPES = {
    "api key in a header": (
        ("api_key", 'param_name = "X-Key"\nparam_prefix = ""'),
        {"api_key": KEY},
        (URL, {"X-Key": KEY}, None),
    ),
    "api key in the query": (
        ("api_key", 'param_type = "query"\nparam_name = "key"\nparam_prefix = ""'),
        {"api_key": KEY},
        (f"{URL}?key={KEY}", {}, None),
    ),
    "api key in a form": (
        ("api_key", 'param_type = "body"\nparam_name = "key"\nparam_prefix = ""'),
        {"api_key": KEY},
        (
            URL,
            {"Content-Type": "application/x-www-form-urlencoded"},
            ("POST", f"key={KEY}".encode()),
        ),
    ),
    "basic": (
        ("basic", ""),
        {"username": "sam", "password": PASSWORD},
        (URL, {"Authorization": f"Basic {BASIC}"}, None),
    ),
    "bearer": (
        ("bearer", ""),
        {"token": KEY},
        (URL, {"Authorization": f"Bearer {KEY}"}, None),
    ),
}


@pytest.fixture
def tested(world, settings, tmp_path, answer):
    """Makes a connection of a type, and tests it."""
    world.provider.api_answer = answer(200, b'{"person": {"mail": "sam@some.example"}}')

    def test(kind, typed, **options):
        auth_type, more = kind
        catalog = tmp_path / "some.toml"
        catalog.write_text(SERVICES.format(id="some", auth_type=auth_type, more=more))
        core = world.open(
            settings=dataclasses.replace(settings, catalog_paths=(catalog,))
        )
        broker = core.acting_as("sam")
        broker.create(ConnectionDraft(service="some", name="It", secret=typed))
        for seen in (world.provider.api_requests, world.provider.api_bodies):
            seen.clear()
        return broker.test("it", **options)

    return test


def credentials(world):
    return world.sql("SELECT id, generation, obtained_at, attempt FROM credentials")


@pytest.mark.parametrize(("kind", "typed", "sent"), TYPES.values(), ids=TYPES)
def test_what_was_typed_is_tried(world, tested, kind, typed, sent):
    """In its place, once; the account and how long it took are told."""
    result = tested(kind, typed)
    url, headers, body = sent
    assert (True, 200, "sam@some.example") == (
        result.ok,
        result.http_status,
        result.account,
    )
    assert result.latency_ms >= 0
    assert [(url, headers)] == world.provider.api_requests
    assert (
        [body] == world.provider.api_bodies if body else not world.provider.api_bodies
    )
    assert [1] == [generation for _, generation, *_ in credentials(world)]


def test_a_signature_of_aws_is_tried(world, tested):
    """Over the method, the address and the time; the key itself is not sent."""
    typed = {
        "access_key_id": "AKIDEXAMPLE",
        "secret_access_key": KEY,
        "region": "eu-west-1",
    }
    more = 'signing_name = "execute-api"'
    assert tested(("aws_sigv4", more), typed).ok
    ((url, headers),) = world.provider.api_requests
    sent = {name.lower(): text for name, text in headers.items()}
    assert URL == url
    assert sent["authorization"].startswith("AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/")
    assert KEY not in repr(sent)


def test_a_signature_of_oauth1_is_tried(settings, tmp_path, canary):
    """A server of somebody else's makes verifies it."""
    redirect = "http://127.0.0.1:8888/connections/callback/old-desk"
    secret = canary("client-secret")
    site = OAuth1Site(client_secret=secret, redirect_uri=redirect, canary=canary)
    catalog = tmp_path / "old.toml"
    catalog.write_text(site.service_toml())
    core = open_core(
        dataclasses.replace(settings, catalog_paths=(catalog,), allow_loopback=True)
    )
    broker = core.acting_as("sam")
    client = ClientRegistration(client_id=CLIENT_ID, client_secret=secret)
    broker.register_client("old-desk", client)
    broker.create(ConnectionDraft(service="old-desk"))
    started = core.start_authorization(broker.authorize("old-desk").flow, user="sam")
    core.finish_authorization(
        "old-desk",
        site.consent(started.authorization_url),
        binding=started.binding.reveal(),
        user="sam",
    )
    result = broker.test("old-desk")
    assert (True, 200, "ada") == (result.ok, result.http_status, result.account)
    core.close()
    site.peer.close()


def test_a_token_that_works_is_left_alone(world):
    """Not renewed, not even asked about."""
    broker = world.connected()
    before = credentials(world)
    for _ in range(3):
        assert broker.test("expenses").ok
    assert before == credentials(world)
    assert 0 == world.refreshes()


def test_an_answer_of_401_changes_nothing_either(world, answer):
    """It is told; whether to authorize again is the person's to say."""
    broker = world.connected()
    before = credentials(world)
    world.provider.api_answer = answer(401)
    result = broker.test("expenses")
    assert (False, 401, None) == (result.ok, result.http_status, result.account)
    assert before == credentials(world)
    assert 0 == world.refreshes()
    assert "connected" == broker.connection("expenses").status


def test_nobody_waits_longer_than_they_said(world):
    """And a time that is none is a very short one."""
    broker = world.connected()
    world.provider.api_timeouts.clear()
    for timeout in (3, 0, -5):
        broker.test("expenses", timeout=timeout)
    broker.test("expenses")
    assert [3, 0.1, 0.1, 10] == world.provider.api_timeouts


def test_no_answer_is_told_with_what_to_do(world):
    """One sentence what, one command."""
    broker = world.connected()
    world.provider.api_answer = ProviderUnavailable("It is silent", "Try again later")
    result = broker.test("expenses")
    assert "It is silent. Try again later" == result.message
    assert (False, None, None) == (result.ok, result.latency_ms, result.account)


def test_what_cannot_be_used_is_not_tried(world):
    """Never authorized, revoked, ended: the same errors as for any use."""
    broker = world.created()
    with pytest.raises(AuthorizationRequired):
        broker.test("expenses")
    world.authorized()
    broker.revoke("expenses")
    with pytest.raises(ConnectionRevoked):
        broker.test("expenses")
    broker.enable("expenses")
    world.provider.end_all_grants()
    world.clock.advance(3600)
    world.provider.api_requests.clear()
    with pytest.raises(AuthorizationEnded):
        broker.test("expenses")
    assert [] == world.provider.api_requests


def test_a_test_shows_no_secret(world, canary):
    """Neither the result nor the history does."""
    broker = world.connected()
    result = broker.test("expenses")
    canary.sweep(
        texts={"result": repr(result), "events": repr(broker.events("expenses"))}
    )
