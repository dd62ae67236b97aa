"""A real server, a kernel's process beside it, and a token that never gets there."""

import json
import subprocess
import sys
from types import SimpleNamespace

import pytest
from canary import process_artefacts
from scripted_peer import Peer, Reply

from conn_core import ConnectionDraft, read_draft
from conn_core.broker import RemoteBroker

#: What a notebook does; it then waits until somebody has looked through its memory.
KERNEL = """
import asyncio, json, sys
import conn_magics as cm
from conn_core.errors import Sealed

name, url = sys.argv[1:]

client = cm.connect(name)

async def ask():
    async with cm.connect(name, client="async") as other:
        return (await other.get("/me")).json()

found = {
    "sync": client.get("/me").json(),
    "async": asyncio.run(ask()),
    "requests": cm.get(name).requests().get("/me").json(),
    "post": client.post("/orders?n=1", content=iter([b"a cup ", b"of tea"])).text,
    "big": len(client.get("/big").content),
    "absolute": client.get(url + "/elsewhere/x").status_code,
    "missing": client.get("/missing").status_code,
    "followed": client.get("/moved", follow_redirects=True).json(),
    "exposure": cm.get(name).facts.exposure,
}
if found["exposure"] == "sealed":
    try:
        cm.get(name).token()
    except Sealed as error:
        found["token"] = str(error)
print(json.dumps(found), flush=True)
sys.stdin.readline()
"""
BIG = 3_000_000


@pytest.fixture(scope="module")
def api():
    """The service's API: it wants the token, and remembers what it was asked."""
    peer = Peer()
    yield peer
    peer.close()


@pytest.fixture
def secret(canary, api):
    """The token; the API takes no other."""
    token = canary("depot-token")

    def answer(seen):
        if seen.headers.get("authorization") != f"Bearer {token}":
            return Reply(401)
        kind = {"Content-Type": "application/json"}
        match seen.path:
            case "/v1/me":
                return Reply(body=b'{"login": "sam"}', headers=kind)
            case "/v1/orders?n=1":
                return Reply(201, seen.body)
            case "/v1/big":
                return Reply(body=b"x" * BIG)
            case "/v1/moved":
                return Reply(302, headers={"Location": "/v1/me"})
            case "/elsewhere/x":
                return Reply(204, b"")
        return Reply(404)

    api.answer = answer
    return token


@pytest.fixture(scope="module")
def server(start_server, home, environment, api):
    """A server in a process of its own, whose catalogue has the service."""
    catalog = home / "depot.toml"
    catalog.write_text(f"""
        [[service]]
        id = "depot"
        name = "Depot"
        auth_type = "bearer"
        api_base_url = "{api.url}/v1"
        api_hosts = ["{api.host}"]
        test_path = "/me"
    """)
    _, handle = start_server(
        "--ServerApp.port=0",
        "--Connections.allow_loopback=True",
        f"--Connections.catalog_paths={catalog}",
    )
    runtime = environment["JUPYTER_RUNTIME_DIR"]
    broker = RemoteBroker(handle["endpoint"], runtime_dir=runtime)
    yield SimpleNamespace(endpoint=handle["endpoint"], broker=broker)
    broker.close()


@pytest.fixture
def connected(server, secret):
    """Creates a connection of a new name, and returns that."""

    def connect(**more):
        name = f"depot-{server.broker.connections().total}"
        body = {"service": "depot", "name": name, "secret": {"token": secret}}
        made = server.broker.create(read_draft(ConnectionDraft, body | more))
        assert ("connected", name) == (made.status, made.link_name)
        return name

    return connect


@pytest.fixture
def kernel(server, environment, api, canary):
    """Runs a notebook's code; returns what it found.

    Besides: which secrets lie in all of its memory, and what else its process shows.
    """

    def run(name):
        told = {"JUPYTER_CONNECTIONS_ENDPOINT": server.endpoint}
        process = subprocess.Popen(
            [sys.executable, "-c", KERNEL, name, api.url],
            env=environment | told,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        with process:
            line = process.stdout.readline()
            memory = canary.found_in_memory(process.pid) if line else None
            shown = process_artefacts(process.pid)
            process.stdin.write("\n")
        assert 0 == process.returncode
        return json.loads(line), memory, shown

    return run


WORKED = {
    "sync": {"login": "sam"},
    "async": {"login": "sam"},
    "requests": {"login": "sam"},
    "post": "a cup of tea",
    "big": BIG,
    "absolute": 204,
    "missing": 404,
    "followed": {"login": "sam"},
}


def test_K14_K15_a_sealed_token_is_nowhere_in_a_kernels_memory(
    connected, kernel, secret, api, server, canary
):
    """And everything that a notebook does works, through the server."""
    name = connected(exposure="sealed")
    canary.watch(server.endpoint, "address of the server")

    found, memory, shown = kernel(name)

    assert WORKED == {name: found[name] for name in WORKED}
    assert "sealed" == found["exposure"]
    assert found["token"].startswith(f"'{name}' is sealed: its token stays")
    assert {f"Bearer {secret}"} == {s.headers["authorization"] for s in api.seen[-9:]}
    assert {"address of the server"} == memory
    assert {"address of the server"} == canary.found_in(b"".join(shown.values()))
    assert 3 == len(shown)


def test_K15_a_direct_token_is_found_by_the_same_search(connected, kernel, secret):
    """Else it would prove nothing that none is found."""
    found, memory, _ = kernel(connected())

    assert WORKED == {name: found[name] for name in WORKED}
    assert "direct" == found["exposure"]
    assert {"depot-token"} == memory


def test_J_a_read_only_connection_lets_no_change_through(connected, server, api):
    """The server holds requests to the rules; the service hears of none."""
    from conn_core.errors import MethodNotAllowed
    from conn_core.http import connected_client

    name = connected(rules={"methods": ["GET"]})
    before = len(api.seen)

    with connected_client(server.broker, name) as client:
        assert {"login": "sam"} == client.get("/me").json()
        for body in (b"tea", iter([b"x" * 100_000] * 100)):
            with pytest.raises(MethodNotAllowed, match="POST"):
                client.post("/orders?n=1", content=body)

    assert ["GET"] == [seen.method for seen in api.seen[before:]]


def test_J_sealing_and_unsealing_act_on_an_open_client(connected, server, api):
    """A notebook's client goes on working, another way."""
    import time

    from conn_core.http import TokenSource
    from conn_core.http._client import ConnectedClient

    name = connected()
    ahead = [0.0]
    source = TokenSource(
        server.broker, name, monotonic=lambda: time.monotonic() + ahead[0]
    )
    with ConnectedClient(source) as client:
        agents = []
        for sealed in (False, True, False):
            server.broker.seal(name, sealed=sealed)
            ahead[0] += 1
            assert {"login": "sam"} == client.get("/me").json()
            agents.append("identity" == api.seen[-1].headers["accept-encoding"])

    assert [False, True, False] == agents
