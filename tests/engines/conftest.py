"""A server with a connection, and an engine whose workers hold names and a grant."""

import contextlib
import subprocess
import sys
from pathlib import Path

import jupyter_process
import practice_server
import pytest
from ports import free_port

_SCHEDULER = ["-m", "distributed.cli.dask_scheduler", "--host", "127.0.0.1"]
_WORKER = ["-m", "distributed.cli.dask_worker", "--nthreads", "1", "--no-nanny"]
_WORKERS = 2


@pytest.fixture
def both(tmp_path):
    """A running server that is connected to a practice service as ``desk``."""
    with practice_server.running(tmp_path / "home") as both:
        both.connect("desk")
        yield both


@pytest.fixture
def grant(both, tmp_path):
    """Makes a grant for another machine; returns its file."""

    def make(*options):
        path = tmp_path / "grant.json"
        words = ("--for", "fan-out", "--names", "desk", "-o", str(path))
        done = both.command("grant", "create", *words, *options)
        assert 0 == done.returncode, done.stderr
        return path

    return make


@pytest.fixture
def elsewhere(tmp_path):
    """The environment of another machine: no server, no store, no secret."""

    def environment(grant):
        home = tmp_path / "worker"
        home.mkdir(exist_ok=True)
        here = jupyter_process.home_environment(home)
        ours = [name for name in here if name.startswith("JUPYTER_CONNECTIONS")]
        for name in ours:
            del here[name]
        return here | {"JUPYTER_CONNECTIONS_GRANT": str(grant)}

    return environment


@pytest.fixture
def engine(elsewhere, tmp_path):
    """Starts a scheduler and its workers; returns the address and the workers."""
    with contextlib.ExitStack() as stack:

        def start(program, environment):
            log = stack.enter_context((tmp_path / "engine.log").open("ab"))
            process = subprocess.Popen(
                [sys.executable, *program],
                env=environment,
                cwd=tmp_path,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
            stack.callback(_end, process)
            return process

        def go(grant):
            environment = elsewhere(grant)
            port = free_port()
            start([*_SCHEDULER, "--port", str(port), "--no-dashboard"], environment)
            address = f"tcp://127.0.0.1:{port}"
            worker = [*_WORKER, "--no-dashboard", address]
            return address, [start(worker, environment) for _ in range(_WORKERS)]

        yield go


def _end(process):
    process.terminate()
    try:
        process.wait(timeout=60)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


@pytest.fixture
def fan_out(tmp_path, elsewhere):
    """Runs a notebook many times; yields how each run ended, as it ends."""
    with contextlib.ExitStack() as stack:

        def go(engine_address, grant, notebook, folder, runs):
            driver = Path(__file__).with_name("fan_out.py")
            process = subprocess.Popen(
                [sys.executable, driver, engine_address, notebook, folder, str(runs)],
                env=elsewhere(grant),
                cwd=tmp_path,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                text=True,
            )
            stack.enter_context(process)
            stack.callback(lambda: process.poll() is None and process.kill())
            yield from process.stdout

        yield go
