"""What a browser may do with our REST, and from where (D10 to D21)."""

import pytest

CONNECTIONS = "api/v1/connections"


@pytest.fixture
def xsrf(jp_base_url):
    """Obtains the token that Jupyter's own pages send along."""

    async def obtain(browser):
        await browser.get(f"{jp_base_url}no-such-page")  # any page of Jupyter does
        return browser.held(browser.host, jp_base_url)["_xsrf"]

    return obtain


def _script(browser, token):
    """Return what a script of our own origin sends."""
    return {
        "Origin": f"http://{browser.host}",
        "Sec-Fetch-Site": "same-origin",
        "Sec-Fetch-Mode": "cors",
        "X-XSRFToken": token,
        "Content-Type": "application/json",
    }


async def test_a_page_of_this_origin_may_list_and_create(browser, xsrf, root):
    """With cookie, XSRF token and JSON."""
    headers = _script(browser, await xsrf(browser))

    made = await browser.send(
        "POST", root + CONNECTIONS, body='{"service": "coffee"}', headers=headers
    )
    listed = await browser.get(root + CONNECTIONS, headers=headers)

    assert (201, 1) == (made.code, listed.json["total"])


async def test_D10_a_change_without_xsrf_token_is_refused(browser, xsrf, root):
    """The cookie alone changes nothing."""
    headers = _script(browser, await xsrf(browser))
    del headers["X-XSRFToken"]

    answer = await browser.send(
        "POST", root + CONNECTIONS, body='{"service": "coffee"}', headers=headers
    )

    assert (403, "not_allowed") == (answer.code, answer.json["code"])


@pytest.mark.parametrize(
    "foreign",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Mode": "no-cors"},
        {"Sec-Fetch-Site": "made-up"},
        {"Origin": "null"},
        {"Origin": "https://evil.example"},
        {"Origin": "http://HOST.evil.example"},
        {"Origin": "http://evil-HOST"},
        {"Origin": "http://HOST@evil.example"},
        {"Origin": "http://HOST0"},
        {"Origin": "file://"},
    ],
)
@pytest.mark.parametrize("who", ["browser", "kernel"])
async def test_D12_D13_another_site_is_refused(
    browser, xsrf, kernel_header, root, foreign, who
):
    """Whatever it authenticates with, reading and writing."""
    changed = {k: v.replace("HOST", browser.host) for k, v in foreign.items()}
    headers = _script(browser, await xsrf(browser)) | changed
    if who == "kernel":
        headers |= kernel_header

    for method, body in (("GET", None), ("POST", '{"service": "coffee"}')):
        answer = await browser.send(
            method, root + CONNECTIONS, body=body, headers=headers
        )
        assert (403, "not_allowed") == (answer.code, answer.json["code"])


async def test_D13_the_operator_cannot_open_it_to_another_origin(
    browser, jp_web_app, root
):
    """``allow_origin`` is for notebooks; it does not hand out connections."""
    jp_web_app.settings["allow_origin"] = "*"

    answer = await browser.get(
        root + CONNECTIONS, headers={"Origin": "https://evil.example"}
    )

    assert 403 == answer.code
    assert "Access-Control-Allow-Origin" not in answer.headers


@pytest.mark.parametrize("origin", ["null", "", "//"])
async def test_D13_no_origin_is_that_of_a_server_without_an_address(
    browser, root, extension, monkeypatch, origin
):
    """One that listens on a Unix socket has none, and nothing is equal to nothing."""
    monkeypatch.setattr(type(extension), "public_url", None)

    answer = await browser.get(root + CONNECTIONS, headers={"Origin": origin})

    assert 403 == answer.code


@pytest.mark.parametrize("public_url", ["https://lab.example.com/connections/"])
async def test_behind_a_proxy_the_public_origin_is_ours(browser, root):
    """The proxy may rewrite the Host header; the browser's Origin is the public one."""
    headers = {"Sec-Fetch-Site": "same-origin", "Sec-Fetch-Mode": "cors"}

    ours = await browser.get(
        root + CONNECTIONS, headers=headers | {"Origin": "https://lab.example.com"}
    )
    plain = await browser.get(
        root + CONNECTIONS, headers=headers | {"Origin": "http://lab.example.com"}
    )

    assert (200, 403) == (ours.code, plain.code)


async def test_D21_a_script_of_this_origin_finds_no_token(
    browser, xsrf, kernel, connect, grant, root, jp_serverapp
):
    """It may list and start; no answer holds a credential, and the token address is shut."""
    begun = await connect(name="mine")
    started = await browser.get(f"{root}start/{begun['flow']}")
    ended = await browser.get(grant(started))
    assert 303 == ended.code
    headers = _script(browser, await xsrf(browser))

    seen = []
    for path in (
        "api/v1/status",
        "api/v1/services",
        CONNECTIONS,
        f"{CONNECTIONS}/mine",
        f"api/v1/authorizations/{begun['flow']}",
    ):
        answer = await browser.get(root + path, headers=headers)
        seen.append(answer.text)
    token = jp_serverapp.identity_provider.token
    vended = await browser.send(
        "POST",
        f"{root}{CONNECTIONS}/mine/token",
        body="{}",
        headers=headers | {"Authorization": f"token {token}"},
    )

    assert "CNRY" not in "".join(seen)
    assert "connected" in seen[2]
    assert 403 == vended.code
    assert "CNRY" not in vended.text
