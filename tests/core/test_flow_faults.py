"""Attempts that are left lying: the browser is closed, consent is slow, a machine sleeps."""

import pytest

TWENTY_MINUTES, A_NIGHT = 1200, 8 * 3600


@pytest.fixture
def agreed(world):
    """Makes an attempt, and the answer of a person who agrees to it in the end."""

    def make():
        _, started = world.begun()
        return started, world.provider.consent(started.authorization_url)

    world.created()
    return make


def stored(world):
    """Return what an attempt has left in the database: credentials, secrets, attempts."""
    return tuple(
        len(world.sql(f"SELECT * FROM {table}"))
        for table in ("credentials", "secrets", "flows")
    )


@pytest.mark.parametrize("late", [TWENTY_MINUTES, A_NIGHT])
def test_F75_F76_consent_that_comes_too_late_is_told_so(world, agreed, late):
    """No code is spent, so no grant is left at the provider; the command is named."""
    started, answer = agreed()
    world.clock.advance(late)

    assert world.refuses(answer, started, "Nobody granted access in time")

    assert "needs authorization" == world.broker().connection("expenses").status
    assert (0, 0) == stored(world)[:2]


@pytest.mark.parametrize("late", [TWENTY_MINUTES, A_NIGHT])
def test_F75_F76_a_new_attempt_works_and_leaves_nothing_of_the_old(world, agreed, late):
    """The browser was closed, nobody came back: one row, of the attempt that counts."""
    agreed()
    world.clock.advance(late + 1)

    started, answer = agreed()

    assert (0, 0, 1) == stored(world)
    assert "done" == world.finished(answer, started).state
    assert (1, 1, 1) == stored(world)
    assert "connected" == world.broker().connection("expenses").status


def test_F76_who_asks_after_a_night_reads_that_it_is_over(world, agreed, monkeypatch):
    """A clock that stands still in sleep would call it pending: the time of day counts."""
    agreed()
    flow = world.broker().authorize("expenses").flow
    monkeypatch.setattr("time.monotonic", lambda: 1000.0)
    assert "pending" == world.broker().authorization(flow).state
    world.clock.advance(A_NIGHT)

    looked = world.broker().authorization(flow)

    assert ("expired", "Nobody granted access in time.") == (looked.state, looked.error)


def test_F76_a_nap_is_no_end(world, agreed):
    """Five minutes later the consent counts."""
    started, answer = agreed()
    world.clock.advance(300)

    assert "done" == world.finished(answer, started).state
