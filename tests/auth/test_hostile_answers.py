"""Odd and hostile answers through whole types: typed errors, and nothing else."""

import gc
import json
import time
from types import SimpleNamespace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scripted import AT, CODE, GOOD, NOW, RT, Reply, attempt

from conn_core import Secret
from conn_core._services import Service
from conn_core.auth import (
    Client,
    DeviceCode,
    Ended,
    GrantEnded,
    Metadata,
    Polling,
    TokenSet,
    auth_type,
    discover,
    drive,
    poll_request,
    read_token_answer,
    register_client,
)
from conn_core.errors import ConnectionsError, ProviderError, ProviderUnavailable

OAUTH2 = auth_type("oauth2")
#: Every rule that reads anything is on.
ODD = Service.model_validate(
    {
        "id": "odd",
        "name": "Odd",
        "authorization_endpoint": "https://login.odd.example/authorize",
        "token_endpoint": "https://login.odd.example/token",
        "device_authorization_endpoint": "https://login.odd.example/device",
        "registration_endpoint": "https://login.odd.example/register",
        "api_base_url": "https://{host}/v1",
        "api_hosts": ["{host}"],
        "parameters": [
            {"name": "host", "filled_by": "answer", "host_suffixes": [".odd.example"]}
        ],
        "habits": {
            "answer": {
                "access_token": ["access_token", "data.access_token", "list.0"],
                "lifetime": ["expires_in", "data.expires"],
                "lifetime_format": "date",
                "within": ["authed_user", "."],
                "facts": {"instance_url": {"parameter": "host"}},
                "keep": ["data", "data.id"],
                "success": {"ok": "true"},
                "error": ["error", "errors.0.code"],
            }
        },
    }
)
FORMATS = (
    "seconds",
    "milliseconds",
    "d:h:m",
    "date",
    "epoch",
    "epoch_milliseconds",
)
NAMES = st.sampled_from(
    [
        "access_token",
        "authed_user",
        "client_id",
        "client_secret",
        "client_secret_expires_at",
        "data",
        "device_code",
        "error",
        "error_description",
        "errors",
        "expires",
        "expires_in",
        "id",
        "id_token",
        "instance_url",
        "interval",
        "issuer",
        "list",
        "ok",
        "refresh_token",
        "scope",
        "token_endpoint",
        "token_type",
        "user_code",
        "verification_uri",
    ]
)
WORDS = st.sampled_from(
    [
        "bearer",
        "x.odd.example",
        "https://x.odd.example",
        "https://login.odd.example/device",
        "2026-11-18T11:13:20Z",
        "1:2:3",
        "WDJB-MJHT",
        "a.eyJpc3MiOiJpIiwic3ViIjoicyJ9.c",
        "authorization_pending",
        "slow_down",
        "none",
        AT,
    ]
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | WORDS,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(NAMES | st.text(max_size=5), inner, max_size=6)
    ),
    max_leaves=12,
)
DOCUMENTS = st.dictionaries(NAMES, VALUES, max_size=10)
FUZZ = settings(max_examples=1700)
CLIENT = Client(client_id="odd-client", client_secret=Secret("CNRY-odd-secret"))


def answer(status, content_type, body):
    return SimpleNamespace(
        status=status, headers={"content-type": content_type}, body=body
    )


@pytest.fixture(autouse=True, scope="module")
def _no_garbage_of_others():
    """What earlier tests left is not collected while the time of a reading is taken."""
    gc.collect()
    gc.disable()
    yield
    gc.enable()


def only_typed_errors(steps, reply):
    """Run a type on one answer for every question; return its result or None."""
    begun = time.thread_time()
    try:
        return drive(steps, lambda _: reply, clock=lambda: NOW)
    except (ConnectionsError, GrantEnded):
        return None
    finally:
        # R36 says 50 ms; a slow machine gets five times that.
        assert time.thread_time() - begun < 0.25


def poll_once(reply):
    code = DeviceCode(
        device_code=Secret("CNRY-device-code"),
        user_code="WDJB",
        verification_uri="https://login.odd.example/device",
        complete_uri=None,
        is_of_provider=True,
        interval=5,
        expires_at=NOW + 60,
    )
    request = poll_request(ODD, CLIENT, device_code=code.device_code)
    return Polling.of(code, now=NOW).answered(ODD, request, reply, now=NOW)


def read_everywhere(reply, lifetime_format):
    """Hand one answer to everything that reads answers."""
    habits = ODD.habits.answer.model_copy(update={"lifetime_format": lifetime_format})
    service = ODD.model_copy(
        update={"habits": ODD.habits.model_copy(update={"answer": habits})}
    )
    held = TokenSet(access_token=Secret(AT), refresh_token=Secret(RT))
    results = [
        only_typed_errors(
            OAUTH2.finish(service, CLIENT, attempt(), {"code": CODE}), reply
        ),
        only_typed_errors(OAUTH2.renew(service, CLIENT, held, now=NOW), reply),
    ]
    for tokens in results:
        assert tokens is None or isinstance(tokens, TokenSet)
        assert tokens is None or tokens.access_token.reveal().isprintable()
        assert tokens is None or (tokens.expires_in or 1.0) > 0
        assert tokens is None or set(tokens.facts) <= {"host"}
    device = only_typed_errors(
        OAUTH2.begin(service, CLIENT, attempt(device=True)), reply
    )
    assert device is None or isinstance(device, DeviceCode)
    assert isinstance(poll_once(reply), Polling | Ended | TokenSet)
    found = only_typed_errors(discover("https://login.odd.example"), reply)
    assert found is None or isinstance(found, Metadata)
    only_typed_errors(
        register_client(service, name="Us", redirect_uris=["https://hub.example/cb"]),
        reply,
    )


@FUZZ
@given(
    document=DOCUMENTS,
    status=st.sampled_from([200, 201, 400, 401, 500]),
    lifetime_format=st.sampled_from(FORMATS),
)
def test_R36_arbitrary_members_are_survived(document, status, lifetime_format):
    """Six readers, so ten thousand readings: typed errors or sound values."""
    body = json.dumps(document).encode()
    read_everywhere(answer(status, "application/json", body), lifetime_format)


@FUZZ
@given(
    body=st.binary(max_size=400)
    | st.text(max_size=200).map(lambda text: ("{" + text).encode("utf-8", "replace")),
    content_type=st.sampled_from(
        [
            "application/json",
            "application/json; charset=utf-16",
            "application/x-www-form-urlencoded",
            'text/plain; charset="iso-8859-1"',
            "text/html; charset=\x00",
            "",
        ]
    ),
)
def test_R36_arbitrary_bytes_are_survived(body, content_type):
    """Whatever they are called."""
    read_everywhere(answer(200, content_type, body), "seconds")


@pytest.mark.parametrize(
    ("charset", "encoding"),
    [("utf-16", "utf-16"), ("ISO-8859-1", "latin-1"), ('"windows-1252"', "cp1252")],
)
def test_R5_a_charset_that_is_said_is_used(
    charset, encoding, pure, client, new_service, run
):
    """JSON should be UTF-8; some say that theirs is not."""
    body = json.dumps(GOOD | {"note": "café"}, ensure_ascii=False).encode(encoding)
    pure.plays(Reply(body, content_type=f"application/json; charset={charset}"))
    tokens = run(OAUTH2.finish(new_service(), client, attempt(), {"code": CODE}), pure)
    assert AT == tokens.access_token.reveal()


@pytest.mark.parametrize("charset", ["punycode", "idna", "rot13", "zip", "no-such", ""])
def test_R5_a_charset_that_does_more_than_text_is_not_used(
    charset, pure, client, new_service, run
):
    """Some of Python's names are programs."""
    content_type = f"application/json; charset={charset}"
    pure.plays(Reply(GOOD, content_type=content_type))
    tokens = run(OAUTH2.finish(new_service(), client, attempt(), {"code": CODE}), pure)
    assert AT == tokens.access_token.reveal()


@pytest.mark.parametrize("kind", ["mac", "DPoP", "N_A", "Basic"])
def test_R13_a_token_that_is_used_otherwise_is_refused(
    kind, pure, client, new_service, run
):
    """It would be sent as a bearer token, and fail without a reason."""
    pure.plays(Reply(GOOD | {"token_type": kind}))
    steps = OAUTH2.finish(new_service(), client, attempt(), {"code": CODE})
    with pytest.raises(ProviderError, match=f"token of the type '{kind}'"):
        run(steps, pure)


@pytest.mark.parametrize("kind", ["Bearer", "bearer ", "BEARER", "", None])
def test_R13_bearer_in_any_spelling_is_one(kind, pure, client, new_service, run):
    """Or nothing at all."""
    pure.plays(Reply(GOOD | {"token_type": kind}))
    tokens = run(OAUTH2.finish(new_service(), client, attempt(), {"code": CODE}), pure)
    assert "bearer" == tokens.token_type.lower()


@pytest.mark.parametrize(
    ("lifetime_format", "value"),
    [
        ("date", "never"),
        ("date", "0001-01-01T00:00:00+14:00"),
        ("date", 7),
        ("d:h:m", "1:2"),
        ("d:h:m", "1:2:x"),
        ("d:h:m", "²:0:0"),
        ("d:h:m", 7),
        ("epoch", 1),
        ("epoch_milliseconds", "x"),
        ("milliseconds", -5),
        ("seconds", [1]),
    ],
)
def test_R11_a_lifetime_that_is_none_is_not_told(lifetime_format, value, new_service):
    """In whatever way it is told."""
    service = new_service(habits={"answer": {"lifetime_format": lifetime_format}})
    tokens = read_token_answer(
        service,
        status=200,
        content_type="application/json",
        body=json.dumps({"access_token": AT, "expires_in": value}).encode(),
        now=NOW,
    )
    assert tokens.expires_in is None


def test_R35_our_own_secret_is_not_repeated(pure, client, new_service, run, canary):
    """Some providers echo what they were sent."""
    secret = client.client_secret.reveal()
    pure.plays(
        Reply(
            {"error": "invalid_request", "error_description": f"bad {secret} {CODE}"},
            status=400,
        )
    )
    canary.watch(CODE, "code")
    steps = OAUTH2.finish(new_service(), client, attempt(), {"code": CODE})
    with pytest.raises(ProviderError, match="bad <secret> <secret>") as caught:
        run(steps, pure)
    canary.sweep(texts={"error": str(caught.value)})


@pytest.mark.parametrize(
    "body",
    [
        b'{"access_token": "CNRY-x", "access_token": "CNRY-y"}',
        b'{"access_token": "CNRY-x", "expires_in": 1' + b"0" * 400 + b"}",
        b'{"access_token": "CNRY-x", "a": ' + b"[" * 100_000,
    ],
    ids=["R6 twice", "a number beyond numbers", "R24 deep"],
)
def test_an_answer_that_two_readers_read_differently_means_nothing(
    body, pure, client, new_service, run
):
    """Whatever lies in it."""
    pure.plays(Reply(body))
    steps = OAUTH2.finish(new_service(), client, attempt(), {"code": CODE})
    with pytest.raises(ProviderUnavailable, match="without a usable access token"):
        run(steps, pure)


def test_a_short_secret_is_no_word_to_hide(pure, new_service, run):
    """It occurs in any sentence by chance."""
    client = Client(client_id="c", client_secret=Secret("bad"))
    pure.plays(Reply({"error": "x", "error_description": "bad luck"}, status=400))
    steps = OAUTH2.finish(new_service(), client, attempt(), {"code": CODE})
    with pytest.raises(ProviderError, match="x: bad luck"):
        run(steps, pure)


def test_R2_nothing_of_a_foreign_page_is_repeated(pure, client, new_service, run):
    """A captive portal answers 200 and HTML."""
    pure.plays(Reply("<html>CNRY-page</html>", content_type="text/html"))
    steps = OAUTH2.finish(new_service(), client, attempt(), {"code": CODE})
    with pytest.raises(ProviderUnavailable) as caught:
        run(steps, pure)
    assert "CNRY" not in str(caught.value)


def test_R1_the_way_out_keeps_its_bounds(loopback, client, new_service, run):
    """1 MiB and identity encoding, on a real wire."""
    steps = (
        Reply(b"{" + b" " * 1024 * 1024 + b"}"),
        Reply(b"x", headers={"content-encoding": "gzip"}),
    )
    loopback.plays(*steps)
    for problem in ("more than 1 MiB", "encoding that was not asked for"):
        begun = OAUTH2.finish(
            new_service(loopback.base), client, attempt(), {"code": CODE}
        )
        with pytest.raises(ProviderUnavailable, match=problem):
            run(begun, loopback)
    assert {"identity"} == {wire.headers["accept-encoding"] for wire in loopback.seen}
