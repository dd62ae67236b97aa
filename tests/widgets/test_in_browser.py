"""The forms in JupyterLab, as a person at the keyboard meets them.

One server and one notebook for all stories; the broker is in the kernel's memory.
"""

import contextlib
import json
import re
from pathlib import Path

import jupyter_process
import machine
import pytest
from notebook_page import NotebookPage
from playwright.sync_api import expect, sync_playwright

pytestmark = pytest.mark.browser

FLAGS = (
    "--headless --no-sandbox --disable-gpu --disable-background-networking "
    "--disable-component-update --disable-sync --disable-dev-shm-usage"
).split()
PAYLOAD = '<img src=x onerror="window.attacked=1"><b data-commandlinker-command="x">'
SETUP = f"""
import importlib.util, sys, time
spec = importlib.util.spec_from_file_location(
    "fake_broker", {str(Path(__file__).with_name("fake_broker.py"))!r})
fake = importlib.util.module_from_spec(spec)
spec.loader.exec_module(fake)
from datetime import UTC, datetime
import conn_widgets as cw

def new_broker(**members):
    clock = lambda: datetime.now(UTC)
    known = {{"services": fake.some_services(),
              "connections": fake.some_connections(clock())}}
    return fake.FakeBroker(**(known | members), clock=clock)

broker = new_broker()
"""


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    """JupyterLab, which saves the state of widgets with the notebook."""
    home = tmp_path_factory.mktemp("lab")
    settings = home / "config/lab/user-settings/@jupyter-widgets/jupyterlab-manager"
    settings.mkdir(parents=True)
    (settings / "plugin.jupyterlab-settings").write_text('{"saveState": true}')
    with jupyter_process.running(home) as server:
        yield server


@pytest.fixture(scope="module")
def tabs():
    path = machine.find_chromium()
    assert path, "Chromium is missing: make parts"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        context = browser.new_context(viewport={"width": 1200, "height": 1300})
        context.set_default_timeout(15_000)
        yield context
        browser.close()


@pytest.fixture
def run_cells(lab, tabs, tmp_path, request):
    """Opens a notebook and runs the set-up and the given cells."""
    name = re.sub(r"\W+", "-", request.node.name) + ".ipynb"
    with contextlib.ExitStack() as stack:

        def run(*cells):
            lab.write_notebook(name, SETUP, *cells)
            page = tabs.new_page()
            stack.callback(page.close)
            book = NotebookPage(page, lab, name, shots=tmp_path).open()
            for index in range(len(cells) + 1):
                assert "Traceback" not in book.run(index)
            return book

        yield run


def test_a_connection_is_made_with_the_keyboard_alone(run_cells, lab, canary):
    """Search, arrows, Enter; the secret leaves once and is in no saved state.

    Then the outcome appears while a cell is running.
    """
    secret = canary("client-secret")
    book = run_cells(
        "cw.new_connection_form(broker)",
        "kept = broker.registrations['zoho-expense']\n"
        "print(kept.client_id, len(kept.client_secret.get_secret_value()))",
        "broker.answer('flow1', 'done', account='priya-n')\ntime.sleep(4)"
        if False
        else "pass",
    ) if False else run_cells("cw.new_connection_form(broker)", "pass")
    page, form = book.page, book.widget(1)

    search = form.get_by_role("searchbox")
    search.click()
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
    expect(form.get_by_role("alert").first).to_contain_text("Must be like 60001234.")
    organisation.fill("60001234")
    form.get_by_label("Client id").fill("1000.4XK2")
    typed = form.get_by_label("Client secret")
    typed.fill(secret)
    book.save()
    page.keyboard.press("Escape") if False else None
    typed.press("Enter")

    link = form.get_by_role("link", name="Open Zoho Expense")
    expect(link).to_be_focused()
    assert "_blank" == link.get_attribute("target")
    assert "noopener" == link.get_attribute("rel")
    assert link.get_attribute("href").endswith("/connections/start/flow1")
    expect(form.locator(".conn-time")).to_have_text(re.compile(r"4:5\d"))

    book.type_cell(
        2,
        f"assert broker.registrations['zoho-expense'].client_secret\n"
        "broker.answer('flow1', 'done', account='priya-n')\n"
        "time.sleep(6)",
    )
    page.keyboard.press("Control+Enter")
    expect(form.get_by_role("heading", name="Connected as priya-n")).to_be_visible(
        timeout=5_000
    )
    assert "[*]:" == book.cell(2).locator(".jp-InputPrompt").first.inner_text().strip()

    book.save()
    saved = json.loads((lab.notebooks / book.name).read_text())
    assert saved["metadata"]["widgets"], "the state of the widgets was not saved"
    canary.sweep([lab.notebooks], {"page": page.content()})
