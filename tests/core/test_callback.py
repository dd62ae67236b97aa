"""The provider's answer: who may finish what, once, and what comes of it."""

import threading

import pytest

from conn_core import Secret
from conn_core.errors import (
    AuthorizationFailed,
    AuthorizationNotFound,
    AuthorizationRequired,
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


def refused(world, answer, started, sentence, **rest):
    """Tell that an answer is refused, with nothing sent and nothing stored."""
    before = len(world.provider.token_requests)
    credentials = world.sql("SELECT * FROM credentials")
    with pytest.raises(AuthorizationFailed) as caught:
        world.finished(answer, started, **rest)
    assert before == len(world.provider.token_requests)
    assert credentials == world.sql("SELECT * FROM credentials")
    assert "CNRY" not in str(caught.value)
    assert caught.value.hint.startswith("Start again with %conn authorize")
    return sentence in caught.value.message


def test_consent_connects(world, attempt, canary, settings):
    """As whom, with which scopes; and nothing of it lies open."""
    flow, started, answer = attempt
    done = world.finished(answer, started)
    assert ("done", "sam@acme.example", ("reports.read",), None) == (
        done.state,
        done.account,
        done.granted_scopes,
        done.error,
    )
    assert done == world.broker().authorization(flow)
    shown = world.broker().connection("expenses")
    assert ("connected", "sam@acme.example") == (shown.status, shown.account)
    assert [(None,)] == world.sql("SELECT sealed FROM flows")
    canary.sweep([settings.data_dir], {"done": repr(done)})


def test_A1_an_answer_without_state_is_refused(world, attempt):
    """It belongs to nothing."""
    _, started, answer = attempt
    del answer["state"]
    assert refused(world, answer, started, "belongs to no authorization")
    assert refused(
        world, answer | {"state": ""}, started, "belongs to no authorization"
    )


@pytest.mark.parametrize(
    "state",
    ["x", "CNRY-" + "s" * 1024 * 1024, "\x00", "\ud800", "' OR 1=1--", "%"],
    ids=range(6),
)
def test_A2_A7_an_unknown_state_is_refused(world, attempt, state):
    """Random, huge or no text at all: the attempt itself stays as it was."""
    flow, started, answer = attempt
    assert refused(
        world, answer | {"state": state}, started, "belongs to no authorization"
    )
    assert "pending" == world.broker().authorization(flow).state


def test_A3_A22_a_replayed_answer_is_refused(world, attempt):
    """The attempt was used up before its code was spent, and stays finished."""
    flow, started, answer = attempt
    world.finished(answer, started)
    token = world.broker().access_token("expenses")
    assert refused(world, answer, started, "was used already, and works only once")
    assert "done" == world.broker().authorization(flow).state
    assert token == world.broker().access_token("expenses")
    assert 1 == len(world.provider.token_requests)


def test_A4_an_answer_that_comes_too_late_is_refused(world, attempt):
    """Ten minutes and a second."""
    flow, started, answer = attempt
    world.clock.advance(601)
    assert refused(world, answer, started, "Nobody granted access in time")
    assert "expired" == world.broker().authorization(flow).state


@pytest.mark.parametrize("error", ["access_denied", "server_error"])
def test_A8_a_code_beside_an_error_is_not_spent(world, attempt, error):
    """The error counts."""
    _, started, answer = attempt
    done = world.finished(answer | {"error": error}, started)
    assert done.state in {"denied", "failed"}
    assert [] == world.provider.token_requests


def test_A9_consent_denied(world, attempt):
    """Said in a sentence; earlier credentials stay, and there is no retry."""
    flow, started, answer = attempt
    denied = {"error": "access_denied", "state": answer["state"]}
    done = world.finished(denied, started)
    assert ("denied", "Access was not granted at Expense Desk.") == (
        done.state,
        done.error,
    )
    assert done == world.broker().authorization(flow)
    with pytest.raises(AuthorizationRequired):
        world.broker().access_token("expenses")
    assert refused(world, denied, started, "used already")


def test_A9_consent_denied_keeps_what_was_there(world):
    """Who is connected and says no to a second consent stays connected."""
    broker = world.connected()
    _, started = world.begun()
    state = world.provider.consent(started.authorization_url)["state"]
    world.finished({"error": "access_denied", "state": state}, started)
    assert "connected" == broker.connection("expenses").status
    assert broker.access_token("expenses")


def test_A10_a_providers_text_is_kept_short_and_plain(world, attempt):
    """A hundred kilobytes of script become one short line."""
    _, started, answer = attempt
    done = world.finished(
        {
            "state": answer["state"],
            "error": "invalid_scope\n<b>",
            "error_description": "<script>alert(1)</script>\x00" + "x" * 100_000,
        },
        started,
    )
    assert "failed" == done.state
    assert done.error.startswith(
        "Expense Desk refused (invalid_scope <b>: <script>alert(1)</script> xxx"
    )
    assert len(done.error) < 500
    assert done.error.isprintable()


def test_an_answer_without_code_or_error_is_no_consent(world, attempt):
    """Such as one from an implicit grant (A12)."""
    _, started, answer = attempt
    odd = {"state": answer["state"], "access_token": "CNRY-implicit"}
    done = world.finished(odd, started)
    assert ("failed", "Expense Desk refused (no code).") == (done.state, done.error)


def test_A14_another_browser_cannot_finish(world, attempt):
    """Without the cookie, or with that of another attempt."""
    flow, started, answer = attempt
    _, other = world.begun()
    with pytest.raises(AuthorizationFailed, match="in the browser where it was begun"):
        world.core.finish_authorization("expenses", answer, binding=None, user="sam")
    assert "pending" == world.broker().authorization(flow).state
    flow, started = world.begun()
    answer = world.provider.consent(started.authorization_url)
    assert refused(world, answer, other, "in the browser where it was begun")


def test_A15_a_browser_that_is_not_logged_in_cannot_finish(world, attempt):
    """Its code is thrown away."""
    _, started, answer = attempt
    assert refused(world, answer, started, "Nobody is logged in", user=None)
    assert refused(world, answer, started, "used already")


def test_A17_another_user_cannot_finish(world, attempt):
    """T-03: nothing of the victim's is stored for the one who began, or the reverse."""
    flow, started, answer = attempt
    assert refused(world, answer, started, "begun by another user", user="priya")
    looked = world.broker().authorization(flow)
    assert ("failed", "It was begun by another user.") == (looked.state, looked.error)
    assert [] == world.sql("SELECT * FROM credentials")


def test_a_hop_does_not_open_it_to_another_user(world):
    """Who is logged in must be the one who began; only nobody is let through."""
    world.created()
    flow = world.broker().authorize("expenses").flow
    started = world.core.start_authorization(flow, user="sam", hop=True)
    answer = world.provider.consent(started.authorization_url)
    assert refused(world, answer, started, "begun by another user", user="priya")


def test_B1_an_answer_at_another_services_redirect_url_is_refused(world, attempt):
    """T-02: the evil service sent the browser to the honest one."""
    _, started, answer = attempt
    assert refused(
        world, answer, started, "redirect URL of another service", service="plain-desk"
    )


def test_B4_a_missing_issuer_is_refused_where_it_is_promised(world):
    """RFC 9207 2.4."""
    world.created(service="strict-desk")
    _, started = world.begun()
    answer = world.provider.consent(started.authorization_url)
    del answer["iss"]
    assert refused(
        world, answer, started, "does not say that it comes from", service="strict-desk"
    )


@pytest.mark.parametrize("service", ["expenses", "strict-desk"])
@pytest.mark.parametrize(
    "issuer",
    ["https://evil.example", "", "https://login.expenses.example/"],
    ids=["other", "empty", "slash"],
)
def test_B6_another_issuer_is_refused(world, service, issuer):
    """Whether or not one was promised; compared letter by letter."""
    world.created(service=service)
    _, started = world.begun()
    answer = world.provider.consent(started.authorization_url)
    assert refused(
        world,
        answer | {"iss": issuer},
        started,
        "does not come from",
        service=service,
    )


def test_an_issuer_nobody_knows_of_says_nothing(world):
    """A service that names none cannot be compared with one."""
    world.created(service="plain-desk")
    _, started = world.begun()
    answer = world.provider.consent(started.authorization_url)
    answer["iss"] = "https://login.plain.example"
    assert "done" == world.finished(answer, started, service="plain-desk").state


def test_without_an_issuer_where_none_is_promised(world, attempt):
    """Most providers send none."""
    _, started, answer = attempt
    del answer["iss"]
    assert "done" == world.finished(answer, started).state


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
        both.wait(timeout=10)
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
    assert refused(world, answer, started, "used already")
    assert "pending" == world.broker().authorization(flow).state
    world.clock.advance(601)
    assert "expired" == world.broker().authorization(flow).state
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


def test_R35_a_providers_error_does_not_repeat_our_secrets(world, attempt, answer):
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
