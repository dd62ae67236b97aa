"""Answers of token endpoints: read tolerantly, but within bounds."""

import json

import pytest

from conn_core import Secret, Service
from conn_core.auth import GrantEnded, TokenSet, read_token_answer
from conn_core.errors import ProviderError, ProviderUnavailable

SERVICE = Service(
    id="desk",
    name="Desk",
    authorization_endpoint="https://login.desk.example/authorize",
    token_endpoint="https://login.desk.example/token",
    api_base_url="https://api.desk.example",
    api_hosts=("api.desk.example",),
)
JSON = "application/json"
FORM = "application/x-www-form-urlencoded"
TOKEN = "CNRY-an-access-token"


def read(body, *, status=200, content_type=JSON, service=SERVICE, secrets=()):
    """Read an answer; a dictionary is sent as JSON."""
    data = json.dumps(body).encode() if isinstance(body, dict | list) else body
    return read_token_answer(
        service, status=status, content_type=content_type, body=data, secrets=secrets
    )


def tokens(**members):
    """Read an answer that holds an access token and more."""
    return read({"access_token": TOKEN, **members})


def means_nothing(body, **rest):
    """Tell that an answer is taken as none at all, and repeats nothing."""
    with pytest.raises(ProviderUnavailable) as caught:
        read(body, **rest)
    assert "CNRY" not in str(caught.value)
    return "Desk answered without a usable " in caught.value.message


def test_a_complete_answer():
    """RFC 6749 5.1."""
    found = tokens(
        token_type="bearer",
        expires_in=3600,
        refresh_token="CNRY-a-refresh-token",
        scope="a b",
    )
    assert found == TokenSet(
        access_token=Secret(TOKEN),
        refresh_token=Secret("CNRY-a-refresh-token"),
        token_type="bearer",
        expires_in=3600.0,
        scopes=("a", "b"),
    )


def test_the_smallest_answer():
    """Nothing is made up for what is not said."""
    found = tokens()
    assert (None, "Bearer", None, None) == (
        found.refresh_token,
        found.token_type,
        found.expires_in,
        found.scopes,
    )


@pytest.mark.parametrize("status", [200, 201, 202, 204])
def test_R1_an_empty_answer_means_nothing(status):
    """Whatever its status."""
    assert means_nothing(b"", status=status)


@pytest.mark.parametrize(
    "body",
    [b"<!DOCTYPE html><title>CNRY-wifi</title>", b"  <html>CNRY</html>"],
    ids=["doctype", "html"],
)
@pytest.mark.parametrize("content_type", ["text/html", JSON, "text/plain", FORM])
def test_R2_a_web_page_means_nothing(body, content_type):
    """A captive portal answers 200; not a byte of it is repeated."""
    assert means_nothing(body, content_type=content_type)


@pytest.mark.parametrize(
    "body",
    [
        b'{"access_token": "CNRY-x"',
        b'{"access_token": "CNRY-x"} trailing',
        b'{"access_token": "CNRY-x"}{"access_token": "CNRY-y"}',
        b"{",
        b'["access_token"]',
        b'"CNRY-x"',
        b"null",
        b"5",
        b'{"access_token": "CNRY-x", "expires_in": ' + b"9" * 5000 + b"}",
    ],
    ids=["cut", "garbage", "two", "open", "list", "text", "null", "number", "digits"],
)
def test_R4_broken_json_means_nothing(body):
    """Half an answer is no answer."""
    assert means_nothing(body)


def test_R5_a_byte_order_mark_is_no_part_of_it():
    """Some servers write one."""
    assert (
        Secret(TOKEN)
        == read(
            b"\xef\xbb\xbf" + json.dumps({"access_token": TOKEN}).encode()
        ).access_token
    )


@pytest.mark.parametrize("encoding", ["utf-16", "utf-32"])
def test_R5_other_encodings_mean_nothing(encoding):
    """JSON is UTF-8 (RFC 8259 8.1)."""
    assert means_nothing(json.dumps({"access_token": TOKEN}).encode(encoding))


def test_R5_bytes_that_are_no_text_are_survived():
    """Where they do no harm; in a token they do."""
    good = b'{"access_token": "CNRY-an-access-token", "motto": "caf\xe9"}'
    assert Secret(TOKEN) == read(good).access_token
    assert means_nothing(b'{"access_token": "CNRY-\xe9"}')


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        (JSON, b'{"access_token": "CNRY-x", "access_token": "CNRY-y"}'),
        (FORM, b"access_token=CNRY-x&access_token=CNRY-y"),
        (FORM, b"&".join(b"a%d=1" % n for n in range(60)) + b"&access_token=CNRY-x"),
    ],
    ids=["json", "form", "too many"],
)
def test_R6_a_member_that_is_there_twice_means_nothing(content_type, body):
    """Two readers would read two tokens."""
    assert means_nothing(body, content_type=content_type)


@pytest.mark.parametrize(
    "value",
    [None, "", "never", True, [], {}, "nan", "inf", "-inf", "1e400", "177:05:38"],
    ids=repr,
)
def test_R8_a_lifetime_that_is_none_is_unknown(value):
    """An API's 401 will tell."""
    assert tokens(expires_in=value).expires_in is None


@pytest.mark.parametrize("value", [0, -1, "0", "-3600", 0.0], ids=repr)
def test_R9_a_lifetime_of_nothing_is_unknown(value):
    """It would mean a refresh at every call."""
    assert tokens(expires_in=value).expires_in is None


@pytest.mark.parametrize(
    ("value", "expected"),
    [(3600, 3600.0), ("3600", 3600.0), (0.5, 0.5), (10**12, 315_360_000.0)],
    ids=repr,
)
def test_R9_lifetimes_that_are_told(value, expected):
    """As number or text, ten years at most."""
    assert expected == tokens(expires_in=value).expires_in


def test_a_lifetime_beyond_numbers_means_nothing():
    """No float holds it."""
    assert means_nothing(
        b'{"access_token": "CNRY-x", "expires_in": 1' + b"0" * 400 + b"}"
    )


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, None),
        ("", None),
        ("  ", None),
        (5, None),
        ("a b", ("a", "b")),
        ("a,b", ("a", "b")),
        ("b  a b", ("b", "a")),
        (["a", "b"], ("a", "b")),
        (["a", 5, None, ["b"]], ("a",)),
        ([], ()),
    ],
    ids=repr,
)
def test_R15_scopes_become_a_set_in_order(value, expected):
    """However they are joined."""
    assert expected == tokens(scope=value).scopes


def test_R15_scopes_are_split_at_the_services_delimiter():
    """Some join them with a plus."""
    plus = SERVICE.model_copy(update={"scope_delimiter": "+"})
    found = read({"access_token": TOKEN, "scope": "a+b"}, service=plus)
    assert ("a", "b") == found.scopes


def test_R15_there_is_an_end_to_scopes():
    """A mebibyte of them fills no database."""
    many = " ".join(f"s{n}" for n in range(10_000))
    assert 500 == len(tokens(scope=many).scopes)


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ({"error": "bad_verification_code"}, "bad_verification_code"),
        ({"ok": False, "error": "invalid_auth"}, "invalid_auth"),
        ({"error": {"code": "x1", "message": "m"}}, "x1"),
        ({"error": {"message": "went wrong"}}, "went wrong"),
        ({"error": 17}, "HTTP 200"),
        ({"error": "a", "error_description": "b"}, "a: b"),
    ],
    ids=["github", "slack", "nested code", "nested message", "number", "described"],
)
def test_R16_an_error_with_status_200_is_an_error(body, reason):
    """Even when a token lies beside it."""
    with pytest.raises(ProviderError, match="Desk refused the request") as caught:
        read(body | {"access_token": TOKEN})
    assert f"({reason})" in caught.value.message
    assert not isinstance(caught.value, ProviderUnavailable)


@pytest.mark.parametrize(
    "body",
    [
        {"ok": False},
        {"code": 1, "data": {}},
        {"errors": [{"errorType": "x"}]},
        {"error": {}},
        {"access_token": None},
        {"access_token": ""},
        {"access_token": 5},
        {"access_token": ["CNRY-x"]},
        {"access_token": "CNRY-\n"},
        {"access_token": "CNRY-é"},
        {"access_token": "CNRY-" + "x" * 65_536},
        {"access_token": TOKEN, "refresh_token": 5},
    ],
    ids=range(12),
)
def test_R16_answers_without_a_token_mean_nothing(body):
    """Nor does a token that no header could carry."""
    assert means_nothing(body)


def test_R17_created_and_accepted_are_success():
    """Sentry answers 201."""
    assert Secret(TOKEN) == read({"access_token": TOKEN}, status=201).access_token


@pytest.mark.parametrize("content_type", [FORM, "text/plain;charset=UTF-8"])
def test_R19_a_form_is_read_too(content_type):
    """GitHub's old way, and Facebook's, with ``expires``."""
    found = read(
        f"access_token={TOKEN}&expires=5184000&scope=a%20b".encode(),
        content_type=content_type,
    )
    assert (Secret(TOKEN), 5_184_000.0, ("a", "b")) == (
        found.access_token,
        found.expires_in,
        found.scopes,
    )


@pytest.mark.parametrize("content_type", ["text/html", "", "application/octet-stream"])
def test_R21_json_is_json_whatever_it_is_called(content_type):
    """Many providers mislabel it."""
    body = {"access_token": TOKEN}
    assert Secret(TOKEN) == read(body, content_type=content_type).access_token


def test_R24_bottomless_nesting_is_survived():
    """It exhausts the parser, not the process."""
    deep = b'{"a":' * 200_000 + b"1" + b"}" * 200_000
    assert means_nothing(deep)


def test_R25_half_a_character_is_no_token():
    """It could not even be sent. In scopes it is left out, in errors it is a blank."""
    assert means_nothing(b'{"access_token": "CNRY-\\ud800"}')
    found = read(b'{"access_token": "CNRY-an-access-token", "scope": "a\\ud800 b"}')
    assert ("b",) == found.scopes
    with pytest.raises(ProviderError) as caught:
        read(b'{"error": "a\\ud800b"}', status=400)
    assert "(a b)" in caught.value.message


def test_R28_members_nobody_asked_for_are_left():
    """Nothing of them is kept."""
    found = tokens(__class__="x", password="CNRY-password", user={"mail": "m"})
    assert found == tokens()


def test_R35_an_error_that_repeats_a_secret_is_shown_without_it(canary):
    """Some providers echo what they were sent, as it was or as it was encoded."""
    secret, code = Secret(canary("s:%+")), Secret(canary("code"))
    echo = f"bad secret {secret.reveal()} and code {code.reveal()}"
    for text in (echo, echo.replace(":", "%3A").replace("%+", "%25%2B")):
        with pytest.raises(ProviderError) as caught:
            read(
                {"error": "invalid_client", "error_description": text},
                status=401,
                secrets=(secret, code),
            )
        canary.sweep(texts={"error": str(caught.value)})
        assert "bad secret <secret> and code <secret>" in caught.value.message


def test_K29_very_short_secrets_do_not_mask_the_text():
    """A word of one letter is no secret, and the text stays readable."""
    with pytest.raises(ProviderError, match="a bad day"):
        read(
            {"error": "x", "error_description": "a bad day"},
            status=400,
            secrets=(Secret("a"),),
        )


def test_A10_an_errors_text_is_one_short_line():
    """However long and however many lines the provider writes."""
    with pytest.raises(ProviderError) as caught:
        read(
            {"error": "x", "error_description": "<b>\n\x1b[31m" + "y" * 100_000},
            status=400,
        )
    assert len(caught.value.message) < 400
    assert caught.value.message.isprintable()


@pytest.mark.parametrize("status", [200, 400, 401])
def test_invalid_grant_means_that_it_ended(status):
    """RFC 6749 5.2, whatever status it comes with."""
    with pytest.raises(GrantEnded) as caught:
        read({"error": "invalid_grant"}, status=status)
    assert "invalid_grant" == caught.value.code


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (500, b""),
        (502, b"<html>"),
        (503, b"{}"),
        (504, b""),
        (429, b"slow down"),
        (400, b'{"error": "temporarily_unavailable"}'),
        (200, b'{"error": "server_error"}'),
    ],
    ids=range(7),
)
def test_F35_F40_what_may_pass_is_called_unavailable(status, body):
    """It says nothing about the authorization."""
    with pytest.raises(ProviderUnavailable, match="Desk is not available"):
        read(body, status=status)


@pytest.mark.parametrize("status", [301, 400, 401, 403, 404])
def test_a_refusal_without_a_word_names_its_status(status):
    """Some servers answer 400 with an empty body."""
    with pytest.raises(ProviderError, match=f"HTTP {status}") as caught:
        read(b"", status=status)
    assert not isinstance(caught.value, ProviderUnavailable)
