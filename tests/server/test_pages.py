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


async def test_M7_the_main_path(browser, connect, grant, state_of, root, provider):
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


async def test_D1_D2_the_operator_cannot_loosen_the_policy(
    browser, connect, jp_web_app
):
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


async def test_nobody_is_logged_in_at_the_start_link(new_browser, connect, caplog):
    """The log-in page comes first, and leads back to the link."""
    begun = await connect()

    answer = await new_browser().get(begun["start_url"])

    assert 302 == answer.code
    next_ = _query(answer.headers["Location"])["next"]
    assert next_.endswith(f"start/{begun['flow']}")
    assert [] == [r for r in caplog.records if r.levelname == "ERROR"]


async def test_an_unknown_start_link_says_so(browser, root):
    """404, with the next command."""
    answer = await browser.get(f"{root}start/nothing")

    assert 404 == answer.code
    assert "There is no such authorization in progress." in answer.text
    assert "Start with %conn authorize" in answer.text


@pytest.mark.parametrize(
    "page", ["start/x", "callback/coffee?state=a&code=b", "result/x"]
)
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


@pytest.mark.parametrize(
    "next_",
    [
        "https://evil.example",
        "//evil.example",
        "/\\evil.example",
        "/%5cevil.example",
        "/@evil.example",
        "javascript:alert(1)",
        "%09//evil.example",
        "%252f%252fevil.example",
        "%0d%0ax:y",
    ],
    ids=["C1", "C2", "C3", "C4", "C5", "C6", "C7", "C8", "a line break"],
)
async def test_C1_to_C8_the_way_on_is_never_in_the_address(
    browser, connect, grant, root, next_
):
    """Whatever ``next`` says, the callback leads to the result."""
    begun = await connect()
    started = await browser.get(f"{begun['start_url']}?next={next_}")

    assert started.headers["Location"].startswith("https://login.coffee.example/")
    ended = await browser.get(f"{grant(started)}&next={next_}&redirect_uri={next_}")
    assert ended.headers["Location"].endswith(f"{root}result/{begun['flow']}")


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
