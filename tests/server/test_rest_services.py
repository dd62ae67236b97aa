"""REST: services of one's own, and what the server learns about them."""

import json
import tomllib

import pytest

SERVICES = "api/v1/services"
ACME = {
    "name": "Acme CRM",
    "authorization_endpoint": "https://login.acme.example/authorize",
    "token_endpoint": "https://login.acme.example/token",
    "scopes": [{"name": "read", "display_name": "Read contacts"}],
    "api_base_url": "https://api.acme.example/v2",
    "client_id": "acme-desk",
    "client_secret": "CNRY-acme-secret-90e2",
}
SECRET = ACME["client_secret"]


@pytest.fixture
def acme(kernel, jp_asyncio_loop):
    """A service that the asking person described."""
    made = jp_asyncio_loop.run_until_complete(kernel("POST", SERVICES, body=ACME))
    assert 201 == made.code, made.text
    return made


async def test_a_service_is_described(acme, kernel, extension):
    """Its id is made from its name; the answer has what only we know, and no secret."""
    found = await kernel("GET", f"{SERVICES}/acme-crm")

    assert ("acme-crm", extension.owner, True, False) == (
        acme.json["id"],
        acme.json["owner"],
        acme.json["registered"],
        acme.json["predefined"],
    )
    assert acme.headers["ETag"] == found.headers["ETag"] == '"1"'
    assert acme.json == found.json
    assert SECRET not in acme.text + found.text


async def test_an_id_is_taken_once(acme, kernel):
    """A second service of this name needs another id."""
    answer = await kernel("POST", SERVICES, body=ACME)

    assert (409, "name_taken") == (answer.code, answer.json["code"])


async def test_a_service_is_described_anew(acme, kernel):
    """The whole description is sent; a client secret left out is kept."""
    anew = {k: v for k, v in ACME.items() if k != "client_secret"}
    anew |= {"id": "acme-crm", "description": "Customers", "version": None}
    del anew["version"]

    changed = await kernel(
        "PATCH", f"{SERVICES}/acme-crm", body=anew, headers={"If-Match": '"1"'}
    )
    late = await kernel(
        "PATCH", f"{SERVICES}/acme-crm", body=anew, headers={"If-Match": '"1"'}
    )

    assert (200, "Customers", True) == (
        changed.code,
        changed.json["description"],
        changed.json["registered"],
    )
    assert '"2"' == changed.headers["ETag"]
    assert (409, "version_conflict") == (late.code, late.json["code"])


async def test_live_credentials_are_wiped_only_when_that_is_said(
    kernel, connect, browser, grant, root
):
    """An address that credentials are bound to changes with ``wipe_credentials`` only."""
    await kernel("POST", SERVICES, body=ACME)
    begun = await connect("acme-crm", name="crm")
    await browser.get(grant(await browser.get(f"{root}start/{begun['flow']}")))
    moved = ACME | {"id": "acme-crm", "token_endpoint": "https://evil.example/token"}

    refused = await kernel("PATCH", f"{SERVICES}/acme-crm", body=moved)
    before = await kernel("GET", "api/v1/connections/crm")
    odd = await kernel(
        "PATCH", f"{SERVICES}/acme-crm?wipe_credentials=maybe", body=moved
    )
    moved |= {"client_secret": "CNRY-acme-secret-again"}
    wiped = await kernel(
        "PATCH", f"{SERVICES}/acme-crm?wipe_credentials=true", body=moved
    )
    after = await kernel("GET", "api/v1/connections/crm")

    assert (409, "credentials_at_stake") == (refused.code, refused.json["code"])
    assert "connected" == before.json["status"]
    assert (422, ["wipe_credentials"]) == (odd.code, list(odd.json["fields"]))
    assert 200 == wiped.code, wiped.text
    assert "connected" != after.json["status"]


async def test_a_service_in_use_is_not_deleted(acme, kernel):
    """The connections are named; without them it goes."""
    await kernel("POST", "api/v1/connections", body={"service": "acme-crm"})
    kept = await kernel("DELETE", f"{SERVICES}/acme-crm")
    await kernel("DELETE", "api/v1/connections/acme-crm")
    gone = await kernel("DELETE", f"{SERVICES}/acme-crm")
    again = await kernel("DELETE", f"{SERVICES}/acme-crm")

    assert 409 == kept.code
    assert "acme-crm" in kept.json["message"]
    assert (204, "", 404) == (gone.code, gone.text, again.code)


@pytest.mark.parametrize("method", ["PATCH", "DELETE"])
async def test_what_ships_with_us_is_not_changed(kernel, method):
    """It is nobody's here."""
    body = ACME | {"id": "coffee"} if method == "PATCH" else None

    answer = await kernel(method, f"{SERVICES}/coffee", body=body)

    assert (403, "not_allowed") == (answer.code, answer.json["code"])


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "x" * 201}, "name"),
        ({"name": 5}, "name"),
        ({"api_base_url": "http://api.acme.example"}, "api_base_url"),
        ({"token_endpoint": "https://10.0.0.1/token"}, "token_endpoint"),
        ({"scopes": [{"name": "a b"}]}, "scopes.0.name"),
        ({"owner": "eve"}, "owner"),
        ({"predefined": True}, "predefined"),
        ({"colour": "red"}, "colour"),
    ],
)
async def test_what_is_wrong_is_said_beside_the_field(kernel, change, field):
    """422, and nothing is stored."""
    answer = await kernel("POST", SERVICES, body=ACME | change)

    assert (422, "invalid_input") == (answer.code, answer.json["code"])
    assert field in answer.json["fields"]
    assert SECRET not in answer.text
    assert 404 == (await kernel("GET", f"{SERVICES}/acme-crm")).code


async def test_a_service_leaves_as_a_file_without_its_secret(acme, kernel):
    """Under its own name, as TOML, and comes back as a proposal."""
    file = await kernel("GET", f"{SERVICES}/acme-crm/toml")
    back = await kernel("POST", f"{SERVICES}/proposals", body={"toml": file.text})

    assert 'attachment; filename="acme-crm.toml"' == file.headers["Content-Disposition"]
    assert file.headers["Content-Type"].startswith("application/toml")
    assert "Acme CRM" == tomllib.loads(file.text)["service"][0]["name"]
    assert SECRET not in file.text
    assert (200, ACME["token_endpoint"]) == (
        back.code,
        back.json["service"]["token_endpoint"],
    )


async def test_an_openapi_document_is_read(kernel):
    """Its servers and security schemes are a beginning; nothing is stored."""
    flow = {
        "authorizationUrl": ACME["authorization_endpoint"],
        "tokenUrl": ACME["token_endpoint"],
        "scopes": {"read": "Read contacts"},
    }
    scheme = {"type": "oauth2", "flows": {"authorizationCode": flow}}
    text = {
        "openapi": "3.1.0",
        "info": {"title": "Acme CRM", "version": "1"},
        "servers": [{"url": ACME["api_base_url"]}],
        "components": {"securitySchemes": {"acme": scheme}},
    }
    body = {"openapi": json.dumps(text)}

    answer = await kernel("POST", f"{SERVICES}/proposals", body=body)

    assert 200 == answer.code, answer.text
    assert ACME["token_endpoint"] == answer.json["service"]["token_endpoint"]
    assert 404 == (await kernel("GET", f"{SERVICES}/acme-crm")).code


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"issuer": "https://a.example", "toml": ""},
        {"issuer": 5},
        {"file": "x"},
        {"issuer": "ftp://a.example"},
        {"openapi": "]["},
        {"toml": "]["},
        {"toml": "a = " + "[" * 3000},
    ],
)
async def test_nothing_is_learned_from_nonsense(kernel, body):
    """One source, and one that can be read."""
    answer = await kernel("POST", f"{SERVICES}/proposals", body=body)

    assert (422, "invalid_input") == (answer.code, answer.json["code"])


async def test_a_service_registers_us_only_where_it_can(acme, kernel):
    """This one names no address for that."""
    answer = await kernel("POST", f"{SERVICES}/acme-crm/registration", body={})

    assert (422, "invalid_input") == (answer.code, answer.json["code"])
