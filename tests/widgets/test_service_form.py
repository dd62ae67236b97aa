"""Create new service, and edit one: what is typed becomes a description."""

import pytest

from conn_core import ServiceProposal
from conn_core.errors import BrokerUnavailable
from conn_widgets import (
    CheckField,
    CopyField,
    Field,
    ScopeRows,
    SecretField,
    Segments,
    service_form,
)

LOGIN = "https://login.acme.example"


@pytest.fixture
def creating(hold, broker):
    return hold(service_form(broker))


@pytest.fixture
def editing(hold, broker):
    return hold(service_form(broker, service="routes"))


@pytest.fixture
def fill(wire):
    """Types into fields by their labels."""

    def type_all(form, **typed):
        for label, text in typed.items():
            field = _field(form, label.replace("_", " "))
            wire.type(field, value=text)

    return type_all


def _field(form, label):
    return form.of(Field, label=label)


def _choose(form, wire, label, value):
    wire.type(form.of(Segments, label=label), value=value)


def _shown(form):
    """Return the labels of the fields that are visible."""

    def walk(widget):
        if widget.layout.display == "none":
            return
        if getattr(widget, "label", ""):
            yield widget.label
        for child in getattr(widget, "children", ()):
            yield from walk(child)

    return set(walk(form.stage))


def _fill_in(form, fill, **more):
    fill(
        form,
        Service_name="Visits",
        Authorize_URL=f"{LOGIN}/authorize",
        Access_token_URL=f"{LOGIN}/token",
        API_base_URL="https://api.acme.example/v2",
        **more,
    )


def test_a_service_is_created_and_then_connected_to(creating, fill, wire, broker):
    """Every field arrives; the next screen is *Connect to …*."""
    _fill_in(creating, fill, Test_path="/me", Refresh_token_URL=f"{LOGIN}/refresh")
    fill(creating, What_it_is_for="Customers", Revoke_URL=f"{LOGIN}/revoke")
    fill(creating, Allowed_hosts="api.acme.example, files.acme.example")
    scope = {"name": "contacts.read", "display_name": "Contacts", "read_only": True}
    blank = {"name": " ", "display_name": "", "read_only": False}
    wire.type(creating.of(ScopeRows), value=[blank, scope])
    _choose(creating, wire, "Scope delimiter", ",")
    _choose(creating, wire, "Token endpoint authentication", "client_secret_post")
    wire.type(creating.of(CheckField, label="PKCE"), value=False)
    login_user = creating.of(CheckField, label="Use credentials of login user")
    wire.type(login_user, value=True)

    creating.press("Create service")

    made = broker.service("visits")
    assert ("priya", "Visits", "Customers", False) == (
        made.owner,
        made.name,
        made.description,
        made.predefined,
    )
    assert (f"{LOGIN}/authorize", f"{LOGIN}/token", f"{LOGIN}/refresh") == (
        made.authorization_endpoint,
        made.token_endpoint,
        made.refresh_endpoint,
    )
    assert [scope] == [known.model_dump() for known in made.scopes]
    assert (",", False, "client_secret_post", True) == (
        made.scope_delimiter,
        made.pkce,
        made.token_endpoint_auth_method,
        made.use_login_user_credentials,
    )
    assert ("api.acme.example", "files.acme.example") == made.api_hosts
    assert ("Authorization", "Bearer ", "/me") == (
        made.param_name,
        made.param_prefix,
        made.test_path,
    )
    assert "Connect to Visits" in creating.html()
    own = creating.of(CheckField, label="Use credentials of login user")
    assert own.value


def test_hosts_that_are_left_out_are_made_of_the_base_url(creating, fill, broker):
    """As the help says while it is typed."""
    _fill_in(creating, fill)
    assert "Empty: `api.acme.example` alone." in _field(creating, "Allowed hosts").help

    creating.press("Create service")

    assert ("api.acme.example",) == broker.service("visits").api_hosts


def test_the_identifier_and_the_redirect_url_follow_the_name(creating, fill):
    """What has to be registered is there to copy before anything is stored."""
    fill(creating, Service_name="Field visits, EU")

    assert "Identifier: `field-visits-eu`" == _field(creating, "Service name").help
    assert "http://127.0.0.1:8888/connections/callback/field-visits-eu" == (
        creating.of(CopyField, label="Redirect URL").text
    )

    fill(creating, Service_name="你好")
    assert "at least one letter" in _field(creating, "Service name").help


@pytest.mark.parametrize(
    ("auth_type", "there", "gone"),
    [
        (
            "oauth2",
            {"Grant type", "Issuer", "Client id", "Client secret", "Redirect URL"},
            {"Request token URL", "AWS service", "Device authorization URL"},
        ),
        (
            "oauth1",
            {"Request token URL", "Authorize URL", "Redirect URL", "Client secret"},
            {"Issuer", "Scope delimiter", "Grant type", "Refresh token URL"},
        ),
        (
            "api_key",
            {"The credential is sent in", "Name", "Text before it", "Allowed hosts"},
            {"Access token URL", "Client id", "Redirect URL", "Scope delimiter"},
        ),
        ("basic", {"API base URL"}, {"Name", "Client secret", "Access token URL"}),
        ("aws_sigv4", {"AWS service"}, {"Name", "Client id", "Access token URL"}),
    ],
)
def test_the_authentication_type_decides_what_is_asked(
    creating, wire, auth_type, there, gone
):
    """Nothing is shown that would mean nothing."""
    _choose(creating, wire, "Authentication type", auth_type)

    shown = _shown(creating)
    assert there <= shown
    assert set() == gone & shown


@pytest.mark.parametrize(
    ("grant_type", "there", "gone"),
    [
        (
            "client_credentials",
            {"Access token URL", "Client id"},
            {"Authorize URL", "Redirect URL", "Use credentials of login user"},
        ),
        (
            "device_code",
            {"Device authorization URL", "Use credentials of login user"},
            {"Authorize URL", "Redirect URL"},
        ),
    ],
)
def test_the_grant_type_decides_what_is_asked(creating, wire, grant_type, there, gone):
    """No redirect and no login user where no person's browser takes part."""
    _choose(creating, wire, "Grant type", grant_type)

    shown = _shown(creating)
    assert there <= shown
    assert set() == gone & shown


def test_what_is_not_asked_for_is_not_kept(creating, fill, wire, broker):
    """An address that was typed for another type does not come along."""
    _fill_in(creating, fill)
    _choose(creating, wire, "Authentication type", "api_key")
    assert "X-API-Key" == _field(creating, "Name").value
    _choose(creating, wire, "The credential is sent in", "query")
    fill(creating, Name="key")

    creating.press("Create service")

    made = broker.service("visits")
    assert (None, None, "api_key", "query", "key", "") == (
        made.authorization_endpoint,
        made.token_endpoint,
        made.auth_type,
        made.param_type,
        made.param_name,
        made.param_prefix,
    )


def test_what_was_typed_survives_another_type(creating, fill, wire):
    """Looking at another type loses nothing."""
    fill(creating, Name="X-Mine")
    _choose(creating, wire, "Authentication type", "api_key")
    _choose(creating, wire, "Authentication type", "oauth2")

    assert "X-Mine" == _field(creating, "Name").value


def test_an_other_delimiter_is_typed(creating, fill, wire, broker):
    """Up to three characters."""
    _fill_in(creating, fill)
    _choose(creating, wire, "Scope delimiter", "other")
    creating.press("Create service")
    assert "Is needed." == _field(creating, "Delimiter").error

    fill(creating, Delimiter=";")
    creating.press("Create service")

    assert ";" == broker.service("visits").scope_delimiter


def test_blanks_in_addresses_are_asked_for_when_people_connect(
    creating, fill, broker, wire
):
    """A sub-domain needs no further form."""
    _fill_in(creating, fill)
    fill(creating, API_base_URL="https://{team}.acme.example/v2")

    creating.press("Create service")

    assert ["team"] == [p.name for p in broker.service("visits").parameters]
    assert _field(creating, "Team")


def test_the_secret_is_handed_over_once(creating, fill, wire, broker, canary):
    """K20: it is in no state; the registration is there at once."""
    secret = canary("client-secret")
    _fill_in(creating, fill, Client_id="analytics-lab")
    field = creating.of(SecretField)
    wire.type(field, filled=True)

    creating.press("Create service")
    wire.receive(field, do="secret", secret=secret)

    kept = broker.registrations["visits"]
    assert ("analytics-lab", secret) == (
        kept.client_id,
        kept.client_secret.get_secret_value(),
    )
    canary.sweep([], {"wire": wire.everything()})


def test_a_client_id_without_its_secret_is_refused(creating, fill, wire, broker):
    """And a secret without its client id; nothing leaves the browser."""
    _fill_in(creating, fill, Client_id="analytics-lab")
    creating.press("Create service")
    assert "leave the client id empty too" in creating.of(SecretField).error

    fill(creating, Client_id="")
    wire.type(creating.of(SecretField), filled=True)
    creating.press("Create service")
    assert "Is needed with a secret." == _field(creating, "Client id").error
    assert [] == wire.sent_by(creating.of(SecretField))


def test_a_public_client_has_no_secret(creating, fill, wire, broker):
    """The field goes with the choice."""
    _choose(creating, wire, "Token endpoint authentication", "none")
    assert "Client secret" not in _shown(creating)

    _fill_in(creating, fill, Client_id="public")
    creating.press("Create service")

    assert broker.registrations["visits"].client_secret is None


def test_a_refusal_by_the_broker_is_said_and_what_was_typed_stays(
    creating, fill, wire, broker
):
    """The secret went, and that is said too."""
    _fill_in(creating, fill, Client_id="analytics-lab")
    wire.type(creating.of(SecretField), filled=True)
    creating.press("Create service")
    broker.unreachable = BrokerUnavailable("No server answers", "Run %conn doctor")
    wire.receive(creating.of(SecretField), do="secret", secret="CNRY-gone")

    assert "No server answers." in creating.html()
    assert "Type it again: what was refused is not kept." == (
        creating.of(SecretField).error
    )
    assert "Visits" == _field(creating, "Service name").value


def test_it_can_begin_with_a_proposal(hold, broker):
    """What another face has learned is there, and said."""
    proposal = ServiceProposal(
        service={"name": "Of a file", "token_endpoint": f"{LOGIN}/token"},
        notes=("Type the client id",),
    )

    form = hold(service_form(broker, proposal=proposal))

    assert "Of a file" == _field(form, "Service name").value
    assert "Found 1 address and Service name." in form.html()
    assert "Type the client id." in form.html()


def test_the_text_twin_says_how_to_do_it_without_widgets(creating, editing):
    """By a file."""
    assert "%conn service import FILE" in creating.stage.text()
    assert "%conn service edit routes" in editing.stage.text()


def test_cancelling_creates_nothing(creating, fill, broker):
    """And leaves one line."""
    _fill_in(creating, fill)
    before = broker.services(limit=1).total

    creating.press("Cancel")

    assert "Nothing was created." == creating.stage.text()
    assert before == broker.services(limit=1).total
