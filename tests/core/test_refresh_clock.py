"""Clocks that jump, and ends in the past."""

import pytest

from conn_core.errors import (
    ProviderUnavailable,
)


def down():
    """Return what a provider that does not answer means."""
    return ProviderUnavailable("login.expenses.example cannot be reached")


@pytest.fixture
def sam(world):
    """The broker of somebody with a connection whose token lasts an hour."""
    return world.connected()


def test_F44_the_clock_jumps_ahead(world, sam):
    """One refresh, and all is well."""
    world.clock.advance(86_400)
    assert (2, True) == world.use(sam)
    assert (2, True) == world.use(sam)


def test_F44_the_clock_jumps_back(world, sam):
    """A token from the future is not good for ever: one refresh, then none."""
    world.clock.advance(-86_400)
    assert (2, True) == world.use(sam)
    assert (2, True) == world.use(sam)
    assert 1 == world.refreshes()


def test_F44_small_differences_between_clocks_do_not_matter(world, sam):
    """Two machines are a minute apart."""
    world.clock.advance(-60)
    assert (1, True) == world.use(sam)


def test_F44_a_pause_ends_when_the_clock_was_put_back(world, sam):
    """What was to be retried in a minute is not retried tomorrow."""
    world.clock.advance(86_400)
    world.provider.script.append(down())
    with pytest.raises(ProviderUnavailable):
        sam.access_token("expenses")
    world.clock.advance(-86_400 + 3600)
    assert (2, True) == world.use(sam)


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
    assert (2, True) == world.use(sam)


def test_F46_an_end_in_the_past_causes_one_refresh(world, sam):
    """Even one before 1970 was."""
    world.sql("UPDATE credentials SET expires_at = -5")
    assert (2, True) == world.use(sam)
    assert 1 == world.refreshes()
