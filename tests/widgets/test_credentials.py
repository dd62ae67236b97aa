"""Services that want something typed: no page opens, and no secret stays anywhere."""

import ipywidgets.embed
import pytest

from conn_core import Secret
from conn_core.errors import ProviderUnavailable
from conn_widgets import (
    CheckField,
    CopyField,
    Field,
    OpenLink,
    ScopePicker,
    SecretField,
    authorize_form,
    connections_panel,
    new_connection_form,
)
from conn_widgets._list import ConnectionList


@pytest.fixture
def weather(hold, broker):
    """The form of a service with one API key."""
    return hold(new_connection_form(broker, service="weather"))


@pytest.fixture
def shop(hold, broker, wire):
    """The form of a service with a user name, a password and a server of one's own."""
    form = hold(new_connection_form(broker, service="shop", name="Shop"))
    wire.type(form.of(Field, label="Server"), value="shop.acme.example")
    wire.type(form.of(Field, label="Account"), value="priya")
    return form


@pytest.fixture
def type_secrets(wire):
    """Types into secret fields, presses a button, and answers as the browser would."""

    def run(form, secrets, *, press="Create and connect"):
        fields = {form.of(SecretField, label=label): s for label, s in secrets.items()}
        for field in fields:
            wire.type(field, filled=True)
        form.press(press)
        for field, secret in fields.items():
            if {"do": "hand over"} in wire.sent_by(field):
                wire.receive(field, do="secret", secret=secret)
                wire.type(field, filled=False)

    return run


def test_a_key_stands_in_the_place_of_scopes(weather):
    """One field, where it is sent, and what happens next."""
    assert "API key" == weather.of(SecretField).label
    assert [] == [w for w in weather.all() if isinstance(w, ScopePicker)]
    assert "sent to api.example.com only" in weather.html()
    assert "you are connected at once" in weather.html()
    assert (
        "Each person types their own."
        in weather.of(CheckField, label="Use credentials of login user").help
    )
    assert "none" == weather.stage.screen.registration.box.layout.display


def test_K20_a_typed_key_connects_at_once_and_is_nowhere_but_at_the_broker(
    weather, wire, broker, type_secrets, canary
):
    """No page, no waiting; widgets, messages, text and repr have no secret."""
    secret, screen = canary("api-key"), weather.stage.screen

    type_secrets(weather, {"API key": secret})

    assert 1 == wire.everything().count('{"do": "hand over"}')
    assert {"api_key": Secret(secret)} == broker.typed["weather"]
    assert "connected" == broker.connection("weather").status
    assert "Connected" in weather.html()
    assert "What you typed is stored sealed." in weather.html()
    assert [] == [w for w in weather.all() if isinstance(w, OpenLink)]
    canary.sweep(
        texts={
            "wire": wire.everything(),
            "embedded": repr(ipywidgets.embed.embed_data(views=[weather.stage])),
            "form": repr(vars(screen)) + repr(vars(screen.credentials)),
            "widgets": repr([vars(w) for w in weather.all()]),
            "text": weather.stage.text() + repr(weather.stage),
        }
    )


def test_who_one_is_is_said_when_the_service_tells(weather, broker, type_secrets):
    """As after signing in."""
    broker.account = "priya-n"

    type_secrets(weather, {"API key": "CNRY-key"})

    assert "Connected as priya-n" in weather.html()


def test_a_key_that_the_service_refuses_is_not_called_ready(
    weather, broker, type_secrets
):
    """One harmless call tells a wrong key from a right one."""
    broker.api_answers = 401

    type_secrets(weather, {"API key": "CNRY-wrong-key"})

    assert "Stored, but not working yet" in weather.html()
    assert "Weather answered 401." in weather.html()
    assert "Check what you typed" in weather.html()
    assert "is ready to use" not in weather.html()
    weather.press("Enter it again")
    assert "API key" == weather.of(SecretField).label


def test_a_service_that_cannot_be_tried_is_connected_all_the_same(
    weather, broker, monkeypatch, type_secrets
):
    """What was typed is stored; why it could not be tried is said."""

    def unreachable(_name):
        raise ProviderUnavailable("Weather did not answer")

    monkeypatch.setattr(broker, "test", unreachable)

    type_secrets(weather, {"API key": "CNRY-key"})

    assert "Weather did not answer." in weather.html()
    assert "connected" == broker.connection("weather").status


def test_a_missing_key_is_refused_beside_its_field(weather, wire, broker):
    """Before anything is created."""
    before = broker.connections().total

    weather.press("Create and connect")

    assert "Is needed." == weather.of(SecretField).error
    assert before == broker.connections().total
    manners = weather.stage.children[0]
    assert ".conn-invalid" in wire.last(manners, "focus")["selector"]


def test_what_the_broker_refuses_stands_beside_its_field_too(
    weather, broker, type_secrets
):
    """Nothing stays of it, and the form can be sent again."""
    before = broker.connections().total

    type_secrets(weather, {"API key": "CNRY-two\nlines"})

    assert "Must be one line, copied exactly." == weather.of(SecretField).error
    assert before == broker.connections().total
    assert not weather.stage.screen.submit_button.disabled


def test_a_taken_name_is_found_before_the_key_leaves_the_browser(
    weather, wire, broker, type_secrets
):
    """So that it is not typed twice."""
    wire.type(weather.of(Field, label="Connection name"), value="GitHub")

    type_secrets(weather, {"API key": "CNRY-stays-in-the-browser"})

    error = weather.of(Field, label="Connection name").error
    assert error.startswith("You already have a connection called 'GitHub'.")
    assert error.endswith("for example 'GitHub 2'.")
    assert [] == wire.sent_by(weather.of(SecretField))


def test_what_is_no_secret_is_an_ordinary_field(shop, broker, type_secrets, canary):
    """User name and password, in the service's own words."""
    secret = canary("password")

    type_secrets(shop, {"API token": secret})

    assert {"username": Secret("priya"), "password": Secret(secret)} == (
        broker.typed["shop"]
    )
    assert {"server": "shop.acme.example", "region": "south"} == (
        broker.connection("shop").parameters
    )


def test_several_secrets_are_handed_over_together(hold, fakes, wire, type_secrets):
    """Nothing is created before the last one has come."""
    keys = [
        {"name": "app_key"},
        {"name": "user_key"},
        {"name": "note", "optional": True},
    ]
    service = fakes.a_service(auth_type="api_key", scopes=(), credential_fields=keys)
    broker = fakes.FakeBroker(services=[service])
    form = hold(new_connection_form(broker, service="github"))
    assert ["App key", "User key", "Note"] == [
        w.label for w in form.all() if isinstance(w, SecretField)
    ]
    assert form.of(SecretField, label="Note").help.startswith("May be left empty.")
    first, second = (form.of(SecretField, label=w) for w in ("App key", "User key"))
    for field in (first, second):
        wire.type(field, filled=True)

    form.press("Create and connect")
    wire.receive(second, do="secret", secret="CNRY-second")
    assert 0 == broker.connections().total
    wire.receive(first, do="secret", secret="CNRY-first")

    assert {"app_key": Secret("CNRY-first"), "user_key": Secret("CNRY-second")} == (
        broker.typed["github"]
    )


def test_a_server_of_ones_own_is_named_as_where_the_secret_goes(shop, wire):
    """As soon as it is a host, and only then."""
    assert "Your credentials are sent to shop.acme.example." in shop.html()
    assert "only if this is your own server" in shop.html()

    wire.type(shop.of(Field, label="Server"), value="not a host")

    assert "Your credentials are sent to" not in shop.html()


def test_N1_a_hostile_server_name_is_no_markup(shop, wire):
    """What is typed is text."""
    wire.type(shop.of(Field, label="Server"), value="<img src=x>")

    assert "<img" not in shop.html()


def test_parameters_have_their_defaults_and_only_persons_fill_them(shop):
    """A choice begins with the default; what the service fills is not asked."""
    region = shop.of(Field, label="Region")

    assert ("choice", "south", [["north", "north"], ["south", "south"]]) == (
        region.kind,
        region.value,
        region.choices,
    )
    assert {"parameters.server", "parameters.region"} == (
        shop.stage.screen.parameters.fields.keys()
    )


def test_an_emptied_default_is_the_default(hold, fakes, wire):
    """The service fills in what is left out."""
    parameter = {"name": "shop", "default": "main", "help": "Which shop"}
    service = fakes.a_service(parameters=[parameter])
    broker = fakes.FakeBroker(services=[service])
    form = hold(new_connection_form(broker, service="github"))
    field = form.of(Field, label="Shop")
    assert ("main", "Which shop.") == (field.value, field.help)

    wire.type(field, value="")
    form.press("Create and connect")

    assert "" == field.error
    assert broker.connection("GitHub")


# --- client credentials -----------------------------------------------------------------


@pytest.fixture
def meters(hold, broker, wire):
    form = hold(new_connection_form(broker, service="meters"))
    wire.type(form.of(Field, label="Client id"), value="priyas-client")
    return form


def test_a_client_alone_needs_no_page(meters, broker, type_secrets, canary):
    """A token is fetched, and that is what is said."""
    assert "no page opens, a token is fetched at once" in meters.html()
    assert [] == [w for w in meters.all() if isinstance(w, CopyField)]
    labels = [w.label for w in meters.all() if isinstance(w, CheckField)]
    assert ["Keep the token with the broker (sealed)"] == labels

    type_secrets(meters, {"Client secret": canary("client-secret")})

    assert "connected" == broker.connection("meters").status
    assert "Meters gave a token to the client alone; it renews itself." in meters.html()
    assert [] == [w for w in meters.all() if isinstance(w, OpenLink)]


def test_a_client_that_is_refused_is_told_why(meters, broker, type_secrets):
    """And can try again."""
    broker.client_is_answered = ("failed",)

    type_secrets(meters, {"Client secret": "CNRY-wrong"})

    assert "Meters could not be connected." in meters.html()
    broker.client_is_answered = ("done",)
    meters.press("Try again")
    assert "connected" == broker.connection("meters").status


def test_a_private_key_has_room_for_its_lines(hold, fakes):
    """A key in PEM has many; a password input would drop their ends."""
    service = fakes.a_service(
        registered=False, token_endpoint_auth_method="private_key_jwt"
    )
    form = hold(
        new_connection_form(fakes.FakeBroker(services=[service]), service="github")
    )

    assert "lines" == form.of(SecretField, label="Private key").kind


# --- another key, later -----------------------------------------------------------------


@pytest.fixture
def keyless(broker, fakes):
    """A broker with a connection whose key is missing."""
    facts = {"service": "weather", "service_name": "Weather", "scopes": ()}
    broker.found["forecast"] = fakes.a_connection(
        "forecast", "Forecast", **facts, status="needs authorization", account=None
    )
    return broker


def test_authorizing_asks_for_the_key(keyless, hold, type_secrets, canary):
    """Nothing has begun before it is typed."""
    secret = canary("api-key")
    form = hold(authorize_form(keyless, "forecast"))
    assert "Weather asks for this. No page opens." in form.html()
    assert "It asks for: API key" in form.stage.text()
    assert {} == keyless.flows

    type_secrets(form, {"API key": secret}, press="Connect")

    assert {"api_key": Secret(secret)} == keyless.typed["forecast"]
    assert "connected" == keyless.connection("forecast").status
    form.press("Done")
    assert "Begin a cell with %%connection forecast" in form.stage.text()


def test_a_missing_or_wrong_key_is_refused_there_too(keyless, hold, type_secrets):
    """Beside the field."""
    form = hold(authorize_form(keyless, "forecast"))
    form.press("Connect")
    assert "Is needed." == form.of(SecretField).error

    type_secrets(form, {"API key": "CNRY-two\nlines"}, press="Connect")

    assert "Must be one line, copied exactly." == form.of(SecretField).error
    assert not form.stage.screen.submit_button.disabled


def test_an_error_without_a_field_is_a_note(keyless, hold, type_secrets):
    """Such as a server that went away."""
    form = hold(authorize_form(keyless, "forecast"))
    keyless.unreachable = ProviderUnavailable("No server answers", "Run %conn doctor")

    type_secrets(form, {"API key": "CNRY-key"}, press="Connect")

    assert "No server answers." in form.html()
    assert 'role="alert"' in form.html()


def test_the_key_is_asked_for_from_the_list(keyless, hold, wire):
    """And Cancel leads back to the row."""
    form = hold(connections_panel(keyless))
    listing = form.of(ConnectionList)
    wire.receive(listing, do="act", action="authorize", name="forecast")
    assert "API key" == form.of(SecretField).label

    form.press("Cancel")

    assert listing is form.of(ConnectionList)


def test_giving_up_says_how_to_come_back(keyless, hold):
    """One line is left."""
    form = hold(authorize_form(keyless, "forecast"))

    form.press("Cancel")

    assert "%conn authorize forecast opens this again." in form.stage.text()


def test_what_is_wanted_beside_a_consent_is_asked_for_before_the_page(
    hold, fakes, broker, type_secrets
):
    """Some APIs want a key of their own with every token."""
    keys = [{"name": "developer_token", "display_name": "Developer token"}]
    service = fakes.a_service(credential_fields=keys)
    broker = fakes.FakeBroker(services=[service])
    form = hold(new_connection_form(broker, service="github"))
    form.press("Create and connect")
    assert "You authorize at GitHub in the next step." in form.html()

    type_secrets(form, {"Developer token": "CNRY-developer"}, press="Continue")

    assert form.of(OpenLink).href.endswith("/start/flow1")
