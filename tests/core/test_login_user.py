"""Credentials of the login user: each person their own, and nobody anybody else's."""

import pytest

from conn_core import ConnectionDraft, ConnectionEdit
from conn_core.errors import (
    AuthorizationRequired,
    ConnectionNotFound,
    ConnectionRevoked,
    InvalidInput,
    LoginUserRequired,
    NotAllowed,
)


def draft(**members):
    usual = {"service": "expenses", "name": "Expenses"}
    return ConnectionDraft(**usual | {"use_login_user_credentials": True} | members)


@pytest.fixture
def both(world):
    """A connection of priya's that priya and sam have authorized, each for themselves."""
    world.connected(person="priya", use_login_user_credentials=True)
    world.authorized(person="sam")
    return world.broker("priya"), world.broker("sam")


def test_H6_nobody_falls_back_to_the_creators_credentials(world):
    """Who has none yet is told so, in the words and with the command for that."""
    world.connected(person="priya", use_login_user_credentials=True)
    sam = world.broker("sam")
    seen = sam.connection("expenses")
    assert ("needs authorization", None, (), None) == (
        seen.status,
        seen.account,
        seen.granted_scopes,
        seen.expires_at,
    )
    for act in (sam.access_token, sam.refresh, sam.test):
        with pytest.raises(LoginUserRequired) as caught:
            act("expenses")
        assert (
            "'expenses' uses each person's own credentials, and you (sam) have none "
            "yet. Run %conn authorize expenses" == str(caught.value)
        )
    assert "connected" == world.broker("priya").connection("expenses").status


def test_H6_the_creator_does_not_use_a_colleagues_credentials(world):
    """Nor does a third person."""
    world.created(person="priya", use_login_user_credentials=True)
    world.authorized(person="sam")
    assert world.broker("sam").access_token("expenses")
    for person in ("priya", "ada"):
        with pytest.raises(LoginUserRequired, match=rf"you \({person}\) have none"):
            world.broker(person).access_token("expenses")


def test_each_person_uses_their_own_token(world, both, canary):
    """And each refreshes their own."""
    priya, sam = both
    tokens = {b.access_token("expenses").access_token.reveal() for b in both}
    assert 2 == len(tokens)
    world.clock.advance(3600)
    assert 2 == sam.access_token("expenses").generation
    assert 1 == world.refreshes()
    assert 2 == priya.access_token("expenses").generation
    assert 2 == world.refreshes()
    assert {("priya", 2), ("sam", 2)} == set(
        world.sql("SELECT holder, generation FROM credentials")
    )
    canary.sweep(
        [world.settings.data_dir],
        {"seen": repr([b.connection("expenses") for b in both])},
    )


def test_one_persons_grant_ends_alone(world, both):
    """The other's goes on."""
    priya, sam = both
    world.sql(
        "UPDATE credentials SET ended_at = 1, ended_because = 'invalid_grant.' "
        "WHERE holder = 'sam'"
    )
    assert "failed" == sam.connection("expenses").status
    assert "connected" == priya.connection("expenses").status
    assert priya.access_token("expenses")


def test_new_scopes_need_everybodys_consent(world, both):
    """Each for themselves; who has given theirs goes on."""
    priya, sam = both
    wanted = ("reports.read", "reports.write")
    priya.edit("expenses", ConnectionEdit(scopes=wanted))
    for broker in both:
        with pytest.raises(AuthorizationRequired) as caught:
            broker.access_token("expenses")
        assert "Run %conn authorize expenses" == caught.value.hint
    world.authorized(person="sam")
    assert wanted == sam.access_token("expenses", require=["reports.write"]).scopes
    assert "needs authorization" == priya.connection("expenses").status


def test_the_owner_revokes_for_everybody(world, both):
    """At once; enabled, everybody's credentials are still there."""
    priya, sam = both
    before = sam.access_token("expenses")
    priya.revoke("expenses")
    for broker in both:
        with pytest.raises(ConnectionRevoked):
            broker.access_token("expenses")
    priya.enable("expenses")
    assert before == sam.access_token("expenses")


def test_at_the_provider_everybodys_grants_end(world, both):
    """Enabled, each has to authorize again, and is told who ended it."""
    priya, sam = both
    tokens = [b.access_token("expenses").access_token.reveal() for b in both]
    revoked = priya.revoke("expenses", at_provider=True)
    assert "Expense Desk ended the authorizations of 2 people." == revoked.notice
    assert [False, False] == [world.provider.is_alive(token) for token in tokens]
    priya.enable("expenses")
    for broker in both:
        with pytest.raises(AuthorizationRequired) as caught:
            broker.access_token("expenses")
        assert (
            "The authorization of 'expenses' was ended at Expense Desk by priya on "
            "2026-11-18. Run %conn authorize expenses" == str(caught.value)
        )
    world.authorized(person="sam")
    assert sam.access_token("expenses")
    assert "needs authorization" == priya.connection("expenses").status


def test_delete_takes_everybodys_credentials(world, both):
    """And ends everybody's grants."""
    priya, sam = both
    assert "authorizations of 2 people" in priya.delete("expenses").notice
    assert 2 == len(world.provider.revocations)
    assert [] == world.sql("SELECT * FROM secrets")
    with pytest.raises(ConnectionNotFound):
        sam.connection("expenses")


def test_a_colleague_authorizes_and_changes_nothing_else(world, both):
    """It is still the owner's."""
    _, sam = both
    for act in (
        lambda: sam.edit("expenses", ConnectionEdit(name="Mine")),
        lambda: sam.revoke("expenses"),
        lambda: sam.delete("expenses"),
    ):
        with pytest.raises(NotAllowed, match="belongs to priya"):
            act()


def test_I11_one_persons_browser_does_not_finish_for_another(world):
    """Whoever logs in at the provider, the credential is the starter's or nobody's."""
    world.created(person="priya", use_login_user_credentials=True)
    _, started = world.begun(person="sam")
    answer = world.provider.consent(started.authorization_url)
    with pytest.raises(Exception, match="begun by another user"):
        world.finished(answer, started, user="priya")
    assert [] == world.sql("SELECT * FROM credentials")


def test_where_the_service_knows_no_person_there_is_no_own(world):
    """With client credentials everybody is the client."""
    with pytest.raises(InvalidInput) as caught:
        world.broker().create(draft(service="client-desk"))
    assert (
        "is not possible: this service knows the client only, and no person"
        == caught.value.fields["use_login_user_credentials"]
    )
    assert [] == world.sql("SELECT * FROM connections")


def test_a_key_is_each_persons_own_too(world, canary):
    """What one typed is not what the other sends."""
    keys = {person: canary(f"key-{person}") for person in ("priya", "sam")}
    made = draft(service="key-desk", secret={"api_key": keys["priya"]})
    world.broker("priya").create(made)
    sam = world.broker("sam")
    with pytest.raises(LoginUserRequired):
        sam.access_token("expenses")
    sam.authorize("expenses", secret={"api_key": keys["sam"]})
    assert keys == {
        person: world.broker(person).access_token("expenses").access_token.reveal()
        for person in keys
    }
    canary.sweep([world.settings.data_dir])
