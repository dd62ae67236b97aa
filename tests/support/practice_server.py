"""A real Jupyter server without pages, and a practice service that it is connected to."""

import contextlib
import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jupyter_process import JupyterProcess
from streams import merged

from conn_serverext.practice import PracticeService, Visitor, service_toml

_REST = "connections/api/v1"


class BareServer(JupyterProcess):
    """Jupyter Server alone: what a job needs of it, sooner than JupyterLab."""

    def start(self) -> None:
        """Start it and wait until it answers."""
        self._configure()
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "jupyter_server", "--debug", "--allow-root"],
                cwd=self.notebooks,
                env=self.env(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        self._wait()


@dataclass(slots=True, kw_only=True)
class PracticeServer:
    """Both of them.

    Attributes:
        server: The Jupyter server.
        practice: The practice service.
    """

    server: BareServer
    practice: PracticeService

    @property
    def endpoint(self) -> str:
        """Where jobs ask."""
        return f"{self.server.url}connections/"

    def rest(self, path: str, body: Any = None, *, method: str | None = None) -> Any:
        """Ask our REST API as the server's owner."""
        return self.server.api(f"{_REST}/{path}", body, method=method)

    def connect(self, name: str) -> None:
        """Make a connection to the practice service, and authorize it."""
        self.rest("connections", {"service": "practice", "name": name})
        begun = self.rest(f"connections/{name}/authorizations", {})
        visitor = Visitor()
        visitor.open(f"{self.server.url}api/status?token={self.server.token}")
        page = visitor.authorize(begun["start_url"])
        assert "You are connected" in page.text, page.text

    def command(self, *words: str, **more: str) -> "subprocess.CompletedProcess[str]":
        """Run ``jupyter connections …`` beside the server, as its owner."""
        here = {"JUPYTER_CONNECTIONS_ENDPOINT": self.endpoint}
        return subprocess.run(
            [sys.executable, "-m", "conn_magics.command_line", *words],
            env=self.server.env() | here | more,
            cwd=self.server.notebooks,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )


@contextlib.contextmanager
def running(home: Path, **options: Any) -> Iterator[PracticeServer]:
    """Start both, with a registered client; stop them in the end."""
    with PracticeService(**options) as practice:
        catalog = home / "catalog"
        catalog.mkdir(parents=True)
        (catalog / "practice.toml").write_text(service_toml(practice.issuer))
        server = BareServer(home=home)
        server.start()
        try:
            both = PracticeServer(server=server, practice=practice)
            registration = {
                "client_id": practice.client_id,
                "client_secret": practice.client_secret,
            }
            both.rest("services/practice/registration", registration, method="PUT")
            yield both
        finally:
            server.stop()


def texts_of(notebook: Path) -> list[str]:
    """Return what the cells of a notebook that ran have printed and failed with."""
    cells = json.loads(notebook.read_text())["cells"]
    outputs = [output for cell in cells for output in merged(cell.get("outputs", []))]
    return [str(o.get("text") or o.get("evalue", "")) for o in outputs]
