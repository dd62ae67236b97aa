"""How often people may try: more than they need, too little for guessing or flooding."""

import pytest

from conn_core.broker._rates import _MOST_KEYS, Rates
from conn_core.errors import AuthorizationFailed, TooManyAttempts


def test_a_bucket_empties_and_fills_again():
    """Three at once, then one each ten seconds."""
    rates = Rates(3, 30)
    for _ in range(3):
        assert 0 == rates.wait("sam", now=100)
        rates.count("sam", now=100)
    assert pytest.approx(10) == rates.wait("sam", now=100)
    assert pytest.approx(4) == rates.wait("sam", now=106)
    assert 0 == rates.wait("sam", now=110)
    assert 0 == rates.wait("priya", now=100)


def test_a_clock_that_is_put_back_locks_nobody_out():
    """It gives no tries either."""
    rates = Rates(1, 10)
    rates.count("sam", now=1000)
    assert pytest.approx(10) == rates.wait("sam", now=10)
    rates.count("sam", now=10)
    assert 0 == rates.wait("sam", now=20)


def test_W2_the_memory_of_it_is_bounded():
    """However many names come by; the latest are remembered."""
    rates = Rates(1, 1e9)
    for number in range(3 * _MOST_KEYS):
        rates.count(str(number), now=0)
    assert _MOST_KEYS == len(rates._left)
    assert rates.wait(str(3 * _MOST_KEYS - 1), now=0) > 0


def begins(world, times):
    """Begin so often; tell whether somebody said that it is enough."""
    broker = world.created()
    try:
        for _ in range(times):
            broker.authorize("expenses")
    except TooManyAttempts as error:
        return error
    return None


def test_A2_W2_beginning_again_and_again_is_stopped(world):
    """429, with the time to wait; and that time is enough."""
    error = begins(world, 61)
    assert (429, 10.0) == (error.status, error.retry_after)
    assert "Try again in 10 seconds" == error.hint
    world.clock.advance(10)
    assert "pending" == world.broker().authorize("expenses").state


def test_A2_W2_control_without_the_limit_nobody_stops_it(world, monkeypatch):
    """The check above fails when the defence is off."""
    monkeypatch.setattr(Rates, "take", lambda *_, **__: True)
    assert begins(world, 61) is None


def test_A2_one_person_at_one_service_is_stopped_alone(world):
    """Others, and the same person elsewhere, go on."""
    begins(world, 61)
    world.created(name="Theirs", person="priya")
    assert "pending" == world.broker("priya").authorize("theirs").state


def guessed(world, times, user="sam"):
    """Bring answers with states that nobody made; return the last error."""
    error = None
    for number in range(times):
        answer = {"state": f"guess-{number}", "code": "x"}
        try:
            world.core.finish_authorization("expenses", answer, binding="b", user=user)
        except (AuthorizationFailed, TooManyAttempts) as caught:
            error = caught
    return error


@pytest.mark.parametrize("user", ["sam", None])
def test_A2_guessing_states_is_stopped(world, user):
    """Sixty a minute, and not even looked up after that."""
    assert isinstance(guessed(world, 60, user), AuthorizationFailed)
    assert isinstance(guessed(world, 1, user), TooManyAttempts)
    world.clock.advance(1)
    assert isinstance(guessed(world, 1, user), AuthorizationFailed)


def test_A2_control_without_the_limit_guessing_goes_on(world, monkeypatch):
    """The check above fails when the defence is off."""
    monkeypatch.setattr(Rates, "wait", lambda *_, **__: 0.0)
    assert isinstance(guessed(world, 61), AuthorizationFailed)


def test_A2_a_guesser_does_not_stop_others(world):
    """Who guesses is stopped, and nobody else's answer is."""
    guessed(world, 61, "mallory")
    world.created()
    _, started = world.begun()
    answer = world.provider.consent(started.authorization_url)
    assert "done" == world.finished(answer, started).state


def test_A2_answers_that_belong_to_something_count_nothing(world):
    """A hundred honest authorizations are no guesses."""
    world.created()
    for _ in range(100):
        world.clock.advance(10)
        _, started = world.begun()
        answer = world.provider.consent(started.authorization_url)
        assert "done" == world.finished(answer, started).state
