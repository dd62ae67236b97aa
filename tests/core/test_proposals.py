"""Learning about a service: from its issuer, an OpenAPI document, or a file."""

import json

import pytest

from conn_core import Service, ServiceDraft, read_draft, service_to_toml
from conn_core.catalog import Catalog
from conn_core.errors import InvalidInput, ProviderUnavailable

ISSUER = "https://login.acme.example"
METADATA = {
    "issuer": ISSUER,
    "authorization_endpoint": f"{ISSUER}/authorize",
    "token_endpoint": "https://tokens.elsewhere.example/token",
    "revocation_endpoint": f"{ISSUER}/revoke",
    "registration_endpoint": f"{ISSUER}/register",
    "scopes_supported": ["read", "write"],
    "token_endpoint_auth_methods_supported": ["client_secret_post"],
    "authorization_response_iss_parameter_supported": True,
}
YAML = """
openapi: 3.1.0
info: {title: Acme CRM, description: "Customers and deals.\\nMore words."}
servers:
  - url: https://{tenant}.acme.example/v2/
    variables: {tenant: {default: eu}}
components:
  securitySchemes:
    key: {type: apiKey, in: header, name: X-Api-Key}
    login:
      type: oauth2
      flows:
        clientCredentials: {tokenUrl: "https://a.example/t", scopes: {}}
        authorizationCode:
          authorizationUrl: https://login.acme.example/authorize
          tokenUrl: https://login.acme.example/token
          refreshUrl: https://login.acme.example/refresh
          scopes: {contacts.read: Read contacts, contacts.write: Change contacts}
"""


def propose(world, **source):
    """Ask as a person."""
    return world.broker().propose_service(**source)


# --- an issuer ----------------------------------------------------------------------------


def test_a_form_fills_itself_from_an_issuer(world, answer):
    """What the server says of itself becomes members, and sentences for the person."""
    world.provider.api_answer = answer(200, json.dumps(METADATA).encode())
    found = propose(world, issuer=f" {ISSUER} ")
    assert found.service["token_endpoint"] == METADATA["token_endpoint"]
    assert found.service["scopes"] == [{"name": "read"}, {"name": "write"}]
    assert found.service["token_endpoint_auth_method"] == "client_secret_post"
    assert found.service["iss_parameter_supported"] is True
    said, elsewhere, registers, missing = found.notes
    assert "login.acme.example said: authorize URL, access token URL" in said
    assert "2 scopes" in said
    assert "tokens.elsewhere.example" in elsewhere
    assert "no client id is needed" in registers
    assert "API base URL" in missing
    draft = found.service | {"name": "Acme", "api_base_url": "https://api.acme.example"}
    assert read_draft(ServiceDraft, draft).issuer == ISSUER


def test_an_issuer_with_all_at_home_that_registers_nobody(world, answer):
    """No host needs a second look; a client id does."""
    own = METADATA | {"token_endpoint": f"{ISSUER}/token"}
    del own["registration_endpoint"]
    world.provider.api_answer = answer(200, json.dumps(own).encode())
    _, registers, missing = propose(world, issuer=ISSUER).notes
    assert "enter a client id of yours" in registers
    assert "API base URL" in missing


def test_an_issuer_that_says_nothing(world, answer):
    """Nobody is asked to believe a page."""
    world.provider.api_answer = answer(404, b"<html>")
    with pytest.raises(ProviderUnavailable, match="does not describe itself"):
        propose(world, issuer=ISSUER)


@pytest.mark.parametrize(
    "issuer",
    ["http://login.acme.example", "file:///etc/passwd", "https://10.0.0.1", ""],
)
def test_E_an_issuer_that_may_not_be_asked(world, issuer):
    """The rules for addresses hold before anything is sent."""
    with pytest.raises(InvalidInput):
        propose(world, issuer=issuer)
    assert world.provider.api_requests == []


@pytest.mark.parametrize("sources", [{}, {"issuer": ISSUER, "toml": ""}])
def test_one_source_is_named(world, sources):
    """None and two are both a mistake."""
    with pytest.raises(InvalidInput, match="from one source"):
        propose(world, **sources)


# --- OpenAPI ------------------------------------------------------------------------------


def test_an_openapi_document_in_yaml(world):
    """OAuth before keys, code before client credentials; the rest is named."""
    found = propose(world, openapi=YAML)
    assert found.service == {
        "name": "Acme CRM",
        "description": "Customers and deals.",
        "api_base_url": "https://eu.acme.example/v2",
        "api_hosts": ["eu.acme.example"],
        "auth_type": "oauth2",
        "grant_type": "authorization_code",
        "authorization_endpoint": "https://login.acme.example/authorize",
        "token_endpoint": "https://login.acme.example/token",
        "refresh_endpoint": "https://login.acme.example/refresh",
        "scopes": [
            {
                "name": "contacts.read",
                "display_name": "Read contacts",
                "read_only": True,
            },
            {
                "name": "contacts.write",
                "display_name": "Change contacts",
                "read_only": False,
            },
        ],
    }
    assert found.notes == ("Taken: login. The document also names key.",)
    assert read_draft(ServiceDraft, found.service).id == "acme-crm"


@pytest.mark.parametrize(
    ("scheme", "members"),
    [
        ({"type": "http", "scheme": "Basic"}, {"auth_type": "basic"}),
        ({"type": "http", "scheme": "bearer"}, {"auth_type": "bearer"}),
        (
            {"type": "apiKey", "in": "query", "name": "key"},
            {
                "auth_type": "api_key",
                "param_type": "query",
                "param_name": "key",
                "param_prefix": "",
            },
        ),
        (
            {
                "type": "openIdConnect",
                "openIdConnectUrl": f"{ISSUER}/.well-known/openid-configuration",
            },
            {"auth_type": "oauth2", "issuer": ISSUER},
        ),
        (
            {
                "type": "oauth2",
                "flows": {"clientCredentials": {"tokenUrl": "https://a.example/t"}},
            },
            {
                "auth_type": "oauth2",
                "grant_type": "client_credentials",
                "scopes": [],
                "token_endpoint": "https://a.example/t",
            },
        ),
    ],
)
def test_every_kind_of_scheme(world, scheme, members):
    """What a document calls a scheme is a type of ours."""
    document = {"openapi": "3.0.3", "components": {"securitySchemes": {"s": scheme}}}
    found = propose(world, openapi=json.dumps(document))
    assert found.service == members
    assert "enter the base URL" in found.notes[0]
    asks_issuer = any("fill from discovery" in note for note in found.notes)
    assert asks_issuer == ("issuer" in members)


def test_swagger_2(world):
    """The older form keeps host and flow elsewhere."""
    document = {
        "swagger": "2.0",
        "host": "api.acme.example",
        "basePath": "/v1",
        "securityDefinitions": {
            "again": {"$ref": "#/securityDefinitions/login"},
            "login": {
                "type": "oauth2",
                "flow": "accessCode",
                "authorizationUrl": "https://a.example/a",
                "tokenUrl": "https://a.example/t",
                "scopes": {"view": None},
            },
        },
    }
    found = propose(world, openapi=json.dumps(document))
    assert found.service["api_base_url"] == "https://api.acme.example/v1"
    assert found.service["grant_type"] == "authorization_code"
    assert found.service["scopes"] == [
        {"name": "view", "display_name": "", "read_only": True}
    ]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "neither JSON nor YAML"),
        ("[1]", "no member openapi"),
        ("{", "neither JSON nor YAML"),
        ("a: [", "neither JSON nor YAML"),
        ("openapi: 3.1.0", "no way to authenticate"),
        (
            json.dumps(
                {
                    "openapi": "3",
                    "components": {
                        "securitySchemes": {
                            "a": {"type": "apiKey", "in": "cookie", "name": "s"},
                            "b": {"type": "mutualTLS"},
                            "c": 7,
                            "d": {"type": "oauth2", "flows": {"implicit": {"x": 1}}},
                            "e": {"type": "openIdConnect", "openIdConnectUrl": "x"},
                        }
                    },
                }
            ),
            "no way to authenticate",
        ),
        ("a: &x [1]\nopenapi: *x", "aliases"),
        ("openapi: " + "[" * 90 + "]" * 90, "nested too deeply"),
        ('{"openapi": "3.0.0", "openapi": "3.1.0"}', "a member twice"),
        ("openapi: 3.0.0\nopenapi: 3.1.0", "a member twice"),
        ("openapi: 1:" + ":".join(["59"] * 300_000), "no way to authenticate"),
        ("openapi: ~\ninfo: null", "no way to authenticate"),
        ("openapi: !!python/object/apply:os.system ['true']", "aliases or tags"),
        ("{" + '"a":{' * 100_000, "neither JSON nor YAML"),
        ("x" * (2 * 1024 * 1024 + 1), "larger than 2 MiB"),
    ],
)
def test_O6_O7_W7_documents_that_are_none_or_that_attack(world, text, why):
    """Bounded, without code, and said in words."""
    with pytest.raises(InvalidInput, match=why):
        propose(world, openapi=text)


@pytest.mark.parametrize("url", ["/v1", "http://api.acme.example", "https://[", 7])
def test_servers_that_cannot_be_used_are_left_out(world, url):
    """A relative address is the person's to complete."""
    document = {
        "openapi": "3.1.0",
        "servers": [{"url": url}],
        "components": {"securitySchemes": {"s": {"type": "http", "scheme": "bearer"}}},
    }
    found = propose(world, openapi=json.dumps(document))
    assert "api_base_url" not in found.service


# --- a file -------------------------------------------------------------------------------


def test_every_service_that_ships_comes_back_from_its_file(world):
    """Exported and imported, nothing of a description is lost."""
    catalog = Catalog()
    for service_id in catalog.ids():
        service = catalog.get(service_id)
        members = propose(world, toml=service_to_toml(service)).service
        again = read_draft(ServiceDraft, members).described(owner="")
        told = {"predefined", "agreement", "confidence", "sources"}
        assert again.model_dump(exclude=told) == service.model_dump(exclude=told)


def test_O10_a_file_holds_no_secret_and_nobodys_name(world):
    """Who described it and what is registered stays here."""
    broker = world.broker("priya")
    broker.create_service(
        read_draft(
            ServiceDraft,
            {
                "name": "Acme",
                "authorization_endpoint": f"{ISSUER}/a",
                "token_endpoint": f"{ISSUER}/t",
                "api_base_url": "https://api.acme.example",
                "client_id": "CNRY-client-id-1",
                "client_secret": "CNRY-client-secret-1",
            },
        )
    )
    text = service_to_toml(broker.service("acme"))
    assert "CNRY" not in text
    assert "priya" not in text


def test_an_exported_file_is_a_catalogue_file(world, tmp_path):
    """What one person exports, another contributes: the operator's folder takes it."""
    file = tmp_path / "acme.toml"
    service = Catalog().get("github").model_copy(update={"id": "acme-git"})
    file.write_text(service_to_toml(service))
    found = Catalog((file,)).get("acme-git")
    assert isinstance(found, Service)
    assert found.scopes == service.scopes


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("a = ", "it is no TOML"),
        ("[[service]]\n[[service]]\n", "must hold one service"),
        ("[service]\nid = 'a'", "one \\[\\[service\\]\\] table"),
        ("other = 1\n[[service]]\n", "nothing else"),
        ("service = [1]", "must hold one service"),
        ("#" * (1024 * 1024 + 1), "too large"),
        (".".join(["a"] * 300_000) + " = 1", "a name of too many parts"),
        ("[" + " . ".join(['"a"'] * 30_000) + "]", "a name of too many parts"),
        ("a = " + "1" * 5000, "it is no TOML"),
        ("a = " + "[" * 100_000, "it is no TOML"),
    ],
    ids=lambda value: value[:20],
)
def test_a_file_that_is_another(world, text, why):
    """Said in words; nothing is taken from it."""
    with pytest.raises(InvalidInput, match=why):
        propose(world, toml=text)


def test_O8_members_that_only_we_answer_are_left_out(world):
    """A file cannot name its owner."""
    text = "[[service]]\nname = 'A'\nowner = 'priya'\npredefined = true\nunknown = 1"
    assert propose(world, toml=text).service == {"name": "A"}
