"""The refresh engine: when, how often, and what is kept when it fails."""

import pytest

from conn_core.errors import (
    AuthorizationEnded,
    Conflict,
    ConnectionNotFound,
    ConnectionRevoked,
    ProviderError,
    ProviderUnavailable,
    StoreUnavailable,
)


def down():
    """Return what a provider that does not answer means."""
    return ProviderUnavailable("login.expenses.example cannot be reached")


@pytest.fixture
def sam(world):
    """The broker of somebody with a connection whose token lasts an hour."""
    return world.connected()


def use(world, sam, **rest):
    """Use the connection; return the token, as its generation and whether it works."""
    token = sam.access_token("expenses", **rest)
    return token.generation, world.provider.is_alive(token.access_token.reveal())


# --- when ----------------------------------------------------------------------------


def test_a_token_that_lasts_is_used_again(world, sam):
    """No request, in this process or in another."""
    world.clock.advance(3524)
    assert (1, True) == use(world, sam)
    assert (1, True) == use(world, world.open().acting_as("sam"))
    assert 0 == world.refreshes()


def test_F34_F44_a_token_is_renewed_a_minute_before_its_end(world, sam):
    """Or up to a quarter of that earlier, each process at a moment of its own."""
    world.clock.advance(3540)
    assert (2, True) == use(world, sam)
    assert (2, True) == use(world, sam)
    assert 1 == world.refreshes()


def test_F44_a_short_lived_token_is_not_renewed_at_every_call(world):
    """A tenth of its life is early enough."""
    world.provider.lifetime = 30
    sam = world.connected()
    world.clock.advance(26)
    assert (1, True) == use(world, sam)
    world.clock.advance(1)
    assert (2, True) == use(world, sam)


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
    assert (2, True) == use(world, sam, rejected=1)


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
        assert (generation, True) == use(world, sam)
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
    assert (2, True) == use(world, sam, rejected=1)
    assert (2, True) == use(world, sam, rejected=1)
    assert (2, True) == use(world, world.open().acting_as("sam"), rejected=1)
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
    assert (3, True) == use(world, sam, rejected=2)


def test_a_generation_that_never_was_is_no_reason_to_refresh(world, sam):
    """Only the current one can be rejected."""
    assert 1 == sam.access_token("expenses", rejected=7).generation
    assert 0 == world.refreshes()


def test_refresh_is_a_new_token_now(world, sam):
    """Though the old one lasts."""
    assert "connected" == sam.refresh("expenses").status
    assert (2, True) == use(world, sam)


def test_refresh_says_when_nothing_was_renewed(world, sam):
    """Just done, or the provider is down: the old token stays in use."""
    sam.refresh("expenses")
    with pytest.raises(ProviderUnavailable, match="did not renew") as caught:
        sam.refresh("expenses")
    assert "The access that is there is still used" in caught.value.hint
    world.clock.advance(11)
    world.provider.script.append(down())
    with pytest.raises(ProviderUnavailable, match="did not renew"):
        sam.refresh("expenses")
    assert (2, True) == use(world, sam)


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
    assert (1, True) == use(world, unrenewable)
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
    assert (1, True) == use(world, unrenewable, rejected=1)
    assert "connected" == unrenewable.connection("expenses").status


def test_refresh_does_not_end_what_cannot_be_renewed(world, unrenewable):
    """It says why nothing happens."""
    with pytest.raises(Conflict) as caught:
        unrenewable.refresh("expenses")
    assert (
        "Expense Desk gave 'expenses' an access that cannot be renewed. It is used "
        "until it ends. Run %conn authorize expenses then" == str(caught.value)
    )
    assert (1, True) == use(world, unrenewable)


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
    assert (1, True) == use(world, sam)


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
        assert (1, True) == use(world, sam)
        world.clock.advance(1)
    with pytest.raises(ProviderUnavailable):
        use(world, sam)


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
    assert (2, True) == use(world, sam)
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
    assert (2, True) == use(world, sam)


def test_F39_a_refused_client_keeps_the_refresh_token(world, sam):
    """It fails with the reason; the right secret mends it at once."""
    world.provider.client_secret = "CNRY-rotated-at-the-provider"
    world.clock.advance(3600)
    with pytest.raises(ProviderError, match="invalid_client"):
        sam.access_token("expenses")
    assert "connected" == sam.connection("expenses").status
    world.client_secret = world.provider.client_secret
    world.register()
    assert (2, True) == use(world, sam)


def test_a_service_without_a_registration_keeps_the_refresh_token(world, sam):
    """Somebody deleted it: enter it again and go on."""
    from conn_core.errors import RegistrationRequired

    world.sql("DELETE FROM registrations")
    world.clock.advance(3600)
    with pytest.raises(RegistrationRequired):
        sam.access_token("expenses")
    world.register()
    assert (2, True) == use(world, sam)


# --- the clock -----------------------------------------------------------------------


def test_F44_the_clock_jumps_ahead(world, sam):
    """One refresh, and all is well."""
    world.clock.advance(86_400)
    assert (2, True) == use(world, sam)
    assert (2, True) == use(world, sam)


def test_F44_the_clock_jumps_back(world, sam):
    """A token from the future is not good for ever: one refresh, then none."""
    world.clock.advance(-86_400)
    assert (2, True) == use(world, sam)
    assert (2, True) == use(world, sam)
    assert 1 == world.refreshes()


def test_F44_small_differences_between_clocks_do_not_matter(world, sam):
    """Two machines are a minute apart."""
    world.clock.advance(-60)
    assert (1, True) == use(world, sam)


def test_F44_a_pause_ends_when_the_clock_was_put_back(world, sam):
    """What was to be retried in a minute is not retried tomorrow."""
    world.clock.advance(86_400)
    world.provider.script.append(down())
    with pytest.raises(ProviderUnavailable):
        sam.access_token("expenses")
    world.clock.advance(-86_400 + 3600)
    assert (2, True) == use(world, sam)


def test_F44_a_cool_down_ends_when_the_clock_was_put_back(world, sam):
    """A forced refresh of tomorrow is none of just now."""
    world.clock.advance(200)
    assert 2 == sam.access_token("expenses", rejected=1).generation
    world.clock.advance(-200)
    assert 3 == sam.access_token("expenses", rejected=2).generation


def test_F44_a_lease_ends_when_the_clock_was_put_back(world, sam):
    """A process that crashed tomorrow holds nothing up today."""
    ahead = world.clock() + 86_400 + 90
    world.sql("UPDATE credentials SET lease_owner = 'crashed', lease_until = ?", ahead)
    world.clock.advance(3600)
    assert (2, True) == use(world, sam)


def test_F46_an_end_in_the_past_causes_one_refresh(world, sam):
    """Even one before 1970 was."""
    world.sql("UPDATE credentials SET expires_at = -5")
    assert (2, True) == use(world, sam)
    assert 1 == world.refreshes()


# --- crashes and a failing database --------------------------------------------------


class Crash(BaseException):
    """The process is killed here."""


def crash():
    raise Crash


def test_F02_F32_a_crash_before_the_request_loses_nothing(world, sam):
    """The lock is free, this process goes on at once, others after the lease."""
    world.clock.advance(3600)
    world.provider.script.append(crash)
    with pytest.raises(Crash):
        sam.access_token("expenses")
    other = world.open().acting_as("sam")
    assert [(None,)] != world.sql("SELECT lease_owner FROM credentials")
    world.clock.advance(91)
    assert (2, True) == use(world, other)


def test_F32_the_process_itself_may_try_again_at_once(world, sam):
    """Its lease is its own."""
    world.clock.advance(3600)
    world.provider.script.append(crash)
    with pytest.raises(Crash):
        sam.access_token("expenses")
    assert (2, True) == use(world, sam)
    assert {} == world.core.gates._gates


def test_F03_an_answer_lost_on_the_way_is_asked_for_again(world, sam):
    """A provider that forgives answers; nothing is lost."""
    world.provider.rotates = False
    world.clock.advance(3600)
    world.provider.script.append(down())
    with pytest.raises(ProviderUnavailable):
        sam.access_token("expenses")
    world.clock.advance(3)
    assert (2, True) == use(world, sam)


def test_F52_what_the_provider_answered_is_stored_in_the_end(world, sam, monkeypatch):
    """A database that is busy for a while costs time, not the grant."""
    from conn_core.broker import _saving

    waited = []
    monkeypatch.setattr(_saving.time, "sleep", waited.append)
    put, troubles = _saving._put, [StoreUnavailable("busy")] * 3

    def busy(*args, **rest):
        if troubles:
            raise troubles.pop()
        return put(*args, **rest)

    monkeypatch.setattr(_saving, "_put", busy)
    world.clock.advance(3600)
    assert (2, True) == use(world, sam)
    assert [0.05, 0.1, 0.25] == waited
    assert 1 == world.refreshes()
    assert [] == list((world.settings.data_dir / "spill").iterdir())


@pytest.mark.parametrize("restarted", [False, True])
def test_F52_a_database_that_stays_away_loses_no_token(
    world, sam, monkeypatch, restarted
):
    """The token that could not be stored is not handed out; the next caller, here or in
    another process, brings it into the store without a second request.
    """
    from conn_core.broker import _saving
    from conn_core.broker._upkeep import Pace

    impatient = world.open(pace=Pace(store=0)).acting_as("sam")

    def away(*_args, **_rest):
        raise StoreUnavailable("The database is away")

    monkeypatch.setattr(_saving, "_put", away)
    world.clock.advance(3600)
    with pytest.raises(StoreUnavailable, match="is away"):
        impatient.access_token("expenses")
    monkeypatch.undo()
    world.clock.advance(91)
    assert (2, True) == use(world, sam if restarted else impatient)
    assert 1 == world.refreshes()
    assert [] == list((world.settings.data_dir / "spill").iterdir())


def test_F50_without_an_intent_no_request_is_sent(world, sam, monkeypatch):
    """A database that cannot be written stops the refresh before it begins."""
    from conn_core.store import leases

    def full(*_args, **_rest):
        raise StoreUnavailable("The disk is full")

    monkeypatch.setattr(leases, "take_lease", full)
    world.clock.advance(3599)
    assert (1, True) == use(world, sam)
    world.clock.advance(1)
    with pytest.raises(StoreUnavailable):
        sam.access_token("expenses")
    assert 0 == world.refreshes()


# --- refresh against everything else -------------------------------------------------


def test_F25_revoked_while_a_refresh_was_under_way(world, sam):
    """The new token is stored, and not handed out."""
    world.clock.advance(3600)
    world.provider.script.append(lambda: world.broker().revoke("expenses") and None)
    with pytest.raises(ConnectionRevoked):
        sam.access_token("expenses")
    sam.enable("expenses")
    assert (2, True) == use(world, sam)
    assert 1 == world.refreshes()


def test_F25_deleted_while_a_refresh_was_under_way(world, sam):
    """It is not brought back."""
    world.clock.advance(3600)
    world.provider.script.append(lambda: world.broker().delete("expenses") and None)
    with pytest.raises(ConnectionNotFound):
        sam.access_token("expenses")
    for table in ("connections", "credentials", "secrets"):
        assert [] == world.sql(f"SELECT * FROM {table}")


def test_F26_authorized_anew_while_a_refresh_was_under_way(world, sam):
    """The new consent's tokens are not overwritten: they are what the caller gets."""
    world.clock.advance(3600)
    world.provider.script.append(lambda: world.authorized() and None)
    assert (1, True) == use(world, sam)
    assert (1, True) == use(world, sam)


@pytest.mark.parametrize("times", [1, 2])
def test_a_credential_replaced_between_two_reads(world, sam, monkeypatch, times):
    """Once, the caller gets the new one; again and again, the error says what happened,
    and not that the connection is unknown.
    """
    usable, left = sam._directory.usable_row, [None] * times

    def authorize_meanwhile(name):
        row = usable(name)
        if left:
            left.pop()
            world.authorized()
        return row

    monkeypatch.setattr(sam._directory, "usable_row", authorize_meanwhile)
    if times == 1:
        assert (1, True) == use(world, sam, rejected=1)
        assert 0 == world.refreshes()
        return
    with pytest.raises(AuthorizationEnded, match="authorized anew"):
        sam.access_token("expenses")
