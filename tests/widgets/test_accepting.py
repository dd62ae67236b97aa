"""I8: what somebody else shares is shown before it is used, and agreed to."""

import pytest

import conn_widgets
from conn_core.errors import BrokerUnavailable
from conn_widgets._list import ConnectionList


@pytest.fixture
def broker(fakes):
    """Sam shares a connection that nobody here has used."""
    theirs = fakes.a_connection(
        "crm",
        "CRM",
        group="organisation",
        owner="sam",
        accepted=False,
        api_hosts=("api.acme.example", "files.acme.example"),
    )
    return fakes.FakeBroker(services=[fakes.a_service()], connections=[theirs])


@pytest.fixture
def form(hold, broker):
    """The panel."""
    return hold(conn_widgets.connections_panel(broker))


def _row(wire, listing):
    wire.receive(listing, do="list", group="organisation", number=1)
    (row,) = wire.last(listing, "rows")["rows"]
    return row


def test_I8_a_row_offers_it_first_and_leads_to_what_is_agreed_to(form, wire, broker):
    """Owner, hosts and scopes are read before the button that agrees."""
    listing = form.of(ConnectionList)
    row = _row(wire, listing)
    assert (["accept"], ["code"]) == (row["buttons"], row["more"])

    wire.receive(listing, do="act", action="accept", name=row["key"])

    assert not broker.connection("crm").accepted
    shown = form.html()
    assert "sam shares this connection." in shown
    assert "goes to api.acme.example and files.acme.example in the name of sam" in shown


def test_I8_agreed_to_it_can_be_used(form, wire, broker):
    """The list says so, and the row has its usual buttons."""
    listing = form.of(ConnectionList)
    key = _row(wire, listing)["key"]
    wire.receive(listing, do="act", action="accept", name=key)

    form.press("Accept")

    assert broker.connection("crm").accepted
    wire.receive(form.of(ConnectionList), do="ready")
    rows = wire.last(form.of(ConnectionList), "rows")
    assert "You can use ‘CRM’ now." == rows["said"]["text"]
    row = _row(wire, form.of(ConnectionList))
    assert (["code"], ["test"]) == (row["buttons"], row["more"])


def test_I8_a_refusal_is_said_in_its_place(form, wire, broker):
    """And nothing was agreed to."""
    listing = form.of(ConnectionList)
    key = _row(wire, listing)["key"]
    wire.receive(listing, do="act", action="accept", name=key)
    broker.unreachable = BrokerUnavailable("No server answers")

    form.press("Accept")

    assert "No server answers." in form.html()


def test_I8_the_text_twin_names_the_command(hold, broker):
    """Where there are no buttons."""
    text = repr(conn_widgets.connection_details(broker, "crm"))
    assert "sam shares this connection. What you send goes to api.acme.example" in text
    assert "Run %conn accept sam/crm" in text


def test_I8_what_was_agreed_to_is_not_offered_again(hold, fakes):
    """Nor is one's own."""
    mine = fakes.a_connection("crm", "CRM")
    broker = fakes.FakeBroker(services=[fakes.a_service()], connections=[mine])
    form = hold(conn_widgets.connection_details(broker, "crm"))
    assert "shares this connection" not in form.html()
    assert "accept" not in repr(conn_widgets.connection_details(broker, "crm"))
