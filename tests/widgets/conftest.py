"""What the tests of the forms share: a broker in memory, and forms driven by hand."""

import contextlib
import json
import re
import shutil
import sys
from pathlib import Path

import comm
import ipywidgets
import jupyter_process
import machine
import pytest
from notebook_page import PATIENCE_MS, NotebookPage
from playwright.sync_api import sync_playwright

from conn_core import Settings
from conn_core.broker import open_core

# Kernels of the browser tests import from there too.
FAKES = Path(__file__).with_name("fakes")
sys.path.insert(0, str(FAKES))


@pytest.fixture(scope="session")
def fakes():
    """The broker in memory, and things to put into it."""
    import samples

    return samples


@pytest.fixture
def broker(fakes):
    """A broker with a small catalogue and a connection for each kind of row."""
    return fakes.FakeBroker(
        services=fakes.some_services(), connections=fakes.some_connections()
    )


class Wire:
    """Stands where the browser would be: sees all that is sent, and answers."""

    def __init__(self):
        self.messages = []

    def sent_by(self, widget):
        """Return the custom messages that a widget has sent."""
        return [
            data["content"]
            for model, data in self.messages
            if model == widget.model_id and data.get("method") == "custom"
        ]

    def last(self, widget, do):
        """Return the last message of a kind."""
        return [m for m in self.sent_by(widget) if m["do"] == do][-1]

    def receive(self, widget, **content):
        """Let the browser send a custom message."""
        data = {"method": "custom", "content": content}
        widget._handle_msg({"content": {"data": data}, "buffers": []})

    def type(self, widget, **traits):
        """Let the browser change traits."""
        data = {"method": "update", "state": traits}
        widget._handle_msg({"content": {"data": data}, "buffers": []})

    def everything(self):
        """Return all that went to the browser, as text."""
        return json.dumps(self.messages, default=repr)


@pytest.fixture
def wire(monkeypatch):
    """The wire of all widgets that a test makes; they are closed afterwards."""
    seen = Wire()

    class RecordingComm(comm.base_comm.BaseComm):
        def publish_msg(self, msg_type, data=None, metadata=None, buffers=None, **_):
            seen.messages.append((self.comm_id, data or {}))

    monkeypatch.setattr(comm, "create_comm", RecordingComm)
    monkeypatch.setattr(ipywidgets.widgets.widget.comm, "create_comm", RecordingComm)
    yield seen
    ipywidgets.Widget.close_all()


class Form:
    """A form in the hands of a test.

    Args:
        stage: What a form function returned.
        wire: The browser's stand-in.
    """

    def __init__(self, stage, wire):
        self.stage = stage
        self._wire = wire

    def all(self):
        """Return every widget that is shown."""

        def walk(widget):
            yield widget
            for child in getattr(widget, "children", ()):
                yield from walk(child)

        return list(walk(self.stage))

    def of(self, kind, /, **traits):
        """Return the one widget of a class whose traits are these."""
        found = [
            w
            for w in self.all()
            if isinstance(w, kind)
            and all(getattr(w, name) == value for name, value in traits.items())
        ]
        assert len(found) == 1, found
        return found[0]

    def press(self, words):
        """Press a button."""
        self.of(ipywidgets.Button, description=words).click()

    def buttons(self):
        """Return the words of all buttons."""
        return [w.description for w in self.all() if isinstance(w, ipywidgets.Button)]

    def html(self):
        """Return the static pieces that are visible, as one text."""
        return "\n".join(
            w.value
            for w in self.all()
            if isinstance(w, ipywidgets.HTML) and w.layout.display != "none"
        )


@pytest.fixture
def hold(wire):
    """Takes a form into a test's hands: ``hold(new_connection_form(broker))``."""
    return lambda stage: Form(stage, wire)


@pytest.fixture
def provider(canary):
    """Answers as the ledger, the forecast and the meters would."""
    from local_site import Provider

    return Provider(canary("access-token"))


@pytest.fixture
def core(tmp_path, provider):
    """A broker's core on a store in a temporary folder."""
    from local_site import CATALOG

    catalog = tmp_path / "catalog"
    catalog.mkdir()
    (catalog / "ledger.toml").write_text(CATALOG)
    settings = Settings(
        data_dir=tmp_path / "data",
        runtime_dir=tmp_path / "runtime",
        user="priya",
        use_keyring=False,
        public_url="http://127.0.0.1:8888/connections/",
        catalog_paths=(catalog,),
    )
    core = open_core(settings, provider=provider)
    yield core
    core.close()


#: Of the browser.
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
]
#: The first cell of every notebook of the browser tests.
SETUP = f"""
import hashlib, sys, time
sys.path.insert(0, {str(FAKES)!r})
import samples as fake
from datetime import UTC, datetime
import conn_widgets as cw

def new_broker(**members):
    clock = lambda: datetime.now(UTC)
    known = {{"services": fake.some_services(),
              "connections": fake.some_connections(clock())}}
    return fake.FakeBroker(**(known | members), clock=clock)

def digest(text):
    return hashlib.sha256(text.encode()).hexdigest()

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
        context.set_default_timeout(PATIENCE_MS)
        yield context
        browser.close()


@pytest.fixture
def run_cells(lab, tabs, tmp_path, request):
    """Opens a notebook and runs the set-up and the given cells."""
    name = re.sub(r"\W+", "-", request.node.name) + ".ipynb"
    with contextlib.ExitStack() as stack:

        def run(*cells):
            lab.write_notebook(name, SETUP, *cells)
            # JupyterLab would open the notebook of the story before, too.
            shutil.rmtree(lab.home / "config/lab/workspaces", ignore_errors=True)
            page = tabs.new_page()
            stack.callback(page.close)
            book = NotebookPage(page, lab, name, shots=tmp_path).open()
            for index in range(len(cells) + 1):
                assert "Traceback" not in book.run(index)
            return book

        yield run
    for session in lab.api("api/sessions"):
        lab.api(f"api/sessions/{session['id']}", method="DELETE")
