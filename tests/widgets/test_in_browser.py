"""The forms in JupyterLab, as a person at the keyboard meets them.

One server and one notebook for all stories; the broker is in the kernel's memory.
"""

import contextlib
import hashlib
import json
import re

import pytest
from patience import until
from playwright.sync_api import expect

pytestmark = pytest.mark.browser

PAYLOAD = '<img src=x onerror="window.attacked=1"><b data-commandlinker-command="x">'


def test_a_connection_is_made_with_the_keyboard_alone(run_cells, lab, canary, tmp_path):
    """Search, arrows, Enter; what was refused stays; the end comes while a cell runs.

    K20: the secret leaves the browser once and is in no saved state, typed or sent.
    """
    secret, seen = canary("client-secret"), tmp_path / "seen"
    book = run_cells("cw.new_connection_form(broker)", "pass")
    page, form = book.page, book.widget(1)

    form.get_by_role("searchbox").click()
    page.keyboard.type("receipts")
    expect(form.locator(".conn-card")).to_have_count(1)
    page.keyboard.press("ArrowDown")
    expect(form.locator(".conn-card")).to_be_focused()
    page.keyboard.press("Enter")

    name = form.get_by_label("Connection name")
    expect(name).to_be_focused()
    name.fill("Travel")
    expect(form.get_by_text("Used in code as travel.")).to_be_visible()
    expect(name).to_be_focused()
    page.keyboard.press("Enter")
    organisation = form.get_by_label("Organisation")
    expect(organisation).to_be_focused()
    expect(form.get_by_role("alert")).to_have_text("Must be like 60001234.")
    expect(name).to_have_value("Travel")

    organisation.fill("60001234")
    form.get_by_label("Client id").fill("1000.4XK2")
    typed = form.get_by_label("Client secret")
    typed.fill(secret)
    _save(book)
    expect(typed).to_have_value(secret)
    typed.press("Enter")

    link = form.get_by_role("link", name="Open Zoho Expense")
    expect(link).to_be_focused()
    assert ("_blank", "noopener") == (
        link.get_attribute("target"),
        link.get_attribute("rel"),
    )
    assert link.get_attribute("href").endswith("/connections/start/flow1")
    expect(form.locator(".conn-time")).to_have_text(re.compile(r"4:\d\d"))

    book.type_cell(
        2,
        "kept = broker.registrations['zoho-expense'].client_secret\n"
        f"assert {_digest(secret)!r} == digest(kept.get_secret_value())\n"
        "broker.answer('flow1', 'done', account='priya-n')\n"
        "from pathlib import Path\n"
        f"while not Path({str(seen)!r}).exists(): time.sleep(0.1)",
    )
    page.keyboard.press("Control+Enter")
    expect(form.get_by_role("heading", name="Connected as priya-n")).to_be_visible()
    assert "[*]:" == book.cell(2).locator(".jp-InputPrompt").first.inner_text().strip()
    seen.touch()

    book.wait_for_kernel()
    assert "AssertionError" not in book.output(2)
    _save(book)
    canary.sweep([lab.notebooks], {"page": page.content()})


def test_the_list_is_worked_with_the_keyboard(run_cells):
    """Arrows move in tabs, the result stands in the row, and the focus stays there."""
    book = run_cells("cw.connections_panel(broker)")
    page, form = book.page, book.widget(1)
    row = form.locator("[data-name=github]")

    form.get_by_role("tab", name="My").click()
    page.keyboard.press("ArrowRight")
    expect(form.get_by_role("tab", name="Organisation")).to_be_focused()
    expect(form.locator(".conn-row")).to_have_count(1)
    page.keyboard.press("Home")
    expect(form.locator(".conn-row")).to_have_count(6)

    row.get_by_role("button", name="More actions for GitHub").press("Enter")
    row.get_by_role("button", name="Test").press("Enter")
    expect(row.get_by_role("status")).to_contain_text("answered as priya-n")
    expect(row.get_by_role("button", name="Test")).to_be_focused()

    row.get_by_role("button", name="Code").press("Enter")
    expect(row.locator("pre")).to_contain_text("%%connection github")
    row.get_by_role("button", name="Copy code").click()
    expect(row.get_by_text("Copied").first).to_be_visible()
    expect(row.get_by_role("button", name="Copy code")).to_contain_text("Copy")

    row.get_by_role("button", name="Revoke").press("Enter")
    expect(form.get_by_role("heading", name="Revoke GitHub?")).to_be_visible()
    expect(form.get_by_role("button", name="Cancel")).to_be_focused()
    page.keyboard.press("Escape")
    expect(row.get_by_role("button", name="More actions for GitHub")).to_be_focused()

    cells = page.locator(".jp-Notebook .jp-Cell").count()
    page.keyboard.press("d")
    page.keyboard.press("d")
    assert cells == page.locator(".jp-Notebook .jp-Cell").count()

    form.get_by_role("searchbox").fill("sheet")
    expect(form.locator(".conn-row")).to_have_count(1)
    form.get_by_role("searchbox").fill("qqq")
    expect(form.get_by_text("No connection matches “qqq”.")).to_be_visible()
    form.get_by_role("button", name="Show all").click()
    expect(form.locator(".conn-row")).to_have_count(6)


def test_a_key_is_typed_and_connects_at_once(run_cells, lab, canary):
    """Enter sends it; what is wrong has the focus; no page opens.

    K20: the key leaves the browser once and is in no saved state.
    """
    secret = canary("api-key")
    book = run_cells("cw.new_connection_form(broker, service='shop')", "pass")
    page, form = book.page, book.widget(1)
    form.get_by_label("Server").fill("shop.acme.example")
    expect(form.get_by_text("sent to shop.acme.example.")).to_be_visible()
    key = form.get_by_label("API token")
    expect(key).to_have_attribute("type", "password")
    key.fill(secret)
    key.press("Enter")

    account = form.get_by_label("Account")
    expect(account).to_be_focused()
    expect(form.get_by_role("alert").last).to_have_text("Is needed.")
    expect(key).to_have_value(secret)
    account.fill("priya")
    _save(book)
    account.press("Enter")

    expect(form.get_by_role("heading", name="Connected")).to_be_visible()
    expect(form.get_by_role("button", name="Done")).to_be_focused()
    expect(form.locator("a")).to_have_count(0)
    book.type_cell(
        2,
        "kept = next(iter(broker.typed.values()))['password']\n"
        f"assert {_digest(secret)!r} == digest(kept.reveal())",
    )
    page.keyboard.press("Control+Enter")
    book.wait_for_kernel()
    assert "AssertionError" not in book.output(2)
    _save(book)
    canary.sweep([lab.notebooks], {"page": page.content()})


def test_the_other_ways_are_reached_with_the_keyboard(run_cells, lab, canary):
    """Folds say whether they are open; Enter continues; what was refused stays.

    K20: the pasted address holds a code, and is in no saved state.
    """
    code = canary("code")
    book = run_cells(
        "coded = fake.a_service(device_authorization_endpoint='https://example.com/c')\n"
        "there = fake.a_connection(status='needs authorization')\n"
        "b = new_broker(services=[coded], connections=[there])\n"
        "cw.authorize_form(b, 'github')"
    )
    page, form = book.page, book.widget(1)
    device = form.get_by_role("button", name="Use a code on another device")
    expect(device).to_have_attribute("aria-expanded", "false")
    device.press("Enter")
    expect(device).to_have_attribute("aria-expanded", "true")
    expect(device).to_be_focused()
    expect(form.get_by_role("status").get_by_text("WDJB-MJHT")).to_be_visible()
    expect(form.get_by_role("link")).to_have_count(1)

    form.get_by_role("button", name="Paste the address").press("Enter")
    address = form.get_by_label("Address you were sent to")
    address.fill("http://127.0.0.1/?state=wrong")
    address.press("Enter")
    expect(form.get_by_role("alert")).to_contain_text("Belongs to another")
    expect(address).to_be_focused()
    expect(address).to_have_value("http://127.0.0.1/?state=wrong")

    address.fill(f"http://127.0.0.1/?state=of-flow1&code={code}")
    _save(book)
    address.press("Enter")
    expect(form.get_by_role("heading", name="Connected as priya-n")).to_be_visible()
    _save(book)
    canary.sweep([lab.notebooks], {"page": page.content()})


def test_a_key_of_several_lines_keeps_them(run_cells):
    """It is typed unseen all the same."""
    book = run_cells(
        "keyed = fake.a_service(registered=False,\n"
        "    token_endpoint_auth_method='private_key_jwt')\n"
        "b = new_broker(services=[keyed])\n"
        "cw.new_connection_form(b, service='github', name='Keyed')",
        "pass",
    )
    form = book.widget(1)
    form.get_by_label("Client id").fill("priyas-client")
    key = form.get_by_label("Private key")
    assert "disc" == key.evaluate("node => getComputedStyle(node).webkitTextSecurity")
    key.fill("CNRY-one\nCNRY-two")
    form.get_by_role("button", name="Create and connect").click()
    expect(form.get_by_role("link", name="Open GitHub")).to_be_visible()

    book.type_cell(2, "b.registrations['github'].client_secret.get_secret_value()")
    assert r"'CNRY-one\nCNRY-two'" == book.run(2)


def test_N1_N10_foreign_text_makes_no_element_in_any_form(run_cells):
    """Names, scopes, descriptions, accounts and errors of others are shown as text."""
    book = run_cells(
        f"from conn_core import ServiceProposal\nx = {PAYLOAD!r}\n"
        "odd = fake.a_service(name=x[:190], description=x, registration_help=x,\n"
        "    registered=False, category=x,\n"
        "    scopes=(fake.Scope(name='a', display_name=x),))\n"
        "there = fake.a_connection(name=x, account=x, owner=x, scopes=('a',),\n"
        "    service_name=x, status='failed', status_reason=x)\n"
        "b = new_broker(services=[odd], connections=[there])\n"
        "b.note('github', x, x)\n"
        "cw.connections_panel(b)",
        "cw.new_connection_form(b)",
        "cw.new_connection_form(b, service='github')",
        "cw.edit_form(b, 'github')",
        "cw.confirm_form(b, 'github', 'delete')",
        "b.registrations['github'] = 1\nf = cw.authorize_form(b, 'github')\nf",
        "g = cw.authorize_form(b, 'github')\nb.answer('flow2', 'failed', error=x)\ng",
        "h = cw.authorize_form(b, 'github')\n"
        "b.answer('flow3', 'done', account=x, scopes=())\n"
        "h",
        "b.note_use('github', x, x)\ncw.connection_details(b, 'github')",
        "own = fake.a_service(name=x[:190], description=x, predefined=False,\n"
        "    owner='priya', scopes=(fake.Scope(name='a', display_name=x),))\n"
        "cw.service_form(new_broker(services=[own]), service='github',\n"
        "    proposal=ServiceProposal(service={'description': x}, notes=(x,)))",
    )
    page = book.page

    for index in range(1, 11):
        expect(book.widget(index)).to_contain_text("<img src=x")
    expect(book.widget(8).get_by_role("heading")).to_contain_text("Connected as <img")
    attacked = page.locator(
        ".conn-root :is(img, b:not(.conn-snippet b), [data-commandlinker-command])"
    )
    assert 0 == attacked.count()
    assert page.evaluate("window.attacked") is None


def _digest(text):
    return hashlib.sha256(text.encode()).hexdigest()


def _save(book):
    """Save from where the focus is, as a person in the middle of a form does."""
    path = book.server.notebooks / book.name
    before = path.stat().st_mtime_ns

    def is_saved():
        if path.stat().st_mtime_ns == before:
            return False
        with contextlib.suppress(json.JSONDecodeError):  # it is being written
            return bool(json.loads(path.read_text())["metadata"]["widgets"])
        return False

    book.page.keyboard.press("Control+s")
    until(is_saved, what="the saved notebook with its widgets")
