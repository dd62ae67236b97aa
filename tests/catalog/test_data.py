import re
import runpy
import tomllib
from urllib.parse import urlsplit

import pytest

from conn_core import Service
from conn_core._urls import host_matches
from conn_core.catalog import Catalog, _index

CATALOG = Catalog()
SERVICES = CATALOG.search(limit=10_000)[0]
FILES = sorted(_index.DATA.glob("*.toml"))
EACH = pytest.mark.parametrize("service", SERVICES, ids=lambda service: service.id)
ENDPOINTS = (
    "authorization_endpoint",
    "token_endpoint",
    "refresh_endpoint",
    "revocation_endpoint",
    "device_authorization_endpoint",
)


def _example(service):
    """Fill the blanks of a service with its examples."""
    return service.filled({p.name: p.example for p in service.parameters})


def test_the_index_is_that_of_the_data_files():
    """After a change of a data file somebody ran python -m conn_core.catalog."""
    assert _index.build_index() == _index.INDEX.read_text(encoding="ascii")


def test_running_the_package_writes_the_index(tmp_path, monkeypatch):
    """The command that the data files name writes the index, byte for byte."""
    written = tmp_path / "services.jsonl"
    monkeypatch.setattr(_index, "INDEX", written)
    runpy.run_module("conn_core.catalog.__main__", run_name="__main__")

    assert _index.INDEX == written
    assert _index.build_index().encode("ascii") == written.read_bytes()


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_file_holds_one_category_in_the_order_of_ids(path):
    """A contributor finds the file by the category, and the service by its id."""
    records = tomllib.loads(path.read_text(encoding="utf-8"))["service"]
    ids = [record["id"] for record in records]
    categories = {record["category"] for record in records}

    assert 1 == len(categories)
    assert path.stem == categories.pop().lower().replace(" ", "-")
    assert sorted(ids) == ids


@EACH
def test_a_service_is_complete(service):
    """Each service is an OAuth 2.0 one that somebody can register with and use."""
    assert ("oauth2", "authorization_code") == (service.auth_type, service.grant_type)
    assert service.description.endswith(".")
    assert "!" not in service.description + service.registration_help
    assert service.registration_help
    assert service.docs_url is not None
    assert service.docs_url.startswith("https://")
    assert service.agreement >= 2
    assert service.predefined


@EACH
def test_the_usual_scopes_are_listed_and_harmless(service):
    """What is asked for by default is on the list, and changes nothing if possible."""
    assert set(service.default_scopes) <= set(service.scope_names)
    assert bool(service.default_scopes) == bool(service.scopes)
    assert len(set(service.scope_names)) == len(service.scopes)
    assert all(scope.display_name for scope in service.scopes)
    read_only = {scope.name for scope in service.scopes if scope.read_only}
    broad = set(service.default_scopes) - read_only
    assert broad <= ALLOWED_BROAD.get(service.id, set())


@EACH
def test_every_address_uses_https_and_a_host_of_the_vendor(service):
    """A blank never is the whole host: a secret goes only where the vendor answers."""
    addresses = [getattr(service, name) for name in (*ENDPOINTS, "api_base_url")]
    hosts = [urlsplit(address).netloc for address in addresses if address]
    closed = {p.name for p in service.parameters if p.choices}

    assert all(address.startswith("https://") for address in addresses if address)
    for host in [*hosts, *service.api_hosts]:
        assert "*" not in host
        free = [name for name in re.findall(r"\{(\w+)\}", host) if name not in closed]
        for name in free:
            rest = host.rpartition(f"{{{name}}}")[2]
            assert re.fullmatch(r"(\.[a-z0-9-]+){2,}", rest), host


@EACH
def test_the_examples_fill_every_blank(service):
    """Examples, choices and defaults are accepted and give a service without blanks."""
    filled = _example(service)

    addresses = [getattr(filled, name) or "" for name in (*ENDPOINTS, "test_path")]
    assert "{" not in "".join([*addresses, filled.api_base_url, *filled.api_hosts])
    for parameter in service.parameters:
        assert parameter.display_name
        assert parameter.help
        for value in (*parameter.choices, parameter.default, parameter.example):
            assert value == "" or parameter.accepts(value)


@EACH
def test_a_blank_takes_no_address(service):
    """What is typed into a blank cannot leave the vendor's host or path."""
    bad = ["", "evil.example/", "a b", "a/../b", "a@b", "a#", "a?b=c", "..", "-", "é"]

    for parameter in service.parameters:
        assert [] == [value for value in bad if parameter.accepts(value)]


@EACH
def test_the_base_address_is_one_of_the_allowed_hosts(service):
    """The client could not make a single call otherwise."""
    filled = _example(service)
    host = urlsplit(filled.api_base_url).netloc

    assert any(host_matches(pattern, host, 443) for pattern in filled.api_hosts)
    assert not filled.api_base_url.endswith("/")
    if filled.account_field is not None:
        assert filled.test_path is not None


@EACH
def test_no_token_goes_where_codes_are_exchanged(service):
    """The authorize page's host is allowed only where the API lives there too."""
    filled = _example(service)
    page = urlsplit(filled.authorization_endpoint).netloc

    assert page not in filled.api_hosts or page == urlsplit(filled.api_base_url).netloc


def test_the_well_known_services_are_there():
    """The services that the documentation speaks of."""
    expected = {
        "github", "gitlab", "google-sheets", "google-drive", "google-calendar",
        "gmail", "google-bigquery", "microsoft-graph", "slack", "zoho-expense",
        "zoho-books", "zoho-crm", "notion", "hubspot", "salesforce", "dropbox", "box",
        "asana", "jira", "confluence", "airtable", "zoom", "linear", "figma",
        "spotify", "strava", "stripe",
    }  # fmt: skip

    assert expected <= set(CATALOG.ids())


def test_google_gives_a_refresh_token_only_when_asked_so():
    """Each Google service asks for offline access, and for consent each time."""
    google = [
        service
        for service in SERVICES
        if service.token_endpoint == "https://oauth2.googleapis.com/token"
    ]

    assert len(google) >= 10
    for service in google:
        assert {
            "access_type": "offline",
            "prompt": "consent",
        } == service.authorization_parameters


def test_zoho_has_a_data_centre_with_a_default():
    """A person who types nothing gets .com; one in Europe chooses it."""
    expense = CATALOG.get("zoho-expense")

    assert (
        "https://accounts.zoho.com/oauth/v2/token" == expense.filled({}).token_endpoint
    )
    assert ("www.zohoapis.eu",) == expense.filled({"dc": "eu"}).api_hosts
    with pytest.raises(ValueError, match="Data centre must be like com"):
        expense.filled({"dc": "evil.example"})
    assert "Zoho-oauthtoken " == expense.param_prefix


def test_a_microsoft_tenant_fills_the_path():
    """The tenant is part of the log-in address, common if nothing is typed."""
    graph = CATALOG.get("microsoft-graph")
    base = "https://login.microsoftonline.com"

    assert f"{base}/common/oauth2/v2.0/token" == graph.filled({}).token_endpoint
    assert (
        f"{base}/contoso.example/oauth2/v2.0/token"
        == graph.filled({"tenant": "contoso.example"}).token_endpoint
    )


def test_a_blank_without_default_must_be_filled():
    """A shop has no usual name."""
    with pytest.raises(ValueError, match="Shop must be like acme"):
        CATALOG.get("shopify").filled({})


def test_services_survive_their_json_form():
    """REST sends a service as JSON, and the other side reads it again."""
    for service in SERVICES:
        assert service == Service.model_validate(service.model_dump(mode="json"))


#: Scopes asked for by default that may change something: the vendor has no narrower one.
ALLOWED_BROAD = {
    "asana": {"default"},
    "azure-devops": {"499b84ac-1321-427f-aa17-267ca6975798/.default"},
    "quickbooks-online": {"com.intuit.quickbooks.accounting"},
    "salesforce": {"api"},
}
