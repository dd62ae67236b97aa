"""The refresh engine: when it renews, and when it does not."""

import pytest

from conn_core.errors import (
    AuthorizationEnded,
    Conflict,
    ProviderUnavailable,
)


@pytest.fixture
def sam(world):
    """The broker of somebody with a connection whose token lasts an hour."""
    return world.connected()


# --- when ----------------------------------------------------------------------------


def test_a_token_that_lasts_is_used_again(world, sam):
    """No request, in this process or in another."""
    world.clock.advance(3524)
    assert (1, True) == world.use(sam)
    assert (1, True) == world.use(world.open().acting_as("sam"))
    assert 0 == world.refreshes()


def test_F34_F44_a_token_is_renewed_a_minute_before_its_end(world, sam):
    """Or up to a quarter of that earlier, each process at a moment of its own."""
    world.clock.advance(3540)
    assert (2, True) == world.use(sam)
    assert (2, True) == world.use(sam)
    assert 1 == world.refreshes()


def test_F44_a_short_lived_token_is_not_renewed_at_every_call(world):
    """A tenth of its life is early enough."""
    world.provider.lifetime = 30
    sam = world.connected()
    world.clock.advance(26)
    assert (1, True) == world.use(sam)
    world.clock.advance(1)
    assert (2, True) == world.use(sam)


def test_a_lifetime_counts_from_the_request(world, sam):
    """A provider that takes its time does not make tokens live longer."""
    world.clock.advance(3600)
    world.provider.script.append(lambda: world.clock.advance(25))
    before = world.clock()
    sam.access_token("expenses")
    assert [(before, before + 3600)] == world.sql(
        "SELECT obtained_at, expires_at FROM credentials"
    )


def test_a_token_of_unknown_life_is_used_until_it_is_refused(world, answer):
    """A 401 will tell."""
    world.provider.lifetime = 0
    sam = world.connected()
    assert [(None,)] == world.sql("SELECT expires_at FROM credentials")
    world.clock.advance(10 * 365 * 86_400)
    assert 1 == sam.access_token("expenses").generation
    world.provider.lifetime = 3600
    assert (2, True) == world.use(sam, rejected=1)


def test_rotation_stores_the_new_refresh_token(world, sam):
    """And keeps the one that was used, until the new one worked."""
    from conn_core.broker._credentials import held_of
    from conn_core.store import rows

    for _ in range(3):
        world.clock.advance(3600)
        sam.access_token("expenses")
    issued = [body["refresh_token"] for body in world.provider.granted]
    sent = [fields.get("refresh_token") for fields in world.provider.token_requests]
    assert [None, *issued[:3]] == sent
    [(credential_id,)] = world.sql("SELECT id FROM credentials")
    with world.core.store.read() as tx:
        row = rows.credential_row(tx, credential_id)
    held = held_of(world.core, row)
    assert held.tokens.refresh_token.same_as(issued[3])
    assert held.previous.same_as(issued[2])


def test_without_rotation_the_refresh_token_stays(world, sam):
    """An answer without one means: keep yours."""
    world.provider.rotates = False
    for generation in (2, 3, 4):
        world.clock.advance(3600)
        assert (generation, True) == world.use(sam)
    sent = {f["refresh_token"] for f in world.provider.token_requests[1:]}
    assert 1 == len(sent)


def test_a_refresh_may_give_fewer_scopes(world, sam, answer):
    """What the provider says counts; silence changes nothing."""
    world.clock.advance(3600)
    world.provider.script.append(
        answer(200, b'{"access_token": "CNRY-narrow-token", "scope": "other"}')
    )
    assert ("other",) == sam.access_token("expenses").scopes
    world.provider.script.append(answer(200, b'{"access_token": "CNRY-silent-token"}'))
    assert ("other",) == sam.access_token("expenses", rejected=2).scopes


# --- 401 -----------------------------------------------------------------------------


def test_F41_a_rejected_token_is_renewed_once_for_everybody(world, sam):
    """Whoever names the same generation gets what the first one got."""
    assert (2, True) == world.use(sam, rejected=1)
    assert (2, True) == world.use(sam, rejected=1)
    assert (2, True) == world.use(world.open().acting_as("sam"), rejected=1)
    assert 1 == world.refreshes()


def test_F42_an_api_that_rejects_everything_causes_one_refresh(world, sam):
    """Brand-new tokens are not renewed again within ten seconds."""
    assert 2 == sam.access_token("expenses", rejected=1).generation
    for _ in range(20):
        assert 2 == sam.access_token("expenses", rejected=2).generation
    assert 1 == world.refreshes()
    world.clock.advance(11)
    assert 3 == sam.access_token("expenses", rejected=2).generation


def test_F42_the_cool_down_keeps_no_expired_token(world):
    """Five seconds after a forced refresh a five-second token is at its end."""
    world.provider.lifetime = 5
    sam = world.connected()
    assert 2 == sam.access_token("expenses", rejected=1).generation
    world.clock.advance(5)
    assert (3, True) == world.use(sam, rejected=2)


def test_a_generation_that_never_was_is_no_reason_to_refresh(world, sam):
    """Only the current one can be rejected."""
    assert 1 == sam.access_token("expenses", rejected=7).generation
    assert 0 == world.refreshes()


def test_refresh_is_a_new_token_now(world, sam):
    """Though the old one lasts."""
    assert "connected" == sam.refresh("expenses").status
    assert (2, True) == world.use(sam)


def test_refresh_says_when_nothing_was_renewed(world, sam):
    """Just done, or the provider is down: the old token stays in use."""
    sam.refresh("expenses")
    with pytest.raises(ProviderUnavailable, match="did not renew") as caught:
        sam.refresh("expenses")
    assert "The access that is there is still used" in caught.value.hint
    world.clock.advance(11)
    world.provider.script.append(ProviderUnavailable("cannot be reached"))
    with pytest.raises(ProviderUnavailable, match="did not renew"):
        sam.refresh("expenses")
    assert (2, True) == world.use(sam)


# --- what cannot be renewed ----------------------------------------------------------


@pytest.fixture
def unrenewable(world):
    """A connection whose provider gave no refresh token."""
    sam = world.created()
    _, started = world.begun()
    sent = world.provider.consent(started.authorization_url)
    original = world.provider._tokens
    world.provider._tokens = lambda grant: original(grant, refresh_token=None)
    world.finished(sent, started)
    return sam


def test_a_token_that_cannot_be_renewed_is_used_to_its_end(world, unrenewable):
    """To the last second, and then it failed, with the reason."""
    world.clock.advance(3599)
    assert (1, True) == world.use(unrenewable)
    world.clock.advance(1)
    with pytest.raises(AuthorizationEnded) as caught:
        unrenewable.access_token("expenses")
    assert (
        "Expense Desk no longer accepts the authorization of 'expenses' "
        "(It expired and cannot be renewed, last good use 2026-11-18). "
        "Run %conn authorize expenses" == str(caught.value)
    )
    assert "failed" == unrenewable.connection("expenses").status
    assert [] == [f for f in world.provider.token_requests if "refresh_token" in f]


def test_a_401_does_not_end_what_cannot_be_renewed(world, unrenewable):
    """One API that says no is no reason to throw a working token away."""
    assert (1, True) == world.use(unrenewable, rejected=1)
    assert "connected" == unrenewable.connection("expenses").status


def test_refresh_does_not_end_what_cannot_be_renewed(world, unrenewable):
    """It says why nothing happens."""
    with pytest.raises(Conflict) as caught:
        unrenewable.refresh("expenses")
    assert (
        "Expense Desk gave 'expenses' an access that cannot be renewed. It is used "
        "until it ends. Run %conn authorize expenses then" == str(caught.value)
    )
    assert (1, True) == world.use(unrenewable)
