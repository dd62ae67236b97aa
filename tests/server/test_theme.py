"""Light, dark, or as the system: each browser keeps its own."""

import re
import urllib.parse

import pytest

FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@pytest.fixture
def choose(browser, root):
    """Presses one of the three buttons, as the page sends it."""

    async def go(theme, back="new"):
        shown = await browser.get(root + "new")
        fields = dict(re.findall(r'name="(_xsrf|back)" value="([^"]*)"', shown.text))
        fields |= {"theme": theme, "back": back}
        body = urllib.parse.urlencode(fields)
        return await browser.send("POST", f"{root}theme", body=body, headers=FORM)

    return go


@pytest.mark.parametrize(("theme", "light"), [("light", "true"), ("dark", "false")])
async def test_a_theme_is_kept(browser, choose, root, theme, light):
    """On every page, until another one is chosen."""
    before = await browser.get(root)
    answer = await choose(theme)
    pages = [await browser.get(root + path) for path in ("", "new", "result/nothing")]
    await choose("")
    after = await browser.get(root)

    said = f'<html lang="en" data-jp-theme-light="{light}">'
    assert (303, f"{root}new") == (answer.code, answer.headers["Location"])
    assert [True] * 3 == [said in page.text for page in pages]
    assert [True] * 2 == ['<html lang="en">' in p.text for p in (before, after)]
    assert 'value="" aria-pressed="true"' in before.text
    assert f'value="{theme}" aria-pressed="true"' in pages[0].text


async def test_the_cookie_is_seen_by_our_pages_only(choose, root):
    """No script reads it, and it goes nowhere else."""
    set_cookie = (await choose("dark")).headers["Set-Cookie"]

    assert set_cookie.startswith("connections-theme=dark;")
    assert f"path={root}" in set_cookie.lower()
    assert "httponly" in set_cookie.lower()
    assert "samesite=lax" in set_cookie.lower()


async def test_what_is_no_theme_is_none(browser, choose, root):
    """Neither a made-up word nor a cookie that somebody wrote reaches the page."""
    answer = await choose('dark" onload="x')
    shown = await browser.get(root)

    assert 303 == answer.code
    assert '<html lang="en">' in shown.text
    assert "onload" not in shown.text


@pytest.mark.parametrize(
    "back",
    [
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example/",
        "/%5cevil.example/",
        "/@evil.example/",
        "javascript:alert(1)",
        "\t//evil.example/",
        "%252f%252fevil.example/",
        "\r\nX-A: b",
        "x" * 3000,
        "ü",
        "",
    ],
)
async def test_C1_to_C8_the_way_back_is_one_of_ours(choose, root, back):
    """Wherever it says, it leads below our own root."""
    answer = await choose("dark", back)

    assert 303 == answer.code
    assert answer.headers["Location"].startswith(root)
    assert "X-A" not in answer.headers


async def test_a_log_in_token_in_the_address_is_not_in_the_page(
    new_browser, root, jp_serverapp, provider
):
    """The way back is the path alone."""
    token = jp_serverapp.identity_provider.token

    shown = await new_browser().get(f"{root}new?token={token}")

    assert 200 == shown.code
    assert token not in shown.text
    assert 'name="back" value="new"' in shown.text
