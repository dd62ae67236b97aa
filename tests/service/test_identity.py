"""Logging in with the hub, and a proxy that says who somebody is."""

from urllib.parse import parse_qs, urlsplit

import pytest

BROWSER = {"Sec_Fetch_Mode": "navigate", "Sec_Fetch_Dest": "document"}
ROOT = "/services/connections/"


def cookie_of(answer, name):
    """Return a cookie that was set, as a browser sends it back."""
    for line in answer.headers.get_all("Set-Cookie") or []:
        if line.startswith(name):
            return line.partition(";")[0]
    return None


@pytest.fixture
def begun(service):
    """A browser on its way to the hub: where to, and the cookie of the attempt."""

    def go(next_page=f"{ROOT}new"):
        answer = service.ask("GET", f"login?next={next_page}", **BROWSER)
        assert 303 == answer.status
        asked = parse_qs(urlsplit(answer.headers["Location"]).query)
        cookie = cookie_of(answer, "connections-log-in-")
        assert cookie
        return {name: values[0] for name, values in asked.items()}, cookie

    return go


@pytest.fixture
def come_back(service):
    """The hub sends the browser back."""

    def go(code, state, cookie=""):
        headers = BROWSER | ({"Cookie": cookie} if cookie else {})
        return service.ask(
            "GET", f"oauth_callback?code={code}&state={state}", **headers
        )

    return go


def test_a_browser_logs_in_with_the_hub(service, its_hub, begun, come_back):
    """By a code with PKCE; then it is where it wanted to be, with a cookie."""
    page = service.ask("GET", "new", **BROWSER)
    assert 302 == page.status
    assert page.headers["Location"].startswith(f"{ROOT}login?next=")
    asked, cookie = begun()
    assert "S256" == asked["code_challenge_method"]
    assert f"{ROOT}oauth_callback" == asked["redirect_uri"]

    answer = come_back(its_hub.consent("bob"), asked["state"], cookie)

    assert (303, f"{ROOT}new") == (answer.status, answer.headers["Location"])
    session = cookie_of(answer, "service-connections=")
    assert session
    assert its_hub.verifiers[-1] not in answer.headers["Location"]
    shown = service.ask("GET", "new", Cookie=session, **BROWSER)
    assert 200 == shown.status
    assert "bob" in shown.text


def test_A_log_in_comes_back_only_to_its_own_browser(its_hub, begun, come_back):
    """Without the cookie, with another attempt's, or with a forged one."""
    asked, _ = begun()
    _, other = begun()
    name = other.partition("=")[0]

    for cookie in ("", other, f"{name}=forged"):
        answer = come_back(its_hub.consent("bob"), asked["state"], cookie)
        assert 403 == answer.status
        assert "was not begun in this browser" in answer.text
        assert None is cookie_of(answer, "service-connections=")


@pytest.mark.parametrize(
    "elsewhere",
    [
        "https://evil.example/",
        "//evil.example/",
        "/%5cevil.example/",
        f"{ROOT}%5c..%5c%5cevil.example",
        "javascript:alert(1)",
        "/user/bob/",
    ],
)
def test_C_a_log_in_leads_nowhere_else(begun, come_back, its_hub, elsewhere):
    """Whatever ``next`` says, it ends on a page of ours."""
    asked, cookie = begun(elsewhere)

    answer = come_back(its_hub.consent("bob"), asked["state"], cookie)

    assert (303, ROOT) == (answer.status, answer.headers["Location"])


def test_D_a_form_needs_its_token_also_here(service, its_hub, begun, come_back):
    """A cookie alone changes nothing."""
    asked, cookie = begun()
    answer = come_back(its_hub.consent("bob"), asked["state"], cookie)
    session = cookie_of(answer, "service-connections=")

    forged = service.ask(
        "POST",
        "theme",
        body="theme=dark",
        Cookie=session,
        Content_Type="application/x-www-form-urlencoded",
    )

    assert forged.status in {302, 401, 403}
    assert None is cookie_of(forged, "connections-theme")


def test_D_another_origin_is_refused(service, its_hub):
    """Also where a token is shown."""
    token = its_hub.token_of("bob")
    answer = service.ask(
        "GET",
        "api/v1/status",
        Authorization=f"Bearer {token}",
        Origin="https://evil.example",
    )

    assert 403 == answer.status


def test_a_code_that_the_hub_does_not_know_lets_nobody_in(begun, come_back):
    """It is said on a page."""
    asked, cookie = begun()

    answer = come_back("CNRY-unknown-code", asked["state"], cookie)

    assert answer.status >= 400
    assert "CNRY" not in answer.text
    assert None is cookie_of(answer, "service-connections=")
