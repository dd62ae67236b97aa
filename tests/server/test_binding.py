"""What ties an attempt to one browser, also across two names of this machine."""

import urllib.parse

import pytest


def _query(address):
    return dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(address).query))


async def test_the_binding_cookie_has_its_attributes(
    browser, connect, root, jp_http_port
):
    """Out of reach for scripts and other sites, with the port in its name."""
    begun = await connect()

    started = await browser.get(begun["start_url"])

    [line] = started.headers.get_list("Set-Cookie")
    name, _, rest = line.partition("=")
    _, *attributes = [part.strip().lower() for part in rest.split(";")]
    assert name.startswith(f"connections-{jp_http_port}-")
    assert {"httponly", "max-age=600", "samesite=lax", f"path={root}"} == set(
        attributes
    )


@pytest.mark.parametrize(
    "public_url", ["https://lab.example.com/user/priya/connections/"]
)
async def test_A18_A29_on_https_the_binding_cookie_is_locked_to_the_host(
    new_browser, log_in, connect, jp_web_app, root, public_url
):
    """Secure and ``__Host-``, at the configured address, whatever a header claims."""
    jp_web_app.settings["allow_remote_access"] = True
    browser = await log_in(new_browser(), host="evil.example:80")
    begun = await connect("tea")
    assert f"{public_url}start/{begun['flow']}" == begun["start_url"]

    started = await browser.get(
        f"{root}start/{begun['flow']}",
        host="evil.example:80",
        headers={"X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "http"},
    )

    [line] = started.headers.get_list("Set-Cookie")
    assert line.startswith("__Host-connections-443-")
    assert {"secure", "httponly", "path=/", "samesite=lax"} <= {
        part.strip().lower() for part in line.split(";")
    }
    asked = _query(started.headers["Location"])
    assert f"{public_url}callback/tea" == asked["redirect_uri"]


async def test_two_attempts_in_one_browser_do_not_disturb_each_other(
    browser, connect, grant, state_of
):
    """Two tabs, finished in the other order."""
    coffee, tea = await connect("coffee"), await connect("tea")
    first = await browser.get(coffee["start_url"])
    second = await browser.get(tea["start_url"])

    await browser.get(grant(second))
    await browser.get(grant(first))

    assert "done" == (await state_of(coffee["flow"]))["state"]
    assert "done" == (await state_of(tea["flow"]))["state"]


# localhost and 127.0.0.1 are two sites to a browser


@pytest.fixture
def at_localhost(new_browser, log_in, jp_http_port, jp_asyncio_loop, provider):
    """A browser that is logged in at localhost, and so not at 127.0.0.1."""
    browser = new_browser()
    browser.host = f"localhost:{jp_http_port}"
    return jp_asyncio_loop.run_until_complete(log_in(browser, host=browser.host))


def _at(browser, address):
    return (
        urllib.parse.urlsplit(address)._replace(scheme="", netloc=browser.host).geturl()
    )


async def test_A30_a_log_in_at_localhost_carries_over(
    at_localhost, connect, grant, state_of
):
    """One 303 to 127.0.0.1 with a ticket, then all goes on there without a log-in."""
    begun = await connect()

    hop = await at_localhost.get(_at(at_localhost, begun["start_url"]))
    assert 303 == hop.code
    assert hop.headers["Location"].startswith(f"{begun['start_url']}?hop=")
    assert not hop.headers.get_list("Set-Cookie")
    started = await at_localhost.get(hop.headers["Location"])
    assert 303 == started.code, started.text
    ended = await at_localhost.get(grant(started))
    page = await at_localhost.get(ended.headers["Location"])

    assert "done" == (await state_of(begun["flow"]))["state"]
    assert "You are connected." in page.text
    assert "as priya-n" in page.text


async def test_a_ticket_works_once_and_for_a_minute(at_localhost, connect, clock):
    """A used one and an old one lead nowhere, and set no cookie."""
    begun = await connect()
    start = _at(at_localhost, begun["start_url"])
    first = (await at_localhost.get(start)).headers["Location"]
    await at_localhost.get(first)

    used = await at_localhost.get(first)
    second = (await at_localhost.get(start)).headers["Location"]
    clock.now += 61
    old = await at_localhost.get(second)

    assert (404, 404) == (used.code, old.code)
    assert [] == used.headers.get_list("Set-Cookie") + old.headers.get_list(
        "Set-Cookie"
    )


async def test_a_made_up_ticket_is_no_log_in(new_browser, connect, root):
    """A stranger with a start link and a guess stays outside."""
    begun = await connect()

    for guess in ("x", "x" * 5000, "%00", ""):
        answer = await new_browser().get(f"{begun['start_url']}?hop={guess}")
        assert answer.code in {302, 404}
        assert "login.coffee.example" not in str(answer.headers.get("Location"))


async def test_A29_a_name_that_services_cannot_send_back_to_is_explained(
    new_browser, log_in, connect, jp_web_app, jp_http_port
):
    """The address was worked out, so the way back would lead to another machine."""
    jp_web_app.settings["allow_remote_access"] = True
    host = "workstation.example:8888"
    browser = await log_in(new_browser(), host=host)

    answer = await browser.get((await connect())["start_url"], host=host)

    assert 400 == answer.code
    assert f"You opened this server at {host}" in answer.text
    assert f"send you back to 127.0.0.1:{jp_http_port}" in answer.text
    assert "c.Connections.public_url" in answer.text
    assert not [c for c in browser.held(host) if c.startswith("connections-")]
