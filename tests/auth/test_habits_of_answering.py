"""What providers answer, each in its own way: the quirk table, second half."""

import pytest
from scripted import (
    AT,
    CODE,
    GOOD,
    RT,
    Reply,
    Row,
    Wants,
    attempt,
    filled,
    look_at,
    parameter,
)

from conn_core.auth import auth_type

OAUTH2 = auth_type("oauth2")


ANSWER_ROWS = [
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
                    "within": [".", "authed_user"],
                }
            }
        },
        means={
            "token_type": "bot",
            "refresh_token": RT,
            "scopes": ("chat:write", "users:read"),
        },
    ),
    Row(
        "R30 Slack: the person's token of both, with all that is about it",
        says={
            "ok": True,
            "access_token": "CNRY-bot-token",
            "refresh_token": "CNRY-bot-refresh",
            "expires_in": 43200,
            "scope": "chat:write",
            "authed_user": {"access_token": AT, "scope": "search:read"},
        },
        service={"habits": {"answer": {"within": ["authed_user", "."]}}},
        means={"refresh_token": None, "expires_in": None, "scopes": ("search:read",)},
    ),
    Row(
        "47 Slack: a user-only install has its token in authed_user alone",
        says={
            "ok": True,
            "authed_user": {
                "access_token": AT,
                "refresh_token": RT,
                "token_type": "user",
            },
        },
        service={
            "habits": {
                "answer": {"token_types": ["user"], "within": [".", "authed_user"]}
            }
        },
        means={"refresh_token": RT, "token_type": "user"},
    ),
    Row(
        "47 Slack renews a person's token at the top of its answer",
        says={"access_token": AT, "authed_user": {"id": "U1"}},
        service={"habits": {"answer": {"within": ["authed_user", "."]}}},
    ),
    Row(
        "49 Facebook: a form as text/plain, with expires",
        says=f"access_token={AT}&expires=5183999",
        reply={"content_type": "text/plain; charset=UTF-8"},
        means={"expires_in": 5183999.0},
    ),
    Row(
        "50 Sentry: 201, camel case, expiresAt",
        says={"token": AT, "refreshToken": RT, "expiresAt": "2026-11-18T11:13:20Z"},
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
            "habits": {"callback": {"facts": {"realmId": {"parameter": "realm_id"}}}},
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
    Row(
        "68 neither scope nor expires_in", {"access_token": AT}, means={"scopes": None}
    ),
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


@pytest.mark.parametrize("row", ANSWER_ROWS, ids=lambda row: row.name)
def test_each_answer_is_understood(row, server, client, new_service, run):
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
