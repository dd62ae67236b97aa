"""The quirk table of the world: each provider's habit is a personality of the server.

Every row is data on a service, what the server insists on, what it answers, and what must
come of it. No row names a provider to the code.
"""

import dataclasses
from urllib.parse import parse_qs, quote_plus, urlsplit

import pytest

from conn_core import Secret
from conn_core.auth import Attempt, GrantEnded, TokenSet, auth_type
from conn_core.errors import ProviderError, ProviderUnavailable

OAUTH2 = auth_type("oauth2")
AT, RT = "CNRY-access-token-of-the-desk", "CNRY-refresh-token-of-the-desk"
GOOD = {"access_token": AT, "token_type": "Bearer", "expires_in": 3600}
CODE = "CNRY-code-of-the-desk"
HOST = "{ 'placeholder' }"


@dataclasses.dataclass
class Row:
    """One habit: the service's data, what the server wants, says, and what that means."""

    name: str
    says: object = None
    service: dict = dataclasses.field(default_factory=dict)
    wants: dict = dataclasses.field(default_factory=dict)
    reply: dict = dataclasses.field(default_factory=dict)
    means: dict = dataclasses.field(default_factory=dict)
    callback: dict = dataclasses.field(default_factory=lambda: {"code": CODE})


def parameter(name, filled_by="answer", **more):
    return {"name": name, "filled_by": filled_by, **more}


CODE_ROWS = [
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
        wants={"query": {"v": "1", "redirect_uri": "https://hub.example/callback/desk"}},
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
    Row(
        "47 Slack: token types bot and user, two token sets",
        says={
            "ok": True,
            "access_token": AT,
            "token_type": "bot",
            "expires_in": 43200,
            "refresh_token": RT,
            "scope": "chat:write,users:read",
            "authed_user": {
                "access_token": "CNRY-user-token",
                "refresh_token": "CNRY-user-refresh",
                "token_type": "user",
                "scope": "search:read",
            },
        },
        service={
            "habits": {
                "answer": {
                    "success": {"ok": "true"},
                    "token_types": ["bot", "user"],
                    "second": "authed_user",
                }
            }
        },
        means={
            "token_type": "bot",
            "refresh_token": RT,
            "scopes": ("chat:write", "users:read"),
            "second.access_token": "CNRY-user-token",
            "second.refresh_token": "CNRY-user-refresh",
            "second.scopes": ("search:read",),
        },
    ),
    Row(
        "47 Slack: a user-only install has its token in authed_user alone",
        says={"ok": True, "authed_user": {"access_token": AT, "token_type": "user"}},
        service={
            "habits": {"answer": {"token_types": ["user"], "second": "authed_user"}}
        },
        means={"second": None},
    ),
    Row(
        "47 Slack without a user's token",
        says={"access_token": AT, "authed_user": {"id": "U1"}},
        service={"habits": {"answer": {"second": "authed_user"}}},
        means={"second": None},
    ),
    Row(
        "49 Facebook: a form as text/plain, with expires",
        says=f"access_token={AT}&expires=5183999",
        reply={"content_type": "text/plain; charset=UTF-8"},
        means={"expires_in": 5183999.0},
    ),
    Row(
        "50 Sentry: 201, camel case, expiresAt",
        says={"token": AT, "refreshToken": RT, "expiresAt": "2026-11-18T07:06:40Z"},
        reply={"status": 201},
        service={
            "habits": {
                "answer": {
                    "access_token": ["token"],
                    "refresh_token": ["refreshToken"],
                    "lifetime": ["expiresAt"],
                    "lifetime_format": "date",
                }
            }
        },
        means={"refresh_token": RT, "expires_in": 400.0},
    ),
    Row(
        "52 Shopline: data.accessToken",
        says={"code": 200, "data": {"accessToken": AT, "scope": "a,b"}},
        service={
            "habits": {
                "answer": {
                    "access_token": ["data.accessToken"],
                    "scope": ["data.scope"],
                    "success": {"code": "200"},
                }
            }
        },
        means={"scopes": ("a", "b")},
    ),
    Row(
        "53 PlentyMarkets: either spelling",
        says={"accessToken": AT, "tokenType": "Bearer", "expiresIn": "86400"},
        service={
            "habits": {
                "answer": {
                    "access_token": ["access_token", "accessToken"],
                    "token_type": ["token_type", "tokenType"],
                    "lifetime": ["expires_in", "expiresIn"],
                }
            }
        },
        means={"expires_in": 86400.0, "token_type": "Bearer"},
    ),
    Row(
        "55 eBay: User Access Token",
        says=GOOD | {"token_type": "User Access Token"},
        service={"habits": {"answer": {"token_types": ["User Access Token"]}}},
        means={"token_type": "User Access Token"},
    ),
    Row(
        "56 Mailchimp: scope null, zero means never",
        says={"access_token": AT, "expires_in": 0, "scope": None},
        service={
            "habits": {"answer": {"zero_means_never": True, "default_lifetime": 60}}
        },
        means={"expires_in": None, "scopes": None},
    ),
    Row(
        "58 Fiserv: milliseconds",
        says={"access_token": AT, "expires_in": 900_000},
        service={"habits": {"answer": {"lifetime_format": "milliseconds"}}},
        means={"expires_in": 900.0},
    ),
    Row(
        "59 Tableau: days, hours, minutes",
        says={"access_token": AT, "expires_in": "177:05:38"},
        service={"habits": {"answer": {"lifetime_format": "d:h:m"}}},
        means={"expires_in": 177 * 86400 + 5 * 3600 + 38 * 60.0},
    ),
    Row(
        "61 Jobber: no expires_in although tokens expire",
        says={"access_token": AT},
        service={"habits": {"answer": {"default_lifetime": 3600}}},
        means={"expires_in": 3600.0},
    ),
    Row(
        "62 Salesforce: instance_url is where the API is",
        says=GOOD | {"instance_url": "https://Acme.my.salesforce.example"},
        service={
            "parameters": [
                parameter("instance", host_suffixes=[".salesforce.example"])
            ],
            "api_base_url": "https://{instance}/services",
            "api_hosts": ["{instance}"],
            "habits": {
                "answer": {"facts": {"instance_url": {"parameter": "instance"}}}
            },
        },
        means={"facts": {"instance": "acme.my.salesforce.example"}},
    ),
    Row(
        "62 Deputy: a bare host",
        says=GOOD | {"endpoint": "acme.eu.deputy.example"},
        service={
            "parameters": [parameter("endpoint", host_suffixes=[".deputy.example"])],
            "api_hosts": ["{endpoint}"],
            "habits": {"answer": {"facts": {"endpoint": {"parameter": "endpoint"}}}},
        },
        means={"facts": {"endpoint": "acme.eu.deputy.example"}},
    ),
    Row(
        "20 QuickBooks: a company number in the callback",
        service={
            "parameters": [parameter("realm_id", "callback")],
            "api_base_url": "https://api.desk.example/company/{realm_id}",
            "habits": {
                "callback": {"facts": {"realmId": {"parameter": "realm_id"}}}
            },
        },
        callback={"code": CODE, "realmId": "9130347957983546"},
        means={"facts": {"realm_id": "9130347957983546"}},
    ),
    Row(
        "64 Strava: expires_at in seconds since 1970, and the athlete",
        says={"access_token": AT, "expires_at": 1_795_021_600, "athlete": {"id": 17}},
        service={
            "habits": {
                "answer": {
                    "lifetime": ["expires_at"],
                    "lifetime_format": "epoch",
                    "keep": ["athlete.id", "athlete.shoes"],
                }
            }
        },
        means={"expires_in": 21600.0, "further": {"athlete.id": "17"}},
    ),
    Row(
        "64 expires_at in milliseconds since 1970",
        says={"access_token": AT, "expires_at": 1_795_000_060_000},
        service={
            "habits": {
                "answer": {
                    "lifetime": ["expires_at"],
                    "lifetime_format": "epoch_milliseconds",
                }
            }
        },
        means={"expires_in": 60.0},
    ),
    Row(
        "65 Twitch: scope is a list",
        says=GOOD | {"scope": ["a:read", "b:read", 7]},
        means={"scopes": ("a:read", "b:read")},
    ),
    Row(
        "scopes joined by semicolons",
        says=GOOD | {"scope": "a;b"},
        service={"scope_delimiter": ";"},
        means={"scopes": ("a", "b")},
    ),
    Row("67 token_type in any case", says=GOOD | {"token_type": "bEARer "}),
    Row("68 neither scope nor expires_in", {"access_token": AT}, means={"scopes": None}),
    Row(
        "71 a byte order mark and the wrong media type",
        says=b'\xef\xbb\xbf{"access_token": "' + AT.encode() + b'"}',
        reply={"content_type": "text/html"},
    ),
    Row(
        "80 QuickBooks: the refresh token has a lifetime too",
        says=GOOD | {"refresh_token": RT, "x_refresh_token_expires_in": 8726400},
        means={"refresh_expires_in": 8726400.0},
    ),
    Row(
        "R27 cookies and extra members are not kept",
        says=GOOD | {"__class__": "x", "password": "CNRY-password"},
        reply={"headers": {"set-cookie": "session=CNRY-cookie"}},
        means={"further": {}, "facts": {}},
    ),
]


def filled(value, client):
    """Put the client into what a row wants."""
    secret = client.client_secret.reveal()
    pair = f"{quote_plus(client.client_id)}:{quote_plus(secret)}"
    match value:
        case dict():
            return {name: filled(item, client) for name, item in value.items()}
        case str():
            value = value.replace("ENCODED-PAIR", pair)
            value = value.replace("CLIENT-ID", client.client_id)
            return value.replace("CLIENT-SECRET", secret)
    return value


def attempt(kit, **changes):
    usual = {
        "scopes": ("read", "write"),
        "now": kit.NOW,
        "redirect_uri": "https://hub.example/callback/desk",
        "state": "the-state",
        "verifier": Secret("CNRY-" + "v" * 43),
    }
    return Attempt(**usual | changes)


def plainly(value):
    """Return what a token set holds, in a form that can be compared."""
    match value:
        case Secret():
            return value.reveal()
        case dict():
            return {name: plainly(item) for name, item in value.items()}
    return value


def look_at(tokens, path):
    found = tokens
    for part in path.split("."):
        found = getattr(found, part)
    return plainly(found)


@pytest.mark.parametrize("row", CODE_ROWS, ids=lambda row: row.name)
def test_a_code_becomes_tokens_by_each_habit(
    row, server, kit, client, new_service, run
):
    """The server gets what it wants, and what it says is understood."""
    service = new_service(server.base, **row.service)
    says = GOOD if row.says is None else row.says
    server.plays(
        (kit.Wants(**filled(row.wants, client)), kit.Reply(says, **row.reply))
    )
    assert OAUTH2.returned(service, row.callback).error == ""
    steps = OAUTH2.finish(service, client, attempt(kit), row.callback)
    tokens = run(steps, server)
    expected = {"access_token": AT} | row.means
    assert expected == {path: look_at(tokens, path) for path in expected}
    assert [] == server.script


ERROR_ROWS = [
    Row("R16 GitHub: an error with status 200", {"error": "bad_code"}, means="bad_code"),
    Row(
        "47 Slack: ok is false",
        {"ok": False, "error": "invalid_client_id"},
        service={"habits": {"answer": {"success": {"ok": "true"}}}},
        means="invalid_client_id",
    ),
    Row(
        "R16 TikTok: a code that is a number, and null data",
        {"code": 40105, "message": "Access token is incorrect", "data": {}},
        service={
            "habits": {
                "answer": {
                    "access_token": ["data.access_token"],
                    "success": {"code": "0"},
                    "error": ["code"],
                    "error_description": ["message"],
                }
            }
        },
        means="40105: Access token is incorrect",
    ),
    Row(
        "R16 Fitbit: a list of errors",
        {"success": False, "errors": [{"errorType": "invalid_scope", "message": "No"}]},
        reply={"status": 400},
        service={
            "habits": {
                "answer": {
                    "success": {"success": "true"},
                    "error": ["errors.0.errorType"],
                    "error_description": ["errors.0.message"],
                }
            }
        },
        means="invalid_scope: No",
    ),
    Row(
        "an answer that says it is no success, and nothing else",
        {"ok": False},
        service={"habits": {"answer": {"success": {"ok": "true"}}}},
        means="HTTP 200",
    ),
    Row(
        "an error in words only",
        {"problem": {"title": "No such client"}},
        reply={"status": 400},
        service={"habits": {"answer": {"error": ["problem.title"]}}},
        means="No such client",
    ),
    Row(
        "nothing but a status",
        b"",
        reply={"status": 403},
        means="HTTP 403",
    ),
]


@pytest.mark.parametrize("row", ERROR_ROWS, ids=lambda row: row.name)
def test_an_error_is_known_in_each_shape(row, server, kit, client, new_service, run):
    """And named by its own word."""
    service = new_service(server.base, **row.service)
    server.plays(kit.Reply(row.says, **row.reply))
    steps = OAUTH2.finish(service, client, attempt(kit), row.callback)
    with pytest.raises(ProviderError, match="refused the request") as caught:
        run(steps, server)
    assert f"Desk refused the request ({row.means})" == caught.value.message
    assert row.means.split(":")[0] == caught.value.provider_code


ENDED_ROWS = [
    Row("83 the standard", {"error": "invalid_grant"}, reply={"status": 400}),
    Row("83 a 401", {"error": "invalid_grant"}, reply={"status": 401}),
    Row("83 a 500", {"error": "invalid_grant"}, reply={"status": 500}),
    Row(
        "83 Atlassian: 403 unauthorized_client",
        {"error": "unauthorized_client"},
        reply={"status": 403},
        service={"habits": {"answer": {"ended": ["unauthorized_client"]}}},
    ),
    Row(
        "83 Zoho: 200 invalid_code",
        {"error": "invalid_code"},
        service={"habits": {"answer": {"ended": ["invalid_code"]}}},
    ),
    Row(
        "83 token_expired in a nested error",
        {"error": {"code": "token_expired"}},
        service={"habits": {"answer": {"ended": ["token_expired"]}}},
    ),
]


@pytest.mark.parametrize("row", ENDED_ROWS, ids=lambda row: row.name)
def test_83_a_disguised_invalid_grant_is_one(
    row, server, kit, client, new_service, run
):
    """The service says which words mean it."""
    service = new_service(server.base, **row.service)
    held = TokenSet(access_token=Secret(AT), refresh_token=Secret(RT))
    server.plays(kit.Reply(row.says, **row.reply))
    with pytest.raises(GrantEnded):
        run(OAUTH2.renew(service, client, held, now=kit.NOW), server)


@pytest.mark.parametrize(
    "word", ["unauthorized_client", "invalid_code", "token_expired", "flux"]
)
def test_83_words_that_no_service_explains_never_end_a_grant(
    word, pure, kit, client, new_service, run
):
    """Unknown errors are for now."""
    held = TokenSet(access_token=Secret(AT), refresh_token=Secret(RT))
    pure.plays(kit.Reply({"error": word}, status=400))
    with pytest.raises(ProviderError, match=word):
        run(OAUTH2.renew(new_service(), client, held, now=kit.NOW), pure)


PASSING_ROWS = [
    Row("F-35 500", b"", reply={"status": 500}),
    Row("F-40 temporarily_unavailable", {"error": "temporarily_unavailable"}),
    Row("F-40 HTML with 200", b"<html>", reply={"content_type": "text/html"}),
    Row(
        "a service's own word",
        {"error": "access_denied_by_load"},
        service={"habits": {"answer": {"passing": ["access_denied_by_load"]}}},
    ),
]


@pytest.mark.parametrize("row", PASSING_ROWS, ids=lambda row: row.name)
def test_F40_what_passes_by_itself_ends_nothing(
    row, server, kit, client, new_service, run
):
    """And the wait that the provider asks for is known."""
    service = new_service(server.base, **row.service)
    held = TokenSet(access_token=Secret(AT), refresh_token=Secret(RT))
    headers = {"retry-after": "120"}
    server.plays(kit.Reply(row.says, headers=headers, **row.reply))
    with pytest.raises(ProviderUnavailable) as caught:
        run(OAUTH2.renew(service, client, held, now=kit.NOW), server)
    assert 120.0 == caught.value.retry_after


RENEWAL_ROWS = [
    Row(
        "73 no new refresh token: nothing is said about the old one",
        wants={"fields": {"grant_type": "refresh_token", "refresh_token": RT}},
        means={"refresh_token": None},
    ),
    Row(
        "74 rotation",
        says=GOOD | {"refresh_token": "CNRY-the-next-one"},
        means={"refresh_token": "CNRY-the-next-one"},
    ),
    Row(
        "43 Figma: another address for refreshes",
        service={"refresh_endpoint": "BASE/refresh"},
        wants={"path": "/refresh"},
    ),
    Row(
        "31 Zoho: refresh in the query",
        service={"habits": {"request": {"format": "query"}}},
        wants={"kind": "query", "query": {"refresh_token": RT}},
    ),
    Row(
        "fixed parameters of a refresh",
        service={
            "habits": {
                "request": {
                    "parameters": {"action": "requesttoken"},
                    "refresh_parameters": {"expiring": "1"},
                }
            }
        },
        wants={"fields": {"action": "requesttoken", "expiring": "1"}},
    ),
    Row(
        "85 narrower scopes are the new truth",
        says=GOOD | {"scope": "read"},
        means={"scopes": ("read",)},
    ),
    Row(
        "85 silence about scopes means as before",
        means={"scopes": ("read", "write"), "further": {"extra": "CNRY-extra"}},
    ),
    Row(
        "82 Threads: the token itself is exchanged, by GET",
        service={
            "refresh_endpoint": "BASE/refresh_access_token",
            "habits": {"renewal": {"exchange": {"grant_type": "th_refresh_token"}}},
        },
        wants={
            "path": "/refresh_access_token",
            "method": "GET",
            "kind": "query",
            "query": {
                "grant_type": "th_refresh_token",
                "access_token": "CNRY-the-old-access-token",
            },
            "absent": ("client_id", "client_secret", "refresh_token"),
        },
    ),
    Row(
        "82 Facebook: with the whole client registration, at the token endpoint",
        service={
            "habits": {
                "renewal": {
                    "exchange": {
                        "grant_type": "fb_exchange_token",
                        "token": "fb_exchange_token",
                        "method": "POST",
                        "sends": ["client_id", "client_secret"],
                    }
                }
            }
        },
        wants={
            "fields": {
                "fb_exchange_token": "CNRY-the-old-access-token",
                "client_id": "CLIENT-ID",
                "client_secret": "CLIENT-SECRET",
            }
        },
    ),
]


@pytest.mark.parametrize("row", RENEWAL_ROWS, ids=lambda row: row.name)
def test_a_token_is_renewed_by_each_habit(row, server, kit, client, new_service, run):
    """The next generation has what the answer says, and the rest from before."""
    service = new_service(server.base, **row.service)
    held = TokenSet(
        access_token=Secret("CNRY-the-old-access-token"),
        refresh_token=Secret(RT),
        scopes=("read", "write"),
        further={"extra": Secret("CNRY-extra")},
    )
    assert OAUTH2.can_renew(service, held)
    says = GOOD if row.says is None else row.says
    server.plays(
        (kit.Wants(**filled(row.wants, client)), kit.Reply(says, **row.reply))
    )
    tokens = run(OAUTH2.renew(service, client, held, now=kit.NOW), server)
    expected = {"access_token": AT} | row.means
    assert expected == {path: look_at(tokens, path) for path in expected}


def test_44_a_short_token_is_exchanged_at_once(server, kit, client, new_service, run):
    """Instagram: the code gives a token of an hour, the exchange one of sixty days."""
    service = new_service(
        server.base,
        exchange_endpoint="BASE/access_token",
        habits={
            "renewal": {
                "first_exchange": {
                    "grant_type": "ig_exchange_token",
                    "sends": ["client_secret"],
                }
            }
        },
    )
    wants = kit.Wants(
        path="/access_token",
        method="GET",
        kind="query",
        query={
            "grant_type": "ig_exchange_token",
            "access_token": "CNRY-a-short-token",
            "client_secret": client.client_secret.reveal(),
        },
        absent=("client_id",),
    )
    server.plays(
        kit.Reply({"access_token": "CNRY-a-short-token", "scope": "a"}),
        (wants, kit.Reply({"access_token": AT, "expires_in": 5_184_000})),
    )
    steps = OAUTH2.finish(service, client, attempt(kit), {"code": CODE})
    tokens = run(steps, server)
    assert (AT, 5_184_000.0, ("a",)) == (
        tokens.access_token.reveal(),
        tokens.expires_in,
        tokens.scopes,
    )


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
    changes, expected, pure, kit, client, new_service, run
):
    """What is asked for stands in the address; no secret does."""
    service = new_service(**changes)
    consent = run(OAUTH2.begin(service, client, attempt(kit)), pure)
    query = parse_qs(urlsplit(consent.url).query)
    assert expected == {name: query.get(name) for name in expected}
    assert "CNRY-" not in consent.url


ZOHO = {
    "authorization_endpoint": "https://accounts.zoho.{dc}/oauth/v2/auth",
    "token_endpoint": "https://accounts.zoho.{dc}/oauth/v2/token",
    "api_base_url": "https://www.zohoapis.{dc}/crm",
    "api_hosts": ["www.zohoapis.{dc}"],
    "param_prefix": "Zoho-oauthtoken ",
    "parameters": [
        parameter("dc", "callback", choices=["com", "eu", "in"], default="com")
    ],
    "habits": {
        "callback": {
            "facts": {
                "location": {"parameter": "dc", "values": {"us": "com", "eu": "eu"}}
            }
        }
    },
}


@pytest.mark.parametrize(
    ("callback", "place"),
    [({}, "com"), ({"location": "us"}, "com"), ({"location": "eu"}, "eu")],
)
def test_19_the_callback_names_the_data_centre(
    callback, place, kit, client, new_service
):
    """Zoho: the token request goes to the data centre of the answer, by our own list."""
    service = new_service(**ZOHO)
    steps = OAUTH2.finish(
        service, client, attempt(kit), {"code": CODE, "accounts-server": "x", **callback}
    )
    assert f"https://accounts.zoho.{place}/oauth/v2/token" == next(steps).url
    with pytest.raises(StopIteration) as done:
        steps.send(
            type("A", (), {"status": 200, "headers": {}, "body": b'{"access_token":"x"}'})
        )
    settled = service.completed(done.value.value.facts)
    assert (f"https://www.zohoapis.{place}/crm", (f"www.zohoapis.{place}",)) == (
        settled.api_base_url,
        settled.api_hosts,
    )
    assert (
        "Zoho-oauthtoken "
        == OAUTH2.lend(settled, client, done.value.value, now=kit.NOW).param_prefix
    )


@pytest.mark.parametrize("location", ["evil", "https://evil.example", "EU", "e\nu", "in"])
def test_E40_a_foreign_data_centre_is_refused(location, kit, client, new_service):
    """Before a secret is sent anywhere."""
    steps = OAUTH2.finish(
        new_service(**ZOHO),
        client,
        attempt(kit),
        {"code": CODE, "location": location},
    )
    with pytest.raises(ProviderError, match="none of its own. Nothing was kept"):
        next(steps)


@pytest.mark.parametrize(
    "host",
    [
        "https://evil.example",
        "https://evilsalesforce.example",
        "https://evil.example/.salesforce.example",
        "https://evil.example#.salesforce.example",
        "https://evil.example:443@x.salesforce.example",
        "https://x.salesforce.example:8443",
        "https://x.salesforce.example/path@",
        "http://x.salesforce.example",
        "https://*.salesforce.example",
        "https://[::1",
        "javascript:alert(1)//x.salesforce.example",
        "x.salesforce.example\x00",
        "127.0.0.1",
        " ",
    ],
)
def test_R31_a_foreign_instance_is_refused(host, pure, kit, client, new_service, run):
    """The token would follow it."""
    service = new_service(
        parameters=[parameter("instance", host_suffixes=[".salesforce.example"])],
        api_hosts=["{instance}"],
        habits={"answer": {"facts": {"instance_url": {"parameter": "instance"}}}},
    )
    pure.plays(kit.Reply(GOOD | {"instance_url": host}))
    steps = OAUTH2.finish(service, client, attempt(kit), {"code": CODE})
    try:
        tokens = run(steps, pure)
    except ProviderError:
        return
    # What is not even plain text says nothing, or a path was cut: never another host.
    assert tokens.facts.get("instance") in {None, "x.salesforce.example"}


def test_R31_a_number_is_a_fact_and_a_list_is_none(
    pure, kit, client, new_service, run
):
    """What cannot be read is not guessed; a blank that nobody fills is said."""
    service = new_service(
        parameters=[parameter("store"), parameter("team")],
        api_base_url="https://api.desk.example/{store}/{team}",
        habits={
            "answer": {
                "facts": {
                    "store_id": {"parameter": "store"},
                    "team": {"parameter": "team"},
                    "other": {"parameter": "unknown"},
                }
            }
        },
    )
    pure.plays(kit.Reply(GOOD | {"store_id": 12345, "team": ["x"], "other": "y"}))
    tokens = run(OAUTH2.finish(service, client, attempt(kit), {"code": CODE}), pure)
    assert {"store": "12345"} == tokens.facts
    with pytest.raises(ValueError, match="Desk did not say its team"):
        service.completed(tokens.facts)


@pytest.mark.parametrize("first", ["client_secret_basic", "client_secret_post"])
def test_a_wrong_guess_about_the_client_is_mended(
    first, server, kit, client, new_service, run
):
    """Descriptions are often wrong; a refused client has not spent its code yet."""
    service = new_service(server.base, token_endpoint_auth_method=first)
    by_body = first == "client_secret_basic"
    secret = client.client_secret.reveal() if by_body else None
    wants = kit.Wants(
        basic=None if by_body else filled("ENCODED-PAIR", client),
        fields={"client_secret": secret, "code": CODE},
    )
    server.plays(
        kit.Reply({"error": "invalid_client"}, status=401), (wants, kit.Reply(GOOD))
    )
    steps = OAUTH2.finish(service, client, attempt(kit), {"code": CODE})
    assert AT == run(steps, server).access_token.reveal()


def test_F39_a_client_that_is_refused_both_ways_is_said_so(
    pure, kit, client, new_service, run
):
    """Once each, and the first refusal is the one that is told."""
    pure.plays(
        kit.Reply({"error": "invalid_client", "error_description": "first"}, status=401),
        kit.Reply({"error": "invalid_client", "error_description": "second"}, status=401),
    )
    steps = OAUTH2.finish(new_service(), client, attempt(kit), {"code": CODE})
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
    second, error, pure, kit, client, new_service, run
):
    """The client is known then; something else is wrong."""
    pure.plays(kit.Reply({"error": "invalid_client"}), kit.Reply(second))
    steps = OAUTH2.finish(new_service(), client, attempt(kit), {"code": CODE})
    with pytest.raises(error, match=second["error"]):
        run(steps, pure)


def test_there_is_no_other_way_for_a_public_client(pure, kit, client, new_service, run):
    """It sends no secret at all."""
    public = dataclasses.replace(client, client_secret=None)
    pure.plays(kit.Reply({"error": "invalid_client"}))
    service = new_service(token_endpoint_auth_method="none")
    steps = OAUTH2.finish(service, public, attempt(kit), {"code": CODE})
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
