"""Start, callback and result, driven as a browser does it."""

import urllib.parse

import pytest

PAGE_HEADERS = {
    "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Content-Type": "text/html; charset=utf-8",
}
POLICY = (
    "default-src 'none'; form-action 'none'; frame-ancestors 'none'; "
    "base-uri 'none'; style-src 'sha256-"
)


def _query(address):
    return dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(address).query))


def _bindings(browser):
    path = "/a%40b/connections/callback/coffee"
    return {
        name: value
        for name, value in browser.held(browser.host, path).items()
        if name.startswith("connections-")
    }


@pytest.fixture
def state_of(kernel):
    """How far an authorization is."""

    async def ask(flow):
        return (await kernel("GET", f"api/v1/authorizations/{flow}")).json

    return ask


async def test_the_main_path(browser, connect, grant, state_of, root, provider):
    """Start, provider, callback, result: connected, and the address says nothing."""
    begun = await connect()

    started = await browser.get(begun["start_url"])
    assert 303 == started.code
    asked = _query(started.headers["Location"])
    assert ("S256", "code", "shop") == (
        asked["code_challenge_method"],
        asked["response_type"],
        asked["client_id"],
    )
    assert asked["redirect_uri"].endswith(f"{root}callback/coffee")

    ended = await browser.get(grant(started))
    assert 303 == ended.code
    assert ended.headers["Location"].endswith(f"{root}result/{begun['flow']}")

    page = await browser.get(ended.headers["Location"])
    assert 200 == page.code
    assert "You are connected." in page.text
    assert "Coffee &amp; &lt;b&gt;Cake&lt;/b&gt;, as priya-n" in page.text
    assert "done" == (await state_of(begun["flow"]))["state"]
    assert 1 == len(provider.token_requests)
    assert not _bindings(browser), "the binding cookie outlived its use"
    for answer in (started, ended, page):
        shown = answer.text + str(dict(answer.headers.get_all()))
        for secret in ("CNRY-access", "CNRY-refresh", "CNRY-client"):
            assert secret not in shown
    assert "CNRY" not in page.text + ended.headers["Location"]


async def test_D4_the_headers_of_a_page_are_exact(browser, connect, grant):
    """On the result, on an error and on both redirects."""
    begun = await connect()
    started = await browser.get(begun["start_url"])
    ended = await browser.get(grant(started))
    page = await browser.get(ended.headers["Location"])
    again = await browser.get(grant(started))

    assert (303, 303, 200, 400) == tuple(
        answer.code for answer in (started, ended, page, again)
    )
    for answer in (page, again):
        assert PAGE_HEADERS == {name: answer.headers[name] for name in PAGE_HEADERS}
    for answer in (started, ended, page, again):
        assert "no-referrer" == answer.headers["Referrer-Policy"]
        assert "no-store" == answer.headers["Cache-Control"]
        assert answer.headers["Content-Security-Policy"].startswith(POLICY)
        assert 1 == len(answer.headers.get_list("Content-Security-Policy"))


async def test_D1_D2_the_operator_cannot_loosen_the_policy(browser, connect, jp_web_app):
    """Headers that let notebooks frame Jupyter's pages do not reach ours."""
    jp_web_app.settings["headers"] = {
        "Content-Security-Policy": "frame-ancestors *",
        "Referrer-Policy": "unsafe-url",
        "X-Extra": "kept",
    }

    answer = await browser.get("/a%40b/connections/result/nothing")

    assert answer.headers["Content-Security-Policy"].startswith(POLICY)
    assert "no-referrer" == answer.headers["Referrer-Policy"]
    assert "kept" == answer.headers["X-Extra"]


async def test_the_policy_lets_the_pages_own_style_in(browser, root):
    """The hash is that of the style element, byte for byte; nothing else is inline."""
    import base64
    import hashlib
    import re

    answer = await browser.get(f"{root}result/nothing")
    style = re.search(r"<style>(.*?)</style>", answer.text, re.DOTALL).group(1)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()

    assert f"'sha256-{digest}'" in answer.headers["Content-Security-Policy"]
    assert not re.search(r"<script|\sstyle=|\son\w+=|<link|<img|src=", answer.text)


async def test_nobody_is_logged_in_at_the_start_link(new_browser, connect, provider):
    """The log-in page comes first, and leads back to the link."""
    begun = await connect()

    answer = await new_browser().get(begun["start_url"])

    assert 302 == answer.code
    next_ = _query(answer.headers["Location"])["next"]
    assert next_.endswith(f"start/{begun['flow']}")


async def test_an_unknown_start_link_says_so(browser, root):
    """404, with the next command."""
    answer = await browser.get(f"{root}start/nothing")

    assert 404 == answer.code
    assert "There is no such authorization in progress." in answer.text
    assert "Start with %conn authorize" in answer.text


@pytest.mark.parametrize("page", ["start/x", "callback/coffee?state=a&code=b", "result/x"])
@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Dest": "iframe"},
        {"Sec-Fetch-Dest": "image", "Sec-Fetch-Mode": "no-cors"},
        {"Sec-Fetch-Dest": "empty", "Sec-Fetch-Mode": "cors"},
        {"Sec-Fetch-Dest": "script", "Sec-Fetch-Mode": "no-cors"},
    ],
)
async def test_D1_a_page_is_no_part_of_another_page(browser, root, page, headers):
    """Frames, images, scripts and fetches are refused before anything happens."""
    answer = await browser.get(root + page, headers=headers)

    assert 403 == answer.code
    assert "This page cannot be part of another page." in answer.text


@pytest.mark.parametrize("next_", ["https://evil.example", "//evil.example", "%0d%0ax:y"])
async def test_C_the_way_on_is_never_in_the_address(browser, connect, grant, root, next_):
    """C1 to C8: whatever ``next`` says, the callback leads to the result."""
    begun = await connect()
    started = await browser.get(f"{begun['start_url']}?next={next_}")

    assert started.headers["Location"].startswith("https://login.coffee.example/")
    ended = await browser.get(f"{grant(started)}&next={next_}&redirect_uri={next_}")
    assert ended.headers["Location"].endswith(f"{root}result/{begun['flow']}")


# --- the binding ------------------------------------------------------------------------


async def test_the_binding_cookie_has_its_attributes(browser, connect, root, jp_http_port):
    """Out of reach for scripts and other sites, with the port in its name."""
    begun = await connect()

    started = await browser.get(begun["start_url"])

    [line] = started.headers.get_list("Set-Cookie")
    name, _, rest = line.partition("=")
    _, *attributes = [part.strip().lower() for part in rest.split(";")]
    assert name.startswith(f"connections-{jp_http_port}-")
    assert {"httponly", "max-age=600", "samesite=lax", f"path={root}"} == set(attributes)


@pytest.mark.parametrize("public_url", ["https://lab.example.com/user/priya/connections/"])
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


# --- what attackers send -----------------------------------------------------------------


async def _refused(browser, address, provider):
    answer = await browser.get(address)
    assert 400 == answer.code, answer.text
    assert "You are not connected." in answer.text
    assert [] == provider.token_requests
    assert "CNRY-code" not in answer.text
    return answer


async def test_A1_A2_an_answer_to_nothing_is_refused(browser, root, provider):
    """Without a state, and with one that nobody made."""
    await _refused(browser, f"{root}callback/coffee?code=CNRY-code-1", provider)
    await _refused(browser, f"{root}callback/coffee?state=x&code=CNRY-code-1", provider)


async def test_A3_A22_an_answer_works_once(browser, connect, grant, state_of, provider):
    """A replay is told so, spends no code, and the flow stays done."""
    begun = await connect()
    started = await browser.get(begun["start_url"])
    await browser.get(grant(started))

    again = await browser.get(grant(started))

    assert 400 == again.code
    assert "This answer was used already, and works only once." in again.text
    assert 1 == len(provider.token_requests)
    assert "done" == (await state_of(begun["flow"]))["state"]


async def test_A4_an_answer_that_comes_too_late_is_refused(
    browser, connect, grant, provider, clock
):
    """Ten minutes and one second after the beginning."""
    started = await browser.get((await connect())["start_url"])
    clock.now += 601

    answer = await _refused(browser, grant(started), provider)

    assert "Nobody granted access in time." in answer.text


async def test_A6_A7_a_doubled_state_is_refused(browser, connect, grant, provider):
    """Which of the two would count? Neither."""
    started = await browser.get((await connect())["start_url"])

    await _refused(browser, grant(started) + "&state=other", provider)
    await _refused(browser, grant(started) + "&state[]=other", provider)


async def test_A8_A9_a_refusal_is_no_connection(
    browser, connect, grant, state_of, provider
):
    """Consent denied, even with a code beside it: said so, and nothing is asked for."""
    begun = await connect(name="mine")
    started = await browser.get(begun["start_url"])

    ended = await browser.get(grant(started, error="access_denied"))
    page = await browser.get(ended.headers["Location"])

    assert "You are not connected." in page.text
    assert "Access was not granted at Coffee" in page.text
    assert "Run %conn authorize mine to start again." in page.text
    assert "denied" == (await state_of(begun["flow"]))["state"]
    assert [] == provider.token_requests


async def test_A10_N1_what_a_provider_writes_is_text(browser, connect, grant):
    """A description with markup is shown, cut, and is no markup."""
    started = await browser.get((await connect())["start_url"])
    nasty = "<script>alert(1)</script><img src=x onerror=alert(1)>" * 200

    ended = await browser.get(
        grant(started, error="server_error", error_description=nasty)
    )
    page = await browser.get(ended.headers["Location"])

    assert "<script" not in page.text
    assert "<img" not in page.text
    assert "&lt;script&gt;" in page.text
    assert 9 > page.text.count("onerror")


async def test_A12_only_get_is_answered(browser, connect, grant, provider):
    """POST, PUT and HEAD leave the code unspent, and no log-in page sees it."""
    started = await browser.get((await connect())["start_url"])

    for method in ("POST", "PUT", "HEAD"):
        answer = await browser.send(method, grant(started))
        assert 405 == answer.code
        assert "Location" not in answer.headers
    assert [] == provider.token_requests


async def test_A12_an_implicit_answer_is_refused(browser, connect, grant, provider):
    """Tokens do not come by address."""
    started = await browser.get((await connect())["start_url"])

    await _refused(browser, grant(started, access_token="CNRY-at-1"), provider)


async def test_A14_another_browser_cannot_finish(
    browser, new_browser, log_in, connect, grant, provider
):
    """The same person elsewhere has no binding cookie."""
    started = await browser.get((await connect())["start_url"])
    other = await log_in(new_browser())

    answer = await _refused(other, grant(started), provider)

    assert "It can only be finished in the browser where it was begun." in answer.text
    assert "Start again with %conn authorize" in answer.text


async def test_A15_without_a_log_in_the_code_goes_nowhere(
    browser, new_browser, connect, grant, provider
):
    """No log-in page with the code in ``next``: an error page, and the flow is over."""
    started = await browser.get((await connect())["start_url"])
    stranger = new_browser()
    stranger.cookies = {
        place: value
        for place, value in browser.cookies.items()
        if place[2].startswith("connections-")
    }
    assert stranger.cookies

    answer = await _refused(stranger, grant(started), provider)

    assert "Location" not in answer.headers
    assert "Nobody is logged in to Jupyter in this browser." in answer.text


@pytest.mark.parametrize("path", ["callback/", "callback/a/b", "callback/%00", "callback/nope"])
async def test_A15_no_callback_address_reaches_the_log_in_page(
    new_browser, root, path, provider
):
    """Not even one that belongs to no service."""
    answer = await new_browser().get(f"{root}{path}?state=x&code=CNRY-code-2")

    assert 400 == answer.code
    assert "Location" not in answer.headers


async def test_A16_the_address_of_the_provider_appears_only_in_the_redirect(
    browser, connect, state_of
):
    """There is no state before the start link is opened, and nobody is shown it."""
    begun = await connect()
    before = str(begun) + str(await state_of(begun["flow"]))
    started = await browser.get(begun["start_url"])
    after = str(await state_of(begun["flow"]))

    state = _query(started.headers["Location"])["state"]
    assert "login.coffee.example" not in before + after + started.text
    assert state not in before + after + started.text


async def test_A17_another_user_cannot_finish(
    browser, connect, grant, provider, extension, monkeypatch
):
    """The same browser, but somebody else has logged in meanwhile."""
    started = await browser.get((await connect())["start_url"])
    monkeypatch.setattr(extension, "owner", "somebody-else")

    answer = await _refused(browser, grant(started), provider)

    assert "It was begun by another user." in answer.text


async def test_B1_the_redirect_url_of_another_service_is_refused(
    browser, connect, grant, provider
):
    """The code of one provider is never taken to another's token endpoint."""
    started = await browser.get((await connect())["start_url"])
    address = grant(started).replace("/callback/coffee", "/callback/tea")

    answer = await _refused(browser, address, provider)

    assert "The answer came to the redirect URL of another service." in answer.text


async def test_a_provider_that_is_down_is_said_to_be(
    browser, connect, grant, provider, state_of
):
    """The attempt failed; the page says why and what next."""
    provider.token_answer = (503, {})
    begun = await connect(name="mine")
    started = await browser.get(begun["start_url"])

    ended = await browser.get(grant(started))
    page = await browser.get(ended.headers["Location"])

    assert "failed" == (await state_of(begun["flow"]))["state"]
    assert "You are not connected." in page.text
    assert "Run %conn authorize mine to start again." in page.text


# --- the hop: localhost and 127.0.0.1 are two sites -----------------------------------------


@pytest.fixture
def at_localhost(new_browser, log_in, jp_http_port, jp_asyncio_loop, provider):
    """A browser that is logged in at localhost, and so not at 127.0.0.1."""
    browser = new_browser()
    browser.host = f"localhost:{jp_http_port}"
    return jp_asyncio_loop.run_until_complete(log_in(browser, host=browser.host))


def _at(browser, address):
    return urllib.parse.urlsplit(address)._replace(scheme="", netloc=browser.host).geturl()


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
    assert [] == used.headers.get_list("Set-Cookie") + old.headers.get_list("Set-Cookie")


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


# --- the result ------------------------------------------------------------------------------


async def test_a_result_is_shown_to_who_was_there(
    browser, new_browser, log_in, connect, grant
):
    """A stranger sees nothing; the person sees it from any browser."""
    begun = await connect()
    started = await browser.get(begun["start_url"])
    address = (await browser.get(grant(started))).headers["Location"]

    stranger = await new_browser().get(address)
    elsewhere = await (await log_in(new_browser())).get(address)

    assert 404 == stranger.code
    assert "Nothing to show here." in stranger.text
    assert "priya-n" not in stranger.text
    assert "as priya-n" in elsewhere.text


async def test_a_result_cookie_opens_its_own_page_only(
    browser, new_browser, connect, grant, root
):
    """It travels to one address, and holds for one attempt."""
    first, second = await connect("coffee"), await connect("tea")
    for begun in (first, second):
        started = await browser.get(begun["start_url"])
        await browser.get(grant(started))
    thief = new_browser()
    thief.cookies = {
        (host, "/", name): value
        for (host, path, name), value in browser.cookies.items()
        if name == "connections-result" and path.endswith(first["flow"])
    }
    assert thief.cookies

    own = await thief.get(f"{root}result/{first['flow']}")
    other = await thief.get(f"{root}result/{second['flow']}")

    assert (200, 404) == (own.code, other.code)


async def test_a_forged_result_is_not_believed(new_browser, root):
    """The cookie is signed with the server's own secret."""
    browser = new_browser()
    browser.cookies["127.0.0.1", "/", "connections-result"] = '"2|1:0|forged"'

    answer = await browser.get(f"{root}result/x")

    assert 404 == answer.code


async def test_an_attempt_under_way_has_no_result_yet(browser, connect, root):
    """Who looks too early is told to finish."""
    begun = await connect()

    answer = await browser.get(f"{root}result/{begun['flow']}")

    assert "Not finished yet." in answer.text


def test_an_address_to_register_stands_alone():
    """The redirect URL in an error is shown in a box, to copy."""
    from conn_core import Authorization
    from conn_serverext._page import page_of, render

    callback = "https://lab.example.com/connections/callback/github"
    failed = Authorization(
        flow="f",
        state="failed",
        link_name="github",
        service="github",
        service_name="GitHub",
        error="GitHub refused the request (redirect_uri_mismatch). Register exactly "
        f"this address with GitHub: {callback}",
    )

    page = page_of(failed, callback=callback, person="priya")

    assert callback == page.address
    assert page.text.endswith("Register exactly this address with GitHub:")
    assert (
        "Run %conn authorize github to start again. You can close this tab.",
    ) == page.small
    assert f"<code>{callback}</code>" in render(page)
