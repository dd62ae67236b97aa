"""A small Vault: the transit engine's two calls on a real socket, and its moods."""

import base64
import json
import secrets
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from cryptography.hazmat.primitives.ciphers.aead import AESGCM


class ScriptedVault:
    """A server; close it.

    Attributes:
        token: The one that it takes.
        mood: ``up``, ``sealed``, ``disabled`` or ``wrong`` (gives another key back).
        calls: What was asked, by path.
    """

    def __init__(self, token: str) -> None:
        self.token = token
        self.mood = "up"
        self.calls: list[str] = []
        self.bodies: list[bytes] = []
        self._cipher = AESGCM(AESGCM.generate_key(256))
        vault = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                vault.answer(self)

            do_PUT = do_POST  # noqa: N815 - http.server's name

            def log_message(self, *_: Any) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever)
        self._thread.start()

    @property
    def address(self) -> str:
        """What VAULT_ADDR says."""
        return f"http://127.0.0.1:{self._server.server_port}"

    def wrapped(self, material: bytes) -> str:
        """Return a key wrapped, as somebody who may has it wrapped."""
        nonce = secrets.token_bytes(12)
        blob = nonce + self._cipher.encrypt(nonce, material, None)
        return f"vault:v1:{base64.b64encode(blob).decode()}"

    def close(self) -> None:
        """Stop."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def answer(self, request: BaseHTTPRequestHandler) -> None:
        """Answer as Vault 1.15 does."""
        body = request.rfile.read(int(request.headers["Content-Length"]))
        self.calls.append(request.path)
        self.bodies.append(body)
        status, content = self._answer(request, json.loads(body))
        written = json.dumps(content).encode()
        request.send_response(status)
        request.send_header("Content-Type", "application/json")
        request.send_header("Content-Length", str(len(written)))
        request.end_headers()
        request.wfile.write(written)

    def _answer(
        self, request: BaseHTTPRequestHandler, body: dict[str, str]
    ) -> tuple[int, dict[str, Any]]:
        if self.mood == "sealed":
            return 503, {"errors": ["Vault is sealed"]}
        if request.headers.get("X-Vault-Token") != self.token:
            return 403, {"errors": ["permission denied"]}
        if self.mood == "disabled":
            return 400, {"errors": ["encryption key not found"]}
        if "/encrypt/" in request.path:
            plain = base64.b64decode(body["plaintext"])
            return 200, {"data": {"ciphertext": self.wrapped(plain)}}
        blob = base64.b64decode(body["ciphertext"].removeprefix("vault:v1:"))
        plain = self._cipher.decrypt(blob[:12], blob[12:], None)
        plain = bytes(32) if self.mood == "wrong" else plain
        return 200, {"data": {"plaintext": base64.b64encode(plain).decode()}}
