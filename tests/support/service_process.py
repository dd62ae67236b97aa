"""``jupyter connections serve`` as a process of its own."""

import http.client
import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ports import free_port

_START_SECONDS = 120


@dataclass
class Answer:
    """What came back."""

    status: int
    headers: http.client.HTTPMessage
    text: str

    @property
    def json(self) -> Any:
        return json.loads(self.text)


@dataclass
class ServiceProcess:
    """One replica, at the same address each time it is started."""

    folder: Path
    environment: dict[str, str]
    config: str
    prefix: str = "/services/connections/"
    port: int = field(default_factory=free_port)
    #: What the command is started by, such as ``setpriv``.
    by: tuple[str, ...] = ()
    process: subprocess.Popen[str] | None = None
    _starts: int = 0

    @property
    def address(self) -> str:
        """Where kernels reach it."""
        return f"http://127.0.0.1:{self.port}{self.prefix}"

    @property
    def log(self) -> str:
        return (self.folder / "log").read_text()

    def start(self, *arguments: str, wait: bool = True) -> "ServiceProcess":
        """Start it; wait until it says where it is."""
        self.folder.mkdir(exist_ok=True, mode=0o700)
        file = self.folder / "config.py"
        file.write_text(self.config)
        command = [sys.executable, "-m", "conn_magics.command_line", "serve"]
        options = ["--config", str(file), "--port", str(self.port)]
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                [*self.by, *command, *options, *arguments],
                env=self.environment,
                stdout=log,
                stderr=log,
                text=True,
            )
        if wait:
            self._wait()
        return self

    def ask(
        self, method: str, path: str, *, body: Any = None, **headers: str
    ) -> Answer:
        """Send one request; names of headers have underscores for hyphens."""
        where = path if path.startswith("/") else self.prefix + path
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        if body is not None and not isinstance(body, str):
            body = json.dumps(body)
            sent.setdefault("Content-Type", "application/json")
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=45)
        try:
            connection.request(method, where, body=body, headers=sent)
            answer = connection.getresponse()
            return Answer(answer.status, answer.headers, answer.read().decode())
        finally:
            connection.close()

    def tell(self, number: int = signal.SIGTERM) -> None:
        """Send a signal."""
        assert self.process is not None
        self.process.send_signal(number)

    def command(self, *words: str, piped: str = "") -> subprocess.CompletedProcess[str]:
        """Run ``jupyter connections …`` beside it, with its settings."""
        return subprocess.run(
            [sys.executable, "-m", "conn_magics.command_line", *words],
            env=self.environment,
            input=piped,
            capture_output=True,
            text=True,
            check=False,
            timeout=150,
        )

    def ended(self, seconds: float = 60) -> int:
        """Wait for the end; return the exit code."""
        assert self.process is not None
        return self.process.wait(seconds)

    def stop(self) -> None:
        """End it at once."""
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(30)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()

    def _wait(self) -> None:
        assert self.process is not None
        until = time.monotonic() + _START_SECONDS
        self._starts += 1
        while self.log.count("Connections serves") < self._starts:
            assert self.process.poll() is None, self.log
            assert time.monotonic() < until, self.log
            time.sleep(0.05)


def clean_environment(home: Path, **more: str) -> dict[str, str]:
    """Return an environment without anything of Jupyter's, below one folder."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("JUPYTER", "JPY_", "XDG_"))
    }
    return kept | {"HOME": str(home), "JUPYTER_CONNECTIONS_KEYRING": "0"} | more
