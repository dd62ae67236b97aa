"""A provider that ended the grant, is down, or refuses us: what is said and kept."""

import pytest

from conn_core.errors import (
    AuthorizationEnded,
    ProviderError,
    ProviderUnavailable,
)


def down():
    """Return what a provider that does not answer means."""
    return ProviderUnavailable("login.expenses.example cannot be reached")


@pytest.fixture
def sam(world):
    """The broker of somebody with a connection whose token lasts an hour."""
    return world.connected()


# --- the grant ended -----------------------------------------------------------------


def test_Q32_a_grant_that_ended_says_so_and_keeps_everything(world, sam):
    """One request, no loop, nothing deleted; a new consent mends it."""
    world.provider.end_all_grants()
    world.clock.advance(3600)
    sealed = world.sql("SELECT sealed FROM secrets")
    with pytest.raises(AuthorizationEnded) as caught:
        sam.access_token("expenses")
    assert (
        "Expense Desk no longer accepts the authorization of 'expenses' "
        "(invalid_grant, last good use 2026-11-18). Run %conn authorize expenses"
        == str(caught.value)
    )
    shown = sam.connection("expenses")
    assert ("failed", "invalid_grant. Ended 2026-11-18.") == (
        shown.status,
        shown.status_reason,
    )
    for _ in range(5):
        with pytest.raises(AuthorizationEnded, match="invalid_grant"):
            sam.access_token("expenses")
    assert 1 == world.refreshes()
    assert sealed == world.sql("SELECT sealed FROM secrets")
    assert ("refresh", "ended") == (
        sam.events("expenses")[0].action,
        sam.events("expenses")[0].result,
    )
    world.authorized()
    assert (1, True) == world.use(sam)


def test_the_last_good_use_is_that_of_the_connection(world, sam):
    """Later, the list shows when it was last used."""
    sam.access_token("expenses")
    world.provider.end_all_grants()
    world.clock.advance(3 * 86_400)
    with pytest.raises(AuthorizationEnded):
        sam.access_token("expenses")
    with pytest.raises(AuthorizationEnded, match="last good use 2026-11-18"):
        sam.access_token("expenses")


# --- outages -------------------------------------------------------------------------


def test_F35_during_an_outage_a_token_is_used_until_its_real_end(world, sam, answer):
    """The refresh a minute early fails, and nobody notices."""
    world.clock.advance(3545)
    world.provider.script.extend([answer(503), down(), answer(500)] * 9)
    while world.clock.now < 1_795_000_000 + 3600:
        assert (1, True) == world.use(sam)
        world.clock.advance(1)
    with pytest.raises(ProviderUnavailable):
        world.use(sam)


def test_F35_W4_callers_do_not_hit_a_provider_that_is_down(world, sam):
    """One request, then a pause that everybody keeps, in every process."""
    world.clock.advance(3600)
    world.provider.script.extend([down()] * 50)
    other = world.open().acting_as("sam")
    with pytest.raises(ProviderUnavailable, match="cannot be reached"):
        sam.access_token("expenses")
    for broker in (sam, other) * 10:
        with pytest.raises(ProviderUnavailable) as caught:
            broker.access_token("expenses")
        assert (
            "Expense Desk does not renew the access of 'expenses' at the moment. "
            "The authorization is kept. Run the cell again in a minute"
            == str(caught.value)
        )
    assert 1 == world.refreshes()


def test_F35_the_pauses_grow_to_five_minutes(world, sam):
    """Twice as long each time, and never the same for all."""
    world.clock.advance(3600)
    world.provider.script.extend([down()] * 12)
    pauses = []
    for _ in range(12):
        with pytest.raises(ProviderUnavailable):
            sam.access_token("expenses")
        [(retry_at,)] = world.sql("SELECT retry_at FROM credentials")
        pauses.append(retry_at - world.clock())
        world.clock.now = retry_at + 0.001
    for n, pause in enumerate(pauses, start=1):
        assert min(2**n, 300) / 2 <= pause <= min(2**n, 300)


def test_F37_after_an_outage_of_a_day_it_works_again(world, sam):
    """Without anybody doing anything."""
    world.clock.advance(3600)
    world.provider.script.extend([down()] * 8)
    for _ in range(8):
        with pytest.raises(ProviderUnavailable):
            sam.access_token("expenses")
        world.clock.advance(10_800)
    assert (2, True) == world.use(sam)
    assert [(0, None)] == world.sql("SELECT failures, retry_at FROM credentials")
    assert "connected" == sam.connection("expenses").status


@pytest.mark.parametrize(
    ("asked", "least", "most"),
    [
        ("120", 120, 120),
        ("Wed, 18 Nov 2026 12:08:40 GMT", 120, 120),
        ("999999999", 3600, 3600),
        ("soon", 1, 2),
        ("0", 1, 2),
    ],
)
@pytest.mark.parametrize("status", [429, 503])
def test_F36_a_provider_that_asks_us_to_wait_is_obeyed(
    world, sam, answer, status, asked, least, most
):
    """For an hour at most, with no request in the meantime."""
    world.clock.advance(3600)
    world.provider.script.append(answer(status, headers={"retry-after": asked}))
    with pytest.raises(ProviderUnavailable):
        sam.access_token("expenses")
    [(retry_at,)] = world.sql("SELECT retry_at FROM credentials")
    assert least <= retry_at - world.clock() <= most
    world.clock.now = retry_at - 0.001
    with pytest.raises(ProviderUnavailable, match="at the moment"):
        sam.access_token("expenses")
    assert 1 == world.refreshes()
    world.clock.now = retry_at
    assert (2, True) == world.use(sam)


def test_F39_a_refused_client_keeps_the_refresh_token(world, sam):
    """It fails with the reason; the right secret mends it at once."""
    world.provider.client_secret = "CNRY-rotated-at-the-provider"
    world.clock.advance(3600)
    with pytest.raises(ProviderError, match="invalid_client"):
        sam.access_token("expenses")
    assert "connected" == sam.connection("expenses").status
    world.client_secret = world.provider.client_secret
    world.register()
    assert (2, True) == world.use(sam)


def test_a_service_without_a_registration_keeps_the_refresh_token(world, sam):
    """Somebody deleted it: enter it again and go on."""
    from conn_core.errors import RegistrationRequired

    world.sql("DELETE FROM registrations")
    world.clock.advance(3600)
    with pytest.raises(RegistrationRequired):
        sam.access_token("expenses")
    world.register()
    assert (2, True) == world.use(sam)
