"""``jupyter connections`` beside a running server: it asks the server, over REST."""

import contextlib
import json
import os
import re
import signal
import subprocess
import sys
import threading
import urllib.parse
import urllib.request
from pathlib import Path

import pytest

from conn_core import ClientRegistration
from conn_core.broker import RemoteBroker
from conn_serverext.practice import PracticeService, Visitor

pytestmark = pytest.mark.kernel
SCRIPT = str(Path(sys.executable).with_name("jupyter-connections"))
BASE_URL = "/user/bob/"


@pytest.fixture(scope="module")
def practice():
    """A real authorization server and API."""
    callback = f"http://127.0.0.1{BASE_URL}connections/callback/practice"
    with PracticeService(
        client_secret="CNRY-practice-secret-5a17", redirect_uris=[callback]
    ) as service:
        yield service


@pytest.fixture(scope="module")
def handle(start_server, environment, practice, home):
    """A server that knows it, and how a terminal of that server finds it."""
    catalog = home / "practice.toml"
    catalog.write_text(practice.service_toml())
    environment["JUPYTER_CONNECTIONS_CATALOG"] = str(catalog)
    environment["JUPYTER_CONNECTIONS_ALLOW_LOOPBACK"] = "1"
    _, handle = start_server("--ServerApp.port=0", f"--ServerApp.base_url={BASE_URL}")
    broker = RemoteBroker(
        handle["endpoint"], runtime_dir=environment["JUPYTER_RUNTIME_DIR"]
    )
    registration = ClientRegistration(
        client_id=practice.client_id, client_secret=practice.client_secret
    )
    broker.register_client("practice", registration)
    broker.close()
    return handle


@pytest.fixture
def begin(handle, environment):
    """Starts a command as a program of the server does; nobody is there."""
    at = {"JUPYTER_CONNECTIONS_ENDPOINT": handle["endpoint"]}

    def go(*words, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, **more):
        return subprocess.Popen(
            [SCRIPT, *words],
            env=environment | at | more,
            stdin=stdin,
            stdout=subprocess.PIPE,
            stderr=stderr,
            text=True,
        )

    return go


@pytest.fixture
def begin_at_terminal(begin):
    """Starts one where somebody sits: returns it, and the link that it shows."""
    with contextlib.ExitStack() as stack:

        def go(*words):
            ours, its = os.openpty()
            stack.callback(os.close, ours)
            process = begin(*words, stdin=its, stderr=its)
            stack.callback(process.kill)
            os.close(its)
            shown = b""
            while not (found := re.search(rb"http://\S+/start/\S+", shown)):
                shown += os.read(ours, 4096)
            # It is waiting now; what it says while it waits has to go somewhere.
            threading.Thread(target=_read_on, args=(ours,), daemon=True).start()
            return process, found[0].decode()

        yield go


def _read_on(terminal):
    with contextlib.suppress(OSError):
        while os.read(terminal, 4096):
            pass


@pytest.fixture
def browser(handle, environment):
    """A browser that is logged in to Jupyter."""
    visitor = Visitor()
    at = urllib.parse.urlsplit(handle["endpoint"])
    token = environment["JUPYTER_TOKEN"]
    page = f"http://127.0.0.1:{at.port}{BASE_URL}api/status?token={token}"
    assert 200 == visitor.open(page).status
    return visitor


@pytest.fixture
def run(begin):
    """Runs one to its end: ``run("list")`` returns what it says."""

    def go(*words, code=0):
        process = begin(*words)
        out, err = process.communicate(timeout=120)
        assert code == process.returncode, err
        return out if code == 0 else err

    return go


@pytest.fixture
def rest(handle):
    """What REST answers to a GET."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))

    def get(path):
        request = urllib.request.Request(
            f"{handle['endpoint']}api/v1/{path}",
            headers={"Authorization": f"Bearer {handle['bearer']}"},
        )
        with opener.open(request, timeout=60) as answer:
            return json.load(answer)

    return get


@pytest.mark.parametrize(
    ("words", "path"),
    [
        (["list"], "connections"),
        (["list", "--my"], "connections?group=my"),
        (["show", "mine"], "connections/mine"),
        (["services", "github"], "services?q=github&limit=50"),
        (["service", "show", "practice"], "services/practice"),
        (["log", "mine"], "audit?connection=mine&limit=20"),
    ],
)
def test_json_is_what_rest_answers(run, rest, words, path):
    """Whoever reads one can read the other."""
    names = [each["link_name"] for each in rest("connections")["items"]]
    if "mine" not in names:
        run("new", "practice", "--name", "Mine", "--no-authorize")

    assert rest(path) == json.loads(run(*words, "--json"))


def test_a_person_authorizes_in_the_browser_while_it_waits(
    begin_at_terminal, run, browser
):
    """The link is shown, the browser comes back to the server, the command ends."""
    run("new", "practice", "--name", "Waiting", "--no-authorize")
    process, link = begin_at_terminal("authorize", "waiting", "--json")

    assert 200 == browser.authorize(link).status

    out, _ = process.communicate(timeout=120)
    assert 0 == process.returncode
    ended = json.loads(out)
    assert ("done", "Ada Lovelace") == (ended["state"], ended["account"])
    assert "connected" in run("status", "waiting")
    assert "Ada Lovelace" in run("test", "waiting")


def test_ctrl_c_gives_the_authorization_up(begin_at_terminal, run, browser):
    """Whoever opens the link afterwards finds that it is no longer good."""
    run("new", "practice", "--name", "Given up", "--no-authorize")
    process, link = begin_at_terminal("authorize", "given-up")

    process.send_signal(signal.SIGINT)
    out, _ = process.communicate(timeout=120)

    assert 3 == process.returncode
    assert "You gave it up; nothing was changed." in out
    assert "You are connected" not in browser.authorize(link).text
    assert "needs authorization" in run("status", "given-up")


def test_P14_a_list_of_a_server_needs_the_standard_library_alone(begin):
    """Neither the database nor the validation of what people type."""
    listing = begin("list", PYTHONPROFILEIMPORTTIME="1")
    _, imported = listing.communicate(timeout=120)
    assert 0 == listing.returncode
    names = {line.rpartition("|")[2].strip() for line in imported.splitlines()}
    heavy = {"sqlalchemy", "pydantic", "httpx", "IPython", "typer", "jupyter_server"}
    assert "conn_core.broker._remote" in names
    assert set() == heavy & names
