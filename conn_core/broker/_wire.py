"""Requests to our own server: the standard library's HTTP, with kept connections.

The kernel's hot path: it imports neither the HTTP library nor the validation library.
"""

import contextlib
import http.client
import json
import os
import select
import socket
import ssl
import stat
import threading
import time
import weakref
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

from ..errors import BrokerUnavailable
from ._bearers import DoorSource

_MOST_IDLE: Final = 4
#: Before a second try: whoever spreads calls may learn meanwhile who is gone.
_BREATH: Final = 0.1
_LARGEST: Final = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """A server's answer; ``body`` is None where it is no JSON object."""

    status: int
    body: dict[str, Any] | None


class Wire:
    """Sends requests to one endpoint and keeps its connections for the next ones.

    Args:
        endpoint: An address ending in ``/``.
        timeout: Seconds to wait for a connection.
        door: Finds the Unix socket that leads to the same server, where there is one.
    """

    def __init__(self, endpoint: str, *, timeout: float, door: DoorSource) -> None:
        parts = urlsplit(endpoint)
        self._secure = parts.scheme == "https"
        self._host, self._port = parts.hostname or "", parts.port
        self._prefix = parts.path
        self._timeout = timeout
        self._door = door
        self._idle: list[http.client.HTTPConnection] = []
        self._lock = threading.Lock()
        self._process = os.getpid()
        weakref.finalize(self, _close_all, self._idle)

    def ask(
        self,
        method: str,
        path: str,
        *,
        headers: dict[str, str],
        content: bytes | None,
        repeatable: bool,
        timeout: float,
    ) -> Reply:
        """Send a request and read the answer.

        Args:
            method: The HTTP method.
            path: What follows the endpoint.
            headers: All headers but ``Host`` and ``Content-Length``.
            content: The body.
            repeatable: Sending it twice does what sending it once does; it is sent
                again when a kept connection turns out to be dropped, and once more
                when a server dies over it: another one may take its place.
            timeout: Seconds to wait for the answer.

        Raises:
            BrokerUnavailable: If there is no answer.
        """
        send = (method, self._prefix + path, content, headers)
        kept = self._take_kept()
        if kept is not None:
            try:
                return self._exchange(kept, send, timeout)
            except TimeoutError:
                raise _silent(timeout) from None
            except (OSError, http.client.HTTPException) as error:
                if not repeatable:
                    raise _broken(error) from None
        return self._anew(send, timeout, once_more=repeatable)

    def close(self) -> None:
        """Close the connections that are kept."""
        with self._lock:
            _close_all(self._idle)

    def _anew(
        self,
        send: tuple[str, str, bytes | None, dict[str, str]],
        timeout: float,
        *,
        once_more: bool,
    ) -> Reply:
        """Send through a new connection; once more if it is nobody's fault of ours."""
        try:
            reply = self._exchange(self._connect(), send, timeout)
        except TimeoutError:
            raise _silent(timeout) from None
        except (OSError, http.client.HTTPException) as error:
            if not once_more or isinstance(error, _FINAL):
                raise _broken(error) from None
        else:
            if not once_more or not _is_nobodys(reply):
                return reply
        time.sleep(_BREATH)
        return self._anew(send, timeout, once_more=False)

    def _exchange(
        self,
        connection: http.client.HTTPConnection,
        send: tuple[str, str, bytes | None, dict[str, str]],
        timeout: float,
    ) -> Reply:
        try:
            if connection.sock is not None:
                connection.sock.settimeout(timeout)
            connection.request(*send)
            connection.sock.settimeout(timeout)
            answer = connection.getresponse()
            raw = answer.read(_LARGEST)
        except BaseException:
            connection.close()
            raise
        if answer.will_close or not answer.isclosed():
            connection.close()
        else:
            self._keep(connection)
        return Reply(status=answer.status, body=_object(raw))

    def _connect(self) -> http.client.HTTPConnection:
        return _through_door(self._door(), self._timeout) or self._through_front()

    def _through_front(self) -> http.client.HTTPConnection:
        kind = (
            http.client.HTTPSConnection if self._secure else http.client.HTTPConnection
        )
        connection = kind(self._host, self._port, timeout=self._timeout)
        # Somebody may have set it on the class: it prints what is sent, the bearer too.
        connection.set_debuglevel(0)
        return connection

    def _take_kept(self) -> http.client.HTTPConnection | None:
        with self._lock:
            if self._process != os.getpid():
                # A forked child shares its parent's sockets: leave them to the parent.
                _close_all(self._idle)
                self._process = os.getpid()
            while self._idle:
                connection = self._idle.pop()
                if not _is_dropped(connection):
                    return connection
                connection.close()
        return None

    def _keep(self, connection: http.client.HTTPConnection) -> None:
        with self._lock:
            if len(self._idle) < _MOST_IDLE:
                self._idle.append(connection)
                return
        connection.close()


#: Nobody listens, nobody of that name, or somebody else: asking again changes nothing.
_FINAL: Final = (ConnectionRefusedError, socket.gaierror, ssl.SSLCertVerificationError)


def _is_nobodys(reply: Reply) -> bool:
    """Tell whether an answer is a proxy's, for a server behind it that is going."""
    return reply.status in {502, 503} and reply.body is None


class _DoorConnection(http.client.HTTPConnection):
    """HTTP through a Unix socket."""

    def __init__(self, path: str, *, timeout: float) -> None:
        super().__init__("127.0.0.1", timeout=timeout)
        self._path = path

    def connect(self) -> None:
        """Connect to the socket; only to one that is its owner's, and ours.

        Raises:
            OSError: If there is no such socket, or nobody listens.
        """
        found = os.lstat(self._path)
        if found.st_uid != os.geteuid() or stat.S_IMODE(found.st_mode) & 0o077:
            raise PermissionError(f"{self._path} is not its owner's alone")
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self._path)


def _through_door(path: str, timeout: float) -> http.client.HTTPConnection | None:
    """Return a connection; None where there is no door, or nobody opens it."""
    if not path or not hasattr(socket, "AF_UNIX"):
        return None
    connection = _DoorConnection(path, timeout=timeout)
    connection.set_debuglevel(0)
    try:
        connection.connect()
    except OSError:
        connection.close()
        return None
    return connection


def _close_all(connections: list[http.client.HTTPConnection]) -> None:
    while connections:
        with contextlib.suppress(OSError):
            connections.pop().close()


def _is_dropped(connection: http.client.HTTPConnection) -> bool:
    """Tell whether the other side has closed: there is something to read, the end."""
    if connection.sock is None:
        return True
    if not hasattr(select, "poll"):  # Windows
        return bool(select.select([connection.sock], [], [], 0)[0])
    poll = select.poll()
    poll.register(connection.sock, select.POLLIN)
    return bool(poll.poll(0))


def _object(raw: bytes) -> dict[str, Any] | None:
    try:
        found = json.loads(raw)
    except ValueError:
        return None
    return found if isinstance(found, dict) else None


def _silent(timeout: float) -> BrokerUnavailable:
    return BrokerUnavailable(
        f"The server did not answer within {timeout:g} seconds",
        "Try again, or run %conn env",
    )


def _broken(error: Exception) -> BrokerUnavailable:
    if isinstance(error, ConnectionRefusedError):
        return BrokerUnavailable("The server is not running any more", "Run %conn env")
    if isinstance(error, ssl.SSLCertVerificationError):
        return BrokerUnavailable(
            "The server could not prove that it is the one it says: its certificate is "
            f"not trusted here ({error.verify_message})",
            "Run %conn env, and tell who runs the server",
        )
    reason = getattr(error, "strerror", None) or type(error).__name__
    if isinstance(error, http.client.RemoteDisconnected):
        reason = "it hung up before it answered"
    return BrokerUnavailable(
        f"The server cannot be reached ({reason})", "Run %conn env"
    )
