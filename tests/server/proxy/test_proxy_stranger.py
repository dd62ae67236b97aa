"""Another account of this machine, which reaches the port and has no handle."""

import asyncio
import json
import os
import pwd
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

#: What they try, with nothing but the standard library; printed as one line of JSON.
PROBE = """
import http.client, json, os, socket, sys

asked = json.loads(sys.argv[1])

def ask(method, path, headers):
    line = http.client.HTTPConnection("127.0.0.1", asked["port"], timeout=60)
    line.request(method, path, headers=headers)
    answer = line.getresponse()
    return [answer.status, answer.read().decode()]

def look(path):
    try:
        with open(path) as file:
            return file.read()
    except PermissionError:
        return None

def knock(path):
    with socket.socket(socket.AF_UNIX) as line:
        try:
            line.connect(path)
        except PermissionError:
            return "refused"
    return "open"

print(json.dumps({
    "uid": os.geteuid(),
    "answers": [ask(*one) for one in asked["requests"]],
    "files": [look(path) for path in asked["files"]],
    "sockets": [knock(path) for path in asked["sockets"]],
}))
"""


def _as_a_stranger(asked):
    """Run the probe as ``nobody``, and return what it found."""
    nobody = pwd.getpwnam("nobody")
    words = ["-c", PROBE, json.dumps(asked)]
    if os.geteuid() != 0:
        command = ["sudo", "-n", "-u", "nobody", sys.executable, *words]
        ran = subprocess.run(command, capture_output=True, text=True, check=True)
        return json.loads(ran.stdout)
    # By forking: what this interpreter lies in may be closed to others.
    back, forth = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.setgroups([])
            os.setgid(nobody.pw_gid)
            os.setuid(nobody.pw_uid)
            sys.argv = words[:1] + words[2:]
            with os.fdopen(forth, "w") as sys.stdout:
                exec(PROBE, {})
        finally:
            os._exit(0)  # what it printed says how it went
    os.close(forth)
    with os.fdopen(back) as said:
        found = said.read()
    os.waitpid(child, 0)
    return json.loads(found)


@pytest.fixture
def jp_runtime_dir():
    """A folder that others may enter: what is in it has to protect itself."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o711)
        yield folder


@pytest.fixture
def handle(jp_serverapp, jp_runtime_dir, jp_asyncio_loop):
    """The file that a started server leaves for its kernels."""
    jp_asyncio_loop.run_until_complete(
        jp_serverapp.extension_manager.start_all_extensions()
    )
    [file] = jp_runtime_dir.glob("connections-*.json")
    yield file
    jp_asyncio_loop.run_until_complete(jp_serverapp.cleanup_extensions())


async def test_J21_another_account_of_this_machine(
    handle, mine, api, root, jp_http_port, canary
):
    """They reach the port, and get nowhere: what opens it is in a file of its owner."""
    open_to_all = handle.with_name("open")
    open_to_all.write_text("hello")
    open_to_all.chmod(0o644)
    place, bearer = json.loads(handle.read_text()), {"Authorization": "Bearer guessed"}
    connection = f"{root}api/v1/connections/mine"
    requests = [
        ["GET", f"{connection}/proxy/me", {}],
        ["GET", f"{connection}/proxy/me", bearer],
        ["POST", f"{connection}/token", bearer],
        ["GET", connection, {}],
    ]
    asked = {
        "port": jp_http_port,
        "requests": requests,
        "files": [str(open_to_all), str(handle)],
        "sockets": [place["socket"]] if place.get("socket") else [],
    }

    found = await asyncio.to_thread(_as_a_stranger, asked)

    assert pwd.getpwnam("nobody").pw_uid == found["uid"]
    assert ["hello", None] == found["files"]
    assert {"refused"} >= set(found["sockets"])
    assert [403, 401, 401, 401] == [status for status, _ in found["answers"]]
    assert [] == api.seen
    canary.sweep([], {"answers": str(found["answers"])})
