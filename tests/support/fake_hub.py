"""The part of JupyterHub's API that a service asks: tokens, people, log-in."""

import json
import secrets
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, unquote, urlsplit

ACCESS = "access:services!service=connections"


@dataclass
class Person:
    """Somebody whom the hub knows."""

    admin: bool = False
    groups: tuple[str, ...] = ()
    scopes: tuple[str, ...] = (ACCESS,)
    kind: str = "user"
    #: Not among the people any more, while a token is still believed.
    has_left: bool = False


@dataclass
class FakeHub:
    """The hub. A test changes people and tokens while it runs.

    Attributes:
        people: By name.
        tokens: Whose token is whose.
        asked: The paths that were asked, in order.
        broken: Answer 500 to everything.
    """

    service_token: str
    people: dict[str, Person] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    codes: dict[str, str] = field(default_factory=dict)
    verifiers: list[str] = field(default_factory=list)
    broken: bool = False

    def __post_init__(self) -> None:
        self._server = _Server(self)
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.02}
        )
        self._thread.start()
        self.api_url = f"http://127.0.0.1:{self._server.server_port}/hub/api"

    def close(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def token_of(self, name: str) -> str:
        """Issue a token to somebody, as to their server."""
        token = f"CNRY-hub-token-{secrets.token_hex(8)}"
        self.tokens[token] = name
        return token

    def consent(self, name: str) -> str:
        """Let somebody log in; return the code that their browser brings."""
        code = f"CNRY-hub-code-{secrets.token_hex(8)}"
        self.codes[code] = name
        return code

    def answer(self, method: str, path: str, token: str, body: str):
        """Return the status and the body of an answer."""
        self.asked.append(path)
        if self.broken:
            return 500, {}
        if path == "/hub/api/user":
            return self._model(self.tokens.get(token, ""), nobody=403)
        if path.startswith("/hub/api/users/") and token == self.service_token:
            name = unquote(path.rsplit("/", 1)[1])
            person = self.people.get(name)
            has_left = person is not None and person.has_left
            return self._model("" if has_left else name, nobody=404)
        if path == "/hub/api/oauth2/token" and method == "POST":
            asked = {name: values[0] for name, values in parse_qs(body).items()}
            self.verifiers.append(asked.get("code_verifier", ""))
            name = self.codes.pop(asked["code"], None)
            return (200, {"access_token": self.token_of(name)}) if name else (400, {})
        return 403, {}

    def _model(self, name: str, *, nobody: int):
        person = self.people.get(name)
        if person is None:
            return nobody, {"status": nobody, "message": "no"}
        return 200, {
            "name": name,
            "kind": person.kind,
            "admin": person.admin,
            "groups": list(person.groups),
            "scopes": list(person.scopes),
        }


class _Handler(BaseHTTPRequestHandler):
    server: "_Server"
    protocol_version = "HTTP/1.1"  # as a hub's: connections are kept
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        self._answer("")

    def do_POST(self) -> None:
        size = int(self.headers.get("Content-Length", "0"))
        self._answer(self.rfile.read(size).decode())

    def _answer(self, body: str) -> None:
        token = self.headers.get("Authorization", "").partition(" ")[2]
        path = urlsplit(self.path).path
        status, found = self.server.hub.answer(self.command, path, token, body)
        sent = json.dumps(found).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(sent)))
        self.end_headers()
        self.wfile.write(sent)

    def log_message(self, *_args: object) -> None:
        """Say nothing."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, hub: FakeHub) -> None:
        self.hub = hub
        super().__init__(("127.0.0.1", 0), _Handler)
