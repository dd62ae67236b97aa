"""What a kernel of a real server, and the programs that its cells start, inherit."""

import base64
import json
import os
import urllib.request
from types import SimpleNamespace

import pytest
from canary import process_artefacts
from hub_process import Kernel

from conn_core import ConnectionDraft, read_draft
from conn_core.broker import RemoteBroker

pytestmark = pytest.mark.kernel

BASE_URL = "/user/alice/"
#: A cell looks around, and so do a program and a shell of its own.
LOOK = """
import os, subprocess, sys
print(dict(os.environ))
print(subprocess.run(["env"], capture_output=True, text=True, check=True).stdout)
print(get_ipython().run_line_magic("env", ""))
!env
print(sys.argv, open("/proc/self/cmdline").read())
"""


@pytest.fixture
def server(start_server, environment, home, canary):
    """A server whose master key is in a file, with a connection that holds a secret."""
    key = base64.b64encode(os.urandom(32)).decode()
    canary.watch(key, "master key")
    file = home / "master.key"
    file.touch(mode=0o600)
    file.write_text(key)
    environment["JUPYTER_CONNECTIONS_KEY_FILE"] = str(file)
    process, handle = start_server(
        "--ServerApp.port=0", f"--ServerApp.base_url={BASE_URL}"
    )
    canary.watch(handle["bearer"], "bearer of the server")
    broker = RemoteBroker(
        handle["endpoint"], runtime_dir=environment["JUPYTER_RUNTIME_DIR"]
    )
    secret = {"token": canary("stored-token")}
    body = {"service": "hugging-face-api-key", "name": "Stored", "secret": secret}
    broker.create(read_draft(ConnectionDraft, body))
    broker.close()
    return SimpleNamespace(pid=process.pid, endpoint=handle["endpoint"])


@pytest.fixture
def kernel(server, environment):
    """A kernel that this server started, spoken to as JupyterLab does."""
    root = server.endpoint.removesuffix("user/alice/connections/")
    token = environment["JUPYTER_TOKEN"]
    request = urllib.request.Request(
        f"{root}user/alice/api/kernels",
        b"{}",
        headers={"Authorization": f"token {token}"},
    )
    with urllib.request.urlopen(request, timeout=60) as answer:
        made = json.load(answer)
    whose = SimpleNamespace(name="alice", hub=SimpleNamespace(url=root, token=token))
    with Kernel(whose, made["id"]) as kernel:
        yield kernel


def test_L1_L2_no_secret_is_in_what_kernels_inherit(kernel, server, canary):
    """Neither the key nor the bearer nor a credential, in no process of the server."""
    shown = kernel.run(LOOK)

    assert 4 == shown.count("JUPYTER_CONNECTIONS_KEY_FILE")
    assert 4 == shown.count(server.endpoint)
    processes = process_artefacts(server.pid)
    assert 6 <= len(processes), "the server and its kernel"
    canary.sweep(texts={"the cell": shown} | processes)
