"""Revoking, enabling and deleting connections."""

import dataclasses

import pytest

from conn_core import ConnectionDraft, ConnectionEdit
from conn_core.errors import (
    AuthorizationEnded,
    AuthorizationFailed,
    AuthorizationNotFound,
    AuthorizationRequired,
    ConnectionNotFound,
    ConnectionRevoked,
    ConnectionsError,
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


# --- at the provider ------------------------------------------------------------------


def test_at_the_provider_the_grant_ends_and_enabling_needs_a_new_one(world):
    """It is suspended here, too; both are said."""
    broker = world.connected()
    token = broker.access_token("expenses").access_token.reveal()
    revoked = broker.revoke("expenses", at_provider=True)
    assert ("revoked", "Expense Desk ended the authorization.") == (
        revoked.status,
        revoked.notice,
    )
    assert not world.provider.is_alive(token)
    enabled = broker.enable("expenses")
    assert (
        "needs authorization",
        "Ended at Expense Desk by sam on 2026-11-18.",
    ) == (enabled.status, enabled.status_reason)
    with pytest.raises(AuthorizationRequired) as caught:
        broker.access_token("expenses")
    assert (
        "The authorization of 'expenses' was ended at Expense Desk by sam on "
        "2026-11-18. Run %conn authorize expenses" == str(caught.value)
    )
    world.authorized()
    assert broker.access_token("expenses")
    assert ["revoke at provider", "revoke"] == [
        e.action for e in broker.events("expenses") if "revoke" in e.action
    ]


@pytest.mark.parametrize("problem", ["refused", "silent", "forgotten", "unable"])
def test_what_does_not_end_at_the_provider_is_not_lost(
    world, monkeypatch, answer, problem
):
    """It is suspended here all the same, and goes on when it is enabled."""
    service = "plain-desk" if problem == "unable" else "expenses"
    broker = world.connected(service=service)
    before = broker.access_token("expenses")
    with monkeypatch.context() as patch:
        if problem == "refused":
            world.provider.script.append(answer(400))
            patch.setattr(world.provider, "_refresh", {})
        elif problem == "silent":

            def silent(*_args, **_rest):
                raise ProviderUnavailable("It did not answer")

            patch.setattr(world.provider, "post_form", silent)
        elif problem == "forgotten":
            world.sql("DELETE FROM registrations")
        revoked = broker.revoke("expenses", at_provider=True)
    assert {
        "refused": "Expense Desk did not end the authorization.",
        "silent": "It did not answer.",
        "forgotten": "There is no client registration with Expense Desk yet.",
        "unable": "Plain Desk has no way to end an authorization from here.",
    }[problem] == revoked.notice
    assert "revoked" == revoked.status
    assert "connected" == broker.enable("expenses").status
    assert before == broker.access_token("expenses")
    assert revoked.notice in {e.detail for e in broker.events("expenses")}


def test_what_was_revoked_before_can_be_ended_at_the_provider_later(world):
    """Once: then there is nothing to end any more."""
    broker = world.connected()
    first = broker.revoke("expenses")
    world.clock.advance(86_400)
    ended = broker.revoke("expenses", at_provider=True)
    assert first.status_reason == ended.status_reason
    assert "Expense Desk ended the authorization." == ended.notice
    again = broker.revoke("expenses", at_provider=True)
    assert "There was no authorization to end at Expense Desk." == again.notice
    assert 1 == len(world.provider.revocations)


def test_a_provider_that_is_silent_is_not_waited_for_twice(world, monkeypatch):
    """However many people's grants there are."""
    broker = world.connected(use_login_user_credentials=True)
    for person in ("priya", "ada"):
        world.authorized(person=person)
    asked = []

    def silent(url, *_args, **_rest):
        asked.append(url)
        raise ProviderUnavailable("It did not answer")

    monkeypatch.setattr(world.provider, "post_form", silent)
    revoked = broker.revoke("expenses", at_provider=True)
    assert "It did not answer (3 people)." == revoked.notice
    assert 1 == len(asked)


def test_a_token_that_was_renewed_meanwhile_is_ended_too(world, monkeypatch):
    """The provider may keep what came of the one that it was told of."""
    broker = world.connected()
    other = world.open().acting_as("sam")
    revoke = world.provider._revoke
    tokens = []

    def renewed_first(fields, headers):
        if not tokens:
            world.sql("UPDATE connections SET revoked_at = NULL")
            tokens.append(fields["token"])
            world.clock.advance(120)  # nobody is made to renew twice in a moment
            other.refresh("expenses")
        return revoke(fields, headers)

    monkeypatch.setattr(world.provider, "_revoke", renewed_first)
    broker.revoke("expenses", at_provider=True)
    first, second = (sent["token"] for sent in world.provider.revocations)
    assert first != second
    assert [1] == [
        at is not None for (at,) in world.sql("SELECT ended_at FROM credentials")
    ]


# --- nothing stays --------------------------------------------------------------------


def everything(world):
    """Return every value of every table but the audit log, which outlives what it is of."""
    tables = world.sql("SELECT name FROM sqlite_master WHERE type = 'table'")
    return {
        (table, value)
        for (table,) in tables
        if table != "audit"
        for row in world.sql(f"SELECT * FROM {table}")
        for value in row
    }


def test_nothing_of_what_was_deleted_is_left(world, canary):
    """No id, no name, no token; one line says that it was deleted, and by whom."""
    broker = world.connected(name="Zebra", shared_with=("user:priya",))
    world.broker("priya").accept("zebra")
    world.broker("priya").access_token("zebra")
    broker.refresh("zebra")
    broker.edit("zebra", ConnectionEdit(name="Quagga"))
    broker.authorize("zebra")
    ids = {i for (i,) in world.sql("SELECT id FROM connections")}
    ids |= {i for (i,) in world.sql("SELECT id FROM credentials")}
    ids |= {i for (i,) in world.sql("SELECT id FROM flows")}
    assert 4 == len(ids)
    broker.delete("zebra")
    held = everything(world)
    assert not ids & {value for _, value in held}
    named = [v for _, v in held if "zebra" in str(v).lower()]
    assert ["zebra. Expense Desk ended the authorization"] == named
    assert not [v for _, v in held if "quagga" in str(v).lower()]
    spilled = world.settings.data_dir / "refresh"
    assert not list(spilled.glob("*")) if spilled.exists() else True
    canary.sweep([world.settings.data_dir])


def test_a_consent_that_comes_after_the_deletion_leaves_nothing(world):
    """The browser is told that it is over."""
    broker = world.created()
    flow, started = world.begun()
    answer = world.provider.consent(started.authorization_url)
    broker.delete("expenses")
    with pytest.raises(AuthorizationFailed, match="no authorization that was begun"):
        world.finished(answer, started)
    with pytest.raises(AuthorizationNotFound):
        broker.authorization(flow)
    assert [] == world.provider.token_requests


def test_a_deletion_in_the_middle_of_a_consent_leaves_nothing(world):
    """Not even the line that says how it ended; the grant ends at the provider."""
    broker = world.created()
    _, started = world.begun()
    answer = world.provider.consent(started.authorization_url)
    world.provider.script.append(lambda: broker.delete("expenses") and None)
    with pytest.raises(ConnectionsError):
        world.finished(answer, started)
    assert [False] == [
        world.provider.is_alive(body["access_token"]) for body in world.provider.granted
    ]
    for table in ("connections", "credentials", "secrets", "flows"):
        assert [] == world.sql(f"SELECT * FROM {table}")
    assert [("delete",)] == world.sql(
        "SELECT action FROM events WHERE action <> 'register'"
    )


def test_a_deletion_in_the_middle_of_a_refresh_leaves_nothing(world):
    """What comes of the refresh is ended at the provider, and noted nowhere."""
    broker = world.connected()
    world.clock.advance(3600)
    other = world.open().acting_as("sam")
    world.provider.script.append(lambda: broker.delete("expenses") and None)
    with pytest.raises(ConnectionsError):
        other.access_token("expenses")
    assert [] == world.sql("SELECT * FROM secrets")
    assert [("delete",)] == world.sql(
        "SELECT action FROM events WHERE action <> 'register'"
    )


def test_the_grant_can_be_kept(world):
    """Somebody else's program may use it."""
    broker = world.connected()
    token = broker.access_token("expenses").access_token.reveal()
    assert "" == broker.delete("expenses", keep_grant=True).notice
    assert world.provider.is_alive(token)
    assert [] == world.provider.revocations
    assert [("expenses",)] == world.sql(
        "SELECT detail FROM events WHERE action = 'delete'"
    )


def test_who_dies_while_the_provider_is_told_leaves_a_revoked_connection(
    world, monkeypatch
):
    """Nobody uses it in the meantime, and it can be deleted again."""
    from conn_core.broker import _changing

    def die(place):
        if place == "delete.provider-told":
            raise KeyboardInterrupt

    broker = world.connected()
    with monkeypatch.context() as patch:
        patch.setattr(_changing, "reach", die)
        with pytest.raises(KeyboardInterrupt):
            broker.delete("expenses")
    assert "revoked" == broker.connection("expenses").status
    assert "" == broker.delete("expenses").notice
    assert 1 == len(world.provider.revocations)
