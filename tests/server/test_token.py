"""The one address that answers with a credential."""

import pytest

PATH = "api/v1/connections/mine/token"


@pytest.fixture
def server_token(jp_serverapp):
    """What a script of the server's owner sends."""
    token = jp_serverapp.identity_provider.token
    return {"Authorization": f"token {token}"}


@pytest.fixture
def connected(kernel, connect, browser, grant, root, jp_asyncio_loop):
    """A connection called ``mine`` that has been authorized."""

    async def go():
        begun = await connect(name="mine")
        started = await browser.get(f"{root}start/{begun['flow']}")
        await browser.get(grant(started))
        return begun

    return jp_asyncio_loop.run_until_complete(go())


async def test_a_kernel_is_given_a_token(kernel, connected, access_token):
    """With everything a client needs, and never the refresh token."""
    answer = await kernel("POST", PATH, body={"require": ["read"], "rejected": None})

    assert (200, access_token) == (answer.code, answer.json["access_token"])
    assert ["api.coffee.example"] == answer.json["api_hosts"]
    assert "no-store" == answer.headers["Cache-Control"]
    assert "CNRY-refresh" not in answer.text


async def test_a_script_with_the_servers_token_is_given_one(
    fetch, connected, server_token, access_token
):
    """In the Authorization header, where no log shows it."""
    answer = await fetch("POST", PATH, headers=server_token, body={})

    assert (200, access_token) == (answer.code, answer.json["access_token"])


@pytest.mark.parametrize(
    "sign",
    [
        {"Cookie": "anything=1"},
        {"Origin": "http://127.0.0.1:8888"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "same-origin"},
        {"Sec-Fetch-Mode": "cors"},
        {"Sec-Fetch-Dest": "empty"},
        {"Sec-CH-UA": '"Chromium"'},
        {"sec-fetch-user": "?1"},
    ],
)
@pytest.mark.parametrize("who", ["kernel_header", "server_token"])
async def test_D21_a_browser_is_refused_whatever_it_knows(
    fetch, connected, sign, who, request
):
    """One sign of a browser is enough, also beside a good token."""
    headers = request.getfixturevalue(who) | sign

    answer = await fetch("POST", PATH, headers=headers, body={})

    assert (403, "not_allowed") == (answer.code, answer.json["code"])
    assert "CNRY" not in answer.text


async def test_a_token_in_the_address_is_refused(
    fetch, connected, server_token, jp_serverapp
):
    """Addresses are logged: alone, or beside a good header."""
    path = f"{PATH}?token={jp_serverapp.identity_provider.token}"

    alone = await fetch("POST", path, body={})
    beside = await fetch("POST", path, headers=server_token, body={})

    assert (403, 403) == (alone.code, beside.code)


async def test_a_cookie_alone_is_refused(browser, connected, root):
    """A log-in is for pages."""
    answer = await browser.send(
        "POST",
        root + PATH,
        body="{}",
        headers={"Content-Type": "application/json"},
    )

    assert 403 == answer.code


async def test_where_nobody_needs_to_log_in_a_token_still_needs_one(
    fetch, connected, jp_serverapp, jp_web_app, kernel_header
):
    """A server without any check of its own hands credentials to its kernels only."""
    jp_serverapp.identity_provider.token = ""
    jp_web_app.settings["disable_check_xsrf"] = True

    anybody = await fetch("POST", PATH, headers={"Authorization": "token x"}, body={})
    listed = await fetch("GET", "api/v1/connections")
    kernel = await fetch("POST", PATH, headers=kernel_header, body={})

    assert (403, "not_allowed") == (anybody.code, anybody.json["code"])
    assert (200, 200) == (listed.code, kernel.code)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"require": "read"}, "require"),
        ({"require": [1]}, "require.0"),
        ({"rejected": 10**40}, "rejected"),
        ({"require": ["a"] * 201}, "require"),
        ({"rejected": "1"}, "rejected"),
        ({"rejected": True}, "rejected"),
        ({"scopes": []}, "scopes"),
    ],
)
async def test_a_wrong_request_is_named(kernel, connected, body, field):
    """422 with the field that is wrong."""
    answer = await kernel("POST", PATH, body=body)

    assert (422, [field]) == (answer.code, list(answer.json["fields"]))


async def test_a_missing_scope_is_said(kernel, connected):
    """The broker's own words arrive."""
    answer = await kernel("POST", PATH, body={"require": ["order"]})

    assert (409, "scope_missing") == (answer.code, answer.json["code"])


async def test_a_rejected_token_is_renewed_once(kernel, connected, provider):
    """Two clients that name the same generation share one refresh."""
    first = (await kernel("POST", PATH, body={})).json
    provider.token_answer[1]["access_token"] = "CNRY-access-token-2-renewed"
    before = len(provider.token_requests)

    body = {"rejected": first["generation"]}
    second = (await kernel("POST", PATH, body=body)).json
    third = (await kernel("POST", PATH, body=body)).json

    assert "CNRY-access-token-2-renewed" == second["access_token"]
    assert second == third
    assert 1 == len(provider.token_requests) - before


async def test_a_revoked_connection_vends_nothing(kernel, connected):
    """423, from the very next call on."""
    await kernel("POST", "api/v1/connections/mine/revoke")

    answer = await kernel("POST", PATH, body={})

    assert (423, "connection_revoked") == (answer.code, answer.json["code"])
