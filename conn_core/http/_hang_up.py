"""Sockets whose calls can be ended from another thread.

Closing a socket wakes nobody who waits at it; shutting it down does.
"""

import contextlib
import socket
import threading
import weakref
from collections.abc import Iterable
from typing import Any

import httpcore


class Sockets(httpcore.SyncBackend):
    """Opens sockets and knows those that are open."""

    def __init__(self) -> None:
        self._lines: weakref.WeakSet[_Line] = weakref.WeakSet()
        self._lock = threading.Lock()
        self._ended = False

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        """Open a socket, as ``httpcore.SyncBackend`` does; none after ``hang_up``."""
        stream = super().connect_tcp(host, port, timeout, local_address, socket_options)
        line = _Line(stream)
        with self._lock:
            self._lines.add(line)
            ended = self._ended
        if ended:
            line.close()
            raise httpcore.ConnectError("the client has hung up")
        return line

    def hang_up(self) -> None:
        """End every call that waits for an answer; it fails where it waits."""
        with self._lock:
            self._ended = True
            lines = list(self._lines)
        for line in lines:
            line.hang_up()


class _Line(httpcore.NetworkStream):
    """One socket; stays the same when TLS is put over it."""

    def __init__(self, stream: httpcore.NetworkStream) -> None:
        self._stream = stream

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, timeout)

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, timeout)

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self,
        ssl_context: Any,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        self._stream = self._stream.start_tls(ssl_context, server_hostname, timeout)
        return self

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)

    def hang_up(self) -> None:
        opened = self._stream.get_extra_info("socket")
        if isinstance(opened, socket.socket):
            with contextlib.suppress(OSError):  # it has ended by itself
                # The plain socket's: TLS's own forgets its state while it is read.
                socket.socket.shutdown(opened, socket.SHUT_RDWR)
