"""The shipped records: complete, safe, in their place, and proven one by one."""

import re
import runpy
import tomllib
from collections import Counter
from urllib.parse import urlsplit

import pytest

from conn_core import Service
from conn_core.catalog import Catalog, _index, problems_in, prove

CATALOG = Catalog()
SERVICES = CATALOG.search(limit=10_000)[0]
FILES = sorted(_index.DATA.glob("*.toml"))
EACH_FILE = pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)

#: Those that analysts ask for most, as far as one harmless call can name the account.
MOST_USED = {
    "airtable", "asana", "bitbucket", "box", "confluence", "digitalocean",
    "discord", "facebook", "figma", "fitbit", "github", "gitlab", "gmail", "google",
    "google-calendar", "google-contacts", "google-drive", "hubspot", "hugging-face",
    "instagram", "jira", "linkedin", "microsoft-entra-id", "microsoft-excel",
    "microsoft-graph", "miro", "onedrive", "outlook", "pinterest", "pipedrive",
    "quickbooks-online", "reddit", "salesforce", "shopify", "slack", "spotify",
    "square", "strava", "stripe", "surveymonkey", "twitch", "typeform", "x-twitter",
    "xero", "youtube", "zendesk", "zoho-analytics", "zoho-billing", "zoho-books",
    "zoho-crm", "zoho-desk", "zoho-expense", "zoho-inventory", "zoho-invoice",
    "zoho-mail", "zoom",
}  # fmt: skip
#: Scopes asked for by default that may change something: the vendor has no narrower one.
ALLOWED_BROAD = {
    "asana": {"default"},
    "fitbit": {"activity", "profile", "sleep"},
    "quickbooks-online": {"com.intuit.quickbooks.accounting"},
    "salesforce": {"api"},
}


def _records(path):
    return tomllib.loads(path.read_text(encoding="utf-8"))["service"]


def _example(service):
    """Fill the blanks of a service with its examples."""
    told = {p.name: p.example or p.default for p in service.parameters}
    return service.filled(told).completed(told)


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


@EACH_FILE
def test_a_file_holds_one_category_in_the_order_of_ids(path):
    """A contributor finds the file by the category, and the service by its id."""
    records = _records(path)
    ids = [record["id"] for record in records]
    categories = {record["category"] for record in records}

    assert 1 == len(categories)
    assert path.stem == categories.pop().lower().replace(" ", "-")
    assert sorted(ids) == ids


@EACH_FILE
def test_nothing_is_wrong_with_a_record(path):
    """Every record passes the same check as a contributor's."""
    assert [] == problems_in(path)


@EACH_FILE
def test_every_record_is_proven(path):
    """Each record's own flow works against a provider that behaves as it says."""
    seen = {record["id"]: prove(record) for record in _records(path)}

    assert all(len(lines) >= 2 for lines in seen.values())
    assert all(any("A call to " in one for one in lines) for lines in seen.values())


def test_there_are_as_many_as_promised():
    """At least 380 that one authorizes, and 230 with a key."""
    counted = Counter(service.auth_type for service in SERVICES)

    assert counted["oauth2"] >= 380
    assert counted["api_key"] + counted["bearer"] + counted["basic"] >= 230
    assert len(SERVICES) == len({service.name for service in SERVICES})


@pytest.mark.parametrize("service_id", sorted(MOST_USED))
def test_the_most_used_are_described_in_full(service_id):
    """Scopes with names, a harmless call, whose account it is, and how to register."""
    service = CATALOG.get(service_id)

    assert service.scopes
    assert all(scope.display_name for scope in service.scopes)
    assert service.default_scopes
    read_only = {scope.name for scope in service.scopes if scope.read_only}
    assert read_only
    broad = set(service.default_scopes) - read_only
    assert broad <= ALLOWED_BROAD.get(service_id, set())
    assert service.test_path is not None
    assert service.account_field is not None
    assert service.docs_url.startswith("https://")
    assert service.registration_help.endswith(".")


def test_people_see_how_sure_we_are():
    """Every record says how many sources agree, which, and what that is worth."""
    assert {"high", "medium", "low"} == {service.confidence for service in SERVICES}
    for service in SERVICES:
        assert service.sources, service.id
        if service.confidence == "high":
            assert service.agreement >= 1, service.id


def test_E1_every_address_uses_https():
    """No shipped record sends anything in the clear."""
    for service in SERVICES:
        assert all(url.startswith("https://") for url in service.endpoints), service.id
        assert not [host for host in service.api_hosts if "*" in host], service.id


def test_only_self_hosted_services_leave_the_host_to_people():
    """A free host is asked for in so many words; nowhere else may one be typed."""
    for service in SERVICES:
        whole = set(service.api_hosts) | {urlsplit(u).netloc for u in service.endpoints}
        for parameter in service.parameters:
            decides = f"{{{parameter.name}}}" in whole
            named = decides and parameter.accepts("evil.example")
            assert parameter.names_host == named, (service.id, parameter.name)
            if named:
                assert "credentials are sent to" in parameter.help


def test_no_token_goes_where_codes_are_exchanged():
    """The authorize page's host is allowed only where the API lives there too."""
    for service in SERVICES:
        if service.authorization_endpoint is None:
            continue
        filled = _example(service)
        page = urlsplit(filled.authorization_endpoint).netloc
        base = urlsplit(filled.api_base_url).netloc
        assert page not in filled.api_hosts or page == base, service.id


def test_keys_go_into_a_header_where_that_is_possible():
    """Only few vendors take a key nowhere but in the address."""
    by_query = [s for s in SERVICES if s.param_type == "query"]

    assert len(by_query) <= 45
    assert not [s.id for s in by_query if s.auth_type in {"bearer", "basic"}]


def test_the_well_known_services_are_there():
    """The services that the documentation speaks of."""
    expected = {
        "github", "gitlab", "google-sheets", "google-drive", "google-calendar",
        "gmail", "google-bigquery", "microsoft-graph", "slack", "zoho-expense",
        "zoho-books", "zoho-crm", "notion", "hubspot", "salesforce", "dropbox", "box",
        "asana", "jira", "confluence", "airtable", "zoom", "linear", "figma",
        "spotify", "strava", "stripe", "openai", "twilio", "trello", "jira-basic",
    }  # fmt: skip

    assert expected <= set(CATALOG.ids())


def test_google_gives_a_refresh_token_only_when_asked_so():
    """Each Google service asks for offline access, and for consent each time."""
    google = [
        service
        for service in SERVICES
        if service.token_endpoint == "https://oauth2.googleapis.com/token"
    ]

    assert len(google) >= 30
    for service in google:
        asked = service.authorization_parameters
        assert {"access_type": "offline", "prompt": "consent"} == asked, service.id


def test_the_whole_zoho_family_has_its_data_centres():
    """A person who types nothing gets .com; others choose, Canada too."""
    family = [s for s in SERVICES if s.id.startswith("zoho-")]

    assert len(family) >= 27
    for service in family:
        usual, canada = service.filled({}), service.filled({"dc": "ca"})
        assert "https://accounts.zoho.com/oauth/v2/token" == usual.token_endpoint
        assert "https://accounts.zohocloud.ca/oauth/v2/token" == canada.token_endpoint
        hosts = service.filled({"dc": "com.au"}).api_hosts
        assert all(host.endswith(("zoho.com.au", "zohoapis.com.au")) for host in hosts)
        assert "Zoho-oauthtoken " == service.param_prefix
        with pytest.raises(ValueError, match="Data centre must be like com"):
            service.filled({"dc": "evil.example"})
    assert ("www.zohoapis.eu",) == CATALOG.get("zoho-books").filled(
        {"dc": "eu"}
    ).api_hosts


def test_the_choice_of_a_region_moves_every_host():
    """Where an account is decides page, token address and API together."""
    intercom = CATALOG.get("intercom").filled({"region": "eu"})

    assert "https://app.eu.intercom.com/oauth" == intercom.authorization_endpoint
    assert "https://api.eu.intercom.io/auth/eagle/token" == intercom.token_endpoint
    assert ("api.eu.intercom.io",) == intercom.api_hosts


def test_a_microsoft_tenant_fills_the_path():
    """The tenant is part of the log-in address, common if nothing is typed."""
    graph = CATALOG.get("microsoft-graph")
    base = "https://login.microsoftonline.com"

    assert f"{base}/common/oauth2/v2.0/token" == graph.filled({}).token_endpoint
    assert (
        f"{base}/contoso.example/oauth2/v2.0/token"
        == graph.filled({"tenant": "contoso.example"}).token_endpoint
    )


def test_a_server_of_ones_own_may_have_a_port():
    """The API address, the token address and the allowed host follow what is typed."""
    gitlab = CATALOG.get("gitlab").filled({"host": "git.acme.example:8443"})

    assert "https://git.acme.example:8443/oauth/token" == gitlab.token_endpoint
    assert ("git.acme.example:8443",) == gitlab.api_hosts
    with pytest.raises(ValueError, match="Host must be like gitlab"):
        CATALOG.get("gitlab").filled({"host": "git.acme.example/evil"})


def test_a_blank_without_default_must_be_filled():
    """A shop has no usual name."""
    with pytest.raises(ValueError, match="Shop must be like acme"):
        CATALOG.get("shopify").filled({})


def test_services_survive_their_json_form():
    """REST sends a service as JSON, and the other side reads it again."""
    for service in SERVICES:
        assert service == Service.model_validate(service.model_dump(mode="json"))


def test_descriptions_are_short_sentences():
    """A card has room for one line."""
    for service in SERVICES:
        assert re.fullmatch(r"[A-Z].{10,120}\.", service.description), service.id
