"""A browser that did not begin: six digits, which only who began can use."""

import re
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from conn_core.broker import _callback, _confirming
from conn_core.errors import (
    AuthorizationFailed,
    AuthorizationNotFound,
    ConnectionsError,
    InvalidInput,
)
from conn_core.store import Store


@pytest.fixture
def attempt(world):
    """An attempt whose consent page ended in another browser of the same person."""
    world.created()
    flow, started = world.begun()
    return flow, world.provider.consent(started.authorization_url)


def brought(world, answer, *, binding=None, user="sam"):
    """Bring an answer by a browser without the cookie; return what its page says."""
    try:
        world.core.finish_authorization("expenses", answer, binding=binding, user=user)
    except AuthorizationFailed as error:
        return error
    return None


def digits_of(error):
    return re.search(r"\b(\d{3} \d{3})\b", error.hint)[1]


def another(digits):
    """Return other digits."""
    return f"{(int(digits.replace(' ', '')) + 1) % 10**6:06}"


def another_browser_cannot_finish(world, answer):
    """Nothing is asked of the provider, and nobody is connected."""
    brought(world, answer)
    return 0 == len(world.provider.token_requests)


def three_guesses_are_all(world, flow, answer):
    """The right digits are of no use after three wrong ones."""
    digits = digits_of(brought(world, answer))
    sam = world.broker()
    for _ in range(3):
        with pytest.raises(ConnectionsError):
            sam.paste(flow, another(digits))
    try:
        return "done" != sam.paste(flow, digits).state
    except ConnectionsError:
        return True


def test_A14_another_browser_of_the_same_person_cannot_finish(world, attempt):
    """It is told so, and shown six digits for the one who began."""
    flow, answer = attempt
    error = brought(world, answer)
    assert "in the browser where it was begun" in error.message
    assert error.hint.startswith("Start again with %conn authorize expenses")
    assert digits_of(error)
    assert [] == world.provider.token_requests
    looked = world.broker().authorization(flow)
    assert ("pending", True) == (looked.state, "six digits" in looked.why)


def test_A14_control_without_the_binding_it_could(world, attempt, monkeypatch):
    """The check above fails when the defence is off."""
    monkeypatch.setattr(_callback, "_is_bound", lambda row, binding: True)
    assert not another_browser_cannot_finish(world, attempt[1])


def test_A14_the_check_of_the_control_holds_with_the_defence(world, attempt):
    """It is the same check."""
    assert another_browser_cannot_finish(world, attempt[1])


def test_who_began_finishes_with_the_digits(world, attempt, canary, settings):
    """Typed with or without the blank; and nothing of the answer lies open meanwhile."""
    flow, answer = attempt
    digits = digits_of(brought(world, answer))
    canary.sweep([settings.data_dir])
    done = world.broker().paste(flow, f" {digits} ")
    assert ("done", "sam@acme.example") == (done.state, done.account)
    assert "connected" == world.broker().connection("expenses").status


def test_T03_the_digits_are_of_no_use_to_the_one_who_sees_them(world, attempt):
    """Nor to anybody else: the attempt is of who began."""
    flow, answer = attempt
    digits = digits_of(brought(world, answer))
    with pytest.raises(AuthorizationNotFound):
        world.broker("priya").paste(flow, digits)
    assert [] == world.provider.token_requests


def test_A20_three_guesses_are_all(world, attempt):
    """Then the attempt is over."""
    flow, answer = attempt
    assert three_guesses_are_all(world, flow, answer)
    looked = world.broker().authorization(flow)
    assert ("failed", [(None,)]) == (
        looked.state,
        world.sql("SELECT sealed FROM flows"),
    )
    assert "typed three times" in looked.error


def test_A20_control_with_more_tries_a_fourth_one_works(world, attempt, monkeypatch):
    """The check above fails when the defence is off."""
    monkeypatch.setattr(_confirming, "_TRIES", 1000)
    assert not three_guesses_are_all(world, *attempt)


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_A20_guesses_at_once_are_counted_one_by_one(world, database, request):
    """Twelve threads get three tries, not twelve."""
    if database == "postgresql":
        url = request.getfixturevalue("new_database")()
        world.open(store=Store.postgresql(url))
    sam, begin = world.created(), threading.Barrier(12)
    flow, started = world.begun()
    answer = world.provider.consent(started.authorization_url)
    wrong = another(digits_of(brought(world, answer)))

    def guess(_):
        begin.wait(20)
        with pytest.raises(ConnectionsError) as caught:
            sam.paste(flow, wrong)
        return str(caught.value)

    with ThreadPoolExecutor(12) as pool:
        said = list(pool.map(guess, range(12)))
    assert 2 == sum("not the digits" in text for text in said)
    assert "failed" == sam.authorization(flow).state


def test_A20_the_digits_are_good_for_five_minutes(world, attempt):
    """And never longer than the attempt."""
    flow, answer = attempt
    digits = digits_of(brought(world, answer))
    world.clock.advance(301)
    with pytest.raises(InvalidInput, match="No browser shows digits"):
        world.broker().paste(flow, digits)
    assert [] == world.provider.token_requests


def test_digits_that_no_browser_shows_open_nothing(world):
    """Before anything came back."""
    world.created()
    flow, _ = world.begun()
    with pytest.raises(InvalidInput, match="No browser shows digits") as caught:
        world.broker().paste(flow, "123456")
    assert {"address"} == caught.value.fields.keys()


def test_A3_an_answer_that_waits_cannot_be_brought_again(world, attempt):
    """Not even by the right browser: its state is used."""
    _, answer = attempt
    brought(world, answer)
    assert "belongs to no authorization" in brought(world, answer).message


def test_A3_digits_work_once(world, attempt):
    """The attempt is used up with them."""
    flow, answer = attempt
    digits = digits_of(brought(world, answer))
    world.broker().paste(flow, digits)
    with pytest.raises(AuthorizationFailed, match="over"):
        world.broker().paste(flow, digits)
    assert 1 == len(world.provider.token_requests)


def test_opening_the_link_again_begins_anew(world, attempt):
    """What was brought before is forgotten, and its digits with it."""
    flow, answer = attempt
    digits = digits_of(brought(world, answer))
    started = world.core.start_authorization(flow, user="sam")
    with pytest.raises(InvalidInput, match="No browser shows digits"):
        world.broker().paste(flow, digits)
    fresh = world.provider.consent(started.authorization_url)
    assert "done" == world.finished(fresh, started).state


@pytest.mark.parametrize(
    ("changes", "user", "why"),
    [
        ({}, "priya", "begun by another user"),
        ({}, None, "Nobody is logged in"),
        ({"iss": "https://evil.example"}, "sam", "browser where it was begun"),
        ({"error": "access_denied"}, "sam", "browser where it was begun"),
    ],
    ids=["A17", "A15", "B4", "A9"],
)
def test_only_a_good_answer_of_the_same_person_is_kept(
    world, attempt, changes, user, why
):
    """Everything else ends the attempt, without digits."""
    flow, answer = attempt
    error = brought(world, answer | changes, user=user)
    assert why in error.message
    assert not re.search(r"\d{3} \d{3}", error.hint)
    assert "failed" == world.broker().authorization(flow).state


def test_the_digits_are_not_in_the_history(world, attempt):
    """Nor anything else of the answer."""
    _, answer = attempt
    digits = digits_of(brought(world, answer))
    everything = repr(world.sql("SELECT * FROM events")) + repr(
        world.sql("SELECT device, error FROM flows")
    )
    assert digits.replace(" ", "") not in everything
