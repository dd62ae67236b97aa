"""Forms of services, with the broker that does the work and two people on one store."""

import pytest

from conn_widgets import (
    CheckField,
    CopyField,
    DocumentField,
    Field,
    OpenLink,
    ScopeRows,
    SecretField,
    Segments,
    ServicePicker,
    confirm_form,
    connections_panel,
    new_connection_form,
    service_form,
)
from conn_widgets._list import ConnectionList

TYPED = {
    "Service name": "Depot",
    "Authorize URL": "https://depot.example.com/authorize",
    "Access token URL": "https://depot.example.com/token",
    "Revoke URL": "https://depot.example.com/revoke",
    "API base URL": "https://api.depot.example.com",
    "Test path": "/me",
    "Client id": "priyas-client",
}


@pytest.fixture
def priya(core):
    return core.acting_as("priya")


@pytest.fixture
def sam(core):
    return core.acting_as("sam")


def _type(form, wire, **typed):
    for label, text in typed.items():
        wire.type(form.of(Field, label=label), value=text)


def _hand_over(form, wire, words, secret):
    field = form.of(SecretField)
    wire.type(field, filled=True)
    form.press(words)
    wire.receive(field, do="secret", secret=secret)
    wire.type(field, filled=False)


@pytest.fixture
def depot(priya, hold, wire, canary):
    """The form that is left after a service was created."""
    form = hold(service_form(priya))
    _type(form, wire, **TYPED)
    row = {"name": "stock.read", "display_name": "Stock", "read_only": True}
    wire.type(form.of(ScopeRows), value=[row])
    _hand_over(form, wire, "Create service", canary("client-secret"))
    return form


def test_a_service_is_created_connected_to_and_seen_by_others(
    depot, hold, wire, priya, sam
):
    """The registration is there, so Connect asks for nothing but a name and scopes."""
    made = priya.service("depot")
    assert ("priya", True, ("api.depot.example.com",)) == (
        made.owner,
        made.registered,
        made.api_hosts,
    )
    assert made.redirect_uri == "http://127.0.0.1:8888/connections/callback/depot"

    depot.press("Create and connect")
    assert depot.of(OpenLink).href.startswith("http://127.0.0.1:8888/connections/start")

    form = hold(new_connection_form(sam))
    picker = form.of(ServicePicker)
    wire.receive(picker, do="search", number=1, query="", kind="custom")
    (card,) = wire.last(picker, "cards")["cards"]
    assert ("Depot", []) == (card["name"], card["actions"])
    assert "Custom service by priya." in card["about"]


def test_what_is_exported_is_imported(depot, priya, hold, wire, tmp_path):
    """By another person, elsewhere: the same description, without the registration."""
    form = hold(new_connection_form(priya))
    wire.receive(form.of(ServicePicker), do="act", action="export", id="depot")
    exported = form.of(CopyField, kind="block").text
    assert "priyas-client" not in exported

    other = hold(service_form(priya))
    wire.type(other.of(DocumentField), filled=True)
    other.press("Fill in")
    wire.receive(other.of(DocumentField), do="document", text=exported)

    assert "" == other.of(DocumentField).error
    assert TYPED["Access token URL"] == other.of(Field, label="Access token URL").value
    _type(other, wire, **{"Service name": "Depot south"})
    other.press("Create service")
    copy = priya.service("depot-south")
    assert ("stock.read",) == copy.scope_names
    assert not copy.registered


def test_an_openapi_document_fills_the_form(priya, hold, wire):
    """Its servers and its security scheme."""
    form = hold(service_form(priya))
    wire.type(form.of(DocumentField), filled=True)
    form.press("Fill in")
    document = """
openapi: 3.0.3
info: {title: Weather station, version: '1'}
servers: [{url: 'https://api.station.example.com/v2'}]
components:
  securitySchemes:
    key: {type: apiKey, in: query, name: appid}
paths: {}
"""
    wire.receive(form.of(DocumentField), do="document", text=document)

    assert "" == form.of(DocumentField).error
    assert "api_key" == form.of(Segments, label="Authentication type").value
    assert ("query", "appid") == (
        form.of(Segments, label="The credential is sent in").value,
        form.of(Field, label="Name").value,
    )
    assert "https://api.station.example.com/v2" == (
        form.of(Field, label="API base URL").value
    )


def test_G1_an_address_under_live_credentials_is_asked_about(
    core, priya, hold, wire, depot, provider
):
    """No keeps them, yes ends them, and the connection needs authorization again."""
    provider.accepts = {}
    key = hold(service_form(priya))
    wire.type(key.of(Segments, label="Authentication type"), value="api_key")
    _type(
        key,
        wire,
        **{
            "Service name": "Station",
            "API base URL": "https://api.station.example.com",
        },
    )
    key.press("Create service")
    _hand_over(key, wire, "Create and connect", "CNRY-station-key")
    assert "connected" == priya.connection("station").status

    form = hold(service_form(priya, service="station"))
    _type(form, wire, **{"API base URL": "https://elsewhere.example.com"})
    _type(form, wire, **{"Allowed hosts": "elsewhere.example.com"})
    form.press("Update service")
    assert "End the credentials of Station?" in form.html()
    assert "connected" == priya.connection("station").status

    form.press("Update and end them")

    assert "‘Station’ is updated." == form.stage.text()
    assert "needs authorization" == priya.connection("station").status


def test_somebody_elses_service_cannot_be_changed(depot, hold, wire, sam):
    """The form says what the broker says."""
    form = hold(service_form(sam, service="depot"))
    _type(form, wire, **{"Service name": "Mine now"})

    form.press("Update service")

    assert "Depot" == sam.service("depot").name
    assert 'role="alert"' in form.html()


def test_only_me_hides_a_connection_from_others(hold, wire, priya, sam, depot):
    """And everybody's is in their list under Organisation, by its owner's name."""
    for name, who in (("Shared depot", "*"), ("My depot", "")):
        form = hold(new_connection_form(priya, service="depot", name=name))
        wire.type(form.of(Segments, label="Who may use it"), value=who)
        form.press("Create and connect")

    panel = hold(connections_panel(sam))
    listing = panel.of(ConnectionList)
    asked = {"group": "organisation", "query": "", "service": "", "status": ""}
    wire.receive(listing, do="list", number=1, **asked)

    rows = wire.last(listing, "rows")["rows"]
    assert [("Shared depot", "priya", "priya/shared-depot")] == [
        (row["name"], row["whose"], row["key"]) for row in rows
    ]
    wire.receive(listing, do="act", action="details", name="priya/shared-depot")
    assert "Shared depot" in panel.html()
    assert {"← Connections", "Test"} == set(panel.buttons()) - {"Show more"}


def test_deleting_tells_what_the_provider_was_told(hold, wire, priya, depot):
    """The box is there because the service can be told."""
    depot.press("Create and connect")
    form = hold(confirm_form(priya, "depot", "delete"))
    wire.type(form.of(CheckField), value=True)

    form.press("Yes, delete")

    assert form.stage.text().startswith("‘Depot’ is deleted.")
    assert 0 == priya.connections().total
