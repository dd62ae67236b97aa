"""Kernels ask through the server's Unix socket, where it is the server's own."""

import http.server
import json
import socketserver
import threading
from types import SimpleNamespace

import pytest

from conn_core import Secret
from conn_core.broker import RemoteBroker, socket_path, write_handle

_NONE = {"items": [], "next_cursor": None, "total": 0}


@pytest.fixture
def new_door(server, tmp_path, bearer):
    """Makes a door of the server, and writes it into its handle."""
    opened = []
    path = socket_path(tmp_path, server.endpoint)

    class Answering(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self):
            self.server.seen.append(self.headers["Authorization"])
            body = json.dumps(_NONE).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            """Say nothing."""

    def close(door):
        door.shutdown()
        door.server_close()
        path.unlink(missing_ok=True)

    def new(*, mode=0o600):
        listener = socketserver.ThreadingUnixStreamServer(str(path), Answering)
        listener.seen = []
        listener.daemon_threads = True
        path.chmod(mode)
        threading.Thread(target=listener.serve_forever, args=(0.02,)).start()
        write_handle(
            tmp_path, endpoint=server.endpoint, bearer=Secret(bearer), socket=path
        )
        opened.append(listener)
        return SimpleNamespace(seen=listener.seen, close=lambda: close(listener))

    server.answers["GET", "connections"] = 200, _NONE
    yield new
    for listener in opened:
        close(listener)


def test_P7_the_door_is_taken_where_there_is_one(new_door, server, broker, bearer):
    """And its connection is kept."""
    door = new_door()

    broker.connections()
    broker.connections()

    assert [f"Bearer {bearer}"] * 2 == door.seen
    assert [] == server.peer.seen


@pytest.mark.parametrize("mode", [0o660, 0o606, 0o700 | 0o001])
def test_J21_a_door_that_others_can_open_is_not_taken(new_door, server, broker, mode):
    """Somebody else may have put it there: the bearer does not go through it."""
    door = new_door(mode=mode)

    broker.connections()

    assert [] == door.seen
    assert 1 == len(server.peer.seen)


def test_J21_a_link_in_its_place_is_not_followed(new_door, server, broker, tmp_path):
    """Wherever it leads."""
    door = new_door()
    path = socket_path(tmp_path, server.endpoint)
    path.rename(tmp_path / "elsewhere")
    path.symlink_to(tmp_path / "elsewhere")

    broker.connections()

    assert [] == door.seen


def test_F71_where_nobody_opens_the_address_is_asked(new_door, server, broker):
    """Its server was killed, or is on another machine that shares the folder."""
    new_door().close()

    broker.connections()

    assert 1 == len(server.peer.seen)


def test_F71_a_door_that_was_opened_again_is_taken_again(new_door, server, broker):
    """The server was restarted."""
    first = new_door()
    broker.connections()
    first.close()
    broker.close()
    second = new_door()

    broker.connections()

    assert (1, 1, 0) == (len(first.seen), len(second.seen), len(server.peer.seen))


def test_a_broker_with_a_bearer_of_its_own_takes_no_door(new_door, server, bearer):
    """A grant's or a hub's is for the address that it was given with."""
    door = new_door()
    broker = RemoteBroker(server.endpoint, bearer=lambda: Secret(bearer))

    broker.connections()
    broker.close()

    assert ([], 1) == (door.seen, len(server.peer.seen))
