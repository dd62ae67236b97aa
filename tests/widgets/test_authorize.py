"""Authorize: waiting, and every way it can end."""

import dataclasses
import threading

import pytest

from conn_core.errors import BrokerUnavailable
from conn_widgets import (
    CopyField,
    Field,
    OpenLink,
    SecretField,
    Waiting,
    authorize_form,
)
from conn_widgets._begin import start_authorization
from conn_widgets._journey import Journey, watch_in_background
from conn_widgets._stage import Stage


@pytest.fixture
def done():
    return []


@pytest.fixture
def waiting(hold, broker, fakes, done):
    """A form that waits; the test takes the steps."""
    broker.register_client("zoho-expense", _registration())
    journey = Journey(
        stage=Stage(),
        broker=broker,
        on_done=done.append,
        watch=lambda step, interval: None,
        clock=lambda: fakes.NOW,
    )
    start_authorization(journey, broker.connection("zoho-expense"))
    return hold(journey.stage)


def _registration():
    from conn_core import ClientRegistration

    return ClientRegistration(client_id="id", client_secret="CNRY-registered")


def test_there_is_a_real_link_and_the_address_to_copy(waiting):
    """Both lead to our own start page, never to the provider's."""
    start = "http://127.0.0.1:8888/connections/start/flow1"

    assert (start, "Open Zoho Expense") == (
        waiting.of(OpenLink).href,
        waiting.of(OpenLink).label,
    )
    assert start == waiting.of(CopyField).text
    assert start in waiting.stage.text()


def test_the_time_left_is_the_flows(waiting):
    """Five minutes, counted down in the browser."""
    assert 300 == waiting.of(Waiting).seconds


def test_while_it_is_pending_nothing_changes(waiting):
    """The watch goes on."""
    screen = waiting.stage.screen

    assert not screen.look()
    assert screen is waiting.stage.screen


def test_done_says_as_whom_with_what_and_the_next_cell(waiting, broker, done):
    """Scopes that were refused are named."""
    scope = "ZohoExpense.expensereport.READ"
    broker.answer("flow1", "done", account="priya-n", scopes=())

    assert waiting.stage.screen.look()

    shown = waiting.html()
    assert "Connected as priya-n" in shown
    assert "Expense reports<br>" in shown
    assert f"did not grant ‘{scope}’" in shown
    assert '%%connection zoho-expense\nzoho_expense.get("/user").json()' in [
        w.text for w in waiting.all() if isinstance(w, CopyField)
    ]
    waiting.press("Done")
    assert ["zoho-expense"] == [c.link_name for c in done]


def test_all_granted_needs_no_note(waiting, broker):
    """A table of ticks only."""
    broker.answer("flow1", "done", account="priya-n")

    waiting.stage.screen.look()

    assert "did not grant" not in waiting.html()
    assert "Granted" in waiting.html()


@pytest.mark.parametrize(
    ("state", "error", "shown"),
    [
        ("denied", "Access was not granted at Zoho Expense.", "Access was not granted"),
        ("expired", None, "The time to authorize at Zoho Expense is over."),
        ("failed", "Zoho Expense refused (server_error).", "refused (server_error)"),
    ],
)
def test_an_end_without_a_connection_says_why(waiting, broker, state, error, shown):
    """And offers to try again, which begins a new attempt."""
    broker.answer("flow1", state, error=error)

    assert waiting.stage.screen.look()

    assert shown in waiting.html()
    assert 'role="alert"' in waiting.html()
    waiting.press("Try again")
    assert waiting.of(OpenLink).href.endswith("/flow2")


def test_an_attempt_that_cannot_begin_says_why(hold, broker, fakes):
    """The connection is there; only the authorization is not."""
    broker.unreachable = BrokerUnavailable("No server answers", "Run %conn env")
    form = hold(authorize_form(broker, fakes.a_connection()))

    assert "No server answers." in form.html()
    assert ["Close", "Try again"] == form.buttons()


def test_a_missing_registration_is_asked_for_first(hold, wire, broker, canary):
    """Redirect URL, client id and secret; then the page is opened."""
    secret = canary("client-secret")
    form = hold(authorize_form(broker, broker.connection("zoho-expense")))
    assert "Client registration" in form.html()
    form.press("Continue")
    assert "Must not be empty." == form.of(Field, label="Client id").error
    wire.type(form.of(Field, label="Client id"), value="1000.4XK2")
    form.press("Continue")
    field = form.of(SecretField, label="Client secret")
    assert "Is needed." == field.error
    wire.type(field, filled=True)

    form.press("Continue")
    wire.receive(field, do="secret", secret=secret)

    kept = broker.registrations["zoho-expense"]
    assert secret == kept.client_secret.get_secret_value()
    assert form.of(OpenLink).href.endswith("/start/flow1")
    canary.sweep(texts={"wire": wire.everything()})


def test_a_server_that_restarts_is_waited_for(waiting, broker):
    """The trouble is said, and forgotten when the server is back."""
    broker.unreachable = BrokerUnavailable("The server does not answer")
    assert not waiting.stage.screen.look()
    assert "The server does not answer. Still trying." == waiting.of(Waiting).trouble

    broker.unreachable = None
    assert not waiting.stage.screen.look()
    assert "" == waiting.of(Waiting).trouble


def test_a_forgotten_attempt_ends_the_wait(waiting, broker):
    """Nobody waits for what cannot come."""
    broker.flows.clear()

    assert waiting.stage.screen.look()
    assert "There is no such authorization in progress." in waiting.html()


def test_cancel_gives_the_attempt_up(waiting, broker):
    """At the broker too, and the watch stops."""
    screen = waiting.stage.screen

    waiting.press("Cancel")

    assert "denied" == broker.authorization("flow1").state
    assert screen.look()
    assert "Not authorized yet." in waiting.stage.text()


def test_a_form_that_was_left_is_not_watched(waiting):
    """Closing the form ends the watch."""
    screen = waiting.stage.screen

    waiting.stage.close()

    assert screen.look()


def test_the_watch_runs_beside_a_busy_kernel():
    """A thread takes the steps until one says that it was the last."""
    steps, over = [], threading.Event()

    def step():
        steps.append(threading.current_thread())
        if len(steps) == 3:
            over.set()
        return over.is_set()

    watch_in_background(step, 0.01)

    assert over.wait(60)
    steps[0].join(60)
    assert 3 == len(steps)
    assert threading.main_thread() not in steps


def test_the_form_moves_on_by_itself(hold, broker, done):
    """With nobody to take the steps, the end is shown within a few seconds."""
    shown = threading.Event()
    form = hold(authorize_form(broker, "github"))
    form.stage.observe(lambda _: shown.set(), "children")

    broker.answer("flow1", "done", account="priya-n")

    assert shown.wait(60)
    assert "Connected as priya-n" in form.html()
    form.press("Done")
    assert "Begin a cell with %%connection github" in form.stage.text()


def test_an_account_that_the_service_does_not_tell_is_no_failure(waiting, broker):
    """Connected is connected."""
    broker.answer("flow1", "done", account=None)
    connection = broker.connection("zoho-expense")

    waiting.stage.screen.look()

    assert connection.account is None
    assert "not told by the service" in waiting.html()
    assert dataclasses.replace(connection).status == "connected"
