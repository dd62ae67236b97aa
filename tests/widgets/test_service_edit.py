"""Edit service: what has no field is kept, and live credentials end only when asked."""

import pytest
from kept_services import as_draft

from conn_core.errors import NotAllowed
from conn_widgets import Field, ScopeRows, SecretField, Segments, service_form


@pytest.fixture
def editing(hold, broker):
    return hold(service_form(broker, service="routes"))


@pytest.fixture
def used(broker, fakes):
    """The service has connections that work."""
    mine = fakes.a_connection("tours", "Tours", service="routes")
    hers = fakes.a_connection(
        "tours-2", "Tours 2", service="routes", owner="sam", group="organisation"
    )
    for connection in (mine, hers):
        broker.found[connection.link_name] = connection
    return broker


def _field(form, label):
    return form.of(Field, label=label)


def test_all_is_there_to_change(editing):
    """As it is now; the registration is kept when nothing is typed."""
    assert "Edit Routes" in editing.html()
    assert "Routes" == _field(editing, "Service name").value
    assert "https://example.com/token" == _field(editing, "Access token URL").value
    assert ["tours.read"] == [s["name"] for s in editing.of(ScopeRows).value]
    assert "api.example.com" == _field(editing, "Allowed hosts").value
    assert "Left empty" in editing.of(SecretField).help
    assert "Identifier: `routes`" == _field(editing, "Service name").help


def test_a_change_is_kept_and_the_rest_stays(hold, wire, fakes):
    """Members without a field, such as habits, are not lost."""
    service = fakes.a_service(
        "routes",
        "Routes",
        predefined=False,
        owner="priya",
        habits={"request": {"format": "json"}},
        authorization_parameters={"access_type": "offline"},
        docs_url="https://example.com/docs",
        default_scopes=("repo",),
    )
    broker = fakes.FakeBroker(services=[service])
    form = hold(service_form(broker, service="routes"))
    wire.type(_field(form, "Service name"), value="Tours")
    rows = [row for row in form.of(ScopeRows).value if row["name"] != "gist"]
    wire.type(form.of(ScopeRows), value=rows)

    form.press("Update service")

    changed = broker.service("routes")
    assert ("Tours", 2, "json") == (
        changed.name,
        changed.version,
        changed.habits.request.format,
    )
    assert {"access_type": "offline"} == changed.authorization_parameters
    assert ("repo",) == changed.default_scopes
    assert "gist" not in changed.scope_names
    assert "‘Tours’ is updated." == form.stage.text()
    assert service.security_facts() == changed.security_facts()


def test_an_address_that_is_emptied_is_gone(editing, wire, broker):
    """An optional one; a needed one is refused."""
    wire.type(_field(editing, "Revoke URL"), value="")
    wire.type(_field(editing, "Access token URL"), value=" ")
    editing.press("Update service")
    assert "Is needed." == _field(editing, "Access token URL").error

    wire.type(_field(editing, "Access token URL"), value="https://example.com/token")
    editing.press("Update service")

    assert broker.service("routes").revocation_endpoint is None


def test_a_secret_left_blank_is_kept(hold, wire, broker, canary):
    """And one that is typed takes its place."""
    secret = canary("new-secret")
    form = hold(service_form(broker, service="routes"))
    form.press("Update service")
    assert "routes" not in broker.registrations

    form = hold(service_form(broker, service="routes"))
    wire.type(_field(form, "Client id"), value="client-2")
    wire.type(form.of(SecretField), filled=True)
    form.press("Update service")
    wire.receive(form.of(SecretField), do="secret", secret=secret)

    kept = broker.registrations["routes"]
    assert ("client-2", secret) == (
        kept.client_id,
        kept.client_secret.get_secret_value(),
    )
    canary.sweep([], {"wire": wire.everything()})


def test_G1_live_credentials_end_only_after_a_clear_question(hold, wire, used):
    """It names the connections; the focus is on Cancel; yes wipes."""
    form = hold(service_form(used, service="routes"))
    wire.type(_field(form, "Access token URL"), value="https://example.com/v2/token")

    form.press("Update service")

    assert "End the credentials of Routes?" in form.html()
    assert "%%connection tours</span>, of priya" in form.html()
    assert "%%connection tours-2</span>, of sam" in form.html()
    assert ".conn-cancel" == form.stage.screen.focus
    assert "https://example.com/token" == used.service("routes").token_endpoint

    form.press("Update and end them")

    assert ["tours", "tours-2"] == used.wiped
    assert "https://example.com/v2/token" == used.service("routes").token_endpoint
    assert "‘Routes’ is updated." == form.stage.text()


def test_no_goes_back_to_the_form_with_all_that_was_typed(hold, wire, used):
    """Except the secret, and that is said."""
    form = hold(service_form(used, service="routes"))
    wire.type(_field(form, "Access token URL"), value="https://example.com/v2/token")
    wire.type(_field(form, "Client id"), value="client-2")
    wire.type(form.of(SecretField), filled=True)
    form.press("Update service")
    wire.receive(form.of(SecretField), do="secret", secret="CNRY-not-kept")

    form.press("Cancel")

    assert "https://example.com/v2/token" == _field(form, "Access token URL").value
    assert "Type it again" in form.of(SecretField).error
    assert [] == used.wiped
    assert "CNRY-not-kept" not in wire.everything()
    assert not _field(form, "Client id").comm._closed


def test_a_wipe_that_is_refused_is_said_in_the_question(hold, wire, used):
    """Somebody else took the service over, or changed it, in the meantime."""
    form = hold(service_form(used, service="routes"))
    wire.type(_field(form, "Access token URL"), value="https://example.com/v2/token")
    form.press("Update service")
    used.edit_service("routes", as_draft(used.service("routes"), name="Other"))

    form.press("Update and end them")

    assert "changed by somebody else" in form.html()


def test_somebody_elses_change_is_not_overwritten(editing, wire, broker):
    """The version that was read goes with the change."""
    broker.edit_service("routes", as_draft(broker.service("routes"), name="Theirs"))
    wire.type(_field(editing, "Service name"), value="Mine")

    editing.press("Update service")

    assert "changed by somebody else" in editing.html()
    assert "open it again" in editing.html()
    assert "Theirs" == broker.service("routes").name


def test_somebody_elses_service_is_refused(hold, wire, broker):
    """The broker decides; the form says it."""
    form = hold(service_form(broker, service="acme-crm"))

    form.press("Update service")

    assert "can change or delete it" in form.html()
    with pytest.raises(NotAllowed):
        broker.delete_service("acme-crm")


def test_types_of_all_kinds_are_read_back(hold, fakes, wire):
    """What a service says is what its fields say."""
    service = fakes.a_service(
        "station",
        "Station",
        predefined=False,
        owner="priya",
        auth_type="api_key",
        param_type="query",
        param_name="appid",
        param_prefix="",
        scope_delimiter=";",
    )
    broker = fakes.FakeBroker(services=[service])

    form = hold(service_form(broker, service=service))

    chosen = {s.label: s.value for s in form.all() if isinstance(s, Segments)}
    assert ("api_key", "query") == (
        chosen["Authentication type"],
        chosen["The credential is sent in"],
    )
    assert ("appid", "") == (
        _field(form, "Name").value,
        _field(form, "Text before it").value,
    )
    assert ("other", ";") == (
        chosen["Scope delimiter"],
        _field(form, "Delimiter").value,
    )
