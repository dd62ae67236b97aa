"""A refresh against crashes, a failing database, and what people do meanwhile."""

import pytest

from conn_core.errors import (
    AuthorizationEnded,
    ConnectionNotFound,
    ConnectionRevoked,
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
    assert (2, True) == world.use(other)


def test_F32_the_process_itself_may_try_again_at_once(world, sam):
    """Its lease is its own."""
    world.clock.advance(3600)
    world.provider.script.append(crash)
    with pytest.raises(Crash):
        sam.access_token("expenses")
    assert (2, True) == world.use(sam)
    assert {} == world.core.gates._gates


def test_F03_an_answer_lost_on_the_way_is_asked_for_again(world, sam):
    """A provider that forgives answers; nothing is lost."""
    world.provider.rotates = False
    world.clock.advance(3600)
    world.provider.script.append(down())
    with pytest.raises(ProviderUnavailable):
        sam.access_token("expenses")
    world.clock.advance(3)
    assert (2, True) == world.use(sam)


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
    assert (2, True) == world.use(sam)
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
    assert (2, True) == world.use(sam if restarted else impatient)
    assert 1 == world.refreshes()
    assert [] == list((world.settings.data_dir / "spill").iterdir())


def test_F50_without_an_intent_no_request_is_sent(world, sam, monkeypatch):
    """A database that cannot be written stops the refresh before it begins."""
    from conn_core.store import leases

    def full(*_args, **_rest):
        raise StoreUnavailable("The disk is full")

    monkeypatch.setattr(leases, "take_lease", full)
    world.clock.advance(3599)
    assert (1, True) == world.use(sam)
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
    assert (2, True) == world.use(sam)
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
    assert (1, True) == world.use(sam)
    assert (1, True) == world.use(sam)


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
        assert (1, True) == world.use(sam, rejected=1)
        assert 0 == world.refreshes()
        return
    with pytest.raises(AuthorizationEnded, match="authorized anew"):
        sam.access_token("expenses")
