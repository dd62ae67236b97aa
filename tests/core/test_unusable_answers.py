"""A provider that renewed, and said so in a way that cannot be used: nothing is lost."""

import pytest

from conn_core.errors import AuthorizationEnded, ConnectionsError, ProviderError

ODD_TYPE = {"token_type": "mac"}
ODD_TOKEN = {"access_token": {"nested": True}}


@pytest.fixture
def sam(world):
    """A person with a connection whose token is expired."""
    broker = world.connected()
    world.clock.advance(3600)
    return broker


def spoiled(world, changes):
    """Let the provider answer so, until told otherwise."""
    world.provider.spoils = lambda members: members | changes


def tried(sam, **how):
    with pytest.raises(ProviderError) as caught:
        sam.access_token("expenses", **how)
    return caught.value


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        (ODD_TYPE, "gave a token of the type 'mac'"),
        (ODD_TOKEN, r"without a usable access token \(it is no text\)"),
        ({"access_token": None}, r"access token \(there is none\)"),
        ({"access_token": "é"}, "more than printable ASCII"),
        ({"access_token": "x" * 70_000}, "longer than 64 KiB"),
    ],
)
def test_the_refresh_token_of_an_unusable_answer_is_used_next(world, sam, changes, why):
    """The one before it is spent; what is wrong is said exactly."""
    spoiled(world, changes)
    with pytest.raises(ProviderError, match=why):
        sam.access_token("expenses")
    world.provider.spoils = None
    world.clock.advance(3)
    token = sam.access_token("expenses")
    assert world.provider.is_alive(token.access_token.reveal())
    sent = [f.get("refresh_token") for f in world.provider.token_requests]
    issued = [body["refresh_token"] for body in world.provider.granted]
    assert [None, issued[0], issued[1]] == sent


def test_it_is_committed_before_anybody_learns_of_it(world, sam):
    """Another process that opens the store the next moment goes on with it."""
    spoiled(world, ODD_TYPE)
    tried(sam)
    world.provider.spoils = None
    world.clock.advance(3)
    other = world.open().acting_as("sam")
    assert world.provider.is_alive(other.access_token("expenses").access_token.reveal())


def test_again_and_again(world, sam):
    """Ten spoiled answers, ten rotations, and the grant lives."""
    spoiled(world, ODD_TYPE)
    for _ in range(10):
        tried(sam)
        world.clock.advance(600)
    world.provider.spoils = None
    assert 12 == sam.access_token("expenses").generation
    assert "connected" == sam.connection("expenses").status


def test_nobody_asks_again_at_once(world, sam):
    """It is a failure like others: there is a pause, and the history says why."""
    spoiled(world, ODD_TYPE)
    tried(sam)
    tried(sam)
    assert 1 == world.refreshes()
    event = sam.events("expenses")[0]
    assert ("refresh", "failed") == (event.action, event.result)
    assert "the type 'mac'" in event.detail


def test_the_old_token_is_used_while_it_works(world):
    """And still asked for early: the answer changed nothing of it."""
    sam = world.connected()
    first = sam.access_token("expenses")
    world.clock.advance(3570)
    spoiled(world, ODD_TYPE)
    second = sam.access_token("expenses")
    assert first.access_token.same_as(second.access_token.reveal())
    assert first.expires_at == second.expires_at
    assert 1 == world.refreshes()


def test_a_refresh_that_somebody_asks_for_says_that_it_failed(world):
    """Although there is a new refresh token."""
    sam = world.connected()
    spoiled(world, ODD_TYPE)
    with pytest.raises(ConnectionsError, match="did not renew"):
        sam.refresh("expenses")


def test_without_one_the_old_one_is_tried_again(world, sam):
    """Then nobody knows whether it was spent; a strict provider says so."""
    world.provider.spoils = lambda members: {"access_token": 7}
    tried(sam)
    world.provider.spoils = None
    world.clock.advance(3)
    with pytest.raises(AuthorizationEnded, match="An earlier refresh was interrupted"):
        sam.access_token("expenses")


def test_what_came_along_does_not_travel(world, sam, canary):
    """The error reaches notebooks: it holds no token by then."""
    spoiled(world, ODD_TYPE)
    error = tried(sam)
    assert error.refresh_token is None
    canary.sweep(texts={"error": f"{error!r} {error} {error.to_json()} {vars(error)}"})


def test_a_member_that_is_there_twice_spoils_only_itself(world, sam, answer):
    """R6: the refresh token beside it is beyond doubt."""
    real = world.provider._answer

    def twice(fields, headers):
        good = real(fields, headers)
        body = good.body.replace(b"{", b'{"access_token": "CNRY-other", ', 1)
        return answer(200, body, good.headers)

    world.provider._answer = twice
    tried(sam)
    world.provider._answer = real
    world.clock.advance(3)
    assert 3 == sam.access_token("expenses").generation
