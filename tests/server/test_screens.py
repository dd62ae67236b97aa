"""The web page, driven as a browser without script does it: what every page has."""

import html
import re
import urllib.parse

import pytest
from page_forms import FORM, KEY_SHOP, token_in, words_of

#: A page for each template, with connection ``mine`` and service ``acme`` about.
SCREENS = [
    "",
    "?group=organisation",
    "?group=internal",
    "?q=nothing-like-it",
    "new",
    "new?q=coffee",
    "new?kind=custom",
    "new/coffee",
    "new/key-shop",
    "connection/mine",
    "connection/mine?for=pandas&history=all",
    "connection/mine/edit",
    "connection/mine/revoke",
    "connection/mine/delete",
    "connection/mine/authorize",
    "service/new",
    "service/acme/edit",
    "service/acme/registration",
    "service/acme/delete",
]
ACME = {
    "name": "Acme",
    "authorization_endpoint": "https://login.acme.example/authorize",
    "token_endpoint": "https://login.acme.example/token",
    "api_base_url": "https://api.acme.example/v1",
    "scopes": [{"name": "read", "display_name": "Read all", "read_only": True}],
}


@pytest.fixture
def catalog_file(catalog_file):
    """A service with a key and a sub-domain, too."""
    catalog_file.write_text(catalog_file.read_text() + KEY_SHOP)
    return catalog_file


@pytest.fixture
def mine(kernel, jp_asyncio_loop):
    """A connection that waits for its authorization, and a service of one's own."""

    async def make():
        body = {"service": "coffee", "name": "Mine"}
        return (
            await kernel("POST", "api/v1/services", body=ACME),
            await kernel("POST", "api/v1/connections", body=body),
        )

    for made in jp_asyncio_loop.run_until_complete(make()):
        assert 201 == made.code, made.text


@pytest.mark.parametrize("path", SCREENS)
async def test_every_page_is_a_whole_page(browser, root, mine, path):
    """A title, one heading, a way to skip; nothing inline that the policy forbids."""
    answer = await browser.get(root + path)

    assert 200 == answer.code
    assert 1 == answer.text.count("<h1")
    assert "<title>" in answer.text
    assert '<a class="conn-skip" href="#main">' in answer.text
    assert not re.search(r"<script|\sstyle=|\son\w+=|<link|<img|src=", answer.text)


@pytest.mark.parametrize("path", SCREENS[:2])
async def test_D1_a_page_cannot_be_framed_and_is_kept_nowhere(browser, root, path):
    """Its forms may be sent to this origin, and nowhere else."""
    headers = (await browser.get(root + path)).headers

    policy = headers["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in policy
    assert "form-action 'self'" in policy
    assert "default-src 'none'" in policy
    assert ("DENY", "no-store", "same-origin") == (
        headers["X-Frame-Options"],
        headers["Cache-Control"],
        headers["Referrer-Policy"],
    )


@pytest.mark.parametrize("path", ["", "connection/mine", "service/new"])
async def test_nobody_sees_a_page_without_logging_in(new_browser, root, path):
    """The log-in page comes first."""
    answer = await new_browser().get(root + path)

    assert 302 == answer.code
    assert "/login?next=" in answer.headers["Location"]


async def test_D10_a_form_without_its_token_does_nothing(browser, root, mine, kernel):
    """Neither without it nor with a wrong one."""
    for body in ("", "_xsrf=2%7Cdeadbeef%7Cdeadbeef%7C1"):
        answer = await browser.send(
            "POST",
            f"{root}connection/mine/delete",
            body=body,
            headers={"Content-Type": FORM},
        )
        assert 403 == answer.code

    assert 200 == (await kernel("GET", "api/v1/connections/mine")).code


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
    ],
)
async def test_D12_D13_a_form_of_another_site_does_nothing(
    browser, root, mine, headers
):
    """Whatever token it brings."""
    shown = await browser.get(f"{root}connection/mine/delete")
    token = token_in(shown)

    answer = await browser.send(
        "POST",
        f"{root}connection/mine/delete",
        body=urllib.parse.urlencode({"_xsrf": token}),
        headers={"Content-Type": FORM} | headers,
    )

    assert 403 == answer.code


async def test_a_body_that_is_no_form_is_refused(browser, root, mine, kernel_header):
    """JSON is for REST; bytes that are no text, and NUL, are for nobody."""
    for body, kind, expected in (
        ("{}", "application/json", 415),
        (b"name=%FF&do=update", FORM, 400),
        (b"name=a%00b&do=update", FORM, 400),
    ):
        answer = await browser.send(
            "POST",
            f"{root}connection/mine/edit",
            body=body,
            headers=kernel_header | {"Content-Type": kind},
        )
        assert expected == answer.code


async def test_the_list_is_searched_and_filtered(browser, root, kernel, mine):
    """By name, by service, by status; a wrong filter means none."""
    other = {"service": "tea", "name": "Other"}
    await kernel("POST", "api/v1/connections", body=other)

    async def names(query):
        found = await browser.get(root + query)
        return re.findall(r'class="conn-link conn-name"[^>]*>([^<]+)<', found.text)

    assert ["Mine", "Other"] == await names("")
    assert ["Other"] == await names("?q=oth")
    assert ["Mine"] == await names("?service=coffee")
    assert ["Mine", "Other"] == await names("?status=needs+authorization")
    assert [] == await names("?status=connected")
    assert ["Mine", "Other"] == await names("?status=odd&group=odd")


async def test_a_long_list_goes_on(browser, root, kernel):
    """25 rows, then the next."""
    for number in range(27):
        body = {"service": "tea", "name": f"Tea {number:02}"}
        await kernel("POST", "api/v1/connections", body=body)

    first = await browser.get(root)
    onward = html.unescape(re.search(r'href="([^"]+)">Next<', first.text).group(1))
    second = await browser.get(onward)

    assert 25 == first.text.count('class="conn-row"')
    assert 2 == second.text.count('class="conn-row"')
    assert "27 connections" in words_of(second)
    assert ">First<" in second.text
    assert ">Next<" not in second.text


async def test_a_name_of_tags_is_text(browser, root, kernel):
    """What people and services are called is shown, never run."""
    await kernel(
        "POST",
        "api/v1/connections",
        body={"service": "coffee", "name": "<img src=x onerror=alert(1)>"},
    )

    page = await browser.get(root)

    assert "<img" not in page.text
    assert "&lt;img src=x onerror=alert(1)&gt;" in page.text


@pytest.mark.parametrize("path", ["connection/nobody%2Fmine", "new/nothing"])
async def test_what_is_not_there_is_said_and_leads_back(browser, root, path):
    """404, in the words of the error, with a way to the list."""
    answer = await browser.get(root + path)

    assert 404 == answer.code
    assert "That did not work." in words_of(answer)
    assert f'<a class="conn-btn" href="{root}">Connections</a>' in answer.text


async def test_an_internal_connection_has_no_edit(browser, root, kernel):
    """It can be revoked; the page says why nothing else."""
    await kernel("PUT", "api/v1/internal-connections/coffee", body={})
    listed = await browser.get(f"{root}?group=internal")
    name = re.search(r"connection/([^\"#/]+)", listed.text).group(1)

    page = await browser.get(f"{root}connection/{name}")
    edit = await browser.get(f"{root}connection/{name}/edit")

    assert "A built-in task made this connection." in words_of(page)
    assert "/edit" not in page.text
    assert "/revoke" in page.text
    assert 303 == edit.code
