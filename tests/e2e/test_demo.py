"""``jupyter connections demo``: the first notebook, as a newcomer goes through it."""

import json
import signal
import subprocess
import sys
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import psutil
import pytest
import story
from jupyter_process import JupyterProcess, home_environment
from notebook_page import PATIENCE_MS, NotebookPage

pytestmark = pytest.mark.browser

FIRST = "00_first_connection.ipynb"


@pytest.fixture
def demo(tmp_path):
    """The demo as a process, and what it says about itself."""
    with subprocess.Popen(
        [
            *(Path(sys.executable).parent / "jupyter", "connections", "demo"),
            *("--no-browser", "--print-ready"),
        ],
        env=home_environment(tmp_path),
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        yield process, json.loads(process.stdout.readline())
        if process.poll() is None:
            process.send_signal(signal.SIGINT)
            process.wait(timeout=60)


@pytest.fixture
def first_notebook(demo, chromium, screens):
    """The demo's first page, so tall that every cell is drawn."""
    _, facts = demo
    url = urlsplit(facts["url"])
    server = JupyterProcess(
        home=Path(facts["folder"]),
        port=url.port,
        token=parse_qs(url.query)["token"][0],
    )
    context = chromium.new_context(viewport={"width": 1280, "height": 4200})
    context.set_default_timeout(PATIENCE_MS)
    yield NotebookPage(context.new_page(), server, FIRST, shots=screens).open()
    context.close()


def test_a_newcomer_goes_through_the_first_notebook(demo, first_notebook):
    """Form, tab, log in, allow, call, revoke, enable; then Ctrl-C leaves nothing."""
    process, facts = demo
    notebook = first_notebook
    code = _code_cells(notebook.server.notebooks / FIRST)
    load, new, use, *more = code
    notebook.run(load)
    notebook.run(new)
    form = notebook.widget(new)
    story.visible(form.get_by_text("Connect to Practice Expenses"))
    notebook.shoot("connect")
    form.get_by_role("button", name="Create and connect").click()
    link = story.visible(form.get_by_role("link", name="Open Practice Expenses"))
    tab = notebook.click_to_new_tab(link)
    story.log_in_and_answer(tab)
    story.visible(tab.get_by_text("You are connected"))
    tab.close()
    story.visible(form.get_by_text("Connected as Ada Lovelace"))

    assert "'Hello Ada Lovelace'" == notebook.run(use)
    outputs = [notebook.run(cell) for cell in more]
    notebook.shoot("whole-notebook")
    errors = [text for text in outputs if "Error" in text or "Revoked:" in text]
    (refused,) = errors  # the one that the notebook makes on purpose
    assert refused.startswith("ConnectionRevoked: Connection 'practice-expenses' was")
    assert "'Ada Lovelace'" == outputs[-1]

    family = [
        psutil.Process(facts["pid"]),
        *psutil.Process(facts["pid"]).children(True),
    ]
    assert len(family) >= 3  # the demo, the server, a kernel
    process.send_signal(signal.SIGINT)
    assert 0 == process.wait(timeout=60)
    assert not Path(facts["folder"]).exists()
    assert [] == psutil.wait_procs(family, timeout=60)[1]


def _code_cells(path):
    cells = json.loads(path.read_text())["cells"]
    return [i for i, cell in enumerate(cells) if cell["cell_type"] == "code"]
