"""A shell with the magics loaded, an honest broker, and an API that can be slow."""

import contextlib
import json
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import SimpleNamespace

import fake_broker
import pytest
from coffee_house import coffee
from lending import lent
from quiet_shell import quiet_shell

from conn_magics._desk import Desk
from conn_magics._running import run_line
from conn_magics._surroundings import Surroundings


@pytest.fixture(scope="session")
def fakes():
    """The module with the fake broker: kernels load the same file."""
    return fake_broker


@pytest.fixture
def token(canary):
    """The access token that the broker gives and the API wants."""
    return canary("access-token")


class Api:
    """What the API saw, and the gate that ``/slow`` waits at."""

    def __init__(self):
        self.paths = []
        self.asked = threading.Event()
        self.gate = threading.Event()


@contextmanager
def _running(token, api):
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self):
            api.paths.append(self.path)
            allowed = self.headers["Authorization"] == f"Bearer {token}"
            if self.path == "/slow":
                api.asked.set()
                api.gate.wait(20)
            body = json.dumps({"path": self.path, "as": "priya-n"}).encode()
            self.send_response(200 if allowed else 401)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def handle(self):
            # whoever asked may have hung up
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                super().handle()

        def log_message(self, *args):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    api.address = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield api
    finally:
        api.gate.set()
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture
def api(token):
    """The API behind every connection of these tests."""
    with _running(token, Api()) as api:
        yield api


@pytest.fixture
def broker(fakes, token, api):
    """A broker with the usable connections 'beans' and 'team-slack'."""
    broker = fakes.FakeBroker(token=token, services=[coffee(api.address)])
    broker.has("beans")
    broker.has("team-slack")
    with lent(broker):
        yield broker


@pytest.fixture
def shell(tmp_path, monkeypatch, broker):
    """An IPython shell with the magics, and nobody who could answer."""
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    with quiet_shell() as shell:
        yield shell


@pytest.fixture
def cell(shell, capsys):
    """Runs a cell: ``cell(text)`` returns its value, or raises what it raised."""

    def run(text):
        outcome = shell.run_cell(text, store_history=True)
        run.printed = capsys.readouterr().out
        outcome.raise_error()
        return outcome.result

    return run


@pytest.fixture
def conn(shell, fakes):
    """Runs a ``%conn`` line; nobody is there."""

    def run(line):
        desk = Desk(
            around=Surroundings(person=False),
            show=run.shown.append,
            now=lambda: fakes.NOW,
        )
        return run_line(line, desk=desk)

    run.shown = []
    return run


@pytest.fixture
def attended(shell):
    """The same shell, in a notebook whose front end can show widgets."""
    shell.kernel = SimpleNamespace(_allow_stdin=True)
    yield shell
    del shell.kernel
