"""Fill from discovery, and import: what is found is filled in and said."""

import pytest

from conn_core import ServiceProposal
from conn_core.errors import InvalidInput
from conn_widgets import DocumentField, Field, FoldHead, ScopeRows, Segments
from conn_widgets._service_form import ServiceScreen
from conn_widgets._stage import Stage

ISSUER = "https://login.acme.example"
FOUND = {
    "issuer": ISSUER,
    "authorization_endpoint": f"{ISSUER}/authorize",
    "token_endpoint": f"{ISSUER}/token",
    "revocation_endpoint": f"{ISSUER}/revoke",
    "token_endpoint_auth_method": "client_secret_post",
    "scopes": [{"name": "read"}, {"name": "write"}],
    "iss_parameter_supported": True,
}


@pytest.fixture
def form(hold, broker, wire):
    broker.discovery[ISSUER] = ServiceProposal(
        service=FOUND, notes=("The API base URL is not published",)
    )
    stage = Stage()
    stage.begin(
        ServiceScreen(
            stage,
            broker,
            on_done=lambda _: None,
            on_cancel=lambda: None,
            background=lambda work: work(),
        )
    )
    made = hold(stage)
    wire.type(_field(made, "Issuer"), value=f" {ISSUER} ")
    return made


def _field(form, label):
    return form.of(Field, label=label)


def test_discovery_fills_what_the_service_publishes(form):
    """And says what it filled, and what is missing."""
    form.press("Fill from discovery")

    assert f"{ISSUER}/authorize" == _field(form, "Authorize URL").value
    assert f"{ISSUER}/revoke" == _field(form, "Revoke URL").value
    assert ["read", "write"] == [s["name"] for s in form.of(ScopeRows).value]
    chosen = form.of(Segments, label="Token endpoint authentication")
    assert "client_secret_post" == chosen.value
    assert "Found 3 addresses and 2 scopes. Check them" in form.html()
    assert "The API base URL is not published." in form.html()


def test_what_was_typed_stays_and_the_difference_is_said(form, wire):
    """A person may know better than the document."""
    typed = f"{ISSUER}/token?tenant=7"
    wire.type(_field(form, "Access token URL"), value=typed)
    row = {"name": "write", "display_name": "Change things", "read_only": False}
    wire.type(form.of(ScopeRows), value=[row])

    form.press("Fill from discovery")

    assert typed == _field(form, "Access token URL").value
    assert f"kept what you typed; the service says {ISSUER}/token." in form.html()
    assert ["write", "read"] == [s["name"] for s in form.of(ScopeRows).value]
    assert "Change things" == form.of(ScopeRows).value[0]["display_name"]
    assert "2 addresses and 1 scope" in form.html()


def test_what_discovery_filled_it_may_fill_again(form, broker):
    """Only what a person typed is theirs."""
    form.press("Fill from discovery")
    moved = {**FOUND, "token_endpoint": f"{ISSUER}/v2/token"}
    broker.discovery[ISSUER] = ServiceProposal(service=moved)

    form.press("Fill from discovery")

    assert f"{ISSUER}/v2/token" == _field(form, "Access token URL").value


def test_what_has_no_field_comes_along(form, wire, broker):
    """Such as whether the answer names its issuer."""
    form.press("Fill from discovery")
    wire.type(_field(form, "Service name"), value="Visits")
    wire.type(_field(form, "API base URL"), value="https://api.acme.example")

    form.press("Create service")

    made = broker.service("visits")
    assert (True, ISSUER) == (made.iss_parameter_supported, made.issuer)


def test_an_issuer_that_does_not_describe_itself_is_said_beside_it(form, wire):
    """And an empty one."""
    wire.type(_field(form, "Issuer"), value="https://silent.example")
    form.press("Fill from discovery")
    assert "does not describe itself" in _field(form, "Issuer").error

    wire.type(_field(form, "Issuer"), value="")
    form.press("Fill from discovery")
    assert _field(form, "Issuer").error.startswith("Is needed")


def _import(form, wire, text):
    document = form.of(DocumentField)
    wire.type(document, filled=True)
    form.press("Fill in")
    wire.receive(document, do="document", text=text)


def test_an_exported_service_is_imported(form, wire):
    """The fold closes, and what was found is said."""
    head = form.of(FoldHead, label="Import a description")
    wire.type(head, is_open=True)

    scopes = 'scopes = [\n    { name = "a" },\n    { name = "b" },\n]\n'
    exported = f'[[service]]\nname = "Tours"\ntest_path = "/me"\n{scopes}'
    _import(form, wire, exported)

    assert ("Tours", "/me") == (
        _field(form, "Service name").value,
        _field(form, "Test path").value,
    )
    assert "Found 2 scopes, Service name and Test path." in form.html()
    assert not head.is_open


@pytest.mark.parametrize(
    "text", ['{"openapi": "3.1.0"}', "openapi: 3.0.3\n", "# x\nswagger: '2.0'\n"]
)
def test_an_openapi_document_is_told_from_an_export(form, wire, text):
    """JSON or YAML, whichever version."""
    _import(form, wire, text)

    assert "Of OpenAPI" == _field(form, "Service name").value
    assert "api_key" == form.of(Segments, label="Authentication type").value


def test_a_document_that_cannot_be_read_is_said_beside_it(form, wire, broker):
    """It stays in the browser, and nothing changes."""
    _import(form, wire, "not a service")
    assert "This is no service." in form.of(DocumentField).error

    form.press("Fill in")
    wire.type(form.of(DocumentField), filled=False)
    form.press("Fill in")
    assert form.of(DocumentField).error.startswith("Is needed")

    def refuse(**_):
        raise InvalidInput("Nothing", fields={"openapi": "is too large"})

    broker.propose_service = refuse
    _import(form, wire, "openapi: 3.0.3")
    assert "Is too large." == form.of(DocumentField).error


def test_K20_a_document_is_in_no_state(form, wire, canary):
    """Somebody's export of another tool may hold secrets."""
    secret = canary("in-a-document")

    _import(form, wire, f'[[service]]\nname = "Tours"\n# {secret}\n')

    canary.sweep([], {"wire": wire.everything()})


def test_nothing_new_is_said_too(form, wire):
    """So that nobody waits."""
    form.press("Fill from discovery")
    form.press("Fill from discovery")

    assert "Found nothing that was not typed already." in form.html()
