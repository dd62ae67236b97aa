"""The web page at ``connections/``: a whole life without script, and every page looked at."""

import json
from pathlib import Path

import jupyter_process
import pytest
import site_pages
import story
from notebook_page import PATIENCE_MS, be_still
from playwright.sync_api import expect

from conn_serverext.practice import PracticeService

pytestmark = [pytest.mark.browser]

ROOT = Path(__file__).resolve().parents[2]
AXE = ROOT / "tests" / "peers" / "node_modules" / "axe-core" / "axe.min.js"
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
LOOK = """tags => axe.run(document, {runOnly: tags}).then(found =>
    found.violations.map(v => ({
        id: v.id, impact: v.impact, where: v.nodes.map(n => n.html.slice(0, 200)),
        why: v.nodes.map(n => n.failureSummary)})))"""
SIZES = {"wide": {"width": 1200, "height": 800}, "phone": {"width": 390, "height": 800}}
TOO_WIDE = "document.documentElement.scrollWidth > innerWidth"


@pytest.fixture
def practice(canary):
    """The practice service, with secrets that are looked for afterwards."""
    with PracticeService(client_secret=canary("client-secret")) as service:
        yield service


@pytest.fixture(scope="module")
def furnished(tmp_path_factory):
    """A server with services and connections in several states, and a waiting attempt."""
    home = tmp_path_factory.mktemp("furnished")
    catalog = home / "catalog"
    catalog.mkdir()
    with PracticeService() as practice:
        (catalog / "practice.toml").write_text(practice.service_toml())
        with jupyter_process.running(home) as server:
            yield (
                server,
                site_pages.furnish(
                    server,
                    client_id=practice.client_id,
                    client_secret=practice.client_secret,
                ),
            )


@pytest.fixture
def person(chromium):
    """A browser in which no script runs, as on a phone that blocks them."""
    context = chromium.new_context(
        java_script_enabled=False, viewport={"width": 390, "height": 800}
    )
    context.set_default_timeout(PATIENCE_MS)
    yield context.new_page()
    context.close()


def test_K34_M7_a_whole_life_without_script(
    practice, start_jupyter, offer, person, canary, screens
):
    """Pick, register, authorize, test, edit, revoke, enable, delete: links and forms."""
    offer(practice)
    server = start_jupyter()
    page = person
    seen = {}

    def shoot(name):
        page.screenshot(path=screens / f"{name}.png", full_page=True)
        seen[f"page {name}"] = page.content()
        seen[f"address {name}"] = page.url

    site_pages.log_in(page, server)
    expect(page.get_by_role("heading", name="No connections yet")).to_be_visible()
    page.get_by_role("link", name="New connection").last.click()
    page.get_by_role("searchbox").fill("practice")
    page.keyboard.press("Enter")
    page.get_by_role("link", name="Practice Expenses").click()

    page.get_by_label("Connection name").fill("Expenses")
    page.get_by_label("Client id").fill(practice.client_id)
    page.keyboard.press("Enter")
    expect(page.get_by_label("Client secret")).to_be_focused()
    expect(page.get_by_label("Client secret")).to_have_accessible_description(
        "Is needed. Stored sealed. It cannot be shown again."
    )
    expect(page.get_by_label("Client id")).to_have_value(practice.client_id)
    page.get_by_label("Client secret").fill(practice.client_secret)
    page.get_by_role("button", name="Create and connect").click()
    shoot("authorize")

    page.get_by_role("link", name="Open Practice Expenses").click()
    story.log_in_and_answer(page)
    expect(page.get_by_role("heading", name="You are connected.")).to_be_visible()
    shoot("result")
    page.get_by_role("link", name="See the connection").click()
    expect(page.get_by_text("account Ada Lovelace")).to_be_visible()
    shoot("details")

    page.get_by_role("button", name="Test").click()
    _told(page, "Practice Expenses answered as Ada Lovelace")

    page.get_by_role("link", name="Edit").click()
    page.get_by_label("Connection name").fill("Expenses, all of them")
    page.get_by_label("Add expense reports").check()
    page.get_by_role("button", name="Update").click()
    _told(page, "Updated.")
    page.get_by_role("button", name="Authorize").click()
    page.get_by_role("link", name="Open Practice Expenses").click()
    page.get_by_role("button", name="Allow").click()
    page.get_by_role("link", name="See the connection").click()
    expect(page.get_by_text("Connected", exact=True)).to_be_visible()

    _more(page, "Revoke")
    expect(page.get_by_role("link", name="Cancel")).to_be_focused()
    shoot("revoke")
    page.get_by_role("button", name="Revoke").click()
    _told(page, "Revoked. It can be enabled again.")
    page.get_by_role("button", name="Enable").click()
    _told(page, "Enabled. It works again.")

    _more(page, "Delete")
    shoot("delete")
    page.get_by_role("button", name="Yes, delete").click()
    _told(page, "‘Expenses, all of them’ is deleted. Practice Expenses ended the")
    shoot("empty")

    assert 2 == practice.counters.codes_exchanged
    canary.watch_all(practice.issued(), "token of the provider")
    assert len(seen) == canary.sweep([], seen)


def _told(page, words):
    expect(page.get_by_role("status").first).to_contain_text(words)


def _more(page, words):
    page.locator("main summary").first.click()
    page.get_by_role("link", name=words).click()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", SIZES)
def test_no_page_has_a_finding(furnished, chromium, screens, scheme, size):
    """Names, roles, contrast, focus, no sideways scrolling: each page, as axe sees it."""
    assert AXE.exists(), "axe is missing: make parts"
    server, flow = furnished
    context = chromium.new_context(viewport=SIZES[size], color_scheme=scheme)
    context.set_default_timeout(PATIENCE_MS)
    page = context.new_page()
    said = []
    page.on("console", lambda message: said.append(message.text))
    site_pages.log_in(page, server)
    found = {}
    for shown in site_pages.pages(flow):
        page.goto(f"{server.url}connections/{shown.path}")
        if shown.do:
            shown.do(page)
        be_still(page)
        page.screenshot(path=screens / f"{shown.name}.png", full_page=True)
        page.evaluate(AXE.read_text())
        seen = page.evaluate(LOOK, TAGS)
        if page.evaluate(TOO_WIDE):
            seen = [*seen, {"id": "scrolls sideways"}]
        if seen:
            found[shown.name] = seen
    context.close()

    assert {} == found, json.dumps(found, indent=1)
    assert [] == [text for text in said if "Content Security Policy" in text]
