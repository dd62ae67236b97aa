"""Proving the client with a private key, and identity tokens that try to be obeyed."""

import base64
import dataclasses
import json
import zlib

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, OctKey, OKPKey, RSAKey
from scripted import CODE, GOOD, NOW, Reply, Wants, attempt

from conn_core import Secret
from conn_core.auth import auth_type, code_request
from conn_core.errors import ProviderError, RegistrationRequired

OAUTH2 = auth_type("oauth2")
BY_KEY = {"token_endpoint_auth_method": "private_key_jwt"}
KEYS = {
    "RS256": RSAKey.generate_key(2048),
    "ES256": ECKey.generate_key("P-256"),
    "ES384": ECKey.generate_key("P-384"),
    "ES512": ECKey.generate_key("P-521"),
}


def pem(key):
    return Secret(key.as_pem(private=True).decode())


def sent_by(service, client, key):
    registration = dataclasses.replace(client, client_secret=key)
    return next(OAUTH2.finish(service, registration, attempt(), {"code": CODE}))


def opened(assertion, key, algorithm):
    return jwt.decode(assertion, key, algorithms=[algorithm])


@pytest.mark.parametrize("algorithm", KEYS)
@pytest.mark.parametrize("form", ["PEM", "JWK"])
def test_any_kind_of_key_signs(algorithm, form, client, new_service):
    """The algorithm follows from the key, never from anybody's answer."""
    key = KEYS[algorithm]
    text = pem(key) if form == "PEM" else Secret(json.dumps(key.as_dict(private=True)))
    request = sent_by(new_service(**BY_KEY), client, text)
    found = opened(request.fields["client_assertion"], key, algorithm)
    assert algorithm == found.header["alg"]
    assert {"alg", "typ", "kid"} >= found.header.keys()
    assert (client.client_id, client.client_id, NOW, NOW + 60) == (
        found.claims["iss"],
        found.claims["sub"],
        found.claims["iat"],
        found.claims["exp"],
    )


def test_a_key_with_a_name_says_it(client, new_service):
    """So that the server finds it among several."""
    key = ECKey.generate_key("P-256", {"kid": "desk-2026"})
    text = Secret(json.dumps(key.as_dict(private=True)))
    request = sent_by(new_service(**BY_KEY), client, text)
    found = opened(request.fields["client_assertion"], key, "ES256")
    assert "desk-2026" == found.header["kid"]


@pytest.mark.parametrize(
    ("issuer", "audience"),
    [
        ("https://login.desk.example", "https://login.desk.example"),
        (None, "https://login.desk.example/token"),
    ],
)
def test_S20_the_audience_is_one_text(issuer, audience, client, new_service):
    """The issuer, or the exact endpoint: no other server can use the statement."""
    key = KEYS["ES256"]
    request = sent_by(new_service(issuer=issuer, **BY_KEY), client, pem(key))
    claims = opened(request.fields["client_assertion"], key, "ES256").claims
    assert audience == claims["aud"]


def test_a_statement_is_used_once(client, new_service):
    """Each has an id of its own."""
    service, key = new_service(**BY_KEY), KEYS["ES256"]
    ids = {
        opened(
            sent_by(service, client, pem(key)).fields["client_assertion"], key, "ES256"
        ).claims["jti"]
        for _ in range(20)
    }
    assert 20 == len(ids)


def test_the_key_itself_is_never_sent(server, client, new_service, run, canary):
    """Only the statement, and the client's id."""
    service = new_service(server.base, **BY_KEY)
    key = pem(KEYS["ES256"])
    canary.watch(key.reveal(), "private key")
    registration = dataclasses.replace(client, client_secret=key)
    wants = Wants(
        fields={
            "client_id": client.client_id,
            "client_assertion_type": (
                "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
            ),
        },
        absent=("client_secret",),
    )
    server.plays((wants, Reply(GOOD)))
    run(OAUTH2.finish(service, registration, attempt(), {"code": CODE}), server)
    canary.sweep(texts={"request": repr(server.seen)})


@pytest.mark.parametrize(
    "secret",
    [
        "CNRY-a-plain-secret",
        "{",
        '{"kty": "RSA"}',
        '{"kty": "EC", "crv": 7}',
        "[" * 5000,
        "{" * 5000,
        KEYS["RS256"].as_pem(private=False).decode(),
        json.dumps(OctKey.generate_key(256).as_dict(private=True)),
        json.dumps(OKPKey.generate_key("X25519").as_dict(private=True)),
    ],
    ids=[
        "text",
        "no JSON",
        "empty JWK",
        "odd JWK",
        "deep list",
        "deep object",
        "public",
        "symmetric",
        "key agreement",
    ],
)
def test_what_is_no_signing_key_is_said_so(secret, client, new_service):
    """Without a word of it, also not in the frames behind the error."""
    with pytest.raises(RegistrationRequired, match="wants a private key") as caught:
        sent_by(new_service(**BY_KEY), client, Secret(secret))
    assert caught.value.__cause__ is None
    assert secret not in str(caught.value)


def test_a_missing_key_is_said_so(client, new_service):
    """There is nothing to sign with."""
    with pytest.raises(RegistrationRequired, match="has no client secret"):
        sent_by(new_service(**BY_KEY), client, None)


def test_without_a_clock_nothing_is_signed(client, new_service):
    """A statement of another time would be refused, or live too long."""
    with pytest.raises(ProviderError, match="private_key_jwt is not supported yet"):
        code_request(
            new_service(**BY_KEY),
            client,
            code=Secret(CODE),
            redirect_uri="",
            verifier=Secret(""),
        )


def encoded(value):
    data = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


CLAIMS = encoded({"iss": "i", "sub": "s"})
EVIL_HEADER = {
    "alg": "none",
    "jku": "https://evil.example/keys",
    "x5u": "https://evil.example/cert",
    "jwk": {"kty": "oct", "k": "eA"},
    "crit": ["exp"],
    "zip": "DEF",
}


@pytest.mark.parametrize(
    "id_token", [f"{encoded(EVIL_HEADER)}.{CLAIMS}.x", f"?.{CLAIMS}.x"]
)
def test_S21_the_header_of_an_identity_token_is_not_obeyed(
    id_token, pure, client, new_service, run
):
    """No key is fetched, nothing is unpacked: it only says of whom it speaks."""
    pure.plays(Reply(GOOD | {"id_token": id_token}))
    tokens = run(OAUTH2.finish(new_service(), client, attempt(), {"code": CODE}), pure)
    assert '["i", "s"]' == tokens.identity
    assert 1 == len(pure.seen)


BOMB = zlib.compress(b"\0" * 10_000_000)


@pytest.mark.parametrize(
    "id_token",
    [
        f"{encoded({'alg': 'dir', 'enc': 'A128GCM', 'zip': 'DEF'})}..aXY.{encoded(BOMB)}.t",
        f"{encoded({'zip': 'DEF'})}.{encoded(BOMB)}.x",
        f"x.{encoded(b'[' * 12_000)}.x",
        f"x.{encoded(['iss', 'sub'])}.x",
        f"x.{encoded({'iss': 'i'})}.x",
        f"x.{encoded({'iss': 'i', 'sub': 7})}.x",
        f"x.{encoded({'iss': None, 'sub': 's'})}.x",
        "x.é.x",
        "x.y",
        "a" * 100_000,
        "",
        7,
        None,
    ],
    ids=range(13),
)
def test_S22_an_identity_token_that_cannot_be_read_says_nothing(
    id_token, pure, client, new_service, run
):
    """Encrypted, compressed, deep, huge or nonsense: the tokens are kept all the same."""
    pure.plays(Reply(GOOD | {"id_token": id_token}))
    tokens = run(OAUTH2.finish(new_service(), client, attempt(), {"code": CODE}), pure)
    assert tokens.identity is None
