"""An operator who makes all of Jupyter's cookies strict: what still works, what is said."""

import pytest


@pytest.fixture
def jp_server_config(jp_server_config):
    jp_server_config["IdentityProvider"] = {"cookie_options": {"samesite": "Strict"}}
    return jp_server_config


async def _begun(browser, connect):
    """Begin in that browser; return the start's answer."""
    return await browser.get((await connect())["start_url"])


async def test_A19_the_cookie_of_an_attempt_stays_lax(
    browser, new_browser, connect, jp_serverapp, jp_base_url
):
    """The provider's site leads back here, and a browser must bring it then."""
    token = jp_serverapp.identity_provider.token
    log_in = await new_browser().get(f"{jp_base_url}api/status?token={token}")
    assert "samesite=strict" in str(log_in.headers.get_list("Set-Cookie")).lower()

    started = await _begun(browser, connect)

    [line] = started.headers.get_list("Set-Cookie")
    assert "samesite=lax" in line.lower()


async def test_A19_a_browser_that_keeps_its_strict_cookies_is_told_so(
    browser, connect, grant, provider
):
    """It comes back from another site as nobody: no log-in page, no code spent."""
    started = await _begun(browser, connect)
    browser.cookies = {
        place: value
        for place, value in browser.cookies.items()
        if place[2].startswith("connections-")
    }

    answer = await browser.get(grant(started))

    assert 400 == answer.code
    assert "Location" not in answer.headers
    assert "Nobody is logged in to Jupyter in this browser." in answer.text
    assert [] == provider.token_requests
