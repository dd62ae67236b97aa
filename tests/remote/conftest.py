"""A scripted server of our REST, and a broker that asks it."""

import json
import os
from types import SimpleNamespace

import pytest
from scripted_peer import Peer, Reply

from conn_core import Secret
from conn_core.broker import RemoteBroker, write_handle


@pytest.fixture
def usual_umask():
    """Others may read what is made, unless it is made otherwise."""
    before = os.umask(0o022)
    yield
    os.umask(before)


@pytest.fixture
def bearer():
    """What the server takes."""
    return "CNRY-bearer-8c12f7aa"


@pytest.fixture
def new_server(tmp_path, bearer):
    """Makes servers; each has left its handle, as a server that starts does."""
    peers = []

    def new(prefix="/connections/", port=0):
        peer = Peer(port=port)
        peers.append(peer)
        server = SimpleNamespace(
            peer=peer,
            endpoint=f"{peer.url}{prefix}",
            takes=bearer,
            answers={},
            sent=lambda number=-1: _shown(peer.seen[number], f"{prefix}api/v1/"),
        )

        def answer(seen):
            if seen.headers.get("authorization") != f"Bearer {server.takes}":
                return Reply(403, b'{"message": "Forbidden", "reason": null}')
            path = seen.path.removeprefix(prefix + "api/v1/").partition("?")[0]
            scripted = server.answers.get((seen.method, path), (404, {"code": "?"}))
            if callable(scripted):
                return scripted(seen)
            status, body = scripted
            text = b"" if body is None else json.dumps(body).encode()
            return Reply(status, text, {"Content-Type": "application/json"})

        peer.answer = answer
        write_handle(tmp_path, endpoint=server.endpoint, bearer=Secret(bearer))
        return server

    yield new
    for peer in peers:
        peer.cut()
        peer.close()


def _shown(seen, root):
    """Return method, path and body of what a server was sent."""
    body = json.loads(seen.body) if seen.body else None
    return seen.method, seen.path.removeprefix(root), body


@pytest.fixture
def server(new_server):
    """A server under a base URL."""
    return new_server("/user/alice/connections/")


@pytest.fixture
def broker(server, tmp_path):
    """A broker that asks the server."""
    broker = RemoteBroker(server.endpoint, runtime_dir=tmp_path, timeout=60)
    yield broker
    broker.close()


@pytest.fixture
def connection_json():
    """A connection as REST shows it."""
    return {
        "link_name": "finance-sheet",
        "name": "Finance Sheet",
        "service": "google-sheets",
        "service_name": "Google Sheets",
        "scopes": ["read"],
        "status": "connected",
        "expires_at": "2026-11-25T12:00:00Z",
        "version": 3,
        "a_later_version_has_more": True,
    }
