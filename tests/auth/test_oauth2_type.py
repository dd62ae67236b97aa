"""OAuth 2.0 as a type: consent, pushed requests, clients alone, renewal, revocation."""

import base64
import dataclasses
import json
from urllib.parse import parse_qs, urlsplit

import pytest
from scripted import AT, CODE, GOOD, NOW, RT, Reply, Wants, attempt, filled

from conn_core import Secret
from conn_core.auth import Consent, GrantEnded, Outgoing, TokenSet, auth_type
from conn_core.errors import (
    InvalidInput,
    ProviderError,
    ProviderUnavailable,
    RegistrationRequired,
)

OAUTH2 = auth_type("oauth2")
HELD = TokenSet(access_token=Secret(AT), refresh_token=Secret(RT), scopes=("read",))
PAR = {"pushed_authorization_request_endpoint": "BASE/par"}


def id_token(**claims):
    def part(value):
        return (
            base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()
        )

    usual = {"iss": "https://login.desk.example", "sub": "priya"}
    return f"{part({'alg': 'RS256'})}.{part(usual | claims)}.c2lnbmF0dXJl"


@pytest.mark.parametrize("method", ["client_secret_basic", "client_secret_post"])
def test_a_pushed_request_leaves_nothing_in_the_address(
    method, server, client, new_service, run
):
    """RFC 9126: what is asked for went ahead, by whom is proven."""
    service = new_service(
        server.base,
        token_endpoint_auth_method=method,
        # The habits of a token endpoint are not those of this one.
        habits={"request": {"format": "json", "parameters": {"action": "x"}}},
        **PAR,
    )
    by_basic = method == "client_secret_basic"
    wants = Wants(
        path="/par",
        basic=filled("ENCODED-PAIR", client) if by_basic else None,
        fields={
            "client_id": client.client_id,
            "redirect_uri": "https://hub.example/callback/desk",
            "response_type": "code",
            "state": "the-state",
            "scope": "read write",
            "code_challenge_method": "S256",
        },
        absent=("action", "code_verifier"),
    )
    uri = "urn:ietf:params:oauth:request_uri:6esc"
    server.plays((wants, Reply({"request_uri": uri, "expires_in": 60}, status=201)))
    consent = run(OAUTH2.begin(service, client, attempt()), server)
    query = parse_qs(urlsplit(consent.url).query)
    assert {"client_id": [client.client_id], "request_uri": [uri]} == query


@pytest.mark.parametrize("uri", [None, "", 7])
def test_a_pushed_request_without_an_answer_is_none(
    uri, pure, client, new_service, run
):
    """Nobody is sent to an empty page."""
    pure.plays(Reply({"request_uri": uri}, status=201))
    with pytest.raises(ProviderUnavailable, match="gave no request_uri"):
        run(OAUTH2.begin(new_service(**PAR), client, attempt()), pure)


def test_a_pushed_request_that_is_refused_is_said(pure, client, new_service, run):
    """Before a browser opens."""
    pure.plays(Reply({"error": "invalid_request"}, status=400))
    with pytest.raises(ProviderError, match="invalid_request"):
        run(OAUTH2.begin(new_service(**PAR), client, attempt()), pure)


def test_a_consent_page_with_a_query_keeps_it(pure, client, new_service, run):
    """Also when the request was pushed."""
    service = new_service(authorization_endpoint="BASE/authorize?v=2", **PAR)
    pure.plays(Reply({"request_uri": "urn:x"}))
    consent = run(OAUTH2.begin(service, client, attempt()), pure)
    assert ["2"] == parse_qs(urlsplit(consent.url).query)["v"]


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        ({"code": CODE, "state": "s"}, ""),
        ({"error": "access_denied", "state": "s"}, "access_denied"),
        ({"code": CODE, "error": "access_denied", "state": "s"}, "access_denied"),
        ({"state": "s"}, "no code"),
        ({"code": "", "state": "s"}, "no code"),
        ({"state": "s", "admin_consent": "True", "tenant": "t"}, "no code"),
    ],
    ids=["code", "denied", "A8 both", "neither", "empty", "17 admin consent"],
)
def test_A8_what_the_browser_brings_is_read(answer, error, new_service):
    """An error is one, whatever stands beside it."""
    returned = OAUTH2.returned(new_service(), answer | {"error_description": "Why"})
    assert ("s", error, "Why") == (returned.state, returned.error, returned.described)


def test_the_state_may_have_another_name(new_service):
    """23: Shopline, Crisp."""
    service = new_service(habits={"callback": {"state": "custom_state"}})
    assert "s" == OAUTH2.returned(service, {"custom_state": "s", "code": "x"}).state
    assert "" == OAUTH2.returned(service, {"state": "s", "code": "x"}).state


@pytest.mark.parametrize("scopes", [(), ("read", "write")])
def test_a_client_acts_for_itself(scopes, server, client, new_service, run):
    """RFC 6749 4.4; a refresh token would be one secret too many."""
    service = new_service(server.base, grant_type="client_credentials")
    fields = {"grant_type": "client_credentials"}
    fields |= {"scope": "read write"} if scopes else {}
    server.plays(
        (
            Wants(fields=fields, absent=() if scopes else ("scope",)),
            Reply(GOOD | {"refresh_token": RT}),
        )
    )
    tokens = run(OAUTH2.begin(service, client, attempt(scopes=scopes)), server)
    assert (AT, None) == (tokens.access_token.reveal(), tokens.refresh_token)
    assert OAUTH2.can_renew(service, tokens)


def test_a_client_that_acts_for_itself_asks_again(pure, client, new_service, run):
    """There is nothing to refresh with, and no need to."""
    service = new_service(grant_type="client_credentials")
    held = dataclasses.replace(HELD, refresh_token=None)
    wants = Wants(fields={"grant_type": "client_credentials", "scope": "read"})
    pure.plays((wants, Reply({"access_token": "CNRY-next"})))
    tokens = run(OAUTH2.renew(service, client, held, now=NOW), pure)
    assert ("CNRY-next", ("read",)) == (tokens.access_token.reveal(), tokens.scopes)


def test_without_a_refresh_token_there_is_no_renewal(pure, client, new_service, run):
    """A person has to consent again."""
    held = dataclasses.replace(HELD, refresh_token=None)
    assert not OAUTH2.can_renew(new_service(), held)
    with pytest.raises(GrantEnded, match="nothing to renew it with"):
        run(OAUTH2.renew(new_service(), client, held, now=NOW), pure)
    assert [] == pure.seen


@pytest.mark.parametrize("step", ["begin", "finish", "renew", "revoke"])
def test_without_a_registration_nothing_is_sent(step, pure, new_service, run):
    """The error says what to enter."""
    service = new_service(revocation_endpoint="BASE/revoke")
    steps = {
        "begin": lambda: OAUTH2.begin(service, None, attempt()),
        "finish": lambda: OAUTH2.finish(service, None, attempt(), {"code": CODE}),
        "renew": lambda: OAUTH2.renew(service, None, HELD, now=NOW),
        "revoke": lambda: OAUTH2.revoke(service, None, HELD),
    }
    with pytest.raises(RegistrationRequired, match="no client registration with Desk"):
        run(steps[step](), pure)
    assert [] == pure.seen


def test_an_exchange_that_needs_a_secret_says_so(pure, client, new_service, run):
    """Instead of sending none."""
    exchange = {"grant_type": "x", "sends": ["client_secret"]}
    service = new_service(habits={"renewal": {"exchange": exchange}})
    public = dataclasses.replace(client, client_secret=None)
    with pytest.raises(RegistrationRequired, match="has no client secret"):
        run(OAUTH2.renew(service, public, HELD, now=NOW), pure)


@pytest.mark.parametrize("secret", ["CNRY-secret-of-the-client", None])
def test_an_exchange_knows_what_to_hide(secret, client, new_service):
    """Its address holds the token, and perhaps the client's secret."""
    registration = dataclasses.replace(
        client, client_secret=None if secret is None else Secret(secret)
    )
    service = new_service(habits={"renewal": {"exchange": {"grant_type": "x"}}})
    request = next(OAUTH2.renew(service, registration, HELD, now=NOW))
    expected = [AT] if secret is None else [AT, secret]
    assert expected == [hidden.reveal() for hidden in request.secrets]


@pytest.mark.parametrize(
    ("held", "token", "hint"),
    [
        (HELD, RT, "refresh_token"),
        (dataclasses.replace(HELD, refresh_token=None), AT, "access_token"),
    ],
)
def test_a_grant_is_ended(held, token, hint, server, client, new_service, run):
    """RFC 7009, by a form, whatever the token endpoint takes."""
    service = new_service(
        server.base,
        revocation_endpoint="BASE/revoke",
        habits={"request": {"format": "json"}},
    )
    wants = Wants(
        path="/revoke",
        fields={
            "token": token,
            "token_type_hint": hint,
            "client_id": client.client_id,
        },
    )
    server.plays((wants, Reply(b"")))
    assert run(OAUTH2.revoke(service, client, held), server) is True


@pytest.mark.parametrize(
    ("status", "expected"), [(200, True), (204, True), (400, False)]
)
def test_88_the_provider_says_whether_it_ended(
    status, expected, pure, client, new_service, run
):
    """200 also for a token that it no longer knows."""
    pure.plays(Reply(b"", status=status))
    service = new_service(revocation_endpoint="BASE/revoke")
    assert expected == run(OAUTH2.revoke(service, client, HELD), pure)


@pytest.mark.parametrize("status", [503, 429])
def test_88_a_provider_that_cannot_say_leaves_it_as_it_was(
    status, pure, client, new_service, run
):
    """RFC 7009 2.2.1: assume that the token still works, and try again."""
    pure.plays(Reply(b"", status=status, headers={"retry-after": "30"}))
    service = new_service(revocation_endpoint="BASE/revoke")
    with pytest.raises(ProviderUnavailable) as caught:
        run(OAUTH2.revoke(service, client, HELD), pure)
    assert 30.0 == caught.value.retry_after


def test_a_provider_without_revocation_is_not_asked(pure, client, new_service, run):
    """The caller says so to the person."""
    assert run(OAUTH2.revoke(new_service(), client, HELD), pure) is False


@pytest.mark.parametrize(
    ("claims", "survives"),
    [({}, True), ({"sub": "mallory"}, False), ({"iss": "https://evil.example"}, False)],
)
def test_S19_a_refresh_that_speaks_of_somebody_else_is_refused(
    claims, survives, pure, client, new_service, run
):
    """86: accounts do not change hands in the night."""
    service = new_service()
    pure.plays(
        Reply(GOOD | {"refresh_token": RT, "id_token": id_token()}),
        Reply(GOOD | {"id_token": id_token(**claims)}),
    )
    held = run(OAUTH2.finish(service, client, attempt(), {"code": CODE}), pure)
    renewal = OAUTH2.renew(service, client, held, now=NOW)
    if survives:
        assert held.identity == run(renewal, pure).identity
        return
    with pytest.raises(GrantEnded, match="another account"):
        run(renewal, pure)


def test_S19_silence_about_the_person_keeps_them(pure, client, new_service, run):
    """Most refreshes bring no identity token."""
    held = dataclasses.replace(HELD, identity="who")
    pure.plays(Reply(GOOD))
    renewal = OAUTH2.renew(new_service(), client, held, now=NOW)
    assert "who" == run(renewal, pure).identity


KEYS = {
    "credential_fields": [{"name": "developer_token"}],
    "api_headers": {
        "developer-token": "{developer_token}",
        "Client-Id": "{client_id}",
        "X-Version": "7",
    },
    "api_query": {"key": "{client_id}"},
}


def test_a_further_key_is_asked_for_kept_and_lent(pure, client, new_service, run):
    """Google Ads wants a developer token beside the access token."""
    service = new_service(**KEYS)
    typed = {"developer_token": Secret(" CNRY-developer-token\n")}
    consent = run(OAUTH2.begin(service, client, attempt(typed=typed)), pure)
    assert isinstance(consent, Consent)
    pure.plays(Reply(GOOD | {"refresh_token": RT}))
    finishing = attempt(kept=consent.keep)
    held = run(OAUTH2.finish(service, client, finishing, {"code": CODE}), pure)
    lent = OAUTH2.lend(service, client, held, now=NOW)
    sent = OAUTH2.apply(lent, Outgoing(method="GET", url="https://x/?a=1"), now=NOW)
    assert {
        "developer-token": "CNRY-developer-token",
        "Client-Id": "desk:client",
        "X-Version": "7",
        "Authorization": f"Bearer {AT}",
    } == dict(sent.headers)
    assert "https://x/?a=1&key=desk%3Aclient" == sent.url


def test_a_further_key_is_kept_for_clients_alone_too(pure, client, new_service, run):
    """Nobody comes back to finish there."""
    service = new_service(grant_type="client_credentials", **KEYS)
    typed = {"developer_token": Secret("CNRY-developer-token")}
    pure.plays(Reply(GOOD))
    held = run(OAUTH2.begin(service, client, attempt(typed=typed)), pure)
    assert "CNRY-developer-token" == held.further["developer_token"].reveal()


def test_a_further_key_that_is_missing_is_said(pure, client, new_service, run):
    """Before a browser opens."""
    with pytest.raises(InvalidInput, match="developer_token: is needed") as caught:
        run(OAUTH2.begin(new_service(**KEYS), client, attempt()), pure)
    assert {"secret.developer_token": "is needed"} == caught.value.fields


def test_K11_what_is_lent_never_holds_the_refresh_token(canary, client, new_service):
    """Nor the client secret, nor a key that no request needs."""
    held = TokenSet(
        access_token=Secret(AT),
        refresh_token=Secret(canary("refresh-token")),
        further={"unused": Secret(canary("unused"))},
    )
    lent = OAUTH2.lend(new_service(), client, held, now=NOW)
    canary.sweep(
        texts={
            "json": json.dumps(lent.to_json() | lent.secrets_to_json()),
            "held": repr(held),
        }
    )
