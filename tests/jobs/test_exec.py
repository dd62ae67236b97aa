"""``exec`` in this process: what a command is given, and what ends it."""

import json
import os
import signal
import sys
import threading
from pathlib import Path

import pytest
from job_desk import MISSING, SERVER, Broker, desk

from conn_core.errors import InvalidInput
from conn_magics._child import run_child
from conn_magics._usage import UsageError
from conn_magics._verbs import VERBS
from conn_magics._verbs._jobs import execute
from conn_magics.command_line import _parted

SHOW = (
    "import json, os, sys; json.dump({'environ': dict(os.environ), "
    "'grant': open(os.environ['JUPYTER_CONNECTIONS_GRANT']).read()}, open(sys.argv[1], 'w'))"
)


def show_command(tmp_path):
    """Return a command that writes down what it was given."""
    return [sys.executable, "-c", SHOW, str(tmp_path / "seen.json")]


def seen_by_command(tmp_path):
    seen = json.loads((tmp_path / "seen.json").read_text())
    return seen["environ"], json.loads(seen["grant"])


def test_U3_a_command_gets_a_grant_for_these_names_alone(tmp_path, monkeypatch):
    """In a file that is gone afterwards, as is the grant; its environment has none."""
    monkeypatch.setenv("JUPYTER_CONNECTIONS_ENDPOINT", "http://127.0.0.1:1/")
    monkeypatch.setenv("JUPYTER_CONN_OTHER", '{"access_token": "CNRY-other"}')
    broker = Broker()

    with pytest.raises(SystemExit) as ended:
        execute(
            desk(broker), names=["github"], command=show_command(tmp_path), ttl="5m"
        )

    assert 0 == ended.value.code
    environ, grant = seen_by_command(tmp_path)
    assert (SERVER, ["github"]) == (grant["endpoint"], grant["connections"])
    assert "CNRY" not in json.dumps(environ)
    assert "JUPYTER_CONNECTIONS_ENDPOINT" not in environ
    (draft,) = broker.drafts
    assert (("github",), 300, "sealed") == (
        draft.connections,
        draft.ttl.total_seconds(),
        draft.exposure,
    )
    assert ["g1"] == broker.revoked
    assert not Path(environ["JUPYTER_CONNECTIONS_GRANT"]).exists()


def test_its_exit_code_is_ours(tmp_path):
    """Also where a signal ended it; what was granted is ended all the same."""
    for program, code in (
        ("raise SystemExit(7)", 7),
        ("import os; os.kill(0, 9)", 137),
    ):
        broker = Broker()
        command = [sys.executable, "-c", f"import os; os.setpgrp(); {program}"]
        with pytest.raises(SystemExit) as ended:
            execute(desk(broker), names=["github"], command=command, direct=True)
        assert code == ended.value.code
        assert ["g1"] == broker.revoked
        assert "direct" == broker.drafts[0].exposure


def test_what_needs_a_person_is_not_begun(tmp_path):
    """Exit code 3, and nothing has run."""
    view = execute(
        desk(Broker(MISSING)), names=["github"], command=show_command(tmp_path)
    )

    assert "needs person" == view.outcome
    assert not list(tmp_path.iterdir())


def test_a_command_that_is_none():
    """It is named; the grant that was made for it is ended."""
    broker = Broker()
    with pytest.raises(InvalidInput, match="'no-such-thing' cannot be started"):
        execute(desk(broker), names=["github"], command=["no-such-thing"])
    assert ["g1"] == broker.revoked

    with pytest.raises(UsageError, match="Write the command behind --"):
        execute(desk(), names=["github"], command=[])


def test_without_a_server_the_command_opens_the_store_itself():
    """That nothing holds it back is said, not hidden."""
    at = desk(Broker(kind="local"))

    with pytest.raises(SystemExit):
        execute(at, names=["github"], command=[sys.executable, "-c", ""])

    assert "opens the store of sam itself" in repr(at.shown[0])
    assert [] == at.broker.drafts


def test_a_job_under_a_grant_passes_it_on(tmp_path, monkeypatch):
    """It cannot make a smaller one."""
    file = tmp_path / "mine.json"
    file.write_text('{"connections": []}')
    monkeypatch.setenv("JUPYTER_CONNECTIONS_GRANT", str(file))
    at = desk()

    with pytest.raises(SystemExit):
        execute(at, names=["github"], command=show_command(tmp_path))

    assert str(file) == seen_by_command(tmp_path)[0]["JUPYTER_CONNECTIONS_GRANT"]
    assert [] == at.broker.drafts


def test_a_connection_of_the_environment_stays_there(monkeypatch, tmp_path):
    """It cannot be granted, and its variable is what was asked for."""
    for name in ("MY_API", "OTHER"):
        monkeypatch.setenv(f"JUPYTER_CONN_{name}", '{"access_token": "x"}')
    at = desk()
    look = "import os, sys; sys.exit('JUPYTER_CONN_MY_API' in os.environ and "
    command = [sys.executable, "-c", look + "'JUPYTER_CONN_OTHER' not in os.environ)"]

    with pytest.raises(SystemExit) as ended:
        execute(at, names=["my-api"], command=command)

    assert (1, []) == (ended.value.code, at.broker.drafts)


def test_what_stands_behind_the_dashes_is_the_commands():
    """Whatever it looks like: no option of ours is looked for in it."""
    words = ["github", "--", "curl", "--help", "--", "--json"]
    expected = (["github"], {"command": ["curl", "--help", "--", "--json"]})
    assert expected == _parted(VERBS["exec"], words)
    assert (["github"], {"command": []}) == _parted(VERBS["exec"], ["github"])
    assert (["--", "a"], {}) == _parted(VERBS["list"], ["--", "a"])


def test_a_request_to_end_is_passed_on(tmp_path):
    """A scheduler that stops us stops the command, and we tidy up behind it."""
    ready = tmp_path / "ready"
    wait = f"import time; open({str(ready)!r}, 'w').close(); time.sleep(60)"

    def stop():
        while not ready.exists():
            threading.Event().wait(0.05)
        os.kill(os.getpid(), signal.SIGTERM)

    before = signal.getsignal(signal.SIGTERM)
    helper = threading.Thread(target=stop)
    helper.start()
    code, _, _ = run_child([sys.executable, "-c", wait], environ=os.environ)
    helper.join()

    assert 128 + signal.SIGTERM == code
    assert before == signal.getsignal(signal.SIGTERM)


def test_elsewhere_than_in_the_main_thread_a_command_runs_too():
    """As in a button's thread."""
    codes = []

    def work():
        codes.append(run_child([sys.executable, "-c", ""], environ=os.environ)[0])

    helper = threading.Thread(target=work)
    helper.start()
    helper.join()
    assert [0] == codes


def test_ctrl_c_is_the_commands(monkeypatch):
    """The terminal has told it, too: we wait for what it makes of it."""
    import subprocess

    real, told = subprocess.Popen.communicate, []

    def communicate(child, given=None):
        if not told:
            told.append(given)
            raise KeyboardInterrupt
        return real(child, given)

    monkeypatch.setattr(subprocess.Popen, "communicate", communicate)
    command = [sys.executable, "-c", "raise SystemExit(5)"]

    assert 5 == run_child(command, environ=os.environ)[0]
    assert [None] == told
