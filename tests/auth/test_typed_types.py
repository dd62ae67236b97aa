"""API keys, user name and password, bearer tokens: typed, kept, put into place."""

import base64

import pytest
from scripted import NOW, attempt

from conn_core import AccessToken, Secret
from conn_core.auth import GrantEnded, Outgoing, apply, auth_type
from conn_core.errors import InvalidInput

KEY, TOKEN, PASSWORD = "CNRY-api-key-one", "CNRY-pasted-token", "CNRY-pass:word ü"
WITHOUT_OAUTH = {"authorization_endpoint": None, "token_endpoint": None}


@pytest.fixture
def keep(pure, run):
    """Makes a credential of what was typed: ``keep(service, api_key="…")``."""

    def go(service, **typed):
        kind = auth_type(service.auth_type)
        secrets = {name: Secret(text) for name, text in typed.items()}
        held = run(kind.begin(service, None, attempt(typed=secrets)), pure)
        assert [] == pure.seen
        return held

    return go


def sent_with(service, held, **request):
    """Return a request as it leaves, after a journey through JSON."""
    lent = auth_type(service.auth_type).lend(service, None, held, now=NOW)
    travelled = AccessToken.from_json(lent.to_json() | lent.secrets_to_json())
    usual = {"method": "GET", "url": "https://api.desk.example/v1/me"}
    return apply(travelled, Outgoing(**usual | request), now=NOW)


def of_type(new_service, kind, **changes):
    return new_service(auth_type=kind, **WITHOUT_OAUTH, **changes)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, {"Authorization": f"Bearer {KEY}"}),
        (
            {"param_name": "X-API-Key", "param_prefix": ""},
            {"X-API-Key": KEY},
        ),
        ({"param_prefix": "Token token="}, {"Authorization": f"Token token={KEY}"}),
    ],
    ids=["70 bearer", "70 own header", "70 own prefix"],
)
def test_an_api_key_goes_into_a_header(changes, expected, keep, new_service):
    """Under the name and with the prefix that the service says."""
    service = of_type(new_service, "api_key", **changes)
    sent = sent_with(service, keep(service, api_key=KEY))
    assert expected == dict(sent.headers)


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://x.example/a", f"https://x.example/a?key={KEY}"),
        ("https://x.example/a?", f"https://x.example/a?key={KEY}"),
        ("https://x.example/a?b=%20+1&c", f"https://x.example/a?b=%20+1&c&key={KEY}"),
        ("https://x.example/a?key=mine&b=1", f"https://x.example/a?b=1&key={KEY}"),
        ("https://x.example/a?k%65y=mine", f"https://x.example/a?key={KEY}"),
    ],
)
def test_an_api_key_goes_into_the_query(url, expected, keep, new_service):
    """What the user wrote keeps its form; a key of their own is replaced."""
    service = of_type(
        new_service, "api_key", param_type="query", param_name="key", param_prefix=""
    )
    assert expected == sent_with(service, keep(service, api_key=KEY), url=url).url


@pytest.fixture
def by_form(new_service):
    """A service that wants its key in a form."""
    return of_type(
        new_service, "api_key", param_type="body", param_name="key", param_prefix=""
    )


@pytest.mark.parametrize(
    ("headers", "body", "expected"),
    [
        (
            {"content-type": "application/x-www-form-urlencoded"},
            b"a=1&key=x",
            b"a=1&key=",
        ),
        ({}, b"", b"key="),
    ],
)
def test_an_api_key_goes_into_a_form(headers, body, expected, keep, by_form):
    """Beside the other fields."""
    held = keep(by_form, api_key=KEY)
    sent = sent_with(by_form, held, method="POST", headers=headers, body=body)
    assert expected + KEY.encode() == sent.body
    assert {"Content-Type": "application/x-www-form-urlencoded"} == dict(sent.headers)


@pytest.mark.parametrize(
    "request_",
    [
        {"method": "GET"},
        {"method": "POST", "headers": {"Content-Type": "application/json"}},
        {"method": "POST", "body": None},
    ],
    ids=["no body", "another kind", "a stream"],
)
def test_what_is_no_form_cannot_carry_a_field(request_, keep, by_form):
    """Nothing is sent then."""
    with pytest.raises(InvalidInput, match="only a form"):
        sent_with(by_form, keep(by_form, api_key=KEY), **request_)


@pytest.fixture
def datadog(new_service):
    """A service with two keys, and one that is no secret."""
    return of_type(
        new_service,
        "api_key",
        param_name="DD-API-KEY",
        param_prefix="",
        credential_fields=[
            {"name": "api_key"},
            {"name": "application_key"},
            {"name": "user", "secret": False, "optional": True},
            {"name": "site", "secret": False, "default": "eu"},
        ],
        api_headers={"DD-APPLICATION-KEY": "{application_key}", "X-Site": "{site}"},
        api_query={"dc": "{site}-1"},
    )


def test_several_keys_go_to_several_places(datadog, keep):
    """Each where the service names it."""
    held = keep(datadog, api_key=KEY, application_key="CNRY-application-key")
    sent = sent_with(datadog, held, headers={"dd-api-key": "mine", "Accept": "x"})
    assert {
        "Accept": "x",
        "DD-APPLICATION-KEY": "CNRY-application-key",
        "X-Site": "eu",
        "DD-API-KEY": KEY,
    } == dict(sent.headers)
    assert "https://api.desk.example/v1/me?dc=eu-1" == sent.url


def test_what_is_no_secret_is_not_lent_as_one(datadog, keep):
    """It stands in its place already; a text with a blank of its own is filled later."""
    kind = auth_type("api_key")
    held = keep(datadog, api_key=KEY, application_key="CNRY-two", site="us")
    lent = kind.lend(datadog, None, held, now=NOW)
    assert '{"application_key": "CNRY-two"}' == lent.further_secrets.reveal()
    assert {
        "DD-APPLICATION-KEY": "{application_key}",
        "X-Site": "us",
    } == lent.api_headers
    assert {"dc": "us-1"} == lent.api_query

    held = keep(datadog, api_key=KEY, application_key="CNRY-two", site="{api_key}")
    assert "{site}-1" == kind.lend(datadog, None, held, now=NOW).api_query["dc"]
    assert "{api_key}" == sent_with(datadog, held).headers["X-Site"]


def test_a_key_may_be_wanted_in_two_places(keep, new_service):
    """Supabase: as a bearer token, and in a header of its own."""
    service = of_type(new_service, "api_key", api_headers={"apikey": "{credential}"})
    sent = sent_with(service, keep(service, api_key=KEY))
    assert {"apikey": KEY, "Authorization": f"Bearer {KEY}"} == dict(sent.headers)


@pytest.mark.parametrize("kind", ["api_key", "bearer", "basic"])
def test_kernels_and_types_put_a_credential_into_the_same_place(
    kind, keep, new_service
):
    """Kernels do not load the type for it."""
    typed = {
        "api_key": {"api_key": KEY},
        "bearer": {"token": TOKEN},
        "basic": {"username": "priya"},
    }
    service, it = of_type(new_service, kind), auth_type(kind)
    lent = it.lend(service, None, keep(service, **typed[kind]), now=NOW)
    request = Outgoing(method="GET", url="https://api.desk.example/v1/me")
    expected = apply(lent, request, now=NOW)
    assert expected == it.apply(lent, request, now=NOW)


def test_K1_keys_are_not_shown(datadog, keep, canary):
    """Neither where they are kept nor where they are lent."""
    held = keep(datadog, api_key=canary("one"), application_key=canary("two"))
    lent = auth_type("api_key").lend(datadog, None, held, now=NOW)
    request = Outgoing(method="GET", url="https://x.example/a")
    sent = apply(lent, request, now=NOW)
    canary.sweep(
        texts={
            "held": repr(held),
            "lent": f"{lent!r} {lent.to_json()}",
            "sent": repr(sent),
        }
    )


@pytest.mark.parametrize(
    ("typed", "fields"),
    [
        ({}, {"api_key": "is needed", "application_key": "is needed"}),
        (
            {"api_key": "  ", "application_key": "CNRY-a"},
            {"api_key": "is needed"},
        ),
        (
            {"api_key": KEY, "application_key": "CNRY-a", "aws": "x"},
            {"aws": "is not known here"},
        ),
        (
            {"api_key": f"{KEY}\r\nX-Evil: 1", "application_key": "CNRY-a"},
            {"api_key": "must be one line, copied exactly"},
        ),
    ],
    ids=["nothing", "blank", "unknown", "J15 a line too many"],
)
def test_what_was_typed_wrong_is_said_beside_its_field(typed, fields, datadog, keep):
    """And what was typed is not."""
    with pytest.raises(InvalidInput, match="Nothing was stored") as caught:
        keep(datadog, **typed)
    expected = {f"secret.{name}": text for name, text in fields.items()}
    assert expected == caught.value.fields
    assert "CNRY" not in str(caught.value)


def test_a_careless_copy_is_cleaned(keep, new_service):
    """Line ends and blanks around a key are nobody's key."""
    service = of_type(new_service, "bearer")
    assert TOKEN == keep(service, token=f" {TOKEN}\n").access_token.reveal()


def test_a_bearer_token_is_sent_as_one(keep, new_service):
    """RFC 6750 2.1."""
    service = of_type(new_service, "bearer")
    sent = sent_with(service, keep(service, token=TOKEN))
    assert {"Authorization": f"Bearer {TOKEN}"} == dict(sent.headers)


@pytest.mark.parametrize("password", [PASSWORD, ""])
def test_user_name_and_password_are_sent_as_basic(password, keep, new_service):
    """RFC 7617, UTF-8; some services want a name and no password."""
    service = of_type(new_service, "basic")
    sent = sent_with(service, keep(service, username="priya", password=password))
    expected = base64.b64encode(f"priya:{password}".encode()).decode()
    assert {"Authorization": f"Basic {expected}"} == dict(sent.headers)


def test_a_user_name_with_a_colon_cannot_be_sent(keep, new_service):
    """The other side would cut it there (RFC 7617 2)."""
    with pytest.raises(InvalidInput, match="cannot be sent") as caught:
        keep(of_type(new_service, "basic"), username="a:b", password=PASSWORD)
    assert {"secret.username"} == caught.value.fields.keys()


def test_a_service_may_call_them_otherwise(keep, new_service):
    """Twilio: account SID and auth token; a fixed user name is never asked for."""
    service = of_type(
        new_service,
        "basic",
        credential_fields=[
            {"name": "username", "display_name": "User", "default": "api"},
            {"name": "password", "display_name": "API key"},
        ],
    )
    assert ["User", "API key"] == [
        field.display_name for field in auth_type("basic").asks_for(service)
    ]
    sent = sent_with(service, keep(service, password=PASSWORD))
    expected = base64.b64encode(f"api:{PASSWORD}".encode()).decode()
    assert {"Authorization": f"Basic {expected}"} == dict(sent.headers)


@pytest.mark.parametrize(
    ("kind", "typed"),
    [
        ("api_key", {"api_key": KEY}),
        ("basic", {"username": "priya", "password": PASSWORD}),
        ("bearer", {"token": TOKEN}),
    ],
)
def test_what_was_typed_stays_until_it_is_typed_anew(
    kind, typed, keep, new_service, pure, run
):
    """No renewal, no revocation, no browser that comes back."""
    service, it = of_type(new_service, kind), auth_type(kind)
    held = keep(service, **typed)
    assert (False, None) == (it.can_renew(service, held), held.expires_in)
    with pytest.raises(GrantEnded, match="only a person"):
        run(it.renew(service, None, held, now=NOW), pure)
    assert run(it.revoke(service, None, held), pure) is False
    assert "nothing was asked for" == it.returned(service, {"state": "x"}).error
    with pytest.raises(GrantEnded, match="nothing was asked for"):
        run(it.finish(service, None, attempt(), {"code": "x"}), pure)
