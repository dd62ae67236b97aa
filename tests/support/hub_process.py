"""A real JupyterHub: its proxy, two people, single-user servers, the service."""

import json
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
import uuid
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

import websocket
from ports import free_port
from service_process import clean_environment

BIN = Path(sys.executable).parent
PROXY = Path(__file__).parents[1] / "peers/node_modules/.bin/configurable-http-proxy"
_OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))
_CONFIG = """
import os
c = get_config()
c.JupyterHub.bind_url = "http://127.0.0.1:{port}/"
c.JupyterHub.public_url = "http://127.0.0.1:{port}/"
c.JupyterHub.hub_port = {hub_port}
c.JupyterHub.db_url = "sqlite:///{folder}/hub.sqlite"
c.JupyterHub.cookie_secret_file = "{folder}/cookie_secret"
c.ConfigurableHTTPProxy.api_url = "http://127.0.0.1:{proxy_port}"
c.ConfigurableHTTPProxy.command = ["{proxy}"]
c.ConfigurableHTTPProxy.pid_file = "{folder}/proxy.pid"
c.JupyterHub.authenticator_class = "dummy"
c.DummyAuthenticator.password = "{password}"
c.Authenticator.allowed_users = {{"alice", "bob", "carol"}}
c.Authenticator.admin_users = {{"carol"}}
c.JupyterHub.spawner_class = "simple"
c.SimpleLocalProcessSpawner.home_dir_template = "{folder}/home/{{username}}"
c.Spawner.cmd = ["{bin}/jupyterhub-singleuser"]
c.Spawner.args = ["--allow-root"]
# A server whose job runs takes its time to stop; a hub is more patient than a test.
c.Spawner.start_timeout = c.Spawner.http_timeout = 120
c.LocalProcessSpawner.interrupt_timeout = 2
c.LocalProcessSpawner.term_timeout = 2
c.Spawner.environment = {{
    "JUPYTER_CONNECTIONS_KEYRING": "0",
    "JUPYTER_CONNECTIONS_ALLOW_LOOPBACK": "1",
    # Only what users install for themselves counts, not what this machine has.
    "JUPYTERHUB_DISABLE_USER_CONFIG": "1",
}}
c.JupyterHub.services = [{{"name": "tester", "api_token": "{token}"}}]
c.JupyterHub.load_roles = [
    {{
        "name": "tester",
        "scopes": ["admin:users", "admin:servers", "tokens", "access:servers"],
        "services": ["tester"],
    }}
]
"""


def printed(folder: Path, *words: str) -> str:
    """Return what ``jupyter connections config …`` prints."""
    said = subprocess.run(
        [BIN / "jupyter-connections", "config", *words],
        env=clean_environment(folder),
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    return said.stdout


@dataclass
class HubProcess:
    """The hub.

    Args:
        folder: Everything it writes is below.
        block: What ``jupyter connections config hub`` printed.
        token: Of a service that may do everything.
        password: Of everybody.
    """

    folder: Path
    token: str
    password: str
    block: str = ""
    more: str = ""
    port: int = field(default_factory=free_port)
    hub_port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/"

    @property
    def log(self) -> str:
        return (self.folder / "log").read_text(errors="replace")

    def start(self) -> None:
        """Start it and wait until its API answers."""
        config = _CONFIG.format(
            port=self.port,
            hub_port=self.hub_port,
            proxy_port=free_port(),
            folder=self.folder,
            proxy=PROXY,
            bin=BIN,
            token=self.token,
            password=self.password,
        )
        file = self.folder / "jupyterhub_config.py"
        file.write_text(config + self.block + self.more)
        file.chmod(0o600)
        path = f"{BIN}{os.pathsep}{os.environ['PATH']}"
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                [BIN / "jupyterhub", "-f", str(file)],
                cwd=self.folder,
                env=clean_environment(self.folder, PATH=path),
                stdout=log,
                stderr=log,
            )
        self.until(lambda: self.api("GET", "").get("version"), "the hub started")

    def stop(self) -> None:
        """End it; servers, service and proxy end with it."""
        if self.process is None:
            return
        self.process.terminate()
        try:
            self.process.wait(60)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def api(self, method: str, path: str, body: Any = None) -> Any:
        """Ask the hub's API."""
        return ask(f"{self.url}hub/api/{path}", method, self.token, body) or {}

    def token_of(self, name: str) -> str:
        """Make a token of somebody's for programs."""
        body = {"scopes": ["access:services!service=connections"]}
        return str(self.api("POST", f"users/{name}/tokens", body)["token"])

    @property
    def pages(self) -> str:
        """Where people find their connections."""
        return f"{self.url}services/connections/"

    def log_in(self, page: Any, name: str) -> None:
        """Come to the service in a browser that nobody is logged in with."""
        page.goto(self.pages)
        page.get_by_label("Username").fill(name)
        page.get_by_label("Password").fill(self.password)
        page.get_by_role("button", name="Sign in").click()
        page.wait_for_url(self.pages)

    def ask_as(self, token: str, method: str, path: str, body: Any = None) -> Any:
        """Ask the service, with somebody's token for programs."""
        return ask(f"{self.pages}api/v1/{path}", method, token, body)

    def start_server(self, name: str) -> "Server":
        """Start somebody's server, if it does not run."""
        if not self.api("GET", f"users/{name}").get("server"):
            self.api("POST", f"users/{name}/server")
        self.until(
            lambda: self.api("GET", f"users/{name}")["servers"][""]["ready"],
            f"the server of {name} started",
        )
        return Server(self, name)

    def until(self, found: Any, what: str, seconds: float = 90) -> Any:
        """Wait until something is so."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            assert self.process is not None
            assert self.process.poll() is None, self.log[-4000:]
            try:
                if result := found():
                    return result
            except (OSError, KeyError):
                pass
            time.sleep(0.2)
        msg = f"it did not come about that {what}:\n{self.log[-6000:]}"
        raise AssertionError(msg)


@dataclass
class Server:
    """Somebody's single-user server."""

    hub: HubProcess
    name: str

    def kernel(self) -> "Kernel":
        """Start a kernel."""
        path = f"{self.hub.url}user/{self.name}/api/kernels"
        made = ask(path, "POST", self.hub.token, {"name": "python3"})
        return Kernel(self, made["id"])


class Kernel:
    """A kernel of a server, spoken to as JupyterLab does."""

    def __init__(self, server: Server, kernel_id: str) -> None:
        where = server.hub.url.replace("http://", "ws://")
        self._socket = websocket.create_connection(
            f"{where}user/{server.name}/api/kernels/{kernel_id}/channels",
            header={"Authorization": f"token {server.hub.token}"},
            timeout=90,
            suppress_origin=True,
        )

    def run(self, code: str) -> str:
        """Run a cell; return everything that it showed, errors too."""
        number = uuid.uuid4().hex
        header = {
            "msg_id": number,
            "msg_type": "execute_request",
            "session": number,
            "username": "",
            "version": "5.3",
        }
        content = {"code": code, "silent": False, "stop_on_error": False}
        self._socket.send(
            json.dumps(
                {
                    "header": header,
                    "parent_header": {},
                    "metadata": {},
                    "channel": "shell",
                    "content": content,
                }
            )
        )
        return self._shown(number)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self._socket.close()

    def _shown(self, number: str) -> str:
        shown = []
        while True:
            raw = self._socket.recv()
            message = json.loads(raw)
            if message["parent_header"].get("msg_id") != number:
                continue
            content, kind = message["content"], message["header"]["msg_type"]
            if kind == "stream":
                shown.append(
                    content["text"]
                )  # the words of one print may come one by one
            elif kind in {"execute_result", "display_data"}:
                shown.append(content["data"].get("text/plain", "") + "\n")
            elif kind == "error":
                shown.append("\n".join([*content["traceback"], ""]))
            elif kind == "status" and content["execution_state"] == "idle":
                return "".join(shown)


def ask(url: str, method: str, token: str, body: Any = None) -> Any:
    """Send a request with a hub token."""
    request = urllib.request.Request(
        url,
        None if body is None else json.dumps(body).encode(),
        headers={"Authorization": f"token {token}", "Content-Type": "application/json"},
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
