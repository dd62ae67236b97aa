"""What is lent lives long enough to be used."""

import random

import pytest


@pytest.mark.parametrize("lifetime", [30, 300, 3600, 86_400])
def test_J4_no_token_is_lent_in_its_last_moments(world, lifetime):
    """A minute is left, or a tenth of a life that is shorter, whenever it is asked for."""
    world.provider.lifetime = lifetime
    sam = world.connected()
    dice = random.Random(lifetime)

    for _ in range(40):
        world.clock.advance(dice.randrange(1, lifetime))
        lent = sam.access_token("expenses")
        left = lent.expires_at.timestamp() - world.clock()
        assert left >= min(60, lifetime / 10)

    assert world.refreshes() > 0
