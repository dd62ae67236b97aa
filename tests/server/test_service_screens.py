"""The form that describes a service, driven as a browser without script does it."""

import html
import re

import pytest

from conn_core import ServiceProposal
from conn_core.broker import LocalBroker
from conn_core.errors import ProviderUnavailable

FILLED = {
    "name": "Acme CRM",
    "auth_type": "oauth2",
    "grant_type": "authorization_code",
    "authorization_endpoint": "https://login.acme.example/authorize",
    "token_endpoint": "https://login.acme.example/token",
    "revocation_endpoint": "https://login.acme.example/revoke",
    "token_endpoint_auth_method": "client_secret_post",
    "param_type": "header",
    "pkce": "yes",
    "scope_name": ["contacts.read", "contacts.write", ""],
    "scope_words": ["Read contacts", "", ""],
    "scope_read_only": ["0"],
    "scope_delimiter": ",",
    "api_base_url": "https://api.acme.example/v2/",
    "test_path": "/me",
    "do": "save",
}
TOML = """
[[service]]
id = "acme-crm"
name = "Acme CRM"
authorization_endpoint = "https://login.acme.example/authorize"
token_endpoint = "https://login.acme.example/token"
api_base_url = "https://api.acme.example/v2"
api_hosts = ["api.acme.example"]
scopes = [{ name = "contacts.read", display_name = "Read contacts", read_only = true }]
"""


@pytest.fixture
def acme(submit, jp_asyncio_loop):
    """The service, described in the form."""
    made = jp_asyncio_loop.run_until_complete(submit("service/new", **FILLED))
    assert 303 == made.code, made.text


def _errors(answer):
    return set(re.findall(r'id="f-([\w-]+)-error"', answer.text))


def _value(answer, name):
    found = re.search(rf'name="{name}"[^>]* value="([^"]*)"', answer.text)
    return html.unescape(found.group(1))


async def test_a_service_is_described(submit, kernel, root):
    """Every field arrives; the next page connects to it."""
    answer = await submit("service/new", **FILLED)

    assert (303, f"{root}new/acme-crm") == (answer.code, answer.headers["Location"])
    made = (await kernel("GET", "api/v1/services/acme-crm")).json
    assert {
        "name": "Acme CRM",
        "predefined": False,
        "grant_type": "authorization_code",
        "token_endpoint_auth_method": "client_secret_post",
        "api_base_url": "https://api.acme.example/v2",
        "api_hosts": ["api.acme.example"],
        "scope_delimiter": ",",
        "pkce": True,
        "param_name": "Authorization",
        "param_prefix": "Bearer ",
        "registered": False,
    }.items() <= made.items()
    assert [
        {"name": "contacts.read", "display_name": "Read contacts", "read_only": True},
        {"name": "contacts.write", "display_name": "", "read_only": False},
    ] == made["scopes"]


@pytest.mark.parametrize(
    ("token", "told"),
    [("https://t.acme.example/t", False), ("https://e.example/t", True)],
)
async def test_B8_who_connects_reads_where_codes_go(submit, browser, root, token, told):
    """Where a consent page that everybody knows was borrowed by a description."""
    await submit("service/new", **(FILLED | {"token_endpoint": token}))

    shown = await browser.get(f"{root}new/acme-crm")

    assert 200 == shown.code
    assert told == ("codes and secrets go to e.example." in shown.text)
    assert told == ("Consent is asked for at" in shown.text)


async def test_a_key_needs_few_fields(submit, kernel):
    """What belongs to other kinds is ignored, whatever stands in it."""
    key = {"auth_type": "api_key", "api_base_url": "https://api.key.example"}
    answer = await submit("service/new", **(FILLED | key | {"name": "Key shop"}))

    assert 303 == answer.code
    made = (await kernel("GET", "api/v1/services/key-shop")).json
    assert ("api_key", "X-API-Key", "", None, []) == (
        made["auth_type"],
        made["param_name"],
        made["param_prefix"],
        made["token_endpoint"],
        made["scopes"],
    )


async def test_a_key_may_have_a_place_and_a_delimiter_of_its_own(submit, kernel):
    """A prefix may be empty on purpose; scopes may be joined by anything."""
    place = {"param_name": "X-Acme", "param_prefix": "", "scope_delimiter": "other"}

    wanted = await submit("service/new", **(FILLED | place))
    answer = await submit("service/new", **(FILLED | place | {"other_delimiter": ";"}))

    assert {"other_delimiter"} == _errors(wanted)
    assert 303 == answer.code, answer.text
    made = (await kernel("GET", "api/v1/services/acme-crm")).json
    assert ("X-Acme", "", ";") == (
        made["param_name"],
        made["param_prefix"],
        made["scope_delimiter"],
    )


async def test_a_blank_in_an_address_is_filled_by_who_connects(
    submit, kernel, browser, root
):
    """Written ``{site}``; the form to connect then has a field for it."""
    blank = {"api_base_url": "https://{site}.acme.example/v2"}

    answer = await submit("service/new", **(FILLED | blank))

    assert 303 == answer.code, answer.text
    made = (await kernel("GET", "api/v1/services/acme-crm")).json
    assert ["site"] == [parameter["name"] for parameter in made["parameters"]]
    shown = await browser.get(f"{root}new/acme-crm")
    assert 'name="parameters.site"' in shown.text


async def test_all_that_is_wrong_is_said_at_once(submit):
    """Beside each field, and what was typed stays."""
    answer = await submit(
        "service/new",
        auth_type="oauth2",
        authorization_endpoint="http://login.acme.example",
        api_hosts="*",
        scope_name=["twice", "twice", ""],
        scope_words=["", "", "No name"],
        scope_delimiter="other",
        do="save",
    )

    assert 422 == answer.code
    assert {
        "name",
        "authorization_endpoint",
        "token_endpoint",
        "api_base_url",
        "scope-1",
        "scope-2",
        "other_delimiter",
    } <= _errors(answer)
    assert "http://login.acme.example" == _value(answer, "authorization_endpoint")
    assert "*" == _value(answer, "api_hosts")


async def test_a_scope_that_cannot_be_one_is_marked_in_its_row(submit):
    """An empty row above it does not shift the mark."""
    rows = {"scope_name": ["", "two words"], "scope_words": ["", ""]}

    answer = await submit("service/new", **(FILLED | rows))

    assert {"scope-1"} == _errors(answer)


async def test_a_client_secret_is_never_sent_back(submit):
    """It has to be typed again, and the page says so."""
    secret = "CNRY-described-secret-41fe"
    typed = {"name": "", "client_id": "lab", "client_secret": secret}

    answer = await submit("service/new", **(FILLED | typed))

    assert secret not in answer.text
    assert "client_secret" in _errors(answer)
    assert "lab" == _value(answer, "client_id")


async def test_a_registration_can_come_with_it(submit, kernel):
    """An id without a secret is asked about, and a secret without an id."""
    secret = "CNRY-described-secret-52af"

    half = await submit("service/new", **(FILLED | {"client_id": "lab"}))
    other = await submit("service/new", **(FILLED | {"client_secret": secret}))
    whole = await submit(
        "service/new", **(FILLED | {"client_id": "lab", "client_secret": secret})
    )

    assert {"client_secret"} == _errors(half)
    assert {"client_id", "client_secret"} == _errors(other)
    assert 303 == whole.code
    assert (await kernel("GET", "api/v1/services/acme-crm")).json["registered"]


async def test_a_name_that_is_taken_is_said(submit):
    """Also that of a predefined service."""
    answer = await submit("service/new", **(FILLED | {"name": "Coffee"}))

    assert {"name"} == _errors(answer)


async def test_more_rows_and_nothing_else(submit, kernel):
    """The form comes back with room, and nothing is stored."""
    answer = await submit("service/new", **(FILLED | {"do": "more-scopes"}))

    assert 200 == answer.code
    assert 6 <= answer.text.count('name="scope_name"')
    assert "Acme CRM" == _value(answer, "name")
    assert 404 == (await kernel("GET", "api/v1/services/acme-crm")).code


async def test_discovery_fills_what_is_empty(submit, monkeypatch):
    """What was typed stays, and the page says what the issuer says instead."""
    asked = []

    def propose(self, **source):
        asked.append(source)
        members = {
            "authorization_endpoint": "https://id.acme.example/auth",
            "token_endpoint": "https://id.acme.example/token",
            "scopes": [{"name": "openid"}],
        }
        return ServiceProposal(service=members, notes=("Check the host",))

    monkeypatch.setattr(LocalBroker, "propose_service", propose)

    answer = await submit(
        "service/new",
        name="Acme",
        issuer="https://id.acme.example",
        token_endpoint="https://typed.example/token",
        do="discover",
    )

    assert [{"issuer": "https://id.acme.example"}] == asked
    assert 200 == answer.code
    assert "https://id.acme.example/auth" == _value(answer, "authorization_endpoint")
    assert "https://typed.example/token" == _value(answer, "token_endpoint")
    assert "Found 1 address and 1 scope." in answer.text
    assert "Access token URL: kept what you typed" in answer.text
    assert "Check the host." in answer.text


async def test_an_issuer_that_says_nothing_is_said_beside_it(submit, monkeypatch):
    """And so is one that was not typed."""

    def propose(self, **source):
        msg = "id.acme.example does not describe itself"
        raise ProviderUnavailable(msg)

    monkeypatch.setattr(LocalBroker, "propose_service", propose)

    silent = await submit(
        "service/new", issuer="https://id.acme.example", do="discover"
    )
    empty = await submit("service/new", do="discover")

    assert {"issuer"} == _errors(silent) == _errors(empty)
    assert "does not describe itself" in silent.text


async def test_a_file_is_imported(submit, kernel):
    """An exported service fills the form; what has no field comes back with it."""
    filled = await submit("service/new", document=TOML, do="import")
    assert "https://login.acme.example/token" == _value(filled, "token_endpoint")
    assert "contacts.read" == _value(filled, "scope_name")

    broken = await submit("service/new", document="= 7", do="import")
    assert {"document"} == _errors(broken)


async def test_a_service_of_ones_own_is_edited(submit, kernel, acme, browser, root):
    """The form holds what it is; the id never changes."""
    shown = await browser.get(f"{root}service/acme-crm/edit")
    assert "https://api.acme.example/v2" == _value(shown, "api_base_url")

    answer = await submit(
        "service/acme-crm/edit", **(FILLED | {"name": "Acme", "version": "1"})
    )

    assert 303 == answer.code, answer.text
    changed = (await kernel("GET", "api/v1/services/acme-crm")).json
    assert ("Acme", 2) == (changed["name"], changed["version"])


async def test_an_edit_of_an_old_page_is_refused(submit, kernel, acme):
    """Somebody else was faster."""
    fields = FILLED | {"name": "Mine", "version": "1"}
    assert 303 == (await submit("service/acme-crm/edit", **fields)).code

    answer = await submit("service/acme-crm/edit", **(fields | {"name": "Late"}))

    assert 409 == answer.code
    assert "Open this page again" in answer.text


async def test_E_live_credentials_end_only_after_a_question(
    submit, kernel, acme, connect, browser, grant
):
    """The page names who is concerned; ticked, the change is made."""
    begun = await connect(service="acme-crm", name="Visits")
    started = await browser.get(begun["start_url"])
    await browser.get(grant(started))
    version = (await kernel("GET", "api/v1/services/acme-crm")).json["version"]
    elsewhere = {
        "api_base_url": "https://api2.acme.example/v2",
        "version": str(version),
    }

    asked = await submit("service/acme-crm/edit", **(FILLED | elsewhere))
    assert 409 == asked.code
    assert "End the credentials of Acme CRM?" in asked.text
    assert "%%connection visits" in asked.text
    before = (await kernel("GET", "api/v1/connections/visits")).json["status"]

    agreed = await submit(
        "service/acme-crm/edit", **(FILLED | elsewhere | {"wipe_credentials": "yes"})
    )
    assert 303 == agreed.code
    after = (await kernel("GET", "api/v1/connections/visits")).json["status"]
    assert ("connected", "needs authorization") == (before, after)


@pytest.mark.parametrize("path", ["service/coffee/edit"])
async def test_what_ships_with_us_is_not_edited(browser, root, path):
    """It is said, not shown."""
    answer = await browser.get(root + path)

    assert 403 == answer.code
    assert "it ships with us" in answer.text


async def test_a_service_is_deleted_unless_it_is_used(submit, kernel, acme):
    """The page names what uses it."""
    body = {"service": "acme-crm", "name": "Visits"}
    await kernel("POST", "api/v1/connections", body=body)

    used = await submit("service/acme-crm/delete")
    assert 409 == used.code
    assert "%%connection visits" in used.text

    await kernel("DELETE", "api/v1/connections/visits")
    assert 303 == (await submit("service/acme-crm/delete")).code
    assert 404 == (await kernel("GET", "api/v1/services/acme-crm")).code


async def test_a_registration_is_typed_and_its_secret_kept(submit, kernel, acme):
    """Once for everybody; a secret that is left blank stays."""
    path = "service/acme-crm/registration"
    secret = "CNRY-registration-secret-0c"

    empty = await submit(path, do="keep")
    first = await submit(path, client_id="lab", client_secret=secret, do="keep")
    second = await submit(path, client_id="lab", do="keep")

    assert {"client_id"} == _errors(empty)
    assert (303, 303) == (first.code, second.code)
    assert (await kernel("GET", "api/v1/services/acme-crm")).json["registered"]


async def test_a_service_without_automatic_registration_says_so(submit, acme):
    """Above the form, since it is no field's fault."""
    answer = await submit("service/acme-crm/registration", do="register-automatically")

    assert 422 == answer.code
    assert 'role="alert"' in answer.text


async def test_what_the_form_brings_back_may_be_forged(submit):
    """It is checked like everything else, and never breaks the page."""
    for rest in ("[1]", "{", '{"rest": 7, "parameters": 7}', "[" * 10_000):
        answer = await submit("service/new", **(FILLED | {"name": "", "rest": rest}))
        assert {"name"} == _errors(answer)

    forged = '{"rest": {"owner": "sam", "nonsense": 1}}'
    answer = await submit("service/new", **(FILLED | {"rest": forged}))
    assert 422 == answer.code
