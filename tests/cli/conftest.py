"""The command line as a process, with a home folder that must stay empty."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

SECONDS = 150
#: What ``jupyter connections`` runs.
SCRIPT = Path(sys.executable).with_name("jupyter-connections")


class Command:
    """A running ``jupyter connections …``."""

    def __init__(self, process, log):
        self.process = process
        self._log = log
        self.lines = []

    def read_until(self, found):
        """Read lines until one is what is looked for; return it."""
        until = time.monotonic() + SECONDS
        while time.monotonic() < until:
            line = self.process.stdout.readline()
            if not line:
                break
            self.lines.append(line.rstrip("\n"))
            if found(self.lines[-1]):
                return self.lines[-1]
        msg = f"it said only {self.lines} and {self._log.read_text()}"
        raise AssertionError(msg)

    def ready(self):
        """Return what ``--print-ready`` says."""
        return json.loads(self.read_until(lambda line: line.startswith("{")))

    def processes(self):
        """Return it and all that it has started."""
        me = psutil.Process(self.process.pid)
        return [me, *me.children(recursive=True)]

    def stop(self, number=signal.SIGINT):
        """Send a signal; return the exit code and the rest of what it says."""
        self.process.send_signal(number)
        rest, _ = self.process.communicate(timeout=SECONDS)
        return self.process.returncode, rest

    @property
    def complaints(self):
        """What it wrote to stderr."""
        return self._log.read_text()


@pytest.fixture
def home(tmp_path):
    """A person's home, empty."""
    folder = tmp_path / "home"
    folder.mkdir()
    return folder


@pytest.fixture
def environ(home, tmp_path):
    """The environment of a terminal: its home, and temporary folders of its own."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("JUPYTER", "JPY_", "IPYTHON", "XDG_"))
    }
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    return kept | {"HOME": str(home), "TMPDIR": str(temporary)}


@pytest.fixture
def start(environ, tmp_path):
    """Starts ``jupyter connections …`` in the background: ``start("demo", …)``."""
    with contextlib.ExitStack() as stack:

        def go(*arguments, **more):
            log = tmp_path / "stderr.txt"
            process = subprocess.Popen(
                [SCRIPT, *arguments],
                env=environ | more,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=stack.enter_context(log.open("w")),
                text=True,
            )
            stack.enter_context(process)
            stack.callback(lambda: process.poll() is None and process.kill())
            return Command(process, log)

        yield go


@pytest.fixture
def run(environ):
    """Runs ``jupyter connections …`` to its end; ``piped`` is its standard input."""

    def go(*arguments, piped="", **more):
        return subprocess.run(
            [SCRIPT, *arguments],
            env=environ | more,
            input=piped,
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
        )

    return go


@pytest.fixture
def everything_below():
    """Lists the files and folders below a folder."""
    return lambda folder: sorted(str(p.relative_to(folder)) for p in folder.rglob("*"))
