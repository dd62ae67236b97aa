"""The provider's answer: who may finish what."""

import pytest

from conn_core.errors import (
    AuthorizationFailed,
    AuthorizationRequired,
)


@pytest.fixture
def attempt(world):
    """An attempt whose person has just agreed at the provider."""
    world.created()
    flow, started = world.begun()
    answer = world.provider.consent(started.authorization_url)
    return flow, started, answer


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
    assert world.refuses(answer, started, "belongs to no authorization")
    assert world.refuses(answer | {"state": ""}, started, "belongs to no authorization")


@pytest.mark.parametrize(
    "state",
    ["x", "CNRY-" + "s" * 1024 * 1024, "\x00", "\ud800", "' OR 1=1--", "%"],
    ids=range(6),
)
def test_A2_A7_an_unknown_state_is_refused(world, attempt, state):
    """Random, huge or no text at all: the attempt itself stays as it was."""
    flow, started, answer = attempt
    assert world.refuses(
        answer | {"state": state}, started, "belongs to no authorization"
    )
    assert "pending" == world.broker().authorization(flow).state


def test_A3_A22_a_replayed_answer_is_refused(world, attempt):
    """The attempt was used up before its code was spent, and stays finished."""
    flow, started, answer = attempt
    world.finished(answer, started)
    token = world.broker().access_token("expenses")
    assert world.refuses(answer, started, "was used already, and works only once")
    assert "done" == world.broker().authorization(flow).state
    assert token == world.broker().access_token("expenses")
    assert 1 == len(world.provider.token_requests)


def test_A4_an_answer_that_comes_too_late_is_refused(world, attempt):
    """Ten minutes and a second."""
    flow, started, answer = attempt
    world.clock.advance(601)
    assert world.refuses(answer, started, "Nobody granted access in time")
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
    assert world.refuses(denied, started, "used already")


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
    assert world.refuses(answer, other, "in the browser where it was begun")


def test_A15_a_browser_that_is_not_logged_in_cannot_finish(world, attempt):
    """Its code is thrown away."""
    _, started, answer = attempt
    assert world.refuses(answer, started, "Nobody is logged in", user=None)
    assert world.refuses(answer, started, "used already")


def test_A17_another_user_cannot_finish(world, attempt):
    """T-03: nothing of the victim's is stored for the one who began, or the reverse."""
    flow, started, answer = attempt
    assert world.refuses(answer, started, "begun by another user", user="priya")
    looked = world.broker().authorization(flow)
    assert ("failed", "It was begun by another user.") == (looked.state, looked.error)
    assert [] == world.sql("SELECT * FROM credentials")


def test_a_hop_does_not_open_it_to_another_user(world):
    """Who is logged in must be the one who began; only nobody is let through."""
    world.created()
    flow = world.broker().authorize("expenses").flow
    started = world.core.start_authorization(flow, user="sam", hop=True)
    answer = world.provider.consent(started.authorization_url)
    assert world.refuses(answer, started, "begun by another user", user="priya")


def test_B1_an_answer_at_another_services_redirect_url_is_refused(world, attempt):
    """T-02: the evil service sent the browser to the honest one."""
    _, started, answer = attempt
    assert world.refuses(
        answer, started, "redirect URL of another service", service="plain-desk"
    )


def test_B4_a_missing_issuer_is_refused_where_it_is_promised(world):
    """RFC 9207 2.4."""
    world.created(service="strict-desk")
    _, started = world.begun()
    answer = world.provider.consent(started.authorization_url)
    del answer["iss"]
    assert world.refuses(
        answer, started, "does not say that it comes from", service="strict-desk"
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
    assert world.refuses(
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
