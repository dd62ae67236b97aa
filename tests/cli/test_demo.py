"""``jupyter connections demo``, started for real: what runs, and that it is gone."""

import json
import signal
import socket
import stat
import urllib.error
import urllib.request
from pathlib import Path
from urllib.parse import urlsplit

import psutil
import pytest
from canary import process_artefacts
from patience import until
from ports import free_port

from conn_serverext.practice import Visitor

pytestmark = pytest.mark.kernel

_OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))
_REST = "connections/api/v1"
DEMO = ("demo", "--no-browser", "--print-ready")


class Jupyter:
    """The demo's server, as its own page reaches it."""

    def __init__(self, facts):
        self.page, _, self.token = facts["url"].partition("?token=")
        parts = urlsplit(self.page)
        self.base = f"{parts.scheme}://{parts.netloc}/"

    def api(self, path, body=None, *, method=None):
        request = urllib.request.Request(
            self.base + path,
            None if body is None else json.dumps(body).encode(),
            headers={
                "Authorization": f"token {self.token}",
                "Content-Type": "application/json",
            },
            method=method,
        )
        with _OPENER.open(request, timeout=60) as answer:
            return json.load(answer)


def _gone(processes):
    """Wait until none of them is there."""
    _, alive = psutil.wait_procs(processes, timeout=60)
    return [process for process in alive if process.status() != "zombie"]


def _refuses(url):
    parts = urlsplit(url)
    with socket.socket() as probe:
        return probe.connect_ex((parts.hostname, parts.port)) != 0


def test_the_demo_does_the_main_job_and_leaves_nothing_behind(
    start, environ, home, canary, everything_below
):
    """Registered, authorized, used, a kernel running; Ctrl-C, and nothing is left."""
    command = start(*DEMO, "--access-token-seconds", "5")
    facts = command.ready()
    folder, jupyter = Path(facts["folder"]), Jupyter(facts)

    # What is there.
    assert 0o700 == stat.S_IMODE(folder.stat().st_mode)
    assert folder.parent == Path(environ["TMPDIR"]).resolve()
    shown = {entry["name"] for entry in jupyter.api("api/contents")["content"]}
    assert "00_first_connection.ipynb" in shown
    assert jupyter.page.endswith("/lab/tree/00_first_connection.ipynb")
    assert {"python3"} <= jupyter.api("api/kernelspecs")["kernelspecs"].keys()
    service = jupyter.api(f"{_REST}/services/practice")
    assert service["registered"]
    assert facts["practice"] == service["issuer"]

    # The main job.
    link = jupyter.api(f"{_REST}/connections", {"service": "practice"})["link_name"]
    flow = jupyter.api(f"{_REST}/connections/{link}/authorizations", {})
    visitor = Visitor("grace")
    visitor.open(facts["url"])
    page = visitor.authorize(flow["start_url"])
    assert "You are connected" in page.text
    assert "Grace Hopper" == jupyter.api(f"{_REST}/connections/{link}")["account"]
    assert jupyter.api(f"{_REST}/connections/{link}/test", {})["ok"]

    # No secret where others can look.
    jupyter.api("api/kernels", {"name": "python3"})
    processes = command.processes()
    assert 3 == len(processes), "the demo, its server and a kernel"
    canary.watch(jupyter.token, "token of the server")
    (handle,) = (folder / "runtime").glob("connections-*.json")
    canary.watch(json.loads(handle.read_text())["bearer"], "bearer of kernels")
    assert 9 == canary.sweep(texts=process_artefacts(command.process.pid))

    code, rest = command.stop()

    assert (0, "", "") == (code, rest, command.complaints)
    assert [] == _gone(processes)
    assert _refuses(jupyter.base)
    assert _refuses(facts["practice"])
    assert [] == everything_below(Path(environ["TMPDIR"]))
    assert [] == everything_below(home)


def test_nothing_of_the_persons_own_jupyter_is_read_or_written(
    start, environ, tmp_path, everything_below
):
    """Not their configuration, not their store, not their kernels, not their history."""
    own = tmp_path / "own"
    for name in ("config", "data", "store", "ipython/profile_default/startup"):
        (own / name).mkdir(parents=True)
    (own / "config" / "jupyter_server_config.py").write_text(
        f"raise SystemExit('read the configuration of {own}')"
    )
    startup = own / "ipython" / "profile_default" / "startup" / "00.py"
    startup.write_text(f"open({str(own / 'started')!r}, 'w')")
    kernel = own / "data" / "kernels" / "python3" / "kernel.json"
    kernel.parent.mkdir(parents=True)
    kernel.write_text(json.dumps({"argv": ["/bin/false"], "display_name": "Mine"}))
    before = everything_below(own)
    command = start(
        *DEMO,
        JUPYTER_CONFIG_DIR=str(own / "config"),
        JUPYTER_DATA_DIR=str(own / "data"),
        JUPYTER_PATH=str(own / "data"),
        IPYTHONDIR=str(own / "ipython"),
        JUPYTER_CONNECTIONS_DATA_DIR=str(own / "store"),
        JUPYTER_CONNECTIONS_KEY_FILE=str(own / "no-such-key"),
        JUPYTER_CONNECTIONS_ENDPOINT="http://127.0.0.1:1/connections/",
    )
    jupyter = Jupyter(command.ready())

    spec = jupyter.api("api/kernelspecs")["kernelspecs"]["python3"]["spec"]
    assert "Mine" != spec["display_name"]
    kernel = jupyter.api("api/kernels", {"name": "python3"})
    assert jupyter.api(f"{_REST}/services/practice")["registered"]
    assert kernel["id"] in {k["id"] for k in jupyter.api("api/kernels")}
    command.stop()

    assert before == everything_below(own)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_other_ways_to_end_it_clean_up_too(start, environ, everything_below, number):
    """``kill``, and a terminal that is closed."""
    command = start(*DEMO)
    command.ready()
    processes = command.processes()

    assert 0 == command.stop(number)[0]

    assert [] == _gone(processes)
    assert [] == everything_below(Path(environ["TMPDIR"]))


def test_it_can_be_stopped_while_it_starts(start, environ, everything_below):
    """As soon as there is something to clean up, it is cleaned up."""
    command = start("demo", "--no-browser")
    command.read_until(lambda line: line.startswith("Starting JupyterLab"))
    temporary = Path(environ["TMPDIR"])
    processes = until(lambda: len(found := command.processes()) > 1 and found)

    command.process.send_signal(signal.SIGINT)
    code, rest = command.stop()  # and a second time, impatiently

    assert 0 == code
    assert "Nothing is left behind." in rest
    assert [] == _gone(processes)
    assert [] == everything_below(temporary)


def test_it_ends_when_its_server_is_shut_down(start, environ, everything_below):
    """*File, Shut Down* in JupyterLab ends all of it."""
    command = start("demo", "--no-browser")
    line = command.read_until(lambda line: "?token=" in line)
    command.read_until(lambda line: line.startswith("Open the first"))
    jupyter = Jupyter({"url": line.split()[-1]})
    said = "\n".join(command.lines)
    assert "ada, password lovelace" in said

    request = urllib.request.Request(
        f"{jupyter.base}api/shutdown",
        b"",
        headers={"Authorization": f"token {jupyter.token}"},
    )
    _OPENER.open(request, timeout=60).close()

    rest, _ = command.process.communicate(timeout=120)
    assert 0 == command.process.returncode
    assert "Nothing is left behind." in rest
    assert [] == everything_below(Path(environ["TMPDIR"]))


def test_it_opens_notebook_7_as_well(start):
    """With the first notebook, at the port that was asked for."""
    port = free_port()
    command = start(*DEMO, "--app", "notebook", "--port", str(port))
    jupyter = Jupyter(command.ready())

    assert f"http://127.0.0.1:{port}/" == jupyter.base
    assert jupyter.page.endswith("/notebooks/00_first_connection.ipynb")
    request = urllib.request.Request(f"{jupyter.page}?token={jupyter.token}")
    with _OPENER.open(request, timeout=60) as answer:
        assert "Jupyter Notebook" in answer.read().decode()

    command.stop()


def test_a_port_that_is_taken_is_said_at_once(run, environ, everything_below):
    """Nothing is started, nothing is left."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        said = run("demo", "--no-browser", "--port", port)

    assert 1 == said.returncode
    assert (
        f"Port {port} cannot be used (Address already in use). "
        "Name another one with --port\n"
    ) == said.stderr
    assert [] == everything_below(Path(environ["TMPDIR"]))


def test_a_server_that_does_not_start_shows_its_last_words(
    monkeypatch, tmp_path, everything_below
):
    """The reason is in its log, which is deleted with the rest."""
    from conn_serverext.demo import DemoOptions, LaunchFailed, _jupyter, run_demo

    temporary = tmp_path / "tmp"
    temporary.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(temporary))
    monkeypatch.setitem(_jupyter._MODULES, "lab", "this")

    with pytest.raises(LaunchFailed, match="JupyterLab did not start: The Zen"):
        run_demo(DemoOptions(browser=False), say=lambda _: None)
    assert [] == everything_below(temporary)


def test_a_demo_without_jupyterlab_says_what_to_install(monkeypatch):
    """Before anything is made."""
    from conn_core.errors import MissingPackage
    from conn_serverext.demo import DemoOptions, _jupyter, run_demo

    monkeypatch.setitem(_jupyter._MODULES, "lab", "jupyterlab_that_is_not_there")

    with pytest.raises(MissingPackage, match="Run pip install"):
        run_demo(DemoOptions(), say=lambda _: None)
