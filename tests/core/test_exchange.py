"""The code is spent once, and what comes of it is kept."""

import threading

import pytest
from patience import SECONDS

from conn_core import Secret
from conn_core.errors import (
    AuthorizationFailed,
    AuthorizationNotFound,
    ProviderUnavailable,
    StoreUnavailable,
)


@pytest.fixture
def attempt(world):
    """An attempt whose person has just agreed at the provider."""
    world.created()
    flow, started = world.begun()
    answer = world.provider.consent(started.authorization_url)
    return flow, started, answer


def test_A21_two_answers_at_once_spend_one_code(world, attempt):
    """Whoever uses the attempt up first goes on, the other is told."""
    _, started, answer = attempt
    second = []

    def meanwhile():
        try:
            world.finished(answer, started)
        except AuthorizationFailed as error:
            second.append(error.message)

    world.provider.script.append(meanwhile)
    assert "done" == world.finished(answer, started).state
    assert ["This answer was used already, and works only once"] == second
    assert 1 == len(world.provider.token_requests)


def test_A21_two_answers_in_the_same_moment(world, attempt, monkeypatch):
    """Both saw it pending; the database lets one through."""
    from conn_core.broker import _callback

    _, started, answer = attempt
    both = threading.Barrier(2)
    use_up = _callback.use_up

    def together(*args):
        both.wait(timeout=SECONDS)
        return use_up(*args)

    monkeypatch.setattr(_callback, "use_up", together)
    outcomes = []

    def finish():
        try:
            outcomes.append(world.finished(answer, started).state)
        except AuthorizationFailed as error:
            outcomes.append(error.message)

    threads = [threading.Thread(target=finish) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert ["This answer was used already, and works only once", "done"] == sorted(
        outcomes
    )
    assert 1 == len(world.provider.token_requests)


def test_A24_a_crash_after_the_attempt_was_used_up(world, attempt):
    """The code is never sent again; whoever asks learns that it came to nothing."""
    flow, started, answer = attempt

    def crash():
        raise KeyboardInterrupt

    world.provider.script.append(crash)
    with pytest.raises(KeyboardInterrupt):
        world.finished(answer, started)
    assert world.refuses(answer, started, "used already")
    assert "pending" == world.broker().authorization(flow).state
    world.clock.advance(601)
    assert "failed" == world.broker().authorization(flow).state
    world.authorized()


def test_the_provider_is_down(world, attempt):
    """The attempt failed and says why; nothing is stored, and it can be repeated."""
    flow, started, answer = attempt
    world.provider.script.append(
        ProviderUnavailable("login.expenses.example did not answer in time", "Wait")
    )
    done = world.finished(answer, started)
    assert ("failed", "login.expenses.example did not answer in time. Wait") == (
        done.state,
        done.error,
    )
    assert done == world.broker().authorization(flow)
    assert [] == world.sql("SELECT * FROM credentials")
    world.authorized()


def test_the_provider_refuses_the_code(world, attempt):
    """Another verifier, another redirect URL, or a code of yesterday."""
    _, started, answer = attempt
    done = world.finished(answer | {"code": "CNRY-stolen"}, started)
    assert ("failed", "The provider refused the code (invalid_grant).") == (
        done.state,
        done.error,
    )
    assert [] == world.sql("SELECT * FROM credentials")


def test_A21_a_stolen_code_does_not_fit_another_attempt(world, attempt):
    """T-04: the provider sees the other attempt's verifier and refuses."""
    _, _, stolen = attempt
    _, started = world.begun()
    mine = world.provider.consent(started.authorization_url)
    done = world.finished(mine | {"code": stolen["code"]}, started)
    assert "failed" == done.state


def test_F39_the_provider_refuses_the_client(world, attempt):
    """The client secret is another one by now."""
    _, started, answer = attempt
    world.provider.client_secret = "CNRY-another"
    done = world.finished(answer, started)
    assert "failed" == done.state
    assert done.error.startswith("Expense Desk refused the request (invalid_client")


def test_K31_R35_a_providers_error_does_not_repeat_our_secrets(world, attempt, answer):
    """It is stored, shown, and written into the history."""
    _, started, sent = attempt
    world.provider.script.append(
        answer(
            400,
            (
                '{"error": "invalid_request", "error_description": "code '
                + sent["code"]
                + '"}'
            ).encode(),
        )
    )
    done = world.finished(sent, started)
    assert "(invalid_request: code <secret>)" in done.error
    assert "CNRY" not in repr(world.broker().events("expenses"))


def test_F12_tokens_are_kept_before_anything_else_is_asked(world, attempt):
    """A crash while the account is looked up loses a name, not a grant."""
    _, started, answer = attempt

    class Crash(BaseException):
        pass

    def crash(*_args, **_rest):
        raise Crash

    world.provider.get = crash
    with pytest.raises(Crash):
        world.finished(answer, started)
    del world.provider.get
    assert "connected" == world.broker().connection("expenses").status
    assert world.broker().access_token("expenses")


@pytest.mark.parametrize("trouble", ["down", "403", "odd"])
def test_an_account_nobody_tells_is_no_failure(world, attempt, answer, trouble):
    """The connection works all the same."""
    _, started, sent = attempt
    world.provider.api_answer = {
        "down": ProviderUnavailable("down"),
        "403": answer(403),
        "odd": answer(200, b"<html>"),
    }[trouble]
    done = world.finished(sent, started)
    assert ("done", None) == (done.state, done.account)
    assert ("authorize", "") == (
        world.broker().events("expenses")[0].action,
        world.broker().events("expenses")[0].detail,
    )


def test_authorizing_again_replaces_the_credentials(world, canary, settings):
    """There is one set, and a revoked grant works again."""
    broker = world.connected()
    old = broker.access_token("expenses").access_token
    world.provider.end_all_grants()
    world.authorized()
    new = broker.access_token("expenses")
    assert old != new.access_token
    assert 1 == new.generation
    assert world.provider.is_alive(new.access_token.reveal())
    assert 1 == len(world.sql("SELECT * FROM secrets"))
    canary.sweep([settings.data_dir])


def test_F25_a_connection_deleted_during_the_exchange_stays_deleted(world, attempt):
    """The tokens that come then are for nobody."""
    _, started, answer = attempt
    world.provider.script.append(lambda: world.broker().delete("expenses") and None)
    with pytest.raises(AuthorizationNotFound):
        world.finished(answer, started)
    assert [] == world.sql("SELECT * FROM credentials")
    assert [] == world.sql("SELECT * FROM connections")


def test_F50_a_database_that_fails_is_an_error_of_ours(world, attempt, monkeypatch):
    """If the attempt cannot be used up, the code is not sent."""
    from conn_core.broker import _callback

    _, started, answer = attempt

    def full(*_args):
        raise StoreUnavailable("The database is full")

    monkeypatch.setattr(_callback, "use_up", full)
    with pytest.raises(StoreUnavailable):
        world.finished(answer, started)
    assert [] == world.provider.token_requests


def test_Q8_a_verifier_does_not_open_for_another_person(world, attempt):
    """Whoever rewrites an attempt in the database cannot finish it."""
    _, started, answer = attempt
    world.sql("UPDATE flows SET person = 'mallory'")
    done = world.finished(answer, started, user="mallory")
    assert "failed" == done.state
    assert "does not open" in done.error
    assert [] == world.provider.token_requests


def test_the_binding_is_a_secret(attempt):
    """It shows itself nowhere, nor does the state (A27)."""
    _, started, answer = attempt
    assert isinstance(started.binding, Secret)
    assert started.binding.reveal() not in repr(started)
    assert answer["state"] not in repr(started)


def test_an_answer_that_cannot_be_used_leaves_no_grant_behind(world, attempt):
    """It says why, and what came with it is ended at the provider."""
    flow, started, answer = attempt
    world.provider.spoils = lambda members: members | {"token_type": "mac"}
    done = world.finished(answer, started)
    assert "failed" == done.state
    assert "gave a token of the type 'mac'" in done.error
    [issued] = world.provider.granted
    assert [issued["refresh_token"]] == [r["token"] for r in world.provider.revocations]
    assert [] == world.sql("SELECT * FROM credentials")
    world.provider.spoils = None
    assert "done" == world.authorized().state
    assert "failed" == world.broker().authorization(flow).state
