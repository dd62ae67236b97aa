"""The authorization request: what is refused before a person is asked anything."""

from urllib.parse import parse_qsl, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conn_core import Secret
from conn_serverext.practice._client import PracticeClient

REGISTERED = "http://127.0.0.1/connections/callback/practice"


def _answer(response):
    """Return where a browser is sent, and with which parameters."""
    assert 303 == response.status_code, response.text
    parts = urlsplit(response.headers["Location"])
    return f"{parts.scheme}://{parts.netloc}{parts.path}", dict(parse_qsl(parts.query))


def test_a_good_request_leads_to_the_log_in_page(app, practice):
    """Nobody is logged in yet; the address of the page tells nothing."""
    answer = app.open()

    assert 303 == answer.status_code
    assert answer.headers["Location"].startswith("/oauth/log-in/")
    assert "state" not in answer.headers["Location"]
    assert 1 == practice.counters.authorization_requests


@pytest.mark.parametrize(
    "changes",
    [
        {"client_id": "somebody-else"},
        {"client_id": None},
        {"redirect_uri": None},
        {"redirect_uri": "http://127.0.0.1:8888/connections/callback/other"},
        {"redirect_uri": "https://evil.example/connections/callback/practice"},
        {"redirect_uri": ["http://127.0.0.1/a", "http://127.0.0.1/b"]},
    ],
)
def test_a_request_that_cannot_be_answered_ends_on_a_page(app, changes):
    """A browser is never sent to an address that is not registered (4.1.2.1)."""
    answer = app.open(**changes)

    assert 400 == answer.status_code
    assert "Location" not in answer.headers
    assert "not registered here" in answer.text


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"response_type": None}, "invalid_request"),
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"response_mode": "fragment"}, "invalid_request"),
        ({"code_challenge": None}, "invalid_request"),
        ({"code_challenge": "too-short"}, "invalid_request"),
        ({"code_challenge_method": None}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"scope": "reports.read everything"}, "invalid_scope"),
        ({"scope": ["reports.read", "rates.read"]}, "invalid_request"),
        ({"nonce": "n" * 3000}, "invalid_request"),
    ],
)
def test_a_wrong_request_is_answered_at_the_client(app, practice, changes, error):
    """With the error, the state and who says so (RFC 9207); no person is asked."""
    where, told = _answer(app.open(**changes))

    assert app.redirect_uri == where
    assert error == told["error"]
    assert "state-7f" == told["state"]
    assert practice.issuer == told["iss"]
    assert 0 == practice.counters.authorization_requests


def test_A6_a_state_that_is_there_twice_is_not_sent_back(app):
    """Neither of the two can be trusted."""
    _, told = _answer(app.open(state=["one", "two"]))

    assert "invalid_request" == told["error"]
    assert "state" not in told


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]"])
@pytest.mark.parametrize("port", ["", ":80", ":8888", ":54321"])
def test_a_loopback_address_is_known_on_any_port(app, host, port):
    """Jupyter takes the port that is free (RFC 8252 7.3)."""
    answer = app.open(redirect_uri=f"http://{host}{port}/connections/callback/practice")

    assert 303 == answer.status_code


@pytest.mark.parametrize(
    "uri",
    [
        "https://127.0.0.1:8888/connections/callback/practice",
        "http://127.0.0.1:8888/connections/callback/practice/",
        "http://127.0.0.1:8888/connections/callback/practice?next=x",
        "http://127.0.0.1:8888/connections/callback/practice#x",
        "http://127.0.0.1:8888//connections/callback/practice",
        "http://127.0.0.1:8888/connections/callback/%70ractice",
        "http://127.0.0.1:8888/x/../connections/callback/practice",
        "http://127.0.0.1:8888\\@evil.example/connections/callback/practice",
        "http://evil@127.0.0.1:8888/connections/callback/practice",
        "http://evil.example@127.0.0.1/connections/callback/practice",
        "http://127.0.0.1:8888@evil.example/connections/callback/practice",
        "http://127.0.0.1.evil.example/connections/callback/practice",
        "http://127.1/connections/callback/practice",
        "http://2130706433/connections/callback/practice",
        "http://127.0.0.1:/connections/callback/practice",
        "http://127.0.0.1:0/connections/callback/practice",
        "http://127.0.0.1:99999/connections/callback/practice",
        "http://127.0.0.1:8888/connections/call\nback/practice",
        " http://127.0.0.1:8888/connections/callback/practice",
        "http://127.0.0.1:8888/connections/callback/practice?",
        "http://127.0.0.1:8888/connections/callback/practice#",
        "http://127.0.0.1:08888/connections/callback/practice",
        "HTTP://127.0.0.1:8888/connections/callback/practice",
        "//127.0.0.1:8888/connections/callback/practice",
        "javascript:alert(1)",
    ],
)
def test_all_but_the_port_of_a_redirect_address_is_exact(app, uri):
    """No other spelling, path, query or host is the registered one (RFC 9700 4.1.3)."""
    answer = app.open(redirect_uri=uri)

    assert 400 == answer.status_code
    assert "Location" not in answer.headers


@given(
    uri=st.from_regex(
        r"https?://[a-z0-9.@:\[\]\\/%-]{0,30}(127\.0\.0\.1|localhost)?"
        r"[a-z0-9.@:\\/?#%-]{0,12}(/connections/callback/practice)?",
        fullmatch=True,
    )
)
def test_nothing_but_a_port_can_be_put_into_a_redirect_address(uri):
    """Whatever is accepted is the registered address with a port."""
    client = PracticeClient(
        client_id="c",
        client_secret=Secret("CNRY-client-secret-2f"),
        name="n",
        redirect_uris=(REGISTERED,),
    )

    if client.may_be_answered_at(uri):
        before, _, after = uri.partition("127.0.0.1")
        assert "http://" == before
        port, slash, rest = after.partition("/")
        assert REGISTERED == f"{before}127.0.0.1{slash}{rest}"
        assert port == "" or port[1:].isdigit()


def test_an_address_elsewhere_has_no_free_port(start_practice, app_of):
    """Only loopback addresses vary; a query that is registered is kept."""
    hub = "https://hub.example/services/connections/callback/practice?team=a"
    app = app_of(start_practice(redirect_uris=[hub]))

    assert (
        400 == app.open(redirect_uri=hub.replace("example", "example:8443")).status_code
    )
    assert 400 == app.open(redirect_uri=hub.replace("team=a", "team=b")).status_code
    where = app.open(redirect_uri=hub, scope="x").headers["Location"]
    assert where.startswith(f"{hub}&error=invalid_scope")


def test_without_a_scope_one_may_read(app):
    """The usual scopes change nothing (RFC 6749 3.3)."""
    tokens = app.tokens(scope=None)

    assert "reports.read customers.read rates.read" == tokens.scope
