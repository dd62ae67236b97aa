"""``run`` and ``exec`` in this process: what is refused before anything runs."""

import json
import os
import signal
import sys
import threading
from pathlib import Path
from types import SimpleNamespace

import pytest

from conn_core import BrokerStatus, Grant, IssuedGrant, Readiness, Secret
from conn_core.errors import InvalidInput, MissingPackage
from conn_magics import _notebook_run, _papermill
from conn_magics._child import run_child
from conn_magics._notebook_run import NotebookFailed, run_notebook, typed
from conn_magics._surroundings import Surroundings
from conn_magics._usage import UsageError
from conn_magics._verbs import VERBS
from conn_magics._verbs._jobs import execute, run
from conn_magics.command_line import _parted

SERVER = "http://connections.hub.svc:8081/services/connections/"
READY = Readiness(name="github", ready=True, runs_as="sam")
MISSING = Readiness(
    name="github", ready=False, problem="It is not authorized", needs_person=True
)
SHOW = (
    "import json, os, sys; json.dump({'environ': dict(os.environ), "
    "'grant': open(os.environ['JUPYTER_CONNECTIONS_GRANT']).read()}, open(sys.argv[1], 'w'))"
)


class Broker:
    """Says how ready things are, and makes grants."""

    def __init__(self, readiness=READY, kind="server"):
        self.readiness, self.kind = readiness, kind
        self.drafts, self.revoked = [], []

    def check(self, needs, *, until=None):
        return tuple(self.readiness for _ in needs)

    def status(self):
        return BrokerStatus(
            kind=self.kind, user="sam", location=SERVER, key_source="a file"
        )

    def grant(self, draft):
        self.drafts.append(draft)
        made = Grant(
            id="g1", name=draft.name, connections=draft.connections, owner="sam"
        )
        return IssuedGrant(
            grant=made,
            bearer=Secret("jcg_CNRY-exec-71c2"),
            endpoint="https://a.example/",
        )

    def revoke_grant(self, grant_id):
        self.revoked.append(grant_id)


def desk(broker=None, *, command=True):
    """Return a desk with such a broker; what is shown and said is kept."""
    shown = []
    return SimpleNamespace(
        broker=broker or Broker(),
        around=Surroundings(person=False, command=command),
        show=shown.append,
        say=shown.append,
        shown=shown,
    )


def show_command(tmp_path):
    """Return a command that writes down what it was given."""
    return [sys.executable, "-c", SHOW, str(tmp_path / "seen.json")]


def seen_by_command(tmp_path):
    seen = json.loads((tmp_path / "seen.json").read_text())
    return seen["environ"], json.loads(seen["grant"])


# --- exec ---------------------------------------------------------------------------------


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


# --- run ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("3", 3),
        ("-2", -2),
        ("1.5", 1.5),
        ("True", True),
        ("False", False),
        ("None", None),
        ("2026-11", "2026-11"),
        ("true", "true"),
        ("", ""),
    ],
)
def test_parameters_are_read_as_papermill_does(text, value):
    """Who knows ``papermill -p`` knows this."""
    assert (value, type(value)) == (typed(text), type(typed(text)))


@pytest.fixture
def never_runs(monkeypatch):
    """A run would be a mistake."""

    def fail(*_, **__):
        pytest.fail("it ran")

    monkeypatch.setattr(_notebook_run, "run_notebook", fail)


def test_U1_a_notebook_that_needs_a_person_is_not_begun(notebook, never_runs):
    """The answer of ``check``, with its exit code and its next command."""
    path = notebook("%%connection github\n1")

    view = run(desk(Broker(MISSING)), what=str(path))

    assert "needs person" == view.outcome
    assert "It is not authorized" in repr(view)


@pytest.mark.parametrize(
    "pair", [("api_key", "CNRY-run-1"), ("x", "ghp_CNRYrunCNRYrunCNRY")]
)
def test_U3_a_parameter_that_looks_like_a_secret_is_refused(notebook, never_runs, pair):
    """By its name or by its look; it is not repeated."""
    with pytest.raises(
        InvalidInput, match=f"'{pair[0]}' looks like a secret"
    ) as caught:
        run(desk(), what=str(notebook("1")), parameter=[pair])
    assert "CNRY" not in str(caught.value)


def test_somebody_may_insist(notebook, monkeypatch):
    """It is their notebook; both spellings of parameters are read."""
    asked = []
    monkeypatch.setattr(
        _notebook_run, "run_notebook", lambda *given: asked.append(given)
    )
    path = notebook("1")

    view = run(
        desk(),
        what=str(path),
        output="out.ipynb",
        parameter=[("token", "x"), "month=2026-11"],
        allow_secrets=True,
    )

    ((_, output, values),) = asked
    assert "out.ipynb" == str(output)
    assert {"token": "x", "month": "2026-11"} == values
    assert "has run without an error" in repr(view)
    assert "out.ipynb" == view.to_json()["output"]


def test_the_output_has_a_name_of_its_own(notebook, monkeypatch):
    """Beside the notebook, and never in its place."""
    monkeypatch.setattr(_notebook_run, "run_notebook", lambda *_: None)
    path = notebook("1")

    assert str(path.with_name("report.out.ipynb")) in repr(run(desk(), what=str(path)))
    with pytest.raises(InvalidInput, match="would overwrite"):
        run(desk(), what=str(path), output=str(path.parent / "." / path.name))


@pytest.mark.parametrize("pair", [("1x", "3"), ("", "3"), "month", "1x=3"])
def test_a_parameter_without_a_name(notebook, pair):
    """Both spellings are said."""
    with pytest.raises(UsageError, match="-p takes"):
        run(desk(), what=str(notebook("1")), parameter=[pair])


def test_without_papermill_its_name_is_said(notebook, monkeypatch, tmp_path):
    """With the command that brings it."""
    monkeypatch.setattr(_notebook_run, "find_spec", lambda _: None)

    with pytest.raises(MissingPackage, match="papermill") as caught:
        run_notebook(notebook("1"), tmp_path / "out.ipynb", {})
    assert "Run %pip install 'jupyter-connections[jobs]'" == caught.value.hint


def test_a_run_that_ends_before_its_time(notebook, monkeypatch, tmp_path):
    """The last line of what it complained of."""
    monkeypatch.setattr(
        _notebook_run, "run_child", lambda *_, **__: (137, b"", b"a\nKilled\n")
    )
    with pytest.raises(NotebookFailed, match=r"exit code 137\). Killed"):
        run_notebook(notebook("1"), tmp_path / "out.ipynb", {})


@pytest.mark.kernel
def test_a_notebook_runs_with_its_parameters(notebook, tmp_path):
    """In a kernel of its own; without a kernel of its own name it is Python's."""
    path = notebook("print(number + 1)", parameters="number = 1")

    run_notebook(path, tmp_path / "out.ipynb", {"number": "41"})

    assert "42" in (tmp_path / "out.ipynb").read_text()


@pytest.mark.kernel
def test_a_cell_that_fails_is_said_in_one_line(notebook, tmp_path):
    """Which cell, and the notebook's own words; the output is there all the same."""
    path = notebook("raise ValueError('on\\ntwo lines')")

    with pytest.raises(NotebookFailed) as caught:
        run_notebook(path, tmp_path / "out.ipynb", {})

    assert f"Cell 2 of '{path}' failed. ValueError: on two lines" == str(caught.value)
    assert (tmp_path / "out.ipynb").exists()


def test_what_is_no_fault_of_a_cell_is_said_too(tmp_path):
    """Such as a kernel that is not there."""
    order = {"input": str(tmp_path / "none.ipynb"), "output": None, "parameters": {}}
    ended = _papermill.run(order | {"kernel": None})
    assert ("", "FileNotFoundError") == (ended["cell"], ended["error"])


@pytest.fixture
def functions(notebook):
    """A notebook with a function."""
    return notebook("%%connection github --function doubled\nnumber = 2\nnumber * 2")


def test_a_function_of_a_notebook_runs_at_a_terminal(functions, monkeypatch):
    """Its result is what is written; in a notebook it is the value itself."""
    from conn_magics.functions import _run

    monkeypatch.setattr(_run, "run_to_end", lambda _, values: values["number"] * 2)
    called = f"{functions}:doubled"

    view = run(desk(), what=called, parameter=[("number", "21")])
    assert ("42", {"result": "42"}) == (repr(view), view.to_json())
    assert 42 == run(desk(command=False), what=called, parameter=["number=21"])
    with pytest.raises(UsageError, match="doubled"):
        run(desk(), what=called, parameter=[("number", "many")])
