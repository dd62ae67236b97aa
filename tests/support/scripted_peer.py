"""A real HTTP server on loopback that answers by script and remembers."""

import contextlib
import dataclasses
import http.server
import socket
import threading
from collections.abc import Callable, Sequence


class _Quiet(http.server.ThreadingHTTPServer):
    """Keeps its connections, so that they can be cut, and says nothing."""

    def __init__(self, *arguments):
        self.connections: list[socket.socket] = []
        super().__init__(*arguments)

    def process_request(self, request, client_address):
        self.connections.append(request)
        super().process_request(request, client_address)

    def handle_error(self, request, client_address):
        """A client that leaves early is no news."""


@dataclasses.dataclass
class Seen:
    """A request as it arrived."""

    method: str
    path: str
    pairs: Sequence[tuple[str, str]]
    body: bytes

    @property
    def headers(self) -> dict[str, str]:
        return {name.lower(): value for name, value in self.pairs}

    @property
    def everything(self) -> str:
        return f"{self.method} {self.path} {self.pairs} {self.body!r}"


@dataclasses.dataclass
class Reply:
    """What to answer."""

    status: int = 200
    body: bytes = b"{}"
    headers: dict[str, str] = dataclasses.field(default_factory=dict)


class Peer:
    """A real HTTP server on loopback that answers by script and remembers."""

    def __init__(self, *, port: int = 0) -> None:
        self.seen: list[Seen] = []
        self.answer: Callable[[Seen], Reply] = lambda _: Reply()
        peer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def _any(self):
                length = int(self.headers.get("content-length", 0))
                body = self.rfile.read(length)
                if self.headers.get("transfer-encoding") == "chunked":
                    body = self._chunks()
                seen = Seen(self.command, self.path, self.headers.items(), body)
                peer.seen.append(seen)
                reply = peer.answer(seen)
                if reply.status == 0:  # drop the connection instead of an answer
                    self.close_connection = True
                    return
                self.send_response(reply.status)
                length = {"Content-Length": str(len(reply.body))}
                for name, value in (length | reply.headers).items():
                    self.send_header(name, value)
                self.end_headers()
                if self.command != "HEAD":
                    self.wfile.write(reply.body)
                if "Content-Length" in reply.headers:  # it promises more than it has
                    self.close_connection = True

            def _chunks(self):
                body = b""
                while size := int(self.rfile.readline(), 16):
                    body += self.rfile.read(size)
                    self.rfile.readline()
                self.rfile.readline()
                return body

            do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = do_PATCH = _any  # noqa: N815 - the base class's names
            do_OPTIONS = do_TRACE = _any  # noqa: N815 - as above

            def log_message(self, *_):
                """Say nothing."""

        self._server = _Quiet(("127.0.0.1", port), Handler)
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.01,), daemon=True
        )
        self._thread.start()

    @property
    def port(self) -> int:
        return self._server.server_address[1]

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.port}"

    @property
    def url(self) -> str:
        return f"http://{self.host}"

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(5)

    def cut(self) -> None:
        """Close every connection that is open, as a server that stops does."""
        for connection in self._server.connections:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        self._server.connections.clear()
