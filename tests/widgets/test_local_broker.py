"""The forms with the broker that does the work, on a store in a temporary folder."""

from urllib.parse import parse_qs, urlsplit

import pytest
from patience import until

from conn_core import ClientRegistration, ConnectionDraft
from conn_widgets import (
    Field,
    FoldHead,
    OpenLink,
    ScopePicker,
    SecretField,
    authorize_form,
    connections_panel,
    edit_form,
    new_connection_form,
)
from conn_widgets._list import ConnectionList


@pytest.fixture
def connected(core, hold, wire, canary):
    """The form after a person filled it in and allowed access in the browser."""
    broker = core.acting_as("priya")
    form = hold(new_connection_form(broker, service="ledger"))
    wire.type(form.of(Field, label="Client id"), value="priyas-client")
    wire.type(form.of(SecretField), filled=True)
    secret_field = form.of(SecretField)
    form.press("Create and connect")
    wire.receive(secret_field, do="secret", secret=canary("client-secret"))

    flow = form.of(OpenLink).href.rpartition("/")[2]
    waiting = form.stage.screen
    started = core.start_authorization(flow, user="priya")
    asked = parse_qs(urlsplit(started.authorization_url).query)
    core.finish_authorization(
        "ledger",
        {"state": asked["state"][0], "code": canary("code")},
        binding=started.binding.reveal(),
        user="priya",
    )
    # Nobody takes the steps here: the form watches the broker from its own thread.
    until(lambda: form.stage.screen is not waiting, what="the end")
    return form


def test_the_main_job_from_the_form_to_connected_as(core, connected, wire, canary):
    """Registered, created, authorized, and no secret in any widget or message."""
    assert "Connected as priya-n" in connected.html()
    made = core.acting_as("priya").connection("ledger")
    assert ("connected", ("invoices.read",)) == (made.status, made.granted_scopes)
    canary.sweep(
        texts={
            "wire": wire.everything(),
            "html": connected.html(),
            "text": connected.stage.text(),
        }
    )


def _connect_forecast(core, hold, wire, secret):
    """Fill in the form of a service with a key; return it."""
    form = hold(new_connection_form(core.acting_as("priya"), service="forecast"))
    field = form.of(SecretField, label="API key")
    wire.type(form.of(Field, label="Shop"), value="priyas")
    wire.type(field, filled=True)
    form.press("Create and connect")
    wire.receive(field, do="secret", secret=secret)
    return form


def test_a_key_connects_at_once(core, provider, hold, wire, canary):
    """The API says who we are; no page, and no secret in any widget or message."""
    secret = canary("api-key")
    provider.accepts = {"X-Key": secret}

    form = _connect_forecast(core, hold, wire, secret)

    assert "Connected as priya-n" in form.html()
    broker = core.acting_as("priya")
    assert "connected" == broker.connection("forecast").status
    lent = broker.access_token("forecast")
    assert (secret, ("priyas.forecast.example.com",)) == (
        lent.access_token.reveal(),
        lent.api_hosts,
    )
    canary.sweep(texts={"wire": wire.everything(), "html": form.html()})


def test_a_wrong_key_is_found_out(core, provider, hold, wire):
    """And another one can be entered at once."""
    provider.accepts = {"X-Key": "CNRY-the-right-one"}
    form = _connect_forecast(core, hold, wire, "CNRY-a-wrong-one")
    assert "Forecast answered 401." in form.html()

    form.press("Enter it again")
    field = form.of(SecretField, label="API key")
    wire.type(field, filled=True)
    form.press("Connect")
    wire.receive(field, do="secret", secret="CNRY-the-right-one")

    assert "Connected as priya-n" in form.html()


def test_a_key_that_cannot_be_one_leaves_no_connection(core, hold, wire):
    """The error stands beside the field."""
    form = _connect_forecast(core, hold, wire, "CNRY-two\nlines")

    error = form.of(SecretField, label="API key").error
    assert "Must be one line, copied exactly." == error
    assert 0 == core.acting_as("priya").connections().total


def test_a_client_alone_is_connected_without_a_page(core, hold, wire, canary):
    """Its registration is asked for, then a token is fetched."""
    form = hold(new_connection_form(core.acting_as("priya"), service="meters"))
    wire.type(form.of(Field, label="Client id"), value="priyas-client")
    field = form.of(SecretField)
    wire.type(field, filled=True)
    form.press("Create and connect")
    wire.receive(field, do="secret", secret=canary("client-secret"))

    assert "Meters gave a token to the client alone" in form.html()
    assert "connected" == core.acting_as("priya").connection("meters").status
    canary.sweep(texts={"wire": wire.everything(), "html": form.html()})


@pytest.fixture
def ledger(core, canary):
    """A connection that waits for its authorization."""
    broker = core.acting_as("priya")
    broker.register_client(
        "ledger",
        ClientRegistration(client_id="it", client_secret=canary("client-secret")),
    )
    return broker.create(ConnectionDraft(service="ledger"))


def test_a_code_on_another_device_connects(core, ledger, hold, wire, canary):
    """The broker asks the provider when its time has come, and the form sees it."""
    form = hold(authorize_form(core.acting_as("priya"), ledger))
    waiting = form.stage.screen
    device = form.of(FoldHead, label="Use a code on another device")
    wire.type(device, is_open=True)
    assert "WDJB-MJHT" in form.html()
    assert "ledger.example.com/device" in form.html()

    until(lambda: form.stage.screen is not waiting, what="the end")

    assert "Connected as priya-n" in form.html()
    canary.sweep(texts={"wire": wire.everything(), "html": form.html()})


@pytest.mark.parametrize("flow", ["auto", "paste"])
def test_a_pasted_address_connects(core, ledger, hold, wire, canary, flow):
    """After the start page was opened here, or the provider's address anywhere."""
    form = hold(authorize_form(core.acting_as("priya"), ledger, flow=flow))
    address = form.of(OpenLink).href
    if flow == "auto":
        number = address.rpartition("/")[2]
        address = core.start_authorization(number, user="priya").authorization_url
        fold = form.of(FoldHead, label="Paste the address you were sent to")
        wire.type(fold, is_open=True)
    asked = parse_qs(urlsplit(address).query)
    sent_to = f"{asked['redirect_uri'][0]}?state={asked['state'][0]}"
    field = form.of(SecretField, label="Address you were sent to")
    wire.type(field, filled=True)

    form.press("Continue")
    wire.receive(field, do="secret", secret=f"{sent_to}wrong&code=x")
    assert "Belongs to another authorization, or none." == field.error
    form.press("Continue")
    wire.receive(field, do="secret", secret=f"{sent_to}&code={canary('code')}")

    assert "Connected as priya-n" in form.html()
    canary.sweep(texts={"wire": wire.everything(), "html": form.html()})


def test_the_broker_says_why_a_way_was_chosen(core, ledger, hold):
    """And nothing where a person chose it."""
    broker = core.acting_as("priya")
    chosen = hold(authorize_form(broker, ledger))
    asked_for = hold(authorize_form(broker, ledger, flow="device"))

    assert "Why this way: The browser can come back to this server." in chosen.html()
    assert "Why this way" not in asked_for.html()
    for form in (chosen, asked_for):
        form.stage.close()


def test_the_panel_shows_what_was_made(core, connected, hold, wire):
    """With its code and its test."""
    form = hold(connections_panel(core.acting_as("priya")))
    listing = form.of(ConnectionList)
    wire.receive(listing, do="ready")
    (row,) = wire.last(listing, "rows")["rows"]
    wire.receive(listing, do="act", action="code", name="ledger")

    assert ("Ledger", "Connected") == (row["name"], row["pill"]["label"])
    code = wire.last(listing, "row")["row"]["code"]
    assert '%%connection ledger\nledger.get("/me").json()' == code


def test_a_new_scope_needs_consent_again(core, connected, hold, wire):
    """The edit goes on to authorize, and until then the connection waits."""
    broker = core.acting_as("priya")
    form = hold(edit_form(broker, "ledger"))
    wire.type(form.of(ScopePicker), value=["invoices.read", "invoices.write"])

    form.press("Update")

    assert "needs authorization" == broker.connection("ledger").status
    assert form.of(OpenLink).href.startswith("http://127.0.0.1:8888/connections/start/")


def test_a_taken_name_is_refused_by_the_broker_too(core, connected, hold, wire):
    """The form proposes a free one, and believes the broker."""
    form = hold(new_connection_form(core.acting_as("priya"), service="ledger"))
    name = form.of(Field, label="Connection name")
    assert "Ledger 2" == name.value

    wire.type(name, value="ledger")
    form.press("Create and connect")

    assert "You already have a connection called 'Ledger'" in name.error
