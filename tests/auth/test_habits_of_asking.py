"""What providers want to be asked, each in its own way: the quirk table, first half."""

import dataclasses
from urllib.parse import parse_qs, urlsplit

import pytest
from scripted import (
    AT,
    CODE,
    GOOD,
    Reply,
    Row,
    Wants,
    attempt,
    filled,
    look_at,
    parameter,
)

from conn_core.auth import GrantEnded, auth_type
from conn_core.errors import ProviderError

OAUTH2 = auth_type("oauth2")


ASKING_ROWS = [
    Row(
        "26 client secret in the body",
        wants={
            "fields": {
                "grant_type": "authorization_code",
                "code": CODE,
                "client_id": "CLIENT-ID",
                "client_secret": "CLIENT-SECRET",
                "redirect_uri": "https://hub.example/callback/desk",
                "code_verifier": "CNRY-" + "v" * 43,
            }
        },
    ),
    Row(
        "26 client secret by Basic, both halves form-encoded",
        service={"token_endpoint_auth_method": "client_secret_basic"},
        wants={"basic": "ENCODED-PAIR", "absent": ("client_secret",)},
    ),
    Row(
        "26 Basic as many servers read it: not encoded",
        service={
            "token_endpoint_auth_method": "client_secret_basic",
            "habits": {"request": {"basic": "plain"}},
        },
        wants={"basic": "CLIENT-ID:CLIENT-SECRET"},
    ),
    Row(
        "28 Stripe Apps: the secret is the Basic user name",
        service={
            "token_endpoint_auth_method": "client_secret_basic",
            "habits": {"request": {"basic": "secret_as_user"}},
        },
        wants={"basic": "CLIENT-SECRET:"},
    ),
    Row(
        "11 no PKCE where a server rejects it",
        service={"pkce": False},
        wants={"absent": ("code_verifier",)},
    ),
    Row(
        "29 Notion: a JSON body",
        service={
            "token_endpoint_auth_method": "client_secret_basic",
            "habits": {"request": {"format": "json"}},
        },
        wants={
            "kind": "json",
            "basic": "ENCODED-PAIR",
            "fields": {"grant_type": "authorization_code"},
        },
    ),
    Row(
        "31 Bullhorn: parameters in the query of a POST",
        service={"habits": {"request": {"format": "query"}}},
        wants={"kind": "query", "query": {"code": CODE}},
    ),
    Row(
        "E28 a token URL with a query of its own keeps it",
        service={
            "token_endpoint": "BASE/token?tenant=7",
            "habits": {"request": {"format": "query"}},
        },
        wants={"kind": "query", "query": {"tenant": "7", "code": CODE}},
    ),
    Row(
        "token request by GET",
        service={"habits": {"request": {"method": "GET"}}},
        wants={"method": "GET", "kind": "query", "query": {"code": CODE}},
    ),
    Row(
        "32 TikTok: client_key",
        service={"habits": {"request": {"client_id": "client_key"}}},
        wants={"fields": {"client_key": "CLIENT-ID"}, "absent": ("client_id",)},
    ),
    Row(
        "32 TikTok Business: app_id, secret, auth_code, wrapped in data",
        says={"code": 0, "message": "OK", "data": {"access_token": AT}},
        service={
            "habits": {
                "request": {
                    "client_id": "app_id",
                    "client_secret": "secret",
                    "code": "auth_code",
                    "format": "json",
                },
                "callback": {"code": "auth_code"},
                "answer": {
                    "access_token": ["data.access_token"],
                    "success": {"code": "0"},
                    "error": ["code"],
                    "error_description": ["message"],
                },
            }
        },
        callback={"auth_code": CODE},
        wants={
            "kind": "json",
            "fields": {
                "app_id": "CLIENT-ID",
                "secret": "CLIENT-SECRET",
                "auth_code": CODE,
            },
            "absent": ("code",),
        },
        means={"expires_in": None},
    ),
    Row(
        "34 HighLevel: redirect_uri with body authentication",
        wants={"fields": {"redirect_uri": "https://hub.example/callback/desk"}},
    ),
    Row(
        "35 Figma: redirect_uri in the query",
        service={"habits": {"request": {"redirect_uri_in_query": True}}},
        wants={
            "query": {"redirect_uri": "https://hub.example/callback/desk"},
            "absent": ("redirect_uri",),
        },
    ),
    Row(
        "35 … also where the address has a query",
        service={
            "token_endpoint": "BASE/token?v=1",
            "habits": {"request": {"redirect_uri_in_query": True}},
        },
        wants={
            "query": {"v": "1", "redirect_uri": "https://hub.example/callback/desk"}
        },
    ),
    Row(
        "41 Zendesk: a fixed parameter asks for tokens that expire",
        service={"habits": {"request": {"parameters": {"expires_in": "1800"}}}},
        wants={"fields": {"expires_in": "1800"}},
    ),
    Row(
        "46 a fixed header",
        service={"habits": {"request": {"headers": {"X-Api-Version": "7"}}}},
        wants={"headers": {"x-api-version": "7"}},
    ),
    Row(
        "16 Amazon SP-API: the code is called spapi_oauth_code",
        service={"habits": {"callback": {"code": "spapi_oauth_code"}}},
        callback={"spapi_oauth_code": CODE},
        wants={"fields": {"code": CODE}},
    ),
]


@pytest.mark.parametrize("row", ASKING_ROWS, ids=lambda row: row.name)
def test_a_code_becomes_tokens_by_each_habit(row, server, client, new_service, run):
    """The server gets what it wants, and what it says is understood."""
    service = new_service(server.base, **row.service)
    says = GOOD if row.says is None else row.says
    server.plays((Wants(**filled(row.wants, client)), Reply(says, **row.reply)))
    assert OAUTH2.returned(service, row.callback).error == ""
    steps = OAUTH2.finish(service, client, attempt(), row.callback)
    tokens = run(steps, server)
    expected = {"access_token": AT} | row.means
    assert expected == {path: look_at(tokens, path) for path in expected}
    assert [] == server.script


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, {"client_id": ["desk:client"], "state": ["the-state"]}),
        (
            {"habits": {"request": {"client_id": "client_key"}}},
            {"client_key": ["desk:client"], "client_id": None},
        ),
        (
            {"habits": {"request": {"authorization_client_id": "application_id"}}},
            {"application_id": ["desk:client"], "client_id": None},
        ),
        (
            {"habits": {"callback": {"state": "custom_state"}}},
            {"custom_state": ["the-state"], "state": None},
        ),
        ({"scope_delimiter": ","}, {"scope": ["read,write"]}),
        (
            {"authorization_parameters": {"access_type": "offline"}},
            {"access_type": ["offline"]},
        ),
        ({"pkce": False}, {"code_challenge": None}),
        ({}, {"code_challenge_method": ["S256"], "response_type": ["code"]}),
        (
            {
                "authorization_endpoint": "https://accounts.desk.{dc}/auth?v=2",
                "parameters": [parameter("dc", "callback", default="example")],
            },
            {"v": ["2"]},
        ),
    ],
    ids=[
        "standard",
        "32 TikTok",
        "10 Amazon SP-API",
        "23 Shopline state",
        "commas",
        "1 offline access",
        "11 no PKCE",
        "S256",
        "19 Zoho begins at the usual data centre",
    ],
)
def test_a_consent_page_is_asked_for_by_each_habit(
    changes, expected, pure, client, new_service, run
):
    """What is asked for stands in the address; no secret does."""
    service = new_service(**changes)
    consent = run(OAUTH2.begin(service, client, attempt()), pure)
    query = parse_qs(urlsplit(consent.url).query)
    assert expected == {name: query.get(name) for name in expected}
    assert "CNRY-" not in consent.url


@pytest.mark.parametrize("first", ["client_secret_basic", "client_secret_post"])
def test_a_wrong_guess_about_the_client_is_mended(
    first, server, client, new_service, run
):
    """Descriptions are often wrong; a refused client has not spent its code yet."""
    service = new_service(server.base, token_endpoint_auth_method=first)
    by_body = first == "client_secret_basic"
    secret = client.client_secret.reveal() if by_body else None
    wants = Wants(
        basic=None if by_body else filled("ENCODED-PAIR", client),
        fields={"client_secret": secret, "code": CODE},
    )
    server.plays(Reply({"error": "invalid_client"}, status=401), (wants, Reply(GOOD)))
    steps = OAUTH2.finish(service, client, attempt(), {"code": CODE})
    assert AT == run(steps, server).access_token.reveal()


@pytest.mark.parametrize(
    ("refusal", "habits"),
    [
        (Reply({"error": "unauthorized_client"}, status=400), {}),
        (Reply(b"", status=401), {}),
        (
            Reply({"error": "invalid_request"}, status=400),
            {"answer": {"client_refused": ["invalid_request"]}},
        ),
        (
            Reply({"code": 10005}),
            {"answer": {"error": ["code"], "client_refused": ["10005"]}},
        ),
    ],
    ids=["unauthorized_client", "a bare 401", "a service's word", "a number"],
)
def test_26_a_client_is_refused_in_other_words_too(
    refusal, habits, server, client, new_service, run
):
    """The service says which words mean it, beside those that always do."""
    server.plays(refusal, Reply(GOOD))
    service = new_service(server.base, habits=habits)
    steps = OAUTH2.finish(service, client, attempt(), {"code": CODE})
    assert AT == run(steps, server).access_token.reveal()


@pytest.mark.parametrize("refusal", [{"error": "invalid_request"}, {"error": "flux"}])
def test_other_refusals_are_not_asked_about_twice(
    refusal, pure, client, new_service, run
):
    """The grant may have been looked at, and spent."""
    pure.plays(Reply(refusal, status=400))
    steps = OAUTH2.finish(new_service(), client, attempt(), {"code": CODE})
    with pytest.raises(ProviderError, match=refusal["error"]):
        run(steps, pure)
    assert 1 == len(pure.seen)


def test_F39_a_client_that_is_refused_both_ways_is_said_so(
    pure, client, new_service, run
):
    """Once each, and the first refusal is the one that is told."""
    pure.plays(
        Reply({"error": "invalid_client", "error_description": "first"}, status=401),
        Reply({"error": "invalid_client", "error_description": "second"}, status=401),
    )
    steps = OAUTH2.finish(new_service(), client, attempt(), {"code": CODE})
    with pytest.raises(ProviderError, match="first") as caught:
        run(steps, pure)
    assert ("invalid_client", 2) == (caught.value.provider_code, len(pure.seen))


@pytest.mark.parametrize(
    ("second", "error"),
    [
        ({"error": "invalid_grant"}, GrantEnded),
        ({"error": "invalid_scope"}, ProviderError),
    ],
)
def test_what_the_second_way_brings_is_what_counts(
    second, error, pure, client, new_service, run
):
    """The client is known then; something else is wrong."""
    pure.plays(Reply({"error": "invalid_client"}), Reply(second))
    steps = OAUTH2.finish(new_service(), client, attempt(), {"code": CODE})
    with pytest.raises(error, match=second["error"]):
        run(steps, pure)


def test_there_is_no_other_way_for_a_public_client(pure, client, new_service, run):
    """It sends no secret at all."""
    public = dataclasses.replace(client, client_secret=None)
    pure.plays(Reply({"error": "invalid_client"}))
    service = new_service(token_endpoint_auth_method="none")
    steps = OAUTH2.finish(service, public, attempt(), {"code": CODE})
    with pytest.raises(ProviderError, match="invalid_client"):
        run(steps, pure)
    assert 1 == len(pure.seen)


@pytest.mark.parametrize(
    ("where", "name"),
    [
        ("parameters", "client_secret"),
        ("refresh_parameters", "grant_type"),
        ("headers", "Authorization"),
        ("headers", "hOST"),
    ],
)
def test_habits_never_take_the_place_of_the_protocol(where, name, new_service):
    """A description could send a secret elsewhere, or another grant."""
    with pytest.raises(ValueError, match=f"{name} cannot be set here"):
        new_service(habits={"request": {where: {name: "x"}}})


def test_habits_stay_brief_in_json(new_service):
    """A service that keeps to the standard has none to show, and reads back the same."""
    plain = new_service()
    odd = new_service(habits={"request": {"format": "json"}})
    assert {} == plain.model_dump(mode="json")["habits"]
    assert {"request": {"format": "json"}} == odd.model_dump(mode="json")["habits"]
    assert odd == type(odd).model_validate_json(odd.model_dump_json())
