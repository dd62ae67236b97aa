"""Connect: who may use it, whose credentials, and a registration without a console."""

import dataclasses

import pytest

from conn_core.errors import ProviderError
from conn_widgets import CheckField, Field, Segments, new_connection_form


@pytest.fixture
def github(hold, broker):
    return hold(new_connection_form(broker, service="github", name="Shared"))


@pytest.fixture
def open_service(hold, fakes):
    """Opens the form of a service that makes registrations by itself."""

    def make(**members):
        self_service = {"registration_endpoint": "https://example.com/register"}
        service = fakes.a_service(registered=False, **self_service | members)
        broker = fakes.FakeBroker(services=[service])
        return hold(new_connection_form(broker, service="github")), broker

    return make


def test_everybody_may_use_it_unless_one_says_otherwise(github, wire, broker):
    """And one sentence says what either means."""
    sharing = github.of(Segments, label="Who may use it")
    assert "Everybody who works here can use this connection, as you." == sharing.help
    wire.type(github.of(CheckField, label="Use credentials of login user"), value=True)
    assert sharing.help.endswith("with credentials of their own.")

    github.press("Create and connect")

    assert ("*",) == broker.connection("shared").shared_with


def test_a_connection_can_be_for_oneself(github, wire, broker):
    """Nobody else sees it."""
    sharing = github.of(Segments, label="Who may use it")
    wire.type(sharing, value="")
    assert "Nobody else sees this connection." == sharing.help

    github.press("Create and connect")

    assert () == broker.connection("shared").shared_with


def test_the_service_says_with_whose_credentials_one_begins(hold, fakes):
    """With client credentials there is no login user at all."""
    service = fakes.a_service(use_login_user_credentials=True)
    form = hold(
        new_connection_form(fakes.FakeBroker(services=[service]), service=service)
    )
    assert form.of(CheckField, label="Use credentials of login user").value

    alone = fakes.a_service(
        use_login_user_credentials=True, grant_type="client_credentials"
    )
    form = hold(new_connection_form(fakes.FakeBroker(services=[alone]), service=alone))
    labels = [w.label for w in form.all() if isinstance(w, CheckField)]
    assert ["Keep the token with the broker (sealed)"] == labels
    form.press("Create and connect")
    assert "gave a token to the client alone" in form.html()


def test_a_service_can_make_the_registration_itself(open_service):
    """One press; then it is no longer asked for."""
    form, broker = open_service()
    assert "can also make one for you" in form.html()

    form.press("Register automatically")

    assert "made-for-us" == broker.registrations["github"].client_id
    assert "none" == form.stage.screen.registration.box.layout.display
    assert "GitHub has registered a client for everybody here." in form.html()
    form.press("Create and connect")
    assert broker.connection("github")


def test_a_registration_that_is_refused_can_still_be_typed(open_service):
    """Why is said where it was tried."""
    form, broker = open_service()
    broker.automatic = ProviderError("GitHub registers no clients for strangers")

    form.press("Register automatically")

    assert "GitHub registers no clients for strangers." in form.html()
    assert form.of(Field, label="Client id")


def test_nothing_automatic_is_promised_where_there_is_none(open_service):
    """Most services have a console only."""
    form, _ = open_service(registration_endpoint=None)

    assert "Register automatically" not in form.buttons()


def test_people_and_groups_are_named_in_a_field(github, wire, broker):
    """It is there only where it counts."""
    sharing = github.of(Segments, label="Who may use it")
    names = github.of(Field, label="People and groups")
    assert "none" == names.layout.display
    wire.type(sharing, value="named")
    assert "none" != names.layout.display
    assert "Whom you name can use this connection, as you." == sharing.help

    github.press("Create and connect")
    assert "Is needed." == names.error

    wire.type(names, value="grace, group:finance")
    github.press("Create and connect")
    assert ("user:grace", "group:finance") == broker.connection("shared").shared_with


def test_a_name_that_can_be_nobodys_is_said_beside_the_names(github, wire, broker):
    """And nothing is made."""
    wire.type(github.of(Segments, label="Who may use it"), value="named")
    names = github.of(Field, label="People and groups")
    wire.type(names, value='5" disks')

    github.press("Create and connect")

    assert names.error.endswith("without quotation marks.")
    assert [] == [c.name for c in broker.connections("shared").items]


def test_H16_where_everybody_is_for_administrators_it_is_no_choice(hold, fakes):
    """One begins with oneself alone."""
    broker = fakes.FakeBroker(services=[fakes.a_service()])
    usual = broker.status
    broker.status = lambda: dataclasses.replace(usual(), shares_with_everybody=False)

    form = hold(new_connection_form(broker, service="github", name="Mine"))

    sharing = form.of(Segments, label="Who may use it")
    assert [["", "Only me"], ["named", "These"]] == sharing.choices
    form.press("Create and connect")
    assert () == broker.connection("mine").shared_with
