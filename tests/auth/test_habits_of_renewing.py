"""How access is renewed, by each provider in its own way."""

import pytest
from scripted import (
    AT,
    CODE,
    GOOD,
    NOW,
    RT,
    Reply,
    Row,
    Wants,
    attempt,
    filled,
    look_at,
)

from conn_core import Secret
from conn_core.auth import TokenSet, auth_type

OAUTH2 = auth_type("oauth2")


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
def test_a_token_is_renewed_by_each_habit(row, server, client, new_service, run):
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
    server.plays((Wants(**filled(row.wants, client)), Reply(says, **row.reply)))
    tokens = run(OAUTH2.renew(service, client, held, now=NOW), server)
    expected = {"access_token": AT} | row.means
    assert expected == {path: look_at(tokens, path) for path in expected}


def test_44_a_short_token_is_exchanged_at_once(server, client, new_service, run):
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
    wants = Wants(
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
        Reply({"access_token": "CNRY-a-short-token", "scope": "a"}),
        (wants, Reply({"access_token": AT, "expires_in": 5_184_000})),
    )
    steps = OAUTH2.finish(service, client, attempt(), {"code": CODE})
    tokens = run(steps, server)
    assert (AT, 5_184_000.0, ("a",)) == (
        tokens.access_token.reveal(),
        tokens.expires_in,
        tokens.scopes,
    )
