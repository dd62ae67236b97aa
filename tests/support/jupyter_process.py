"""A real JupyterLab or Notebook 7 as a process, in a temporary home."""

import contextlib
import json
import os
import secrets
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import nbformat
from ports import free_port

Kind = Literal["lab", "notebook"]
_OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))
_START_SECONDS = 120
#: Nothing asks the outside, every cell is in the page, seen or not, and the widgets'
#: state is saved with the notebook: the canary looks for secrets in it.
_LAB_SETTINGS = {
    "@jupyter-widgets/jupyterlab-manager/plugin": {"saveState": True},
    "@jupyterlab/apputils-extension/notification": {
        "fetchNews": "false",
        "checkForUpdates": False,
        "doNotDisturbMode": True,
    },
    "@jupyterlab/notebook-extension/tracker": {"windowingMode": "none"},
}


def home_environment(home: Path, **more: str) -> dict[str, str]:
    """Return an environment in which Jupyter keeps everything below ``home``.

    The store's key comes from a file: a test must not meddle with a person's keyring.
    """
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("JUPYTER", "JPY_", "IPYTHON", "XDG_"))
    }
    return (
        kept
        | {
            "HOME": str(home),
            "JUPYTER_CONFIG_DIR": str(home / "config"),
            "JUPYTER_DATA_DIR": str(home / "data"),
            "JUPYTER_RUNTIME_DIR": str(home / "runtime"),
            "JUPYTERLAB_SETTINGS_DIR": str(home / "config" / "lab" / "user-settings"),
            "JUPYTERLAB_WORKSPACES_DIR": str(home / "config" / "lab" / "workspaces"),
            "IPYTHONDIR": str(home / "ipython"),
            "JUPYTER_CONNECTIONS_DATA_DIR": str(home / "connections"),
            "JUPYTER_CONNECTIONS_KEYRING": "0",
            "JUPYTER_CONNECTIONS_ALLOW_LOOPBACK": "1",
            "JUPYTER_CONNECTIONS_CATALOG": str(home / "catalog"),
        }
        | more
    )


@dataclass(slots=True, kw_only=True)
class JupyterProcess:
    """A server that may be stopped and started again, at the same address.

    Attributes:
        home: Everything it writes is below.
        kind: Which application.
        base_url: With a slash at both ends.
        notebooks: The folder it shows.
    """

    home: Path
    kind: Kind = "lab"
    base_url: str = "/"
    environment: Mapping[str, str] = field(default_factory=dict)
    port: int = field(default_factory=free_port)
    token: str = field(default_factory=lambda: secrets.token_hex(16))
    process: subprocess.Popen[bytes] | None = None

    @property
    def notebooks(self) -> Path:
        return self.home / "notebooks"

    @property
    def log(self) -> Path:
        return self.home / "server.log"

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}{self.base_url}"

    def page_url(self, notebook: str) -> str:
        """Return the address of a notebook's page; the token logs the browser in."""
        path = "lab/tree" if self.kind == "lab" else "notebooks"
        return f"{self.url}{path}/{notebook}?token={self.token}"

    def env(self) -> dict[str, str]:
        """Return the environment of the server, for programs beside it too."""
        return home_environment(self.home, **self.environment)

    def start(self) -> None:
        """Start it and wait until it answers."""
        self._configure()
        application = "jupyterlab" if self.kind == "lab" else "notebook"
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", application, "--debug", "--allow-root"],
                cwd=self.notebooks,
                env=self.env(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        self._wait()

    def stop(self) -> None:
        """End it as Ctrl-C would, twice; kernels end with it."""
        if self.process is None:
            return
        self.process.terminate()
        try:
            self.process.wait(timeout=60)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise
        finally:
            self.process = None

    def restart(self) -> None:
        """Stop and start at the same address."""
        self.stop()
        self.start()

    def api(self, path: str, body: Any = None, *, method: str | None = None) -> Any:
        """Ask the server's own REST API."""
        request = urllib.request.Request(
            self.url + path,
            None if body is None else json.dumps(body).encode(),
            headers={
                "Authorization": f"token {self.token}",
                "Content-Type": "application/json",
            },
            method=method,
        )
        try:
            with _OPENER.open(request, timeout=60) as answer:
                text = answer.read()
        except urllib.error.HTTPError as error:
            with error:
                error.add_note(error.read().decode(errors="replace"))
            raise
        return json.loads(text) if text else None

    def write_notebook(self, name: str, *cells: str) -> Path:
        """Put a notebook of code cells where the server shows it."""
        self.notebooks.mkdir(parents=True, exist_ok=True)
        book = nbformat.v4.new_notebook(
            cells=[nbformat.v4.new_code_cell(cell) for cell in cells],
            metadata={
                "kernelspec": {
                    "name": "python3",
                    "display_name": "Python 3 (ipykernel)",
                    "language": "python",
                }
            },
        )
        nbformat.validate(book)
        path = self.notebooks / name
        nbformat.write(book, path)
        return path

    def kernel_of(self, notebook: str) -> dict[str, Any] | None:
        """Return the kernel that runs a notebook, None when there is none yet."""
        sessions = self.api("api/sessions")
        return next((s["kernel"] for s in sessions if s["path"] == notebook), None)

    def _configure(self) -> None:
        self.notebooks.mkdir(parents=True, exist_ok=True)
        # In a file, not in the arguments: those are shown to everybody.
        _write_json(
            self.home / "config" / "jupyter_server_config.json",
            {
                "IdentityProvider": {"token": self.token},
                "ServerApp": {
                    "ip": "127.0.0.1",
                    "port": self.port,
                    "port_retries": 0,
                    "base_url": self.base_url,
                    "root_dir": str(self.notebooks),
                    "open_browser": False,
                },
                "LabApp": {
                    "news_url": None,
                    "check_for_updates_class": "jupyterlab.NeverCheckForUpdate",
                    "extension_manager": "readonly",
                },
            },
        )
        for plugin, settings in _LAB_SETTINGS.items():
            folder = self.home / "config" / "lab" / "user-settings"
            _write_json(folder / f"{plugin}.jupyterlab-settings", settings)

    def _wait(self) -> None:
        assert self.process is not None
        until = time.monotonic() + _START_SECONDS
        while time.monotonic() < until and self.process.poll() is None:
            with contextlib.suppress(urllib.error.URLError, ConnectionError):
                self.api("api/status")
                return
            time.sleep(0.2)
        tail = self.log.read_text(errors="replace")[-4000:]
        msg = f"the server did not start:\n{tail}"
        raise RuntimeError(msg)


def _write_json(path: Path, value: Any) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(mode=0o600)
    path.write_text(json.dumps(value))


@contextlib.contextmanager
def running(home: Path, **options: Any) -> Iterator[JupyterProcess]:
    """Start a server, stop it in the end."""
    server = JupyterProcess(home=home, **options)
    server.start()
    try:
        yield server
    finally:
        server.stop()
