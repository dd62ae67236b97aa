"""AWS Signature V4: what is lent is good for one day, region and service."""

import hashlib
import hmac
import sys
from datetime import UTC, datetime

import pytest
from scripted import attempt

from conn_core import AccessToken, Secret
from conn_core.auth import Outgoing, apply, auth_type
from conn_core.errors import InvalidInput, MissingPackage

AWS = auth_type("aws_sigv4")
#: The credentials of the examples in Amazon's documentation.
KEY_ID, SECRET_KEY = "AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
MOMENT = datetime(2015, 8, 30, 12, 36, 0, tzinfo=UTC).timestamp()
TYPED = {
    "access_key_id": KEY_ID,
    "secret_access_key": SECRET_KEY,
    "region": "us-east-1",
}


@pytest.fixture
def cloud(new_service):
    """A service of Amazon's."""

    def make(**changes):
        return new_service(
            auth_type="aws_sigv4",
            authorization_endpoint=None,
            token_endpoint=None,
            api_hosts=["example.amazonaws.example"],
            **{"signing_name": "service"} | changes,
        )

    return make


@pytest.fixture
def lend(pure, run):
    """Makes a credential and lends it: ``lend(service, session_token="…")``."""

    def go(service, **typed):
        secrets = {name: Secret(text) for name, text in (TYPED | typed).items()}
        held = run(AWS.begin(service, None, attempt(typed=secrets)), pure)
        lent = AWS.lend(service, None, held, now=MOMENT)
        return AccessToken.from_json(lent.to_json() | lent.secrets_to_json())

    return go


def digest(key, text):
    return hmac.new(key, text.encode(), hashlib.sha256).digest()


def signature_of(request, names, *, service="service", query=""):
    """Amazon's recipe, written down once more."""
    headers = {n.lower(): v for n, v in request.headers.items()}
    headers["host"] = "example.amazonaws.example"
    canonical = "\n".join(
        [
            request.method,
            "/",
            query,
            *(f"{name}:{headers[name]}" for name in names),
            "",
            ";".join(names),
            hashlib.sha256(request.body).hexdigest(),
        ]
    )
    scope = f"20150830/us-east-1/{service}/aws4_request"
    hashed = hashlib.sha256(canonical.encode()).hexdigest()
    text = f"AWS4-HMAC-SHA256\n20150830T123600Z\n{scope}\n{hashed}"
    key = f"AWS4{SECRET_KEY}".encode()
    for part in ("20150830", "us-east-1", service, "aws4_request"):
        key = digest(key, part)
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()


@pytest.mark.parametrize(
    ("method", "query", "body", "session"),
    [
        ("GET", "", b"", None),
        ("GET", "Param1=value1&Param2=value2", b"", None),
        ("POST", "", b"Param1=value1", None),
        ("GET", "", b"", "CNRY-session-token"),
    ],
)
def test_a_request_is_signed_as_amazon_says(method, query, body, session, lend, cloud):
    """By the key of the day, with the time that we are told."""
    typed = {} if session is None else {"session_token": session}
    url = f"https://example.amazonaws.example/{'?' if query else ''}{query}"
    sent = apply(
        lend(cloud(), **typed),
        Outgoing(method=method, url=url, headers={"Authorization": "mine"}, body=body),
        now=MOMENT,
    )
    header = sent.headers["Authorization"]
    assert "mine" not in header
    names = header.partition("SignedHeaders=")[2].partition(",")[0].split(";")
    expected = ["host", "x-amz-content-sha256", "x-amz-date"]
    expected += [] if session is None else ["x-amz-security-token"]
    assert expected == names
    assert session == sent.headers.get("x-amz-security-token")
    assert "20150830T123600Z" == sent.headers["x-amz-date"]
    assert header.startswith(
        f"AWS4-HMAC-SHA256 Credential={KEY_ID}/20150830/us-east-1/service/aws4_request,"
    )
    assert header.endswith(f"Signature={signature_of(sent, names, query=query)}")


def test_the_secret_access_key_is_never_lent(lend, cloud):
    """Only what is worth nothing tomorrow, in another region or for another service."""
    lent = lend(cloud())
    everything = f"{lent.to_json()} {lent.secrets_to_json()}"
    assert SECRET_KEY not in everything
    assert datetime(2015, 8, 31, tzinfo=UTC) == lent.expires_at
    assert {"region": "us-east-1", "service": "service", "date": "20150830"} == (
        lent.signing
    )


def test_a_key_of_yesterday_signs_nothing(lend, cloud):
    """The client has to ask again: there is no secret to make another one of."""
    lent = lend(cloud())
    request = Outgoing(method="GET", url="https://example.amazonaws.example/")
    with pytest.raises(InvalidInput, match="a key for another day"):
        apply(lent, request, now=MOMENT + 86_400)


def test_the_signing_name_is_the_first_part_of_the_host(lend, cloud):
    """Where a service does not say it."""
    assert "example" == lend(cloud(signing_name="")).signing["service"]


def test_a_stream_cannot_be_signed(lend, cloud):
    """Its content is part of what is signed."""
    request = Outgoing(method="PUT", url="https://x.example/", body=None)
    with pytest.raises(InvalidInput, match="a body must be given whole"):
        apply(lend(cloud()), request, now=MOMENT)


def test_further_headers_are_sent_and_asked_for(lend, cloud):
    """A service may want more than a signature."""
    service = cloud(
        credential_fields=[{"name": "tenant", "secret": False}],
        api_headers={"X-Tenant": "{tenant}"},
    )
    assert [
        "access_key_id",
        "secret_access_key",
        "region",
        "session_token",
        "tenant",
    ] == [field.name for field in AWS.asks_for(service)]
    request = Outgoing(method="GET", url="https://example.amazonaws.example/")
    sent = apply(lend(service, tenant="acme"), request, now=MOMENT)
    assert "acme" == sent.headers["x-tenant"]


def test_a_missing_signer_is_said_with_its_command(lend, cloud, monkeypatch):
    """It is an extra."""
    monkeypatch.setitem(sys.modules, "requests_aws4auth", None)
    with pytest.raises(MissingPackage, match="pip install requests-aws4auth"):
        lend(cloud())
