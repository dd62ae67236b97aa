"""Using a connection, testing it, and reading its history."""

import dataclasses

import pytest

from conn_core import AccessToken, ConnectionDraft, ConnectionEdit, Secret
from conn_core.broker._harmless import harmless_call
from conn_core.broker._known_services import service_of
from conn_core.broker._obtaining import account_in
from conn_core.errors import (
    AuthorizationRequired,
    HostNotAllowed,
    ProviderUnavailable,
    RegistrationRequired,
)


def draft(**members):
    return ConnectionDraft(**{"service": "expenses"} | members)


def test_a_token_comes_with_where_it_may_go(world):
    """All that a client needs, and no refresh token."""
    broker = world.connected()
    token = broker.access_token("Expenses", require=["reports.read"])
    assert world.provider.is_alive(token.access_token.reveal())
    assert ("expenses", "Expense Desk", 1) == (
        token.link_name,
        token.service_name,
        token.generation,
    )
    assert ("https://api.expenses.example/v1", ("api.expenses.example",)) == (
        token.api_base_url,
        token.api_hosts,
    )
    assert ("header", "Authorization", "Bearer ") == (
        token.param_type,
        token.param_name,
        token.param_prefix,
    )


def test_what_was_never_authorized_cannot_be_used(world):
    """With the command that mends it."""
    broker = world.created()
    for act in (broker.access_token, broker.refresh, broker.test):
        with pytest.raises(AuthorizationRequired) as caught:
            act("expenses")
        assert (
            "Connection 'expenses' has not been authorized yet. "
            "Run %conn authorize expenses" == str(caught.value)
        )


def test_use_is_noted_once_a_minute(world):
    """Not at every request: that would be a write each."""
    broker = world.connected()
    assert broker.connection("expenses").last_used_at is None
    broker.access_token("expenses")
    first = broker.connection("expenses").last_used_at
    world.clock.advance(30)
    broker.access_token("expenses")
    assert first == broker.connection("expenses").last_used_at
    world.clock.advance(31)
    broker.access_token("expenses")
    assert 61 == (broker.connection("expenses").last_used_at - first).total_seconds()


def test_a_token_without_end_shows_no_end(world, answer):
    """One that cannot be renewed shows when it ends; one that can does not."""
    broker = world.connected()
    assert broker.connection("expenses").expires_at is None
    world.sql("UPDATE credentials SET refreshable = 0")
    ends = broker.connection("expenses").expires_at
    assert world.clock() + 3600 == ends.timestamp()


def test_one_harmless_call_says_as_whom(world):
    """And how long it took; no token changes."""
    broker = world.connected()
    result = broker.test("expenses")
    assert (True, 200, "sam@acme.example") == (
        result.ok,
        result.http_status,
        result.account,
    )
    assert result.message.startswith("Expense Desk answered as sam@acme.example in ")
    assert 0 == world.refreshes()


def test_a_call_that_fails_says_how(world, answer):
    """Status or no answer at all."""
    broker = world.connected()
    world.provider.api_answer = answer(403)
    result = broker.test("expenses")
    assert (False, 403, "Expense Desk answered 403") == (
        result.ok,
        result.http_status,
        result.message,
    )
    world.provider.api_answer = ProviderUnavailable("It did not answer in time")
    result = broker.test("expenses")
    assert (False, None, "It did not answer in time") == (
        result.ok,
        result.http_status,
        result.message,
    )


def test_a_service_without_a_harmless_call_says_so(world):
    """Instead of calling something else."""
    broker = world.connected(service="plain-desk")
    result = broker.test("expenses")
    assert not result.ok
    assert "names no address that is harmless to call" in result.message
    assert [] == world.provider.api_requests


@pytest.mark.parametrize(
    ("body", "account"),
    [
        (b'{"person": {"mail": "a@b"}}', "a@b"),
        (b'{"person": {"mail": 17}}', "17"),
        (b'{"person": {"mail": null}}', None),
        (b'{"person": {}}', None),
        (b'{"person": "x"}', None),
        (b'{"person": ["x"]}', None),
        (b"[]", None),
        (b"<html>", None),
        (b"\xff", None),
        (b'{"a":' * 100_000, None),
        (b'{"person": {"mail": "a\\nb"}}', "a b"),
        (b'{"person": {"mail": "' + b"x" * 1000 + b'"}}', "x" * 320),
    ],
    ids=range(12),
)
def test_the_account_is_read_with_care(world, answer, body, account):
    """Knowing it is nice; not knowing it is no failure."""
    broker = world.connected()
    world.provider.api_answer = answer(200, body)
    result = broker.test("expenses")
    assert (True, account) == (result.ok, result.account)


def test_the_account_may_be_in_a_list(world):
    """A number in the path is a place in a list."""
    service = service_of(world.core, "expenses")
    nested = service.model_copy(update={"account_field": "emails.0.value"})
    assert "a@b" == account_in(nested, b'{"emails": [{"value": "a@b"}]}')


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        (
            {"param_type": "query", "param_name": "key", "param_prefix": ""},
            "https://api.expenses.example/v1/me?key=a%26b",
        ),
        (
            {
                "param_type": "query",
                "param_name": "key",
                "param_prefix": "",
                "test_path": "/me?x=1",
            },
            "https://api.expenses.example/v1/me?x=1&key=a%26b",
        ),
    ],
    ids=["alone", "after others"],
)
def test_a_credential_may_travel_in_the_query(world, changes, expected):
    """Where the service wants it there."""
    service = service_of(world.core, "expenses").model_copy(update=changes)
    token = AccessToken(
        access_token=Secret("a&b"),
        param_type="query",
        param_name="key",
        param_prefix="",
    )
    harmless_call(world.core, service, token)
    assert [(expected, {})] == world.provider.api_requests


@pytest.mark.parametrize(
    "changes",
    [
        {"api_base_url": "https://evil.example"},
        {"api_base_url": "https://api.expenses.example:8443"},
        {"api_base_url": "http://localhost"},
    ],
    ids=["host", "port", "scheme"],
)
def test_F1_the_harmless_call_goes_to_the_services_hosts_only(world, changes):
    """Whatever its base address says; nothing is sent."""
    service = service_of(world.core, "expenses").model_copy(update=changes)
    with pytest.raises(HostNotAllowed, match="may only be used with"):
        harmless_call(
            world.core, service, AccessToken(access_token=Secret("CNRY-token"))
        )
    assert [] == world.provider.api_requests


def test_the_history_says_who_did_what(world, canary):
    """Newest first, as many as asked for, and no secret in it."""
    broker = world.connected()
    world.clock.advance(3600)
    broker.access_token("expenses")
    broker.edit("expenses", ConnectionEdit(name="Spending"))
    broker.revoke("expenses")
    found = broker.events("expenses")
    assert ["revoke", "edit", "refresh", "authorize", "create"] == [
        event.action for event in found
    ]
    assert {"sam"} == {event.actor for event in found}
    assert "connected as sam@acme.example" == found[3].detail
    assert found[:2] == broker.events("expenses", limit=2)
    canary.sweep(texts={"history": repr(found)})


def test_a_service_that_is_gone_is_called_by_its_id(world, settings):
    """An operator took it out of the catalogue."""
    world.connected()
    other = world.open(settings=dataclasses.replace(settings, catalog_paths=()))
    found = other.acting_as("sam").connection("expenses")
    assert ("expenses", "connected") == (found.service_name, found.status)


def test_authorizing_needs_a_registration(world):
    """Better said now than after a browser has opened."""
    broker = world.broker()
    broker.create(draft(name="Expenses"))
    with pytest.raises(RegistrationRequired) as caught:
        broker.authorize("expenses")
    assert "no client registration with Expense Desk" in caught.value.message
    assert [] == world.sql("SELECT * FROM flows")
