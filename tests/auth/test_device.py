"""The device flow (RFC 8628): what is shown to a person, and when we ask again."""

import pytest
from scripted import NOW, Reply, Wants, attempt

from conn_core import Secret
from conn_core.auth import DeviceCode, Ended, Polling, TokenSet, auth_type, poll_request
from conn_core.errors import ProviderError, ProviderUnavailable

OAUTH2 = auth_type("oauth2")
DEVICE_CODE = "CNRY-device-code"
CODE_ANSWER = {
    "device_code": DEVICE_CODE,
    "user_code": "WDJB-MJHT",
    "verification_uri": "https://login.desk.example/device",
    "expires_in": 900,
    "interval": 5,
}


@pytest.fixture
def desk(new_service):
    """A service that offers the device flow."""
    return new_service(device_authorization_endpoint="BASE/device")


@pytest.fixture
def begin(desk, client, pure, run):
    """Begins a device flow with an answer: ``begin(interval=7)``."""

    def go(*without, service=desk, **changes):
        usual = {n: v for n, v in CODE_ANSWER.items() if n not in without}
        pure.plays(Reply(usual | changes))
        return run(OAUTH2.begin(service, client, attempt(device=True)), pure)

    return go


@pytest.fixture
def ask(desk, client):
    """Hands an answer to a state: ``ask(state, Reply(…), now=…)``."""

    def go(state, reply, *, now=NOW):
        code = DeviceCode(
            device_code=Secret(DEVICE_CODE),
            user_code="X",
            verification_uri="",
            complete_uri=None,
            is_of_provider=True,
            interval=5,
            expires_at=NOW,
        )
        request = poll_request(desk, client, device_code=code.device_code)
        answer = type(
            "Answer",
            (),
            {"status": reply.status, "headers": reply.all_headers, "body": reply.body},
        )
        return state.answered(desk, request, answer, now=now)

    return go


@pytest.fixture
def waiting():
    """A state before the first question."""
    return Polling(next_at=NOW + 5, interval=5, expires_at=NOW + 900)


def error(code, **more):
    return Reply({"error": code, **more}, status=400)


def test_a_code_is_asked_for_and_typed(server, client, new_service, run):
    """From the first request to the token, on a real wire too."""
    service = new_service(
        server.base,
        device_authorization_endpoint="BASE/device",
        grant_type="device_code",
    )
    uri = f"{server.base}/device"
    server.plays(
        (
            Wants(
                path="/device",
                fields={"scope": "read write", "client_id": client.client_id},
                absent=("grant_type", "redirect_uri"),
            ),
            Reply(CODE_ANSWER | {"verification_uri": uri}),
        ),
        (
            Wants(
                fields={
                    "grant_type": "urn:ietf:params:oauth:grant-type:device_code",
                    "device_code": DEVICE_CODE,
                    "client_id": client.client_id,
                }
            ),
            error("authorization_pending"),
        ),
        Reply({"access_token": "CNRY-token-by-device"}),
    )
    code = run(OAUTH2.begin(service, client, attempt()), server)
    assert ("WDJB-MJHT", uri, NOW + 900, True) == (
        code.user_code,
        code.verification_uri,
        code.expires_at,
        code.is_of_provider,
    )
    state = Polling.of(code, now=NOW)
    asked = []
    while isinstance(state, Polling):
        now = state.next_at
        asked.append(now - NOW)
        request = poll_request(service, client, device_code=code.device_code, now=now)
        state = state.answered(service, request, server.send(request), now=now)
    assert "CNRY-token-by-device" == state.access_token.reveal()
    assert [5.0, 10.0] == asked


@pytest.mark.parametrize("field", ["verification_uri", "verification_url"])
def test_the_old_name_of_the_address_is_known(field, begin):
    """Google's is older than the RFC."""
    uri = CODE_ANSWER["verification_uri"]
    assert uri == begin("verification_uri", **{field: uri}).verification_uri


def test_V1_five_seconds_are_usual(begin):
    """RFC 8628 3.2."""
    assert (5.0, 5.0) == (begin("interval").interval, begin(interval=None).interval)


@pytest.mark.parametrize(
    ("said", "expected"),
    [(0, 1.0), (-1, 1.0), (1e9, 60.0), (7, 7.0), ("8", 8.0), (True, 5.0), ([], 5.0)],
    ids=repr,
)
def test_V3_intervals_are_clamped(said, expected, begin):
    """Neither a storm nor a sleep without end."""
    assert expected == begin(interval=said).interval


@pytest.mark.parametrize(
    ("said", "expected"), [(None, 600), (60, 60), (10**9, 1800), ("x", 600)]
)
def test_V4_codes_end(said, expected, begin):
    """After ten minutes where nobody says when, after half an hour at most."""
    assert NOW + expected == begin(expires_in=said).expires_at


def test_V2_slow_down_lasts(ask, waiting):
    """Five seconds more, for all that follow."""
    slower = ask(waiting, error("slow_down"))
    assert (10.0, NOW + 10) == (slower.interval, slower.next_at)
    later = ask(slower, error("authorization_pending"), now=NOW + 10)
    assert (10.0, NOW + 20) == (later.interval, later.next_at)


@pytest.mark.parametrize(("said", "expected"), [(30, 30.0), (2, 10.0), (1e9, 60.0)])
def test_V2_the_larger_value_of_the_answer_counts(said, expected, ask, waiting):
    """A body may ask for more than five seconds more."""
    assert expected == ask(waiting, error("slow_down", interval=said)).interval


@pytest.mark.parametrize(
    ("code", "state", "reason"),
    [
        ("access_denied", "denied", "Access was not granted at Desk"),
        ("expired_token", "expired", "Nobody typed the code in time"),
        ("invalid_grant", "failed", "Desk refused the code (invalid_grant)"),
        ("invalid_client", "failed", "Desk refused the request (invalid_client)"),
    ],
)
def test_V5_the_end_is_the_end(code, state, reason, ask, waiting):
    """There is no next question."""
    assert Ended(state=state, reason=reason) == ask(waiting, error(code))


@pytest.mark.parametrize("status", [200, 400, 428])
def test_V6_the_status_does_not_matter(status, ask, waiting):
    """GitHub answers 200, Google 428."""
    reply = Reply({"error": "authorization_pending"}, status=status)
    assert NOW + 5 == ask(waiting, reply).next_at


def test_V7_silence_is_answered_with_patience(waiting):
    """Twice as long each time, a minute at most, until the code ends."""
    state, waits = waiting, []
    for _ in range(14):
        state = state.unanswered(now=NOW)
        waits.append(state.next_at - NOW)
    assert [10.0, 20.0, 40.0, 60.0, 60.0] == waits[:5]
    assert 60.0 == waits[-1]
    assert Ended(state="expired", reason="Nobody typed the code in time") == (
        state.unanswered(now=NOW + 880)
    )


def test_V7_an_outage_is_silence_and_an_answer_ends_it(ask, waiting):
    """A 503 may say for how long; the usual interval comes back."""
    away = ask(waiting, Reply(b"", status=503, headers={"retry-after": "90"}))
    assert (NOW + 90, 1) == (away.next_at, away.silences)
    assert NOW + 10 == ask(waiting, Reply(b"", status=502)).next_at
    back = ask(away, error("authorization_pending"), now=NOW + 90)
    assert (NOW + 95, 0) == (back.next_at, back.silences)


def test_the_asking_stops_when_the_code_ends(ask, waiting):
    """Also when the provider would go on for ever."""
    ended = ask(waiting, error("authorization_pending"), now=NOW + 896)
    assert "expired" == ended.state


def test_a_token_ends_the_asking(ask, waiting):
    """It is read as any other."""
    tokens = ask(waiting, Reply({"access_token": "CNRY-device-token"}))
    assert isinstance(tokens, TokenSet)
    assert "CNRY-device-token" == tokens.access_token.reveal()


@pytest.mark.parametrize(
    ("uri", "own"),
    [
        ("https://login.desk.example/device", True),
        ("https://www.desk.example/device", True),
        ("https://evil.example/device", False),
        ("https://login.desk.example.evil.example/device", False),
    ],
)
def test_V8_a_foreign_address_is_told_apart(uri, own, begin, new_service):
    """It is shown as text with a warning, and never as a link."""
    service = new_service(
        device_authorization_endpoint="BASE/device",
        habits={"answer": {"verification_hosts": ["www.desk.example"]}},
    )
    assert own == begin(service=service, verification_uri=uri).is_of_provider


@pytest.mark.parametrize(
    "uri",
    [
        "javascript:alert(1)",
        "http://login.desk.example/device",
        "https://user@login.desk.example/device",
        "https://login.desk.example/d\u202eevice",
        "https://login.desk.example/d evice",
        "",
        None,
        7,
    ],
)
def test_V8_what_no_browser_should_open_is_refused(uri, begin):
    """As if there were no code."""
    with pytest.raises(ProviderUnavailable, match="without a code that could be typed"):
        begin(verification_uri=uri)


@pytest.mark.parametrize(
    "code", ["<b>WDJB</b>", "AB\u202eCD", "A" * 41, "", " ", "-A", "A\nB", None, 123456]
)
def test_V9_a_code_is_plain_characters(code, begin):
    """People compare and type it."""
    with pytest.raises(ProviderUnavailable, match="without a code that could be typed"):
        begin(user_code=code)


@pytest.mark.parametrize("code", ["", None, 5])
def test_a_flow_without_a_device_code_is_none(code, begin):
    """There would be nothing to ask with."""
    with pytest.raises(ProviderUnavailable):
        begin(device_code=code)


@pytest.mark.parametrize(
    ("complete", "expected"),
    [
        (
            "https://login.desk.example/device?c=WDJB",
            "https://login.desk.example/device?c=WDJB",
        ),
        ("https://evil.example/device?c=WDJB", None),
        ("javascript:alert(1)", None),
        (None, None),
    ],
)
def test_V8_the_address_with_the_code_leads_to_the_same_host(complete, expected, begin):
    """Else it is left out."""
    assert expected == begin(verification_uri_complete=complete).complete_uri


def test_a_refusal_to_begin_is_said(pure, desk, client, run):
    """V12: where the client may not use the flow."""
    pure.plays(error("unauthorized_client"))
    with pytest.raises(ProviderError, match="unauthorized_client"):
        run(OAUTH2.begin(desk, client, attempt(device=True, scopes=())), pure)
    assert "scope" not in pure.seen[0].fields


def test_the_secrets_of_a_device_flow_are_not_shown(begin, canary, desk, client):
    """Neither in the state nor in the question."""
    code = begin()
    canary.watch(DEVICE_CODE, "device code")
    request = poll_request(desk, client, device_code=code.device_code)
    canary.sweep(texts={"code": repr(code), "question": repr(request)})
