"""``jupyter connections`` beside a running server: it asks the server, over REST."""

import json
import os
import signal
import subprocess
import sys
import time
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
    """Starts a command at a terminal of the server."""

    def go(*words, **more):
        at = {"JUPYTER_CONNECTIONS_ENDPOINT": handle["endpoint"]}
        return subprocess.Popen(
            [SCRIPT, *words],
            env=environment | at | more,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    return go


@pytest.fixture
def run(begin):
    """Runs one to its end: ``run("list")`` returns what it says."""

    def go(*words, code=0):
        process = begin(*words)
        out, err = process.communicate(timeout=90)
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
        with opener.open(request, timeout=30) as answer:
            return json.load(answer)

    return get


@pytest.mark.parametrize(
    ("words", "path"),
    [
        (["list"], "connections"),
        (["list", "--my", "--status", "connected"], "connections?status=connected"),
        (["show", "mine"], "connections/mine"),
        (["services", "github"], "services?q=github&limit=50"),
        (["service", "show", "practice"], "services/practice"),
        (["log", "mine"], "connections/mine/events"),
    ],
)
def test_json_is_what_rest_answers(run, rest, words, path):
    """Whoever reads one can read the other."""
    names = [each["link_name"] for each in rest("connections")["items"]]
    if "mine" not in names:
        run("new", "practice", "--name", "Mine", "--no-authorize")

    assert rest(path) == json.loads(run(*words, "--json"))


def test_a_person_authorizes_in_the_browser_while_it_waits(
    begin, run, handle, environment
):
    """The link is shown, the browser comes back to the server, the command ends."""
    run("new", "practice", "--name", "Waiting", "--no-authorize")
    begun = _at_a_terminal(begin, "authorize", "waiting", "--json")
    link = _link_in(begun)

    assert 200 == _visitor(handle, environment).authorize(link).status

    out, _ = begun.process.communicate(timeout=60)
    assert 0 == begun.process.returncode
    assert ("done", "Ada Lovelace") == (
        json.loads(out)["state"],
        json.loads(out)["account"],
    )
    assert "connected" in run("status", "waiting")
    assert "Ada Lovelace" in run("test", "waiting")


def test_ctrl_c_gives_the_authorization_up(begin, run, handle, environment):
    """Whoever opens the link afterwards finds that it is no longer good."""
    run("new", "practice", "--name", "Given up", "--no-authorize")
    begun = _at_a_terminal(begin, "authorize", "given-up")
    link = _link_in(begun)

    begun.process.send_signal(signal.SIGINT)
    out, _ = begun.process.communicate(timeout=60)

    assert 3 == begun.process.returncode
    assert "You gave it up; nothing was changed." in out
    page = _visitor(handle, environment).authorize(link)
    assert "You are connected" not in page.text
    assert "needs authorization" in run("status", "given-up")


def test_P14_a_list_of_a_server_needs_the_standard_library_alone(begin):
    """Neither the database nor the validation of what people type."""
    listing = begin("list", PYTHONPROFILEIMPORTTIME="1")
    _, imported = listing.communicate(timeout=60)
    assert 0 == listing.returncode
    names = {line.rpartition("|")[2].strip() for line in imported.splitlines()}
    heavy = {"sqlalchemy", "pydantic", "httpx", "IPython", "typer", "jupyter_server"}
    assert "conn_core.broker._remote" in names
    assert set() == heavy & names


class _Begun:
    """A command whose terminal is read here."""

    def __init__(self, process, terminal):
        self.process, self.terminal = process, terminal


def _at_a_terminal(begin, *words):
    """Start it where somebody sits; what it shows on the way is stderr."""
    mine, its = os.openpty()
    script = f"exec {SCRIPT} {' '.join(words)}"
    process = subprocess.Popen(
        ["/bin/sh", "-c", script],
        env=begin.__closure__ and _environment_of(begin),
        stdin=its,
        stdout=subprocess.PIPE,
        stderr=its,
        text=True,
        start_new_session=True,
    )
    os.close(its)
    return _Begun(process, mine)
