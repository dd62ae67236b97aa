"""A browser, JupyterLab or Notebook 7 in a temporary home, and pages in them."""

import contextlib
import re
from pathlib import Path

import jupyter_process
import machine
import pytest
from notebook_page import PATIENCE_MS, NotebookPage
from playwright.sync_api import sync_playwright

_FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
]
_FAILED = pytest.StashKey[bool]()
_SCREENS = Path(__file__).resolve().parents[2] / "test-results" / "screens"


@pytest.fixture(scope="module")
def chromium():
    """One browser process for all stories of a file.

    Not longer: Playwright leaves an event loop running in this thread until it is
    stopped, and then no other test can run one.
    """
    path = machine.find_chromium()
    assert path, "Chromium is missing: make parts"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=path,
            args=_FLAGS,
            # Playwright turns it off; with it off, a test of a new tab proves nothing.
            ignore_default_args=["--disable-popup-blocking"],
        )
        yield browser
        browser.close()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item):
    """Let fixtures know how the test went: a failure is photographed."""
    report = yield
    item.stash.setdefault(_FAILED, False)
    item.stash[_FAILED] |= report.failed
    return report


@pytest.fixture
def browser_context(chromium, request, screens):
    """A browser without cookies, as a person has it on the first day."""
    context = chromium.new_context(viewport={"width": 1280, "height": 1400})
    context.set_default_timeout(PATIENCE_MS)
    yield context
    if request.node.stash[_FAILED]:
        for number, page in enumerate(context.pages):
            page.screenshot(path=screens / f"failed-{number}.png")
    context.close()


@pytest.fixture
def screens(request):
    """The folder for this story's pictures."""
    name = re.sub(r"[^\w-]+", "-", request.node.name.removeprefix("test_")).strip("-")
    folder = _SCREENS / name
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("*.png"):
        old.unlink()
    return folder


@pytest.fixture
def start_jupyter(tmp_path):
    """Starts servers: ``start(kind="notebook", base_url="/user/alice/")``."""
    with contextlib.ExitStack() as stack:

        def start(**options):
            home = tmp_path / "home"
            return stack.enter_context(jupyter_process.running(home, **options))

        yield start


@pytest.fixture
def open_notebook(browser_context, screens):
    """Opens a notebook of a server in a new tab: ``open(server, "a.ipynb")``."""

    def open_it(server, name):
        page = browser_context.new_page()
        return NotebookPage(page, server, name, shots=screens).open()

    return open_it


@pytest.fixture
def offer(tmp_path):
    """Puts services into the catalogue of servers started afterwards."""
    folder = tmp_path / "home" / "catalog"
    folder.mkdir(parents=True)

    def put(peer, **changes):
        path = folder / f"{peer.service_id}.toml"
        path.write_text(peer.service_toml(**changes))
        return path

    return put
