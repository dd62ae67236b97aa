"""Identity tokens: asked for with a nonce, and refused when they are not for us."""

import base64
import hashlib
import json
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from joserfc import jwt
from joserfc.jwk import OctKey
from scripted import AT, CODE, GOOD, NOW, RT, Reply, attempt

from conn_core import Secret, Service
from conn_core.auth import auth_type
from conn_core.auth._identity import nonce_of, refuse_foreign_identity
from conn_core.errors import ProviderError

OAUTH2 = auth_type("oauth2")
ISSUER = "https://login.desk.example"
SCOPES = ("openid", "read")
KEY = OctKey.import_key("CNRY-a-key-that-only-the-provider-has-0000")
A_DAY = 24 * 3600
DESK = Service(
    id="desk",
    name="Desk",
    authorization_endpoint=f"{ISSUER}/authorize",
    token_endpoint=f"{ISSUER}/token",
    api_base_url="https://api.desk.example",
    api_hosts=("api.desk.example",),
)


def asked(run, server, service, client, **changes):
    """Begin an attempt; return it and what the consent page is asked for."""
    made = attempt(scopes=SCOPES, **changes)
    consent = run(OAUTH2.begin(service, client, made), server)
    query = parse_qs(urlsplit(consent.url).query)
    return made, {name: values[0] for name, values in query.items()}


@pytest.fixture
def brought(pure, client, new_service, run):
    """Finishes an attempt whose answer has an identity token with changed claims."""

    def finish(*, header=None, service=None, callback=None, scopes=SCOPES, **claims):
        service = new_service(**(service or {"issuer": ISSUER}))
        made, query = asked(run, pure, service, client)
        usual = {
            "iss": ISSUER,
            "sub": "priya",
            "aud": client.client_id,
            "exp": NOW + 600,
            "iat": NOW,
            "nonce": query["nonce"],
        }
        told = {n: v for n, v in (usual | claims).items() if v is not Ellipsis}
        named = {"alg": "HS256"} | (header or {})
        token = jwt.encode(named, told, KEY, algorithms=[named["alg"]])
        pure.plays(Reply(GOOD | {"id_token": token}))
        made = attempt(scopes=scopes, verifier=made.verifier)
        answer = {"code": CODE, **(callback or {})}
        return run(OAUTH2.finish(service, client, made, answer), pure)

    return finish


def test_a_nonce_goes_along_where_an_identity_token_is_asked_for(
    pure, client, new_service, run
):
    """Fresh for each attempt, and nothing that another parameter tells."""
    service, nonces = new_service(), set()
    for number in range(20):
        verifier = Secret(f"CNRY-verifier-{number}" + "x" * 40)
        _, query = asked(run, pure, service, client, verifier=verifier)
        assert query["nonce"] not in {query["state"], query["code_challenge"]}
        assert verifier.reveal() not in query["nonce"]
        nonces.add(query["nonce"])
    assert 20 == len(nonces)


def test_no_nonce_goes_along_otherwise(pure, client, new_service, run):
    """Providers that know no OpenID Connect are not told of it."""
    consent = run(OAUTH2.begin(new_service(), client, attempt()), pure)
    assert "nonce" not in parse_qs(urlsplit(consent.url).query)


def test_S11_a_right_identity_token_is_accepted(brought, client):
    """Also with a list of one, and with us as the party it was made for."""
    for claims in ({}, {"aud": [client.client_id]}, {"azp": client.client_id}):
        assert json.dumps([ISSUER, "priya"]) == brought(**claims).identity


@pytest.mark.parametrize(
    ("claims", "why"),
    [
        pytest.param({"iss": "https://evil.example"}, "iss", id="S8-wrong-iss"),
        pytest.param({"iss": ...}, "iss", id="S8-no-iss"),
        pytest.param({"aud": "another-client"}, "aud", id="S9-wrong-aud"),
        pytest.param({"aud": ...}, "aud", id="S9-no-aud"),
        pytest.param({"aud": [7]}, "aud", id="S9-odd-aud"),
        pytest.param({"aud": ["desk:client", "x"]}, "for others", id="S10-extra-aud"),
        pytest.param({"azp": "another-client"}, "for others", id="S10-other-azp"),
        pytest.param({"exp": ...}, "exp", id="S12-no-exp"),
        pytest.param({"exp": NOW - 301}, "expired", id="S12-expired"),
        pytest.param({"exp": "never"}, "exp", id="S12-odd-exp"),
        pytest.param({"iat": NOW - 7 * A_DAY}, "long ago", id="S13-a-week-old"),
        pytest.param({"iat": NOW + A_DAY}, "future", id="S13-of-tomorrow"),
        pytest.param({"iat": ...}, "iat", id="S13-no-iat"),
        pytest.param({"sub": ...}, "sub", id="S14-no-sub"),
        pytest.param({"nonce": ...}, "nonce", id="S15-no-nonce"),
        pytest.param({"nonce": "another"}, "nonce", id="S15-wrong-nonce"),
        pytest.param({"at_hash": "another"}, "access token", id="S16-wrong-at_hash"),
    ],
)
def test_an_identity_token_that_is_not_for_us_is_refused(brought, claims, why):
    """OpenID Connect Core 3.1.3.7; nothing of the answer is used."""
    with pytest.raises(ProviderError, match=rf"not for this authorization \(.*{why}"):
        brought(**claims)


@pytest.mark.parametrize("name", ["HS256", "HS384", "HS512"])
def test_S16_a_right_hash_of_the_access_token_is_accepted(brought, name):
    """Half of the hash that the header's algorithm names (3.1.3.6)."""
    digest = hashlib.new(f"sha{name[2:]}", AT.encode()).digest()
    half = base64.urlsafe_b64encode(digest[: len(digest) // 2]).rstrip(b"=").decode()
    assert brought(header={"alg": name}, at_hash=half).identity


def test_S8_without_a_known_issuer_the_callback_names_it(brought):
    """RFC 9207: who sent the browser back made the token, too."""
    assert brought(service={"name": "Desk"}, callback={"iss": ISSUER}).identity
    with pytest.raises(ProviderError, match="iss"):
        brought(service={"name": "Desk"}, callback={"iss": "https://evil.example"})


@pytest.mark.parametrize("sent", ["a.b", "x.y.z", "a.b.c.d.e", "x" * 20_000])
def test_one_that_cannot_be_read_is_refused(sent, pure, client, new_service, run):
    """It was asked for, and says nothing that we could compare."""
    pure.plays(Reply(GOOD | {"id_token": sent}))
    steps = OAUTH2.finish(new_service(), client, attempt(scopes=SCOPES), {"code": CODE})
    with pytest.raises(ProviderError, match="not for this authorization"):
        run(steps, pure)


def test_nobody_looks_at_one_that_nobody_asked_for(brought):
    """Some providers send one to everybody."""
    assert brought(scopes=("read",), nonce="another", aud="another").identity


def test_a_provider_that_sends_none_is_no_less_good(pure, client, new_service, run):
    """Then nothing is known of who agreed, and the access token works."""
    pure.plays(Reply(GOOD | {"refresh_token": RT}))
    steps = OAUTH2.finish(new_service(), client, attempt(scopes=SCOPES), {"code": CODE})
    assert run(steps, pure).identity is None


ODD = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=8)
    | st.sampled_from([ISSUER, "desk:client", "priya", NOW, NOW + 600]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(max_size=3), inner, max_size=3)
    ),
    max_leaves=5,
)
CLAIMS = st.sampled_from(["iss", "sub", "aud", "azp", "exp", "iat", "nonce", "at_hash"])


@settings(max_examples=1500)
@given(
    changes=st.dictionaries(CLAIMS, ODD, max_size=4),
    header=st.dictionaries(st.sampled_from(["alg", "typ"]), ODD, max_size=2),
)
def test_R36_arbitrary_claims_are_survived(changes, header):
    """They are right, or refused with a typed error."""
    nonce = nonce_of(Secret("CNRY-verifier"))
    usual = {
        "iss": ISSUER,
        "sub": "priya",
        "aud": "desk:client",
        "exp": NOW + 600,
        "iat": NOW,
        "nonce": nonce,
    }
    parts = (
        base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode()
        for part in (header, usual | changes)
    )
    try:
        refuse_foreign_identity(
            DESK,
            Secret(".".join((*parts, "x"))),
            client_id="desk:client",
            issuer=ISSUER,
            nonce=nonce,
            access_token=Secret(AT),
            now=NOW,
        )
    except ProviderError:
        return
    told = usual | changes
    assert (ISSUER, nonce) == (told["iss"], told["nonce"])
    assert told["aud"] in ("desk:client", ["desk:client"]) or {"desk:client"} == set(
        told["aud"]
    )
    assert isinstance(told["sub"], str)
    assert NOW - 300 <= told["exp"]
    assert NOW - A_DAY <= told["iat"] <= NOW + 300


def test_the_refusal_shows_no_token(brought, canary):
    """Nor the nonce that was expected."""
    nonce = canary("nonce")
    with pytest.raises(ProviderError) as caught:
        brought(nonce=nonce)
    canary.sweep(texts={"error": f"{caught.value!r} {caught.value}"})
