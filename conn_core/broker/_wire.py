"""Requests to our own server: the standard library's HTTP, with kept connections.

The kernel's hot path: it imports neither the HTTP library nor the validation library.
"""

import contextlib
import http.client
import json
import os
import select
import threading
import weakref
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

from ..errors import BrokerUnavailable

_MOST_IDLE: Final = 4
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
    """

    def __init__(self, endpoint: str, *, timeout: float) -> None:
        parts = urlsplit(endpoint)
        self._secure = parts.scheme == "https"
        self._host, self._port = parts.hostname or "", parts.port
        self._prefix = parts.path
        self._timeout = timeout
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
                again when a kept connection turns out to be dropped.
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
        try:
            return self._exchange(self._connect(), send, timeout)
        except TimeoutError:
            raise _silent(timeout) from None
        except (OSError, http.client.HTTPException) as error:
            raise _broken(error) from None

    def close(self) -> None:
        """Close the connections that are kept."""
        with self._lock:
            _close_all(self._idle)

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
    reason = getattr(error, "strerror", None) or type(error).__name__
    return BrokerUnavailable(
        f"The server cannot be reached ({reason})", "Run %conn env"
    )
