"""The Unix socket where kernels do not wait behind the server's other traffic."""

import http.client
import json
import os
import signal
import socket
import stat
import tempfile
import threading
from pathlib import Path

import pytest
from patience import SECONDS
from ports import free_port

from conn_core.broker import RemoteBroker, read_handle, socket_path
from conn_core.errors import BrokerUnavailable


@pytest.fixture
def jp_runtime_dir():
    """A folder with a short name: a socket's path has a hundred letters at most."""
    with tempfile.TemporaryDirectory(prefix="jc") as folder:
        yield Path(folder)


@pytest.fixture
def handle(jp_serverapp, jp_runtime_dir, provider, jp_asyncio_loop):
    """What a started server has left for its kernels."""
    jp_asyncio_loop.run_until_complete(
        jp_serverapp.extension_manager.start_all_extensions()
    )
    [file] = Path(jp_runtime_dir).glob("connections-*.json")
    yield read_handle(jp_runtime_dir, json.loads(file.read_text())["endpoint"])
    jp_asyncio_loop.run_until_complete(jp_serverapp.cleanup_extensions())


@pytest.fixture
def knock(handle, root):
    """Sends a request through the socket; returns its status and body."""

    def send(path, *, method="GET", **headers):
        with socket.socket(socket.AF_UNIX) as line:
            line.settimeout(SECONDS)
            line.connect(handle.socket)
            asking = http.client.HTTPConnection("127.0.0.1")
            asking.sock = line
            asking.request(method, root + path, headers=headers)
            answer = asking.getresponse()
            return answer.status, answer.read().decode()

    return send


@pytest.fixture
def shown(handle):
    """The header that a kernel sends."""
    return {"Authorization": f"Bearer {handle.bearer.reveal()}"}


def test_P7_a_kernel_is_answered_while_the_event_loop_is_not(handle, jp_runtime_dir):
    """This test holds the thread of the server's event loop, and asks from another."""
    broker = RemoteBroker(handle.endpoint, runtime_dir=jp_runtime_dir, timeout=SECONDS)
    said = []
    asking = threading.Thread(target=lambda: said.append(broker.status().kind))

    asking.start()
    asking.join()

    assert ["server"] == said
    broker.close()


def test_J21_nobody_else_can_open_it(handle, jp_serverapp, jp_asyncio_loop):
    """It is its owner's, and gone with the server."""
    found = Path(handle.socket).lstat()

    assert stat.S_ISSOCK(found.st_mode)
    assert (0o600, os.geteuid()) == (stat.S_IMODE(found.st_mode), found.st_uid)
    jp_asyncio_loop.run_until_complete(jp_serverapp.cleanup_extensions())
    assert not Path(handle.socket).exists()


def test_J21_who_shows_no_bearer_of_this_server_is_refused(knock, jp_serverapp):
    """Not even Jupyter's own token opens it, nor a grant, on any address."""
    token = jp_serverapp.identity_provider.token
    shown = [{}, *({"Authorization": f"Bearer {b}"} for b in (token, "jcg_x", "", "é"))]
    paths = ("api/v1/status", "api/v1/openapi.yaml", "", "nowhere")

    found = {knock(path, **headers)[0] for path in paths for headers in shown}

    assert {401} == found


def test_a_browser_gets_no_credential_there(knock, shown):
    """Whatever it shows: the rules are those of the handlers, and they are the same."""
    path = "api/v1/connections/x/token"

    for headers in ({"Cookie": "a=b"}, {"Origin": "http://127.0.0.1"}):
        status, text = knock(path, method="POST", **shown, **headers)
        assert (403, "not_allowed") == (status, json.loads(text)["code"])


@pytest.mark.parametrize(
    "path", ["", "new", "start/x", "api/v1/connections/x/proxy/y", "../api/contents"]
)
def test_only_the_rest_addresses_are_behind_it(knock, shown, path):
    """No pages, no notebooks, and nothing of the relay, whose streams are long."""
    assert 404 == knock(path, **shown)[0]


async def test_what_a_server_left_that_was_killed_is_replaced(
    jp_serverapp, jp_runtime_dir, jp_http_port, jp_base_url, extension
):
    """A socket that nobody listens to is in its place."""
    endpoint = f"http://127.0.0.1:{jp_http_port}{jp_base_url}connections/"
    left = socket_path(jp_runtime_dir, endpoint)
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(left))

    await jp_serverapp.extension_manager.start_all_extensions()

    with socket.socket(socket.AF_UNIX) as line:
        line.connect(str(left))
    assert extension.door.path == left
    await jp_serverapp.cleanup_extensions()


async def test_where_there_can_be_no_socket_kernels_use_the_address(
    jp_serverapp, jp_runtime_dir, jp_http_port, jp_base_url, extension
):
    """Something else is in its place, as a path that is too long would be."""
    endpoint = f"http://127.0.0.1:{jp_http_port}{jp_base_url}connections/"
    socket_path(jp_runtime_dir, endpoint).mkdir()

    await jp_serverapp.extension_manager.start_all_extensions()

    assert None is extension.door
    assert "" == read_handle(jp_runtime_dir, endpoint).socket
    await jp_serverapp.cleanup_extensions()


@pytest.mark.kernel
def test_F72_a_kernel_goes_on_after_its_server_was_restarted(start_server, environment):
    """The socket lies where it lay, the bearer is another one."""
    port = free_port()
    process, first = start_server(
        f"--ServerApp.port={port}", "--ServerApp.port_retries=0"
    )
    broker = RemoteBroker(
        first["endpoint"], runtime_dir=environment["JUPYTER_RUNTIME_DIR"]
    )
    broker.status()

    process.kill()
    process.wait()
    with pytest.raises(BrokerUnavailable):
        broker.status()
    process, second = start_server(
        f"--ServerApp.port={port}", "--ServerApp.port_retries=0"
    )

    assert "server" == broker.status().kind
    assert first["socket"] == second["socket"]
    assert first["bearer"] != second["bearer"]
    process.send_signal(signal.SIGTERM)
    assert 0 == process.wait(SECONDS)
    assert not Path(second["socket"]).exists()
    broker.close()
