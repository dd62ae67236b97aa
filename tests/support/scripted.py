"""A scripted authorization server with one personality per provider's habit.

It answers from what is on the wire, so that the same script serves a pure function and a
real server on loopback.
"""

import base64
import http.server
import json
import threading
from dataclasses import dataclass, field
from types import SimpleNamespace
from urllib.parse import parse_qsl, quote_plus, urlsplit

from conn_core import Secret
from conn_core.auth import Attempt
from conn_core.http import ProviderClient

NOW = 1_795_000_000.0
JSON = "application/json"
FORM = "application/x-www-form-urlencoded"


@dataclass
class Wire:
    """A request as it arrived."""

    method: str
    path: str
    query: dict
    headers: dict
    body: bytes

    @property
    def kind(self):
        written = self.headers.get("content-type", "").partition(";")[0]
        if not self.body:
            return "query"
        return {JSON: "json", FORM: "form"}.get(written, written)

    @property
    def fields(self):
        match self.kind:
            case "json":
                return json.loads(self.body)
            case "form":
                pairs = parse_qsl(self.body.decode(), keep_blank_values=True)
                assert len(dict(pairs)) == len(pairs), "a field is there twice"
                return dict(pairs)
        return self.query

    @property
    def basic(self):
        scheme, _, encoded = self.headers.get("authorization", "").partition(" ")
        return base64.b64decode(encoded).decode() if scheme == "Basic" else None


@dataclass
class Reply:
    """What is answered; a body that is no bytes becomes JSON."""

    says: object = None
    status: int = 200
    content_type: str = JSON
    headers: dict = field(default_factory=dict)

    @property
    def body(self):
        if isinstance(self.says, bytes):
            return self.says
        if isinstance(self.says, str):
            return self.says.encode()
        return json.dumps({} if self.says is None else self.says).encode()

    @property
    def all_headers(self):
        return {"content-type": self.content_type, **self.headers}


@dataclass
class Wants:
    """What a server insists on; whoever misses it gets ``invalid_request``."""

    path: str = "/token"
    method: str = "POST"
    kind: str = "form"
    basic: str | None = None
    fields: dict = field(default_factory=dict)
    absent: tuple = ()
    query: dict = field(default_factory=dict)
    headers: dict = field(default_factory=dict)

    def missed(self, wire):
        found = {
            "path": (wire.path, self.path),
            "method": (wire.method, self.method),
            "kind": (wire.kind, self.kind),
            "basic": (wire.basic, self.basic),
            **{f"field {n}": (wire.fields.get(n), v) for n, v in self.fields.items()},
            **{f"field {n}": (wire.fields.get(n), None) for n in self.absent},
            **{f"query {n}": (wire.query.get(n), v) for n, v in self.query.items()},
            **{
                f"header {n}": (wire.headers.get(n), v) for n, v in self.headers.items()
            },
        }
        return [f"{n}: {got!r}" for n, (got, wanted) in found.items() if got != wanted]


class Server:
    """Answers one request after the other by script, and remembers them."""

    def __init__(self, base):
        self.base = base
        self.script = []
        self.seen = []

    def plays(self, *steps):
        """Each step is a reply, or what is wanted and then the reply."""
        self.script = [s if isinstance(s, tuple) else (None, s) for s in steps]

    def answer(self, wire):
        self.seen.append(wire)
        assert self.script, f"nobody expected {wire.method} {wire.path}"
        wants, reply = self.script.pop(0)
        missed = wants.missed(wire) if wants else []
        if missed:
            said = {"error": "invalid_request", "error_description": "; ".join(missed)}
            return Reply(said, status=400)
        return reply


class PureServer(Server):
    """A function from request to answer."""

    def __init__(self):
        super().__init__("https://login.desk.example")

    def send(self, request):
        parts = urlsplit(request.address)
        headers = {n.lower(): v for n, v in request.headers.items()}
        if request.content:
            headers["content-type"] = request.content_type
        query = dict(parse_qsl(parts.query, keep_blank_values=True))
        wire = Wire(request.method, parts.path, query, headers, request.content)
        reply = self.answer(wire)
        return SimpleNamespace(
            status=reply.status, headers=reply.all_headers, body=reply.body
        )


class LoopbackServer(Server):
    """A real server, asked through the way out."""

    def __init__(self):
        server = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def _any(self):
                parts = urlsplit(self.path)
                length = int(self.headers.get("content-length", 0))
                wire = Wire(
                    self.command,
                    parts.path,
                    dict(parse_qsl(parts.query, keep_blank_values=True)),
                    {n.lower(): v for n, v in self.headers.items()},
                    self.rfile.read(length),
                )
                reply = server.answer(wire)
                self.send_response(reply.status)
                for name, value in reply.all_headers.items():
                    self.send_header(name, value)
                self.send_header("content-length", str(len(reply.body)))
                self.end_headers()
                self.wfile.write(reply.body)

            do_GET = do_POST = _any  # noqa: N815 - the base class's names

            def log_message(self, *_):
                """Say nothing."""

        self._http = http.server.HTTPServer(("127.0.0.1", 0), Handler)
        super().__init__(f"http://127.0.0.1:{self._http.server_port}")
        self._thread = threading.Thread(
            target=self._http.serve_forever, args=(0.01,), daemon=True
        )
        self._thread.start()
        self._way_out = ProviderClient(allow_loopback=True, timeout=60)

    def send(self, request):
        headers = dict(request.headers)
        if request.content:
            headers["Content-Type"] = request.content_type
        return self._way_out.send(
            request.method,
            request.address,
            headers=headers,
            content=request.content,
        )

    def close(self):
        self._http.shutdown()
        self._http.server_close()
        self._thread.join(5)


AT, RT = "CNRY-access-token-of-the-desk", "CNRY-refresh-token-of-the-desk"
GOOD = {"access_token": AT, "token_type": "Bearer", "expires_in": 3600}
CODE = "CNRY-code-of-the-desk"


@dataclass
class Row:
    """One habit: the service's data, what the server wants, says, and what that means."""

    name: str
    says: object = None
    service: dict = field(default_factory=dict)
    wants: dict = field(default_factory=dict)
    reply: dict = field(default_factory=dict)
    means: dict = field(default_factory=dict)
    callback: dict = field(default_factory=lambda: {"code": CODE})


def parameter(name, filled_by="answer", **more):
    return {"name": name, "filled_by": filled_by, **more}


def filled(value, client):
    """Put the client into what a row wants."""
    secret = client.client_secret.reveal()
    pair = f"{quote_plus(client.client_id)}:{quote_plus(secret)}"
    match value:
        case dict():
            return {name: filled(item, client) for name, item in value.items()}
        case str():
            value = value.replace("ENCODED-PAIR", pair)
            value = value.replace("CLIENT-ID", client.client_id)
            return value.replace("CLIENT-SECRET", secret)
    return value


def attempt(**changes):
    usual = {
        "scopes": ("read", "write"),
        "now": NOW,
        "redirect_uri": "https://hub.example/callback/desk",
        "state": "the-state",
        "verifier": Secret("CNRY-" + "v" * 43),
    }
    return Attempt(**usual | changes)


def plainly(value):
    """Return what a token set holds, in a form that can be compared."""
    match value:
        case Secret():
            return value.reveal()
        case dict():
            return {name: plainly(item) for name, item in value.items()}
    return value


def look_at(tokens, path):
    found = tokens
    for part in path.split("."):
        found = getattr(found, part)
    return plainly(found)
