"""Custom services in *Pick your service*: create, edit, export, delete."""

import pytest

from conn_widgets import (
    CopyField,
    Field,
    ServicePicker,
    connections_panel,
    new_connection_form,
)
from conn_widgets._list import ConnectionList


@pytest.fixture
def picking(hold, broker):
    return hold(new_connection_form(broker))


def _cards(wire, form, kind="custom"):
    picker = form.of(ServicePicker)
    wire.receive(picker, do="search", number=1, query="", kind=kind)
    return {card["id"]: card for card in wire.last(picker, "cards")["cards"]}


def _act(wire, form, action, service_id="routes"):
    wire.receive(form.of(ServicePicker), do="act", action=action, id=service_id)


def test_the_owner_may_edit_export_and_delete(wire, picking):
    """Others see the card alone."""
    cards = _cards(wire, picking)

    assert ["edit", "export", "delete"] == cards["routes"]["actions"]
    assert [] == cards["acme-crm"]["actions"]
    assert "Custom service by sam." in cards["acme-crm"]["about"]
    assert [] == _cards(wire, picking, "predefined")["github"]["actions"]


def test_create_new_service_is_one_click_away(wire, picking):
    """And leads back."""
    picking.press("+ Create new service")
    assert "Create new service" in picking.html()

    picking.press("← Pick your service")
    assert picking.of(ServicePicker)


def test_edit_comes_back_to_the_custom_services(wire, picking, broker):
    """With what was changed."""
    _act(wire, picking, "edit")
    wire.type(picking.of(Field, label="Service name"), value="Tours")

    picking.press("Update service")

    assert "custom" == picking.of(ServicePicker).kind
    assert "Tours" == _cards(wire, picking)["routes"]["name"]


def test_export_shows_a_file_without_secrets(wire, picking, broker):
    """To copy, or to save."""
    _act(wire, picking, "export")

    block = picking.of(CopyField, kind="block")
    assert 'id = "routes"' in block.text
    assert "client_secret" not in block.text.replace("client_secret_basic", "")
    assert "routes.toml" == picking.of(CopyField, kind="button").filename
    assert block.text == picking.stage.text()
    picking.press("Close")
    assert picking.of(ServicePicker)


def test_delete_asks_first(wire, picking, broker):
    """Cancel keeps it, yes deletes it."""
    _act(wire, picking, "delete")
    assert "Delete Routes?" in picking.html()
    assert "Delete Routes?" in picking.stage.text()
    picking.press("Cancel")
    assert broker.service("routes")

    _act(wire, picking, "delete")
    picking.press("Yes, delete")

    assert "routes" not in _cards(wire, picking)


def test_a_service_in_use_is_not_deleted(wire, picking, broker, fakes):
    """The connections are named."""
    there = fakes.a_connection("tours", "Tours", service="routes")
    broker.found["tours"] = there
    _act(wire, picking, "delete")
    assert "%%connection tours" in picking.html()

    picking.press("Yes, delete")

    assert "is used by tours" in picking.html()
    assert broker.service("routes")


def test_a_new_service_is_made_on_the_way_from_the_list(hold, wire, broker):
    """Cancel goes back to the services, Cancel there to the list."""
    form = hold(connections_panel(broker))
    wire.receive(form.of(ConnectionList), do="new")
    form.press("+ Create new service")
    form.press("Cancel")
    assert form.of(ServicePicker)

    form.press("← Connections")
    assert form.of(ConnectionList)
