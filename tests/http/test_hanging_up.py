"""Ending the calls of a client from another thread."""

import queue
import socket
import ssl
import threading

import httpcore
import httpx
import pytest
from self_signed import self_signed

from conn_core.http import connected_client
from conn_core.http._hang_up import Sockets

SECONDS = 60


@pytest.fixture
def silent():
    """A server that takes connections and says nothing; yields its port and them."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(SECONDS)
        yield server


def _in_thread(call):
    """Call something in a thread; what it raised comes through the queue."""
    ended = queue.SimpleQueue()

    def run():
        try:
            call()
        except Exception as error:  # noqa: BLE001 - whatever it is, a test looks at it
            ended.put(error)
        else:
            ended.put(None)

    threading.Thread(target=run, daemon=True).start()
    return ended


def test_a_call_that_waits_ends_at_once(new_broker, silent):
    """It fails where it waits; the client takes no more."""
    port = silent.getsockname()[1]
    broker = new_broker(
        api_base_url=f"http://127.0.0.1:{port}", api_hosts=(f"127.0.0.1:{port}",)
    )
    client = connected_client(broker, "coffee", timeout=None)
    ended = _in_thread(lambda: client.get("/slow"))
    line, _ = silent.accept()
    with line:
        assert line.recv(4)
        client.hang_up()
        assert isinstance(ended.get(timeout=SECONDS), httpx.TransportError)
    with pytest.raises(RuntimeError, match="closed"):
        client.get("/next")


def test_no_line_is_opened_afterwards(silent):
    """A call that was between two steps gets none."""
    sockets = Sockets()
    sockets.hang_up()
    with pytest.raises(httpcore.ConnectError, match="hung up"):
        sockets.connect_tcp("127.0.0.1", silent.getsockname()[1])


def test_a_line_that_has_ended_is_left_alone(silent):
    """Closed by itself, and closed by the other side."""
    sockets = Sockets()
    line = sockets.connect_tcp("127.0.0.1", silent.getsockname()[1])
    other, _ = silent.accept()
    line.write(b"x", 5)
    assert b"x" == other.recv(1)
    assert isinstance(line.get_extra_info("socket"), socket.socket)
    other.close()
    line.close()
    sockets.hang_up()


def test_lines_below_tls_are_ended_too(silent):
    """The socket is another one then, the line the same."""
    certificate, server_side = self_signed()
    trusting = ssl.create_default_context(cadata=certificate)
    sockets = Sockets()
    port = silent.getsockname()[1]
    held = queue.SimpleQueue()

    def serve():
        line, _ = silent.accept()
        held.put(server_side.wrap_socket(line, server_side=True))

    _in_thread(serve)
    line = sockets.connect_tcp("127.0.0.1", port, SECONDS)
    assert line is line.start_tls(trusting, "127.0.0.1", SECONDS)
    with held.get(timeout=SECONDS):
        ended = _in_thread(lambda: line.read(1, None) and None)
        sockets.hang_up()
        ended.get(timeout=SECONDS)
    line.close()
