"""A hub without subdomains: whoever's server shows a page shares its origin with ours."""

import json

import pytest

ROOT = "/services/connections/"
SECRET = "CNRY-key-of-bob-7b21aa"
#: What a browser says of a request that a script of another person's server makes.
SCRIPT = {
    "Sec_Fetch_Site": "same-origin",
    "Sec_Fetch_Mode": "cors",
    "Sec_Fetch_Dest": "empty",
    "Referer": "http://127.0.0.1:8000/user/mallory/lab",
}
PAGE = {"Sec_Fetch_Mode": "navigate", "Sec_Fetch_Dest": "document"}


@pytest.fixture
def connected(service, its_hub):
    """Bob has a connection that holds a secret; returns the headers of his kernel."""
    headers = {"Authorization": f"Bearer {its_hub.token_of('bob')}"}
    draft = {"service": "openai", "name": "Bobs", "secret": {"api_key": SECRET}}
    made = service.ask("POST", "api/v1/connections", body=draft, **headers)
    assert 201 == made.status, made.text
    yield headers
    service.ask("DELETE", "api/v1/connections/bobs", **headers)


@pytest.fixture
def cookies(service, its_hub, connected):
    """Bob's browser, logged in to the service: the lines that set its cookies."""
    begun = service.ask("GET", f"login?next={ROOT}", **PAGE)
    (binding,) = begun.headers.get_all("Set-Cookie")
    state = begun.headers["Location"].partition("state=")[2].partition("&")[0]
    back = service.ask(
        "GET",
        f"oauth_callback?code={its_hub.consent('bob')}&state={state}",
        Cookie=binding.partition(";")[0],
        **PAGE,
    )
    assert 303 == back.status
    lines = back.headers.get_all("Set-Cookie")
    shown = service.ask("GET", "", Cookie=sent(lines), **PAGE)
    assert "Bobs" in shown.text
    return [*lines, *(shown.headers.get_all("Set-Cookie") or ())]


def sent(lines):
    """Return cookies as a browser sends them back."""
    return "; ".join(line.partition(";")[0] for line in lines)


def test_D19_our_pages_are_no_part_of_anybody_elses(service, cookies):
    """No frame may show them, and no script of the origin may read them."""
    for page in ("", "new", "connection/bobs", "connection/bobs/delete"):
        shown = service.ask("GET", page, Cookie=sent(cookies), **PAGE)
        assert 200 == shown.status
        assert "frame-ancestors 'none'" in shown.headers["Content-Security-Policy"]
        assert "DENY" == shown.headers["X-Frame-Options"]
        assert SECRET not in shown.text

        for asked in (SCRIPT, SCRIPT | {"Sec_Fetch_Dest": "iframe"}):
            refused = service.ask("GET", page, Cookie=sent(cookies), **asked)
            assert 403 == refused.status, page
            assert "Bobs" not in refused.text


def test_D19_no_cookie_of_ours_is_shown_to_other_paths(cookies):
    """A page of /user/mallory/ neither reads nor sends them."""
    for line in cookies:
        words = [word.strip().lower() for word in line.split(";")]
        assert f"path={ROOT}" in words, line
        assert {"samesite=lax", "samesite=strict"} & set(words), line
    assert "httponly" in next(c for c in cookies if "service-connections=" in c).lower()


def test_D19_a_script_of_the_origin_gets_no_credential_and_changes_nothing(
    service, cookies, connected
):
    """Were the cookie sent along, it could read names; the rest wants another proof."""
    address, headers = "api/v1/connections/bobs", {"Cookie": sent(cookies), **SCRIPT}

    token = service.ask("POST", f"{address}/token", body={}, **headers)
    deleted = service.ask("DELETE", address, **headers)
    revoked = service.ask("POST", f"{address}/revoke", body={}, **headers)

    assert {token.status, deleted.status, revoked.status} <= {401, 403}
    listed = service.ask("GET", "api/v1/connections", **headers)
    for answer in (token, deleted, revoked, listed):
        assert SECRET not in answer.text
    kept = service.ask("GET", address, **connected)
    assert "connected" == json.loads(kept.text)["status"]
