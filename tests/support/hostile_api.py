"""An API on a real socket that answers byte by byte as a test tells it to."""

import contextlib
import json
import socket
import threading
from dataclasses import dataclass, field


@dataclass
class Asked:
    """A request as it arrived; a large body is counted, not kept."""

    method: str
    target: str
    headers: list
    body: bytes = b""
    size: int = 0

    @property
    def path(self):
        return self.target.partition("?")[0]

    def all(self, name):
        return [value for n, value in self.headers if n.lower() == name.lower()]

    def one(self, name):
        found = self.all(name)
        assert len(found) <= 1, f"{name} is there twice"
        return found[0] if found else None


@dataclass
class HostileApi:
    """What it does is in ``plays``, by path; what was asked is in ``seen``.

    What is in ``early`` plays before the body is read, which it may read from the file.
    """

    plays: dict = field(default_factory=dict)
    early: dict = field(default_factory=dict)
    seen: list = field(default_factory=list)
    hung_up: threading.Event = field(default_factory=threading.Event)
    received: int = 0
    sent: int = 0
    keeps_bodies: bool = True

    def __post_init__(self):
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._lines = []
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def port(self):
        return self._listener.getsockname()[1]

    @property
    def origin(self):
        return f"http://127.0.0.1:{self.port}"

    @property
    def host(self):
        return f"127.0.0.1:{self.port}"

    def close(self):
        with contextlib.suppress(OSError):
            # Closing alone leaves it open while somebody waits at it.
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for line in self._lines:
            with contextlib.suppress(OSError):
                line.shutdown(socket.SHUT_RDWR)
            line.close()

    def says(self, path, head, *chunks):
        """Answer with exactly these bytes."""
        self.plays[path] = lambda line, _: [line.sendall(b) for b in (head, *chunks)]

    def answers(self, path, body=b"{}", *, status=200, headers=(), chunks=None):
        """Answer properly; ``chunks`` are sent one by one."""
        parts = list(chunks or [body])
        lines = [f"HTTP/1.1 {status} Said", *(f"{n}: {v}" for n, v in headers)]
        lines.append(f"Content-Length: {sum(map(len, parts))}")
        self.says(path, "\r\n".join([*lines, "", ""]).encode("latin-1"), *parts)

    def streams(self, path, part, *, pause=None):
        """Answer without an end; with a pause between the parts."""

        def play(line, _):
            line.sendall(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n")
            try:
                while True:
                    line.sendall(part)
                    self.sent += len(part)
                    if pause is not None and pause.wait(0.05):
                        return
            except OSError:
                self.hung_up.set()
                raise

        self.plays[path] = play

    # --- the wire -------------------------------------------------------------------------

    def _accept(self):
        while True:
            try:
                line, _ = self._listener.accept()
            except OSError:
                return
            self._lines.append(line)
            threading.Thread(target=self._serve, args=(line,), daemon=True).start()

    def _serve(self, line):
        with (
            contextlib.suppress(OSError, ValueError, IndexError),
            line,
            line.makefile("rb") as file,
        ):
            try:
                while (asked := self._read(file, line)) is not None:
                    self.seen.append(asked)
                    self.plays.get(asked.path, _echo)(line, asked)
            except (OSError, ValueError, IndexError):
                self.hung_up.set()  # in the middle of something
                raise

    def _read(self, file, line):
        first = file.readline().decode("latin-1").split()
        if not first:
            self.hung_up.set()
            return None
        headers = []
        while (text := file.readline().decode("latin-1").rstrip("\r\n")) != "":
            name, _, value = text.partition(":")
            headers.append((name, value.strip()))
        asked = Asked(first[0], first[1], headers)
        if asked.path in self.early:
            self.early[asked.path](line, file)
            return None
        for part in self._body(file, asked):
            asked.size += len(part)
            self.received += len(part)
            asked.body += part if self.keeps_bodies else b""
        return asked

    def _body(self, file, asked):
        if "chunked" in (asked.one("Transfer-Encoding") or ""):
            while size := int(file.readline() or b"x", 16):
                yield file.read(size)
                file.readline()
            file.readline()
            return
        left = int(asked.one("Content-Length") or 0)
        while left:
            part = file.read(min(left, 65536))
            if not part:
                raise ValueError
            left -= len(part)
            yield part


def _echo(line, asked):
    """Answer with what was asked, headers and all."""
    said = json.dumps(
        {
            "method": asked.method,
            "target": asked.target,
            "headers": asked.headers,
            "body": asked.body.decode("latin-1"),
            "size": asked.size,
        }
    ).encode()
    head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(said)}"
    line.sendall(f"{head}\r\n\r\n".encode())
    if asked.method != "HEAD":
        line.sendall(said)
