"""What happens to a connection while notebooks run: tokens end, people revoke,
kernels and servers restart, and the same notebook runs without any server.
"""

import subprocess
import sys
import time

import nbformat
import pytest
import story
from patience import until
from streams import merged

pytestmark = [pytest.mark.browser, pytest.mark.peer]

LOAD = "%load_ext conn_magics"
ASK = '%%connection coffee\nprint(len(coffee.get("/items").json()["items"]), "items")'
SHORT_LIVED = {"AccessToken": 5}
#: Prints a token wherever outputs are kept. At a terminal nothing keeps it out.
SHOW = """import conn_magics as cm
if hasattr(get_ipython(), "kernel"):
    print(cm.get("coffee").token().reveal())"""


@pytest.fixture
def connected(start_certified_server, start_jupyter, browser_context, offer, canary):
    """Returns a server with an authorized connection 'coffee', and its provider."""

    def make(*cells, **options):
        peer = start_certified_server(**options)
        offer(peer)
        server = start_jupyter()
        server.write_notebook("coffee.ipynb", LOAD, ASK, *cells)
        url = story.connect_by_rest(server, peer)
        tab = browser_context.new_page()
        tab.goto(server.page_url("coffee.ipynb"))
        with story.remembering_states(browser_context, canary):
            tab.goto(url)
            story.log_in_and_answer(tab)
        tab.get_by_text("You are connected").wait_for()
        tab.close()
        assert "connected" == story.status_by_rest(server, "coffee")["status"]
        return server, peer

    return make


def test_an_expired_token_is_refreshed_once(connected, open_notebook, canary):
    """Five seconds later the next call refreshes, succeeds, and can do it again."""
    server, peer = connected(ttl=SHORT_LIVED)
    notebook = open_notebook(server, "coffee.ipynb")
    notebook.run(0)
    assert "3 items" == notebook.run(1)
    before = peer.counters()["refresh"]

    time.sleep(5.5)
    assert "3 items" == notebook.run(1)
    assert before + 1 == peer.counters()["refresh"]

    # The provider ends the grant if a used refresh token comes again: so the new one
    # was kept.
    time.sleep(5.5)
    assert "3 items" == notebook.run(1)
    assert before + 2 == peer.counters()["refresh"]
    assert 0 == peer.counters()["refused"]
    assert "connected" == story.status_by_rest(server, "coffee")["status"]
    story.sweep_everything(canary, server, notebook, peer.issued())


def test_a_token_refused_early_is_refreshed_and_the_call_repeated(
    connected, open_notebook
):
    """The API answers 401 to a good token: one refresh, one more call, success."""
    server, peer = connected()
    notebook = open_notebook(server, "coffee.ipynb")
    notebook.run(0)
    assert "3 items" == notebook.run(1)
    before = peer.counters()

    peer.play(api_401=1)
    assert "3 items" == notebook.run(1)

    after = peer.counters()
    assert before["refresh"] + 1 == after["refresh"]
    assert before["api"] + 2 == after["api"]
    assert before["api_401"] + 1 == after["api_401"]


def test_a_revocation_reaches_another_kernel_within_a_second(connected, open_notebook):
    """The object in the other kernel stops, with the right words; enable undoes it."""
    call = 'print(len(coffee.get("/items").json()["items"]), "items")'
    server, peer = connected(call)
    server.write_notebook(
        "other.ipynb", LOAD, "%conn revoke coffee -y", "%conn enable coffee"
    )
    notebook = open_notebook(server, "coffee.ipynb")
    notebook.run(0)
    notebook.run(1)
    assert "3 items" == notebook.run(2)
    other = open_notebook(server, "other.ipynb")
    other.run(0)

    other.run(1)
    time.sleep(1)
    calls = peer.counters()["api"]
    told = notebook.run(2)
    notebook.shoot("revoked-in-another-kernel")
    assert told.startswith("ConnectionRevoked: Connection 'coffee' was revoked by ")
    assert "%conn enable coffee" in told
    assert notebook.run(1).startswith("ConnectionRevoked: ")
    assert calls == peer.counters()["api"]

    log_ins = peer.counters()["code"]
    other.run(2)
    assert "3 items" == notebook.run(1)
    assert "3 items" == notebook.run(2)
    assert log_ins == peer.counters()["code"]


def test_a_restart_keeps_the_connection(connected, open_notebook, canary):
    """Kernel restarted, server restarted: no new log-in."""
    server, peer = connected()
    notebook = open_notebook(server, "coffee.ipynb")
    notebook.run(0)
    assert "3 items" == notebook.run(1)

    notebook.restart_kernel()
    notebook.run(0)
    assert "3 items" == notebook.run(1)
    notebook.page.close()

    server.restart()
    notebook = open_notebook(server, "coffee.ipynb")
    notebook.run(0)
    assert "3 items" == notebook.run(1)
    assert 1 == peer.counters()["code"]
    story.sweep_everything(canary, server, notebook, peer.issued())


def test_K18_K19_K27_the_same_notebook_runs_without_a_server(
    connected, canary, tmp_path
):
    """By ``jupyter execute``, nbconvert, papermill, plain ipython and cron; the store is
    enough. No output, page, script or parameter holds a token, where cells print it.
    """
    server, peer = connected(SHOW)
    server.stop()
    book = server.notebooks / "coffee.ipynb"
    made = tmp_path / "made"
    made.mkdir()
    commands = {
        "execute": ["jupyter", "execute", str(book), "--output", str(made / "execute")],
        "nbconvert": [
            *("jupyter", "nbconvert", "--execute", "--to", "notebook", str(book)),
            *("--output", str(made / "nbconvert")),
        ],
        "html": [
            *("jupyter", "nbconvert", "--execute", "--to", "html", str(book)),
            *("--output", str(made / "page")),
        ],
        "script": [
            *("jupyter", "nbconvert", "--to", "script", str(book)),
            *("--output", str(made / "script")),
        ],
        "papermill": [
            *("papermill", str(book), str(made / "papermill.ipynb")),
            *("-p", "year", "2026"),
        ],
        "cron": ["papermill", str(book), str(made / "cron.ipynb")],
        "ipython": ["ipython", "--no-banner", str(book)],
    }

    said = {}
    for name, (program, *arguments) in commands.items():
        run = subprocess.run(
            [sys.executable, "-m", *_MODULES[program], *arguments],
            cwd="/" if name == "cron" else server.notebooks,
            env=_bare(server.env()) if name == "cron" else server.env(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=150,
            check=False,
        )
        said[name] = run.stdout
        assert 0 == run.returncode, run.stdout

    assert "3 items" in said["ipython"]
    for name in ("execute", "nbconvert", "papermill", "cron"):
        executed = nbformat.read(made / f"{name}.ipynb", as_version=4)
        texts = [o.get("text", "") for c in executed.cells for o in merged(c.outputs)]
        assert "3 items\n" in texts, texts
        assert "[redacted]\n" in texts, texts
    assert "3 items" in (made / "page.html").read_text()
    [script] = made.glob("script.*")
    assert "conn_magics" in script.read_text()
    kept = nbformat.read(made / "papermill.ipynb", as_version=4).metadata.papermill
    assert {"year": 2026} == kept.parameters
    assert 1 == peer.counters()["code"]
    canary.watch_all(peer.issued(), "token of the provider")
    canary.sweep([made, server.home], said)


def _bare(environ):
    """Return the little that cron gives, and where this story keeps its things."""
    kept = {n: v for n, v in environ.items() if n.startswith(("JUPYTER", "IPYTHON"))}
    # What the home is elsewhere; here it is a temporary one.
    return kept | {"HOME": environ["HOME"], "PATH": "/usr/bin:/bin", "SHELL": "/bin/sh"}


_MODULES = {
    "jupyter": ["jupyter"],
    "papermill": ["papermill"],
    "ipython": ["IPython"],
}


def test_a_connection_that_is_not_usable_fails_the_job_with_one_error(
    connected, tmp_path
):
    """A job runner sees a real error output, and the body has not run."""
    server, peer = connected()
    server.api("connections/api/v1/connections/coffee/revoke", {})
    server.stop()
    calls = peer.counters()["api"]
    book, out = server.notebooks / "coffee.ipynb", tmp_path / "out.ipynb"

    run = subprocess.run(
        [sys.executable, "-m", "papermill", str(book), str(out)],
        cwd=server.notebooks,
        env=server.env(),
        capture_output=True,
        text=True,
        timeout=150,
        check=False,
    )

    assert 0 != run.returncode
    (error,) = [
        o
        for c in nbformat.read(out, as_version=4).cells
        for o in c.get("outputs", [])
        if o.output_type == "error"
    ]
    assert "ConnectionRevoked" == error.ename
    assert "was revoked by" in error.evalue
    assert 1 == len(error.traceback)
    assert calls == peer.counters()["api"]


def test_a_provider_that_is_down_is_named_and_nothing_is_lost(connected, open_notebook):
    """An expired token and a token endpoint that answers 502: one sentence, then again."""
    server, peer = connected(ttl=SHORT_LIVED)
    notebook = open_notebook(server, "coffee.ipynb")
    notebook.run(0)
    notebook.run(1)
    time.sleep(5.5)

    peer.play(token_502=9)
    told = notebook.run(1)
    assert told.startswith("ProviderUnavailable: ")
    assert "Certified Coffee" in told
    peer.play(token_502=0)

    until(lambda: notebook.run(1) == "3 items", what="the provider", pause=1)
    assert 1 == peer.counters()["code"]


def test_K27_a_token_that_somebody_prints_does_not_reach_the_page(
    connected, open_notebook, canary
):
    """Nor the file, nor anything else; the person reads what happened."""
    leak = 'import conn_magics\nprint(conn_magics.get("coffee").token().reveal())'
    disguised = 'print(conn_magics.get("coffee").token().reveal()[::-1])'
    server, peer = connected(leak, disguised)
    notebook = open_notebook(server, "coffee.ipynb")
    notebook.run(0)
    told = notebook.run(2)
    notebook.shoot("printed")
    assert "[redacted] stands where this cell shows the credential of 'coffee'" in told
    assert told.endswith("[redacted]")
    story.sweep_everything(canary, server, notebook, peer.issued())

    # The control: were a token anywhere in the notebook, every story would fail.
    assert notebook.run(3)[::-1] in peer.issued()
    with pytest.raises(AssertionError, match=r"token of the provider in .*ipynb"):
        story.sweep_everything(canary, server, notebook, peer.issued())
