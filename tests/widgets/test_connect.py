"""Connect to …: what is typed becomes a connection, and what is refused stays."""

import dataclasses

import pytest

from conn_core.errors import BrokerUnavailable
from conn_widgets import (
    CheckField,
    CopyField,
    Field,
    OpenLink,
    ScopePicker,
    SecretField,
    new_connection_form,
)


@pytest.fixture
def github(hold, broker):
    """The form of a service that is registered."""
    return hold(new_connection_form(broker, service="github"))


@pytest.fixture
def zoho(hold, broker, wire):
    """The form of a service with parameters and without a registration."""
    form = hold(new_connection_form(broker, service="zoho-expense", name="Travel"))
    wire.type(form.of(Field, label="Organisation"), value="60001234")
    return form


def _name(form):
    return form.of(Field, label="Connection name")


def _type_secret(form, wire, secret):
    """Type into the secret field as the browser would, and answer when asked."""
    field = form.of(SecretField)
    wire.type(field, filled=True)
    form.press("Create and connect")
    if {"do": "hand over"} in wire.sent_by(field):
        wire.receive(field, do="secret", secret=secret)
        wire.type(field, filled=False)


def test_B8_who_connects_reads_where_codes_go(hold, broker, fakes):
    """Where a description borrows a consent page; where it does not, nothing is said."""
    borrowed = fakes.a_service(
        "borrowed",
        "Borrowed",
        predefined=False,
        owner="sam",
        authorization_endpoint="https://github.com/login/oauth/authorize",
        token_endpoint="https://evil.example/token",
    )
    usual = hold(new_connection_form(broker, service="acme-crm")).html()
    broker = fakes.FakeBroker(services=[borrowed], connections=[])
    told = hold(new_connection_form(broker, service="borrowed")).html()

    assert "Consent is asked for at" not in usual
    assert "for at github.com, and codes and secrets go to evil.example" in told


def test_a_free_name_is_proposed(github):
    """The service's name, numbered where it is taken."""
    assert "GitHub 2" == _name(github).value


def test_the_link_name_follows_what_is_typed(github, wire):
    """People see what code will write before they create anything."""
    wire.type(_name(github), value="Finance, Q3")

    assert "Used in code as `finance-q3`." in _name(github).help


def test_a_name_without_letters_is_explained(github, wire):
    """What code writes is made from the name."""
    wire.type(_name(github), value="你好")

    assert "at least one letter" in _name(github).help


def test_a_connection_is_created_and_its_authorization_begins(github, wire, broker):
    """Name, scopes and the option arrive; the next screen opens the service."""
    wire.type(_name(github), value="Spend reports")
    wire.type(github.of(ScopePicker), value=["read:user"])
    wire.type(github.of(CheckField, label="Use credentials of login user"), value=True)

    github.press("Create and connect")

    made = broker.connection("spend-reports")
    assert ("Spend reports", ("read:user",), True) == (
        made.name,
        made.scopes,
        made.use_login_user_credentials,
    )
    assert "http://127.0.0.1:8888/connections/start/flow1" == github.of(OpenLink).href
    assert "Step 3 of 3." in github.html()


@pytest.mark.parametrize("sealed", [True, False])
def test_the_token_may_be_kept_with_the_broker(github, wire, broker, sealed):
    """One box; direct where nobody ticks it."""
    wire.type(_name(github), value="Kept")
    box = github.of(CheckField, label="Keep the token with the broker (sealed)")
    wire.type(box, value=sealed)

    github.press("Create and connect")

    assert ("sealed" if sealed else "direct") == broker.connection("kept").exposure
    assert "no token reaches a notebook" in box.help


def test_the_usual_scopes_are_ticked(github):
    """The service says which; else the read-only ones."""
    assert ["read:user", "repo"] == github.of(ScopePicker).value


def test_a_taken_name_is_refused_beside_the_name(github, wire, broker):
    """What was typed stays, and the focus goes to the field."""
    wire.type(_name(github), value="Finance sheet")
    before = broker.connections().total

    github.press("Create and connect")

    assert "You already have a connection called 'Finance sheet'" in _name(github).error
    assert "Finance sheet" == _name(github).value
    assert before == broker.connections().total
    manners = github.stage.children[0]
    assert ".conn-invalid" in wire.last(manners, "focus")["selector"]


def test_an_error_goes_away_with_the_next_attempt(github, wire, broker):
    """Only what is wrong now is shown."""
    wire.type(_name(github), value="")
    github.press("Create and connect")
    assert "Must not be empty." == _name(github).error

    wire.type(_name(github), value="Mended")
    github.press("Create and connect")

    assert "mended" == broker.connection("Mended").link_name


def test_a_refusal_without_a_field_is_a_note_at_the_top(github, broker):
    """It is spoken at once, and the form can be sent again."""
    broker.unreachable = BrokerUnavailable("No server answers", "Run %conn doctor")

    github.press("Create and connect")

    assert 'role="alert"' in github.html()
    assert "No server answers." in github.html()
    assert not github.stage.screen.submit_button.disabled


def test_a_parameter_is_checked_beside_its_field(zoho, wire, broker):
    """The example says what is meant."""
    field = zoho.of(Field, label="Organisation")
    wire.type(field, value="sixty")
    _type_secret(zoho, wire, "CNRY-never-asked-for")

    assert "Must be like 60001234." == field.error
    assert {} == broker.registrations


def test_choices_are_chosen_from(zoho):
    """A parameter with choices is a select, with the first one chosen."""
    field = zoho.of(Field, label="Data centre")

    assert ("choice", "eu") == (field.kind, field.value)


def test_the_registration_is_asked_for_only_where_it_is_missing(github, zoho):
    """Redirect URL, client id and secret."""
    assert "none" == github.stage.screen.registration.box.layout.display
    assert zoho.stage.screen.registration.box.layout.display is None
    assert (
        "http://127.0.0.1:8888/connections/callback/zoho-expense"
        == zoho.of(CopyField, label="Redirect URL").text
    )


def test_K20_client_id_and_secret_reach_the_broker_and_nothing_else(
    zoho, wire, broker, canary
):
    """The broker has the secret; no widget and no message to the browser has it."""
    import ipywidgets.embed

    secret = canary("client-secret")
    wire.type(zoho.of(Field, label="Client id"), value="1000.4XK2")
    screen = zoho.stage.screen

    _type_secret(zoho, wire, secret)

    kept = broker.registrations["zoho-expense"]
    assert ("1000.4XK2", secret) == (
        kept.client_id,
        kept.client_secret.get_secret_value(),
    )
    made = broker.connection("travel")
    assert {"data_centre": "eu", "organisation": "60001234"} == made.parameters
    canary.sweep(
        texts={
            "wire": wire.everything(),
            "embedded": repr(ipywidgets.embed.embed_data(views=[zoho.stage])),
            "form": repr(vars(screen)) + repr(screen._service),
            "widgets": repr([vars(w) for w in zoho.all()]),
        }
    )


@pytest.mark.parametrize(
    ("client_id", "filled", "label", "error"),
    [
        ("", True, "Client id", "Must not be empty."),
        ("id\u00e9", True, "Client id", "Must be plain characters"),
        ("id", False, "Client secret", "Is needed."),
    ],
)
def test_a_wrong_registration_is_refused_before_the_secret_leaves_the_browser(
    zoho, wire, broker, client_id, filled, label, error
):
    """So that nothing has to be typed twice."""
    wire.type(zoho.of(Field, label="Client id"), value=client_id)
    wire.type(zoho.of(SecretField), filled=filled)

    zoho.press("Create and connect")

    kind = SecretField if label == "Client secret" else Field
    assert zoho.of(kind, label=label).error.startswith(error)
    assert [] == wire.sent_by(zoho.of(SecretField))
    assert {} == broker.registrations


def test_a_registration_is_done_once(zoho, wire, broker):
    """When the name is refused afterwards, the secret is not asked for again."""
    wire.type(zoho.of(Field, label="Client id"), value="id")
    wire.type(zoho.of(SecretField), filled=True)
    zoho.press("Create and connect")
    there = broker.connection("github")
    broker.found["x"] = dataclasses.replace(there, link_name="x", name="Travel")
    wire.receive(zoho.of(SecretField), do="secret", secret="CNRY-typed-once")
    assert _name(zoho).error
    assert "none" == zoho.stage.screen.registration.box.layout.display

    wire.type(_name(zoho), value="Travelling")
    zoho.press("Create and connect")

    assert "travelling" == broker.connection("Travelling").link_name


def test_a_public_client_has_no_secret(hold, fakes, wire):
    """Where the service knows none, none is asked for."""
    service = fakes.a_service(registered=False, token_endpoint_auth_method="none")
    broker = fakes.FakeBroker(services=[service])
    form = hold(new_connection_form(broker, service="github"))
    wire.type(form.of(Field, label="Client id"), value="public")
    assert [] == [w for w in form.all() if isinstance(w, SecretField)]

    form.press("Create and connect")

    assert broker.registrations["github"].client_secret is None


def test_cancelling_creates_nothing(github, broker):
    """And leaves one line."""
    before = broker.connections().total

    github.press("Cancel")

    assert "Nothing was created." == github.stage.text()
    assert before == broker.connections().total


def test_another_service_can_be_picked(hold, broker, wire):
    """From the form back to the cards."""
    from conn_widgets import ServicePicker

    form = hold(new_connection_form(broker))
    wire.receive(form.of(ServicePicker), do="pick", id="github")
    assert "Connect to GitHub" in form.html()

    form.press("← Pick another service")

    assert form.of(ServicePicker)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("x" * 201, "at most 200 characters"),
        ("Git\u200bHub", "invisible"),
        ("G\u0456tHub", "alphabets"),
        ("ghp_0123456789abcdefghij", "key or a token"),
        ("github", "already have a connection called 'GitHub'"),
    ],
)
def test_I4_a_bad_name_is_refused_beside_its_field(github, wire, broker, name, words):
    """Too long, misleading, a secret, or taken; what was typed stays."""
    before = broker.connections().total
    wire.type(_name(github), value=name)

    github.press("Create and connect")

    assert words in _name(github).error
    assert name == _name(github).value
    assert before == broker.connections().total
