"""OAuth 1.0a: three steps, and signatures that a server can check."""

import base64
import hashlib
import hmac
import re
from urllib.parse import parse_qs, parse_qsl, quote, unquote, urlsplit

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from scripted import FORM, NOW, Reply, attempt

from conn_core import Secret
from conn_core.auth import (
    LARGEST_FORM,
    Client,
    GrantEnded,
    Outgoing,
    TokenSet,
    apply,
    auth_type,
)
from conn_core.errors import (
    InvalidInput,
    ProviderError,
    ProviderUnavailable,
    RegistrationRequired,
)

OAUTH1 = auth_type("oauth1")
TOKEN, TOKEN_SECRET = "CNRY-token-one", "CNRY-token-secret-one"
TEMPORARY = {
    "oauth_token": "CNRY-temporary",
    "oauth_token_secret": "CNRY-temporary-secret",
    "oauth_callback_confirmed": "true",
}


def form(members):
    return "&".join(f"{quote(n)}={quote(v)}" for n, v in members.items())


def replied(members, **more):
    return Reply(form(members), content_type=more.pop("content_type", FORM), **more)


@pytest.fixture
def boards(new_service, server):
    """A service of the old kind."""
    return of_the_old_kind(new_service, server.base)


def of_the_old_kind(new_service, base="https://login.desk.example", **changes):
    return new_service(
        base,
        auth_type="oauth1",
        request_token_endpoint=f"{base}/request",
        token_endpoint=f"{base}/access",
        **changes,
    )


def authorization(header):
    assert header.startswith("OAuth ")
    return {n: unquote(v) for n, v in re.findall(r'(\w+)="([^"]*)"', header)}


def base_string(method, url, oauth, body=""):
    """RFC 5849 3.4.1, written down once more."""
    parts = urlsplit(url)
    pairs = [*parse_qsl(parts.query, keep_blank_values=True)]
    pairs += parse_qsl(body, keep_blank_values=True)
    pairs += [(n, v) for n, v in oauth.items() if n not in {"oauth_signature", "realm"}]
    encoded = sorted((quote(n, safe="~"), quote(v, safe="~")) for n, v in pairs)
    joined = "&".join(f"{n}={v}" for n, v in encoded)
    place = f"{parts.scheme}://{parts.netloc}{parts.path}"
    return "&".join(quote(part, safe="~") for part in (method, place, joined))


def hmac_sha1(client_secret, token_secret, text):
    key = f"{quote(client_secret, safe='~')}&{quote(token_secret, safe='~')}"
    digest = hmac.new(key.encode(), text.encode(), hashlib.sha1).digest()
    return base64.b64encode(digest).decode()


def test_three_steps_lead_to_a_token(boards, server, client, run):
    """Temporary credentials, consent, token; both requests signed."""
    server.plays(replied(TEMPORARY))
    consent = run(OAUTH1.begin(boards, client, attempt()), server)
    assert "CNRY-temporary" == consent.state
    query = parse_qs(urlsplit(consent.url).query)
    assert {"oauth_token": ["CNRY-temporary"]} == query

    answer = {"oauth_token": "CNRY-temporary", "oauth_verifier": "CNRY-verifier"}
    returned = OAUTH1.returned(boards, answer)
    assert ("CNRY-temporary", "") == (returned.state, returned.error)
    server.plays(
        # As Twitter does: a form that calls itself something else.
        replied(
            {"oauth_token": TOKEN, "oauth_token_secret": TOKEN_SECRET},
            content_type="text/html",
        )
    )
    finishing = attempt(kept=consent.keep)
    tokens = run(OAUTH1.finish(boards, client, finishing, answer), server)
    assert (TOKEN, TOKEN_SECRET) == (
        tokens.access_token.reveal(),
        tokens.further["token_secret"].reveal(),
    )

    first, second = server.seen
    asked = authorization(first.headers["authorization"])
    assert ("https://hub.example/callback/desk", "HMAC-SHA1") == (
        asked["oauth_callback"],
        asked["oauth_signature_method"],
    )
    secret = client.client_secret.reveal()
    expected = hmac_sha1(
        secret, "", base_string("POST", boards.request_token_endpoint, asked)
    )
    assert expected == asked["oauth_signature"]
    proven = authorization(second.headers["authorization"])
    assert ("CNRY-temporary", "CNRY-verifier") == (
        proven["oauth_token"],
        proven["oauth_verifier"],
    )
    expected = hmac_sha1(
        secret,
        "CNRY-temporary-secret",
        base_string("POST", boards.token_endpoint, proven),
    )
    assert expected == proven["oauth_signature"]


def test_a_consent_page_gets_the_usual_parameters(pure, client, new_service, run):
    """Trello wants name, scope and expiration."""
    service = of_the_old_kind(
        new_service,
        authorization_endpoint="BASE/authorize?v=1",
        authorization_parameters={"name": "Jupyter", "expiration": "never"},
    )
    pure.plays(replied(TEMPORARY))
    consent = run(OAUTH1.begin(service, client, attempt()), pure)
    query = parse_qs(urlsplit(consent.url).query)
    assert {"v", "oauth_token", "name", "expiration"} == query.keys()


@pytest.mark.parametrize("confirmed", ["false", None])
def test_version_1_0_without_the_a_is_refused(
    confirmed, pure, client, new_service, run
):
    """Somebody else's consent could be slipped in."""
    said = {n: v for n, v in TEMPORARY.items() if n != "oauth_callback_confirmed"}
    said |= {} if confirmed is None else {"oauth_callback_confirmed": confirmed}
    pure.plays(replied(said))
    with pytest.raises(ProviderUnavailable, match="not safe"):
        run(OAUTH1.begin(of_the_old_kind(new_service), client, attempt()), pure)


@pytest.mark.parametrize("missing", ["oauth_token", "oauth_token_secret"])
def test_half_a_token_is_none(missing, pure, client, new_service, run):
    """Nothing could be signed with it."""
    pure.plays(replied({n: v for n, v in TEMPORARY.items() if n != missing}))
    with pytest.raises(ProviderUnavailable, match="answered without a token"):
        run(OAUTH1.begin(of_the_old_kind(new_service), client, attempt()), pure)


def test_a_refusal_is_said_without_our_secrets(pure, client, new_service, run, canary):
    """Also of the old kind."""
    secret = client.client_secret.reveal()
    pure.plays(
        replied({"error": "bad_consumer", "error_description": secret}, status=401)
    )
    with pytest.raises(ProviderError, match="bad_consumer: <secret>") as caught:
        run(OAUTH1.begin(of_the_old_kind(new_service), client, attempt()), pure)
    canary.sweep(texts={"error": str(caught.value)})


@pytest.mark.parametrize(
    ("answer", "state", "error"),
    [
        ({"denied": "CNRY-t"}, "CNRY-t", "access_denied"),
        ({"oauth_token": "CNRY-t"}, "CNRY-t", "no verifier"),
        ({}, "", "no verifier"),
    ],
)
def test_what_the_browser_brings_is_read(answer, state, error, new_service):
    """A denial names the temporary credentials too."""
    returned = OAUTH1.returned(of_the_old_kind(new_service), answer)
    assert (state, error) == (returned.state, returned.error)


def test_A2_the_answer_to_another_request_is_refused(pure, client, new_service, run):
    """Before anything is sent."""
    kept = {"request_token": Secret("CNRY-mine"), "request_secret": Secret("CNRY-s")}
    steps = OAUTH1.finish(
        of_the_old_kind(new_service),
        client,
        attempt(kept=kept),
        {"oauth_token": "CNRY-other", "oauth_verifier": "x"},
    )
    with pytest.raises(GrantEnded, match="another request"):
        run(steps, pure)
    assert [] == pure.seen


def held():
    return TokenSet(
        access_token=Secret(TOKEN),
        token_type="OAuth",
        further={"token_secret": Secret(TOKEN_SECRET)},
    )


def sign(service, client, request):
    return OAUTH1.sign(service, client, held(), request, link_name="desk")


def test_J3_what_is_lent_holds_no_secret(client, new_service, canary):
    """Neither the client's nor the token's: a kernel cannot sign with it."""
    service = of_the_old_kind(new_service, api_headers={"X-App": "{client_id}"})
    lent = OAUTH1.lend(service, client, held(), now=NOW)
    told = {"access_token": ""}
    assert ("oauth1", told) == (lent.signed_by, lent.secrets_to_json())
    assert ({}, {"X-App": "desk:client"}) == (lent.signing, lent.api_headers)
    assert ("api.desk.example",) == lent.api_hosts
    shown = str(lent.to_json() | lent.secrets_to_json())
    assert not {TOKEN, TOKEN_SECRET} & set(shown.split("'"))
    canary.sweep(texts={"what is lent": shown})


@pytest.mark.parametrize(
    ("method", "url", "headers", "body", "signed_body"),
    [
        ("GET", "https://api.desk.example/1/me?b=2&a=%20x", {}, b"", ""),
        ("GET", "https://api.desk.example/1/me?f[a]='b'|c$&b", {}, b"", ""),
        (
            "POST",
            "https://api.desk.example/1/notes",
            {"Content-Type": f"{FORM}; charset=utf-8"},
            b"text=a+b%26c&empty=",
            "text=a+b%26c&empty=",
        ),
        (
            "POST",
            "https://api.desk.example/1/notes",
            {"content-type": "application/json", "authorization": "mine"},
            b'{"a": 1}',
            "",
        ),
        ("PUT", "https://api.desk.example/1/file", {}, None, ""),
    ],
    ids=["query", "brackets", "form", "json", "stream"],
)
def test_each_request_is_signed(
    method, url, headers, body, signed_body, client, new_service
):
    """Method, address, query and form are part of it (RFC 5849 3.4.1)."""
    service = of_the_old_kind(new_service)
    lent = OAUTH1.lend(service, client, held(), now=NOW)
    request = Outgoing(method=method, url=url, headers=headers, body=body)
    sent = apply(lent, request, now=NOW, sign=lambda r: sign(service, client, r))
    assert (method, url, body) == (sent.method, sent.url, sent.body)
    named = [n for n in sent.headers if n.lower() == "authorization"]
    assert ["Authorization"] == named
    oauth = authorization(sent.headers["Authorization"])
    assert TOKEN == oauth["oauth_token"]
    expected = hmac_sha1(
        client.client_secret.reveal(),
        TOKEN_SECRET,
        base_string(method, url, oauth, signed_body),
    )
    assert expected == oauth["oauth_signature"]


def test_what_every_request_carries_is_signed_too(client, new_service):
    """A query parameter of the service's is there before the signature."""
    service = of_the_old_kind(new_service, api_query={"app": "{client_id}"})
    lent = OAUTH1.lend(service, client, held(), now=NOW)
    request = Outgoing(method="GET", url="https://api.desk.example/1/me")
    sent = apply(lent, request, now=NOW, sign=lambda r: sign(service, client, r))
    assert "https://api.desk.example/1/me?app=desk%3Aclient" == sent.url
    oauth = authorization(sent.headers["Authorization"])
    expected = hmac_sha1(
        client.client_secret.reveal(),
        TOKEN_SECRET,
        base_string("GET", sent.url, oauth),
    )
    assert expected == oauth["oauth_signature"]


def test_without_the_broker_nothing_is_signed(client, new_service):
    """Neither by the table nor by the type itself."""
    service = of_the_old_kind(new_service)
    lent = OAUTH1.lend(service, client, held(), now=NOW)
    request = Outgoing(method="GET", url="https://api.desk.example/1/me")
    with pytest.raises(InvalidInput, match="is signed by the broker"):
        apply(lent, request, now=NOW)
    with pytest.raises(InvalidInput, match="is signed by the broker"):
        OAUTH1.apply(lent, request, now=NOW)


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (None, "must be given whole"),
        (b"a=" + b"x" * LARGEST_FORM, "at most 1 MiB"),
        ("a=\u00e4".encode(), "must be percent-encoded"),
    ],
    ids=["stream", "large", "raw"],
)
def test_a_form_that_cannot_be_signed_is_refused(body, why, client, new_service):
    """A signature without it would be a wrong one."""
    request = Outgoing(
        method="POST",
        url="https://api.desk.example/1/notes",
        headers={"Content-Type": FORM},
        body=body,
    )
    with pytest.raises(InvalidInput, match=f"'desk' signs its requests.*{why}"):
        sign(of_the_old_kind(new_service), client, request)


@pytest.mark.parametrize(
    ("query", "form"),
    [("?oauth_callback=x", b""), ("?a=1&oauth%5Fverifier=x", b""), ("", b"oauth_x=")],
    ids=["query", "encoded", "form"],
)
def test_a_step_of_the_flow_is_not_signed(query, form, client, new_service):
    """The answer to one holds secrets, and it is not the broker who would read it."""
    request = Outgoing(
        method="POST",
        url=f"https://api.desk.example/oauth/anything{query}",
        headers={"Content-Type": FORM},
        body=form,
    )
    with pytest.raises(InvalidInput, match="parameters of OAuth itself"):
        sign(of_the_old_kind(new_service), client, request)


def test_two_signatures_are_never_the_same(client, new_service):
    """Each has a nonce."""
    service = of_the_old_kind(new_service)
    request = Outgoing(method="GET", url="https://api.desk.example/1/me")
    nonces = {
        authorization(sign(service, client, request)["Authorization"])["oauth_nonce"]
        for _ in range(20)
    }
    assert 20 == len(nonces)


def test_J3_a_signature_that_is_the_client_secret_is_no_service(new_service):
    """PLAINTEXT (RFC 5849 3.4.4) would hand both secrets to whoever sends a request."""
    with pytest.raises(ValueError, match="signature_method"):
        of_the_old_kind(new_service, signature_method="PLAINTEXT")


def test_a_private_key_signs_too(new_service):
    """RSA-SHA1: the client secret is the key (RFC 5849 3.4.3)."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    text = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    ).decode()
    service = of_the_old_kind(new_service, signature_method="RSA-SHA1")
    client = Client(client_id="desk", client_secret=Secret(text))
    url = "https://api.desk.example/1/me"
    signed = sign(service, client, Outgoing(method="GET", url=url))
    oauth = authorization(signed["Authorization"])
    key.public_key().verify(
        base64.b64decode(oauth["oauth_signature"]),
        base_string("GET", url, oauth).encode(),
        padding.PKCS1v15(),
        hashes.SHA1(),
    )


def test_such_tokens_stay_what_they_are(pure, client, new_service, run):
    """They are neither renewed nor revoked by us."""
    service = of_the_old_kind(new_service)
    assert not OAUTH1.can_renew(service, held())
    with pytest.raises(GrantEnded, match="no renewal"):
        run(OAUTH1.renew(service, client, held(), now=NOW), pure)
    assert run(OAUTH1.revoke(service, client, held()), pure) is False
    assert () == OAUTH1.asks_for(service)
    assert [] == pure.seen


def test_without_a_registration_nothing_is_signed(pure, new_service, run):
    """The error says what to enter."""
    service = of_the_old_kind(new_service)
    with pytest.raises(RegistrationRequired):
        run(OAUTH1.begin(service, None, attempt()), pure)
    with pytest.raises(RegistrationRequired):
        OAUTH1.lend(service, None, held(), now=NOW)
    request = Outgoing(method="GET", url="https://api.desk.example/1/me")
    with pytest.raises(RegistrationRequired):
        sign(service, None, request)
