"""An authorization server with an API on loopback, which rotates refresh tokens.

It counts what it is asked, ends the whole grant when a spent refresh token comes back
(unless told otherwise), and kills its client at the moment that a test names.
"""

import json
import os
import secrets
import signal
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Literal
from urllib.parse import parse_qs, parse_qsl, urlsplit

CLIENT_ID = "desk-client"
#: What a spent refresh token does: nothing is ever spent; it works for a minute more;
#: it ends the grant.
Policy = Literal["no rotation", "grace", "strict"]
GRACE = 60.0
#: Where to kill the client: before its request counts, after that without a byte of the
#: answer, after the headers, in the middle of the body.
Stage = Literal["unprocessed", "processed", "headers", "half body"]


@dataclass
class Grant:
    """What a person agreed to."""

    alive: bool = True
    reused: int = 0
    issued: int = 0


@dataclass
class Token:
    """One refresh token."""

    grant: Grant
    spent_at: float | None = None


@dataclass
class Answer:
    """What is sent back."""

    status: int
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)


class RotatingProvider:
    """The server.

    Args:
        policy: What a spent refresh token does.
        token: Makes a secret for a purpose.
    """

    def __init__(
        self, policy: Policy = "strict", token: Callable[[str], str] | None = None
    ) -> None:
        self.policy = policy
        self.lifetime = 3600.0
        self.latency = 0.0
        # Not "token or": a canary that has watched nothing yet is empty, hence false.
        self._token = _random if token is None else token
        self.client_secret = self._token("client-secret")
        self.refreshes = 0
        self.api_requests = 0
        self.revocations: list[str] = []
        #: Answers to give instead, at once, one each; None closes the connection.
        self.script: list[Answer | None] = []
        #: Called when a refresh request arrives, before anything is done with it.
        self.on_refresh: Callable[[], object] = lambda: None
        #: Called when half of the answer to ``/v1/long`` is out.
        self.on_half: Callable[[], object] = lambda: None
        #: Bodies that reached the API.
        self.uploads: list[bytes] = []
        self._kill: tuple[Stage, int] | None = None
        self._codes: dict[str, Grant] = {}
        self._refresh: dict[str, Token] = {}
        self._access: dict[str, tuple[Grant, float]] = {}
        self._rejected: set[str] = set()
        self._guard = threading.Lock()
        self._server = _Server(self)
        self.host = f"127.0.0.1:{self._server.server_port}"
        self.url = f"http://{self.host}"
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.02}
        )
        self._thread.start()

    def close(self) -> None:
        """Stop answering."""
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    # --- what a test does -------------------------------------------------------------

    def catalog(self) -> str:
        """Return the service's description as TOML."""
        return f"""
            [[service]]
            id = "expenses"
            name = "Expense Desk"
            authorization_endpoint = "{self.url}/authorize"
            token_endpoint = "{self.url}/token"
            revocation_endpoint = "{self.url}/revoke"
            api_base_url = "{self.url}/v1"
            api_hosts = ["{self.host}"]
            test_path = "/me"
        """

    def consent(self, authorization_url: str) -> dict[str, str]:
        """Agree, and return what the browser brings back."""
        asked = parse_qs(urlsplit(authorization_url).query)
        code = self._token("code")
        self._codes[code] = Grant()
        return {"code": code, "state": asked["state"][0]}

    def kill_at(self, stage: Stage, pid: int) -> None:
        """Kill a process when its next refresh gets there."""
        self._kill = (stage, pid)

    def reject_all(self) -> None:
        """Let the API refuse every token there is."""
        self._rejected.update(self._access)

    def is_good(self, access_token: str) -> bool:
        """Tell whether the API would take a token."""
        grant, until = self._access.get(access_token, (None, 0.0))
        if grant is None or access_token in self._rejected:
            return False
        return grant.alive and time.time() < until

    @property
    def reuses(self) -> int:
        """How often a spent refresh token came back."""
        grants = {id(t.grant): t.grant for t in self.refresh_tokens()}
        return sum(grant.reused for grant in grants.values())

    def refresh_tokens(self) -> list[Token]:
        """Return all that were ever issued."""
        return list(self._refresh.values())

    def newest_grant(self) -> Grant:
        """Return the one that was given last."""
        return self.refresh_tokens()[-1].grant

    # --- endpoints --------------------------------------------------------------------

    def token_answer(self, fields: Mapping[str, str]) -> Answer:
        """Answer a token request."""
        is_refresh = fields.get("grant_type") == "refresh_token"
        if is_refresh:
            self.on_refresh()
            with self._guard:
                self.refreshes += 1
                scripted = self.script.pop(0) if self.script else _NONE
            if scripted is not _NONE:
                return scripted
            time.sleep(self.latency)
        with self._guard:
            if fields.get("client_id") not in {None, CLIENT_ID}:
                return _error(401, "invalid_client")
            if not is_refresh:
                grant = self._codes.pop(fields["code"], None)
                return self._issue(grant) if grant else _error(400, "invalid_grant")
            return self._renew(fields["refresh_token"])

    def _renew(self, refresh_token: str) -> Answer:
        token = self._refresh.get(refresh_token)
        if token is None or not token.grant.alive:
            return _error(400, "invalid_grant")
        if self.policy == "no rotation":
            return self._issue(token.grant, rotate=False)
        if token.spent_at is not None:
            is_late = time.time() - token.spent_at > GRACE
            if self.policy == "strict" or is_late:
                token.grant.alive, token.grant.reused = False, token.grant.reused + 1
                return _error(400, "invalid_grant")
        else:
            token.spent_at = time.time()
        return self._issue(token.grant)

    def _issue(self, grant: Grant, *, rotate: bool = True) -> Answer:
        access = self._token("access-token")
        self._access[access] = (grant, time.time() + self.lifetime)
        grant.issued += 1
        body = {
            "access_token": access,
            "token_type": "Bearer",
            "expires_in": self.lifetime,
        }
        if rotate:
            body["refresh_token"] = self._token("refresh-token")
            self._refresh[body["refresh_token"]] = Token(grant)
        return _json(200, body)

    def revoke(self, fields: Mapping[str, str]) -> Answer:
        """End a grant."""
        self.revocations.append(fields["token"])
        token = self._refresh.get(fields["token"])
        if token is not None:
            token.grant.alive = False
        return _json(200, {})

    def api_answer(self, authorization: str) -> Answer:
        """Answer an API request."""
        self.api_requests += 1
        if self.is_good(authorization.removeprefix("Bearer ")):
            return _json(200, {"login": "sam"})
        return _json(401, {})

    def taken_kill(self) -> tuple[Stage, int] | None:
        """Return whom to kill and when; once."""
        kill, self._kill = self._kill, None
        return kill


class _Handler(BaseHTTPRequestHandler):
    server: "_Server"

    def do_POST(self) -> None:
        provider = self.server.provider
        if self.headers.get("Transfer-Encoding") == "chunked":
            provider.uploads.append(self._chunks())
            self.do_GET()
            return
        size = int(self.headers["Content-Length"])
        if self.path.startswith("/v1/"):
            provider.uploads.append(self.rfile.read(size))
            self.do_GET()
            return
        fields = dict(parse_qsl(self.rfile.read(size).decode()))
        if self.path == "/revoke":
            self._send(provider.revoke(fields))
            return
        is_refresh = fields.get("grant_type") == "refresh_token"
        kill = provider.taken_kill() if is_refresh else None
        if kill is not None and kill[0] == "unprocessed":
            _kill(kill[1])
            return
        answer = provider.token_answer(fields)
        if answer is not None:
            self._send(answer, kill)

    def do_PUT(self) -> None:
        self.do_POST()

    def do_GET(self) -> None:
        provider = self.server.provider
        answer = provider.api_answer(self.headers.get("Authorization", ""))
        is_long = self.path == "/v1/long" and answer.status == 200
        self._send_slowly() if is_long else self._send(answer)

    def _send_slowly(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", str(len(LONG)))
        self.end_headers()
        half = len(LONG) // 2
        self.wfile.write(LONG[:half])
        self.wfile.flush()
        self.server.provider.on_half()
        self.wfile.write(LONG[half:])

    def _chunks(self) -> bytes:
        body = b""
        while size := int(self.rfile.readline(), 16):
            body += self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()
        return body

    def _send(self, answer: Answer, kill: tuple[Stage, int] | None = None) -> None:
        if kill is not None and kill[0] == "processed":
            _kill(kill[1])
            return
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        self.wfile.flush()
        if kill is not None and kill[0] == "headers":
            _kill(kill[1])
            return
        half = len(answer.body) // 2
        self.wfile.write(answer.body[:half])
        if kill is not None:
            self.wfile.flush()
            _kill(kill[1])
            return
        self.wfile.write(answer.body[half:])

    def log_message(self, *_args: object) -> None:
        """Say nothing."""


class _Server(ThreadingHTTPServer):
    request_queue_size = 256
    daemon_threads = True

    def __init__(self, provider: RotatingProvider) -> None:
        self.provider = provider
        super().__init__(("127.0.0.1", 0), _Handler)

    def handle_error(self, *_args: object) -> None:
        """A client that was killed is no news."""


def _kill(pid: int) -> None:
    time.sleep(0.02)  # what was sent is on its way
    os.kill(pid, signal.SIGKILL)


#: What a download of ``/v1/long`` is.
LONG = bytes(range(256)) * 2048
_NONE = Answer(0, b"")


def _json(status: int, body: object) -> Answer:
    return Answer(status, json.dumps(body).encode())


def _error(status: int, code: str) -> Answer:
    return _json(status, {"error": code, "error_description": f"test says {code}"})


def _random(purpose: str) -> str:
    return f"CNRY-{purpose}-{secrets.token_hex(12)}"
