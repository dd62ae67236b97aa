"""The verbs as a command, on a store of its own: at a terminal and in a script."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pexpect
import pytest

SCRIPT = str(Path(sys.executable).with_name("jupyter-connections"))
CATALOGUE = """
[[service]]
id = "herbs"
name = "Herbs"
auth_type = "api_key"
api_base_url = "https://api.herbs.example"
api_hosts = ["api.herbs.example"]

[[service]]
id = "juice"
name = "Juice"
grant_type = "device_code"
device_authorization_endpoint = "https://auth.juice.example/code"
token_endpoint = "https://auth.juice.example/token"
api_base_url = "https://api.juice.example"
api_hosts = ["api.juice.example"]
"""


@pytest.fixture
def environ(environ, tmp_path):
    """A terminal whose store is its own, and two services."""
    (tmp_path / "shops.toml").write_text(CATALOGUE)
    return environ | {
        "JUPYTER_CONNECTIONS_KEYRING": "0",
        "JUPYTER_CONNECTIONS_CATALOG": str(tmp_path / "shops.toml"),
        "TERM": "xterm-256color",
    }


@pytest.fixture
def pipe(run):
    """Runs a command with something piped in."""

    def go(*words, piped="", code=0):
        done = run(*words, piped=piped)
        assert code == done.returncode, done.stderr
        return done.stdout if code == 0 else done.stderr

    return go


@pytest.fixture
def terminal(environ, tmp_path):
    """Starts a command at a terminal; what it shows is kept."""
    children = []

    def go(*words):
        child = pexpect.spawn(
            SCRIPT,
            list(words),
            env=environ,
            timeout=120,
            encoding="utf-8",
        )
        children.append(child)
        child.logfile_read = (tmp_path / f"screen-{len(children)}.txt").open("w")
        return child

    yield go
    for child in children:
        child.close(force=True)
        child.logfile_read.close()


def _ended(child):
    child.expect(pexpect.EOF)
    child.close()
    return child.exitstatus


def test_the_life_of_a_connection_in_a_script(pipe, home, canary):
    """From a description to a deletion; each step says in its code whether it worked."""
    secret = canary("api-key")
    piped = json.dumps({"api_key": secret})
    said = [
        pipe("new", "herbs", "--name", "Garden", "--secret-stdin", piped=piped),
        pipe("list", "--json"),
        pipe("show", "garden"),
        pipe("edit", "garden", "--name", "Herb garden"),
        pipe("status", "Herb garden"),
        pipe("revoke", "garden", "-y"),
        pipe("enable", "garden"),
        pipe("log", "garden", "--json"),
    ]
    assert "'garden' is connected" in said[0]
    (listed,) = json.loads(said[1])["items"]
    assert ("garden", "connected") == (listed["link_name"], listed["status"])
    actions = [event["action"] for event in json.loads(said[-1])["items"]]
    assert {"create", "authorize", "edit", "revoke", "enable"} <= set(actions)
    said.append(pipe("delete", "garden", code=3))
    assert "Write jupyter connections delete garden -y" in said[-1]
    said.append(pipe("delete", "garden", "-y"))
    assert [] == json.loads(pipe("list", "--json"))["items"]
    assert 1 < canary.sweep([home], {"said": "\n".join(said)})


def test_a_service_of_ones_own_travels_as_a_file(pipe, tmp_path):
    """New, show, export, delete, import; then it can be connected to."""
    file = tmp_path / "acme.toml"
    pipe(
        *("service", "new", "--name", "Acme", "--auth-type", "bearer"),
        *("--base-url", "https://api.acme.example", "--test-path", "/me"),
    )
    before = json.loads(pipe("service", "show", "acme", "--json"))
    pipe("service", "export", "acme", "-o", str(file))
    assert file.read_text() == pipe("service", "export", "acme")
    pipe("service", "delete", "acme", "-y")
    pipe("service", "show", "acme", code=1)
    pipe("service", "import", str(file))
    after = json.loads(pipe("service", "show", "acme", "--json"))
    assert before == after
    assert "acme" in pipe("services", "--custom")
    said = pipe("service", "new", "--name", "Acme", "--base-url", "http://x", code=1)
    assert "--base-url" in said


def test_K20_a_key_is_typed_unseen(terminal, tmp_path, home, canary):
    """At a terminal it is asked for; the screen does not show it."""
    secret = canary("api-key")
    child = terminal("new", "herbs", "--name", "Garden")
    child.expect_exact("sent to api.herbs.example")
    child.expect_exact("API key: ")
    child.waitnoecho(10)
    child.sendline(secret)
    child.expect_exact("'garden' is connected")

    assert 0 == _ended(child)
    assert 1 < canary.sweep([tmp_path, home])


def test_L3_no_process_shows_a_secret_in_its_arguments(pipe, environ, canary):
    """While it runs, ``ps`` and ``/proc/PID/environ`` hold none."""
    secret = canary("api-key")
    process = subprocess.Popen(
        [SCRIPT, "new", "herbs", "--secret-stdin"],
        env=environ,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    place = Path(f"/proc/{process.pid}")
    seen = b""
    while b"--secret-stdin" not in seen:  # for a moment it is still a copy of us
        seen = place.joinpath("cmdline").read_bytes()
    seen += place.joinpath("environ").read_bytes()
    process.communicate(json.dumps({"api_key": secret}).encode(), timeout=150)
    assert 0 == process.returncode
    canary.sweep(texts={"seen": seen.decode()})


def test_a_question_is_answered_at_a_terminal(terminal, pipe):
    """Enter is no, and its code says that nothing was done."""
    pipe("new", "herbs", "--secret-stdin", piped='{"api_key": "CNRY-any-key"}')
    child = terminal("delete", "herbs")
    child.expect_exact("[y/N] ")
    child.sendline("")
    child.expect_exact("Nothing was changed")
    assert 1 == _ended(child)
    child = terminal("delete", "herbs")
    child.expect_exact("[y/N] ")
    child.sendline("y")
    child.expect_exact("'herbs' is deleted")
    assert 0 == _ended(child)


def test_colours_and_width_are_those_of_the_terminal(terminal, pipe):
    """A pipe has neither."""
    pipe("new", "herbs", "--secret-stdin", piped='{"api_key": "CNRY-any-key"}')
    child = terminal("list")
    child.setwinsize(24, 60)
    child.expect_exact("\x1b[32mconnected")
    assert 0 == _ended(child)
    assert "\x1b" not in pipe("list")


@pytest.mark.skipif(os.name != "posix", reason="signals")
def test_ctrl_c_leaves_no_traceback(terminal):
    """Whatever it was doing."""
    child = terminal("new", "herbs")
    child.expect_exact("API key: ")
    time.sleep(0.2)
    child.sendintr()
    assert 130 == _ended(child)
    assert "Traceback" not in (child.before or "")


def test_the_store_is_the_one_that_notebooks_use(pipe, environ, home):
    """Same person, same folder: what a command makes, ``cm`` finds."""
    pipe("new", "herbs", "--secret-stdin", piped='{"api_key": "CNRY-any-key"}')
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            "import conn_magics as cm; print(cm.get('herbs').status)",
        ],
        env=environ,
        capture_output=True,
        text=True,
        timeout=150,
        check=True,
    )
    assert "connected\n" == done.stdout
