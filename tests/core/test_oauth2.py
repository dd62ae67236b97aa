"""OAuth 2.0 requests: what is asked, and with which authentication."""

import base64
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conn_core import Secret, Service
from conn_core.auth import (
    Client,
    authorization_url,
    code_request,
    refresh_request,
    revocation_request,
    seconds_to_wait,
)
from conn_core.errors import ProviderError

#: RFC 7636, appendix B.
VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
CHALLENGE = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
NOW = 1_795_000_000.0


@pytest.fixture
def service():
    """Make a service, complete but for what a test changes."""

    def make(**changes):
        members = {
            "id": "desk",
            "name": "Desk",
            "authorization_endpoint": "https://login.desk.example/authorize?tenant=a",
            "token_endpoint": "https://login.desk.example/token?refresh",
            "revocation_endpoint": "https://login.desk.example/revoke",
            "api_base_url": "https://api.desk.example",
            "api_hosts": ("api.desk.example",),
        }
        return Service.model_validate(members | changes)

    return make


@pytest.fixture
def client(canary):
    return Client(client_id="my:id", client_secret=Secret(canary("s:%+ é")))


def asked(service, client, **changes):
    """Return the parameters of an authorization request."""
    facts = {
        "redirect_uri": "http://127.0.0.1:8888/connections/callback/desk",
        "scopes": ("a", "b"),
        "state": "the-state",
        "verifier": VERIFIER,
    }
    url = authorization_url(service, client, **facts | changes)
    return parse_qs(urlsplit(url).query)


def test_the_request_for_consent(service, client):
    """RFC 6749 4.1.1 and RFC 7636 4.3, on top of the endpoint's own query."""
    extra = {"access_type": "offline"}
    assert {
        "tenant": ["a"],
        "response_type": ["code"],
        "client_id": ["my:id"],
        "redirect_uri": ["http://127.0.0.1:8888/connections/callback/desk"],
        "scope": ["a b"],
        "state": ["the-state"],
        "code_challenge": [CHALLENGE],
        "code_challenge_method": ["S256"],
        "access_type": ["offline"],
    } == asked(service(authorization_parameters=extra), client)


def test_scopes_are_joined_as_the_service_wants_them(service, client):
    """Some take commas; none asked for is none sent."""
    assert ["a,b"] == asked(service(scope_delimiter=","), client)["scope"]
    assert "scope" not in asked(service(), client, scopes=())


def test_A25_only_a_service_that_says_so_gets_no_challenge(service, client):
    """And never a plain one."""
    sent = asked(service(pkce=False), client)
    assert not {"code_challenge", "code_challenge_method"} & sent.keys()


@given(st.text(st.characters(codec="ascii"), min_size=1, max_size=30))
@settings(max_examples=200)
def test_A26_the_request_never_holds_the_verifier(verifier):
    """Only what SHA-256 makes of it."""
    service = Service(
        id="desk",
        name="Desk",
        authorization_endpoint="https://login.desk.example/authorize",
        token_endpoint="https://login.desk.example/token",
        api_base_url="https://api.desk.example",
        api_hosts=("api.desk.example",),
    )
    marked = f"CNRY-{verifier}"
    url = authorization_url(
        service,
        Client(client_id="id", client_secret=None),
        redirect_uri="http://127.0.0.1/",
        scopes=(),
        state="s",
        verifier=marked,
    )
    sent = parse_qs(urlsplit(url).query)
    assert 43 == len(sent["code_challenge"][0])
    assert "CNRY" not in url


def test_the_code_is_sent_with_its_verifier(service, client, canary):
    """RFC 6749 4.1.3 and RFC 7636 4.5; the endpoint's query stays."""
    code = Secret(canary("code"))
    request = code_request(
        service(),
        client,
        code=code,
        redirect_uri="http://r/",
        verifier=Secret(VERIFIER),
    )
    assert "https://login.desk.example/token?refresh" == request.url
    assert {
        "grant_type": "authorization_code",
        "code": code.reveal(),
        "redirect_uri": "http://r/",
        "code_verifier": VERIFIER,
    } == request.fields


def test_without_pkce_no_verifier_is_sent(service, client, canary):
    """Some servers refuse what they do not know."""
    request = code_request(
        service(pkce=False),
        client,
        code=Secret(canary("code")),
        redirect_uri="http://r/",
        verifier=Secret(VERIFIER),
    )
    assert "code_verifier" not in request.fields


def test_a_refresh_goes_to_its_own_endpoint_if_there_is_one(service, client, canary):
    """RFC 6749 6; absent means the token endpoint."""
    token = Secret(canary("refresh-token"))
    request = refresh_request(service(), client, refresh_token=token)
    assert "https://login.desk.example/token?refresh" == request.url
    assert {
        "grant_type": "refresh_token",
        "refresh_token": token.reveal(),
    } == request.fields
    own = service(refresh_endpoint="https://login.desk.example/renew")
    request = refresh_request(own, client, refresh_token=token)
    assert "https://login.desk.example/renew" == request.url


def test_a_revocation_says_what_it_ends(service, client, canary):
    """RFC 7009 2.1."""
    token = Secret(canary("refresh-token"))
    request = revocation_request(service(), client, token=token, hint="refresh_token")
    assert "https://login.desk.example/revoke" == request.url
    assert {
        "token": token.reveal(),
        "token_type_hint": "refresh_token",
    } == request.fields


def sent_with(service, client, canary, **changes):
    return refresh_request(
        service(**changes), client, refresh_token=Secret(canary("refresh-token"))
    )


def test_basic_authentication_encodes_both_halves(service, client, canary):
    """RFC 6749 2.3.1: a colon, a percent sign or a plus in them does no harm."""
    header = sent_with(service, client, canary).headers["Authorization"]
    scheme, _, encoded = header.partition(" ")
    name, _, secret = base64.b64decode(encoded).decode().partition(":")
    assert ("Basic", "my%3Aid") == (scheme, name)
    assert secret.startswith("CNRY-s%3A%25%2B+%C3%A9-")


def test_post_authentication_is_in_the_form(service, client, canary):
    """And then not in a header."""
    request = sent_with(
        service, client, canary, token_endpoint_auth_method="client_secret_post"
    )
    assert "my:id" == request.fields["client_id"]
    assert client.client_secret.reveal() == request.fields["client_secret"]
    assert "Authorization" not in request.headers


@pytest.mark.parametrize(
    "method", ["client_secret_basic", "client_secret_post", "none"]
)
def test_a_public_client_names_itself_only(service, canary, method):
    """There is no secret to send."""
    public = Client(client_id="my:id", client_secret=None)
    request = sent_with(service, public, canary, token_endpoint_auth_method=method)
    assert "my:id" == request.fields["client_id"]
    assert "client_secret" not in request.fields
    assert "Authorization" not in request.headers


def test_a_secret_that_is_not_wanted_is_not_sent(service, client, canary):
    """The service says that it takes none."""
    request = sent_with(service, client, canary, token_endpoint_auth_method="none")
    assert client.client_secret.reveal() not in request.fields.values()
    assert "Authorization" not in request.headers


def test_what_cannot_be_done_yet_is_said(service, client, canary):
    """Instead of sending something else."""
    with pytest.raises(ProviderError, match="private_key_jwt is not supported yet"):
        sent_with(service, client, canary, token_endpoint_auth_method="private_key_jwt")


@pytest.mark.parametrize("method", ["client_secret_basic", "client_secret_post"])
def test_K1_a_request_does_not_show_what_it_holds(service, client, canary, method):
    """Debuggers and error reporters print it."""
    request = sent_with(service, client, canary, token_endpoint_auth_method=method)
    canary.sweep(texts={"request": repr(request), "client": repr(client)})


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ("120", 120.0),
        (" 5 ", 5.0),
        ("999999999", 3600.0),
        ("9" * 400, 3600.0),
        ("0", None),
        ("-1", None),
        ("1.5", None),
        ("soon", None),
        ("", None),
        ("\N{ARABIC-INDIC DIGIT FIVE}", None),
        ("Wed, 18 Nov 2026 11:07:40 GMT", 60.0),
        ("Wed, 18 Nov 2026 11:07:40 -0000", 60.0),
        ("Wed, 18 Nov 2026 12:07:40 +0100", 60.0),
        ("Tue, 17 Nov 2026 11:07:40 GMT", None),
        ("Thu, 18 Nov 2027 11:07:40 GMT", 3600.0),
        ("Mon, 01 Jan 0001 00:00:00 GMT", None),
        ("Wed, 99 Nov 2026 11:07:40 GMT", None),
    ],
    ids=ascii,
)
def test_R34_how_long_to_wait(asked, expected):
    """Seconds or a date (RFC 9110 10.2.3), an hour at most, and nonsense is nothing."""
    assert expected == seconds_to_wait(asked, now=NOW)


@given(st.text(), st.floats(allow_nan=False, min_value=0, max_value=1e11))
def test_R34_any_header_is_survived(asked, now):
    """Whatever a provider sends."""
    wait = seconds_to_wait(asked, now=now)
    assert wait is None or 0 < wait <= 3600
