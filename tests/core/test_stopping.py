"""Revoking, enabling and deleting connections."""

import dataclasses

import pytest

from conn_core import ConnectionDraft
from conn_core.errors import (
    AuthorizationEnded,
    ConnectionNotFound,
    ConnectionRevoked,
    ProviderUnavailable,
)


def draft(**members):
    return ConnectionDraft(**{"service": "expenses"} | members)


def test_revoke_stops_every_use_and_enable_brings_it_back(world):
    """At once, with the words that say who and when; no new log-in."""
    broker = world.connected()
    revoked = broker.revoke("expenses")
    assert ("revoked", "Revoked by sam on 2026-11-18.") == (
        revoked.status,
        revoked.status_reason,
    )
    for act in (broker.access_token, broker.refresh, broker.test):
        with pytest.raises(ConnectionRevoked) as caught:
            act("expenses")
        assert (
            "Connection 'expenses' was revoked by sam on 2026-11-18. "
            "Run %conn enable expenses" == str(caught.value)
        )
    assert "connected" == broker.enable("expenses").status
    assert broker.access_token("expenses")
    assert 1 == len(world.provider.token_requests)


def test_revoking_and_enabling_twice_changes_nothing(world):
    """The first revocation's date stays."""
    broker = world.connected()
    first = broker.revoke("expenses")
    world.clock.advance(3 * 86_400)
    assert first == broker.revoke("expenses")
    enabled = broker.enable("expenses")
    assert enabled == broker.enable("expenses")


def test_delete_takes_everything_with_it(world):
    """Credentials, secrets, attempts and history; the grant at the provider too."""
    broker = world.connected()
    token = broker.access_token("expenses").access_token.reveal()
    broker.authorize("expenses")
    before = broker.connection("expenses")
    gone = broker.delete("expenses")
    assert gone == dataclasses.replace(
        before, notice="Expense Desk ended the authorization."
    )
    for table in ("connections", "credentials", "secrets", "flows", "shares", "uses"):
        assert [] == world.sql(f"SELECT * FROM {table}")
    assert not world.provider.is_alive(token)
    sent = world.provider.revocations[0]
    assert "refresh_token" == sent["token_type_hint"]
    assert [("sam", "expenses. Expense Desk ended the authorization")] == world.sql(
        "SELECT actor, detail FROM events WHERE action = 'delete'"
    )
    with pytest.raises(ConnectionNotFound):
        broker.connection("expenses")


@pytest.mark.parametrize(
    ("outcome", "told"),
    [
        ("refused", "Expense Desk did not end the authorization (503)"),
        ("silent", "It did not answer"),
        ("forgotten", "There is no client registration with Expense Desk yet"),
    ],
)
def test_delete_does_not_depend_on_the_provider(
    world, monkeypatch, answer, outcome, told
):
    """That it did not answer is no reason to keep the credentials."""
    broker = world.connected()
    if outcome == "refused":
        world.provider.script.append(answer(503))
    elif outcome == "silent":

        def silent(*_args, **_rest):
            raise ProviderUnavailable("It did not answer")

        monkeypatch.setattr(world.provider, "post_form", silent)
    else:
        world.sql("DELETE FROM registrations")
    assert f"{told}." == broker.delete("expenses").notice
    assert [] == world.sql("SELECT * FROM secrets")
    assert [(f"expenses. {told}",)] == world.sql(
        "SELECT detail FROM events WHERE action = 'delete'"
    )


def test_delete_says_when_a_provider_knows_no_revocation(world):
    """Nothing is sent anywhere."""
    broker = world.connected(service="plain-desk")
    assert (
        "Plain Desk has no way to end an authorization from here."
        == broker.delete("expenses").notice
    )
    assert [] == world.provider.revocations


def test_without_a_refresh_token_the_access_token_is_ended(world):
    """RFC 7009: it is the only one there is."""
    broker = world.created()
    _, started = world.begun()
    sent = world.provider.consent(started.authorization_url)
    original = world.provider._tokens
    world.provider._tokens = lambda grant: original(grant, refresh_token=None)
    world.finished(sent, started)
    broker.delete("expenses")
    assert "access_token" == world.provider.revocations[0]["token_type_hint"]


def test_a_grant_that_ended_is_not_ended_again(world):
    """There is nothing left at the provider."""
    broker = world.connected()
    world.provider.end_all_grants()
    world.clock.advance(3600)
    with pytest.raises(AuthorizationEnded):
        broker.access_token("expenses")
    broker.delete("expenses")
    assert [] == world.provider.revocations


def test_deleting_what_was_never_authorized(world):
    """Nothing is sent, and the name is free again."""
    broker = world.created()
    broker.delete("expenses")
    assert [("expenses",)] == world.sql(
        "SELECT detail FROM events WHERE action = 'delete'"
    )
    assert "expenses" == broker.create(draft(name="Expenses")).link_name
