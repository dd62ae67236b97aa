"""The log as a page: found by connection, person and action, page by page."""

import page_forms
import pytest


@pytest.fixture
def shown(browser, root):
    """Opens a page; returns its words and its text."""

    async def go(path):
        answer = await browser.get(root + path)
        assert 200 == answer.code
        return page_forms.words_of(answer), answer.text

    return go


async def test_the_log_is_a_page(connect, kernel, shown):
    """Reached from the list and from the connection; a file of it, too."""
    await connect(name="Coffee beans")
    await kernel(
        "POST",
        "api/v1/connections/coffee-beans/revoke",
        headers={"X-Connections-Place": "daily%3Cb%3E.ipynb"},
    )
    for path in ("", "connection/coffee-beans"):
        assert "/connections/audit" in (await shown(path))[1]
    words, text = await shown("audit")
    assert "Revoked" in words
    assert "coffee-beans" in words
    assert "daily<b>.ipynb" in words
    assert "<b>" not in text
    assert "api/v1/audit?format=csv" in text
    narrowed, _ = await shown("audit?action=create&connection=coffee-beans")
    assert "Created" in narrowed
    assert "daily" not in narrowed
    assert "No line of the log fits" in (await shown("audit?q=nothing-like-it"))[0]
    wrong, _ = await shown("audit?connection=coffee-bean")
    assert "Did you mean 'coffee-beans'" in wrong


async def test_the_log_has_pages(connect, kernel, shown):
    """Older, and back to the latest."""
    await connect(name="C")
    for _ in range(30):
        await kernel("POST", "api/v1/connections/c/revoke")
        await kernel("POST", "api/v1/connections/c/enable")
    words, text = await shown("audit")
    assert "Older" in words
    assert "Latest" not in words
    older = text.split("audit?cursor=")[1].split('"')[0]
    words, _ = await shown(f"audit?cursor={older}")
    assert "Latest" in words
    assert "Created" in words
