"""``grant``, ``run`` and ``exec`` beside a running server: what a job sees, end to end."""

import json
import subprocess
import sys
from pathlib import Path

import practice_server
import psutil
import pytest
from canary import process_artefacts
from patience import until
from practice_server import texts_of

from conn_core.jobs import digest_of

pytestmark = pytest.mark.kernel

ASK = (
    "%load_ext conn_magics",
    '%%connection desk\nprint(type(desk.get("/reports").json()).__name__)',
)
LIST = [sys.executable, "-m", "conn_magics.command_line", "list", "--json"]


@pytest.fixture(scope="module")
def both(tmp_path_factory):
    """A running server with two connections to a practice service."""
    home = tmp_path_factory.mktemp("server")
    with practice_server.running(home) as both:
        both.connect("desk")
        both.connect("other")
        yield both


@pytest.fixture
def grant(both, tmp_path):
    """Makes a grant; returns its file and its id."""

    def make(*options):
        path = tmp_path / "grant.json"
        words = ("--for", "nightly", "--names", "desk", "-o", str(path), "--json")
        done = both.command("grant", "create", *words, *options)
        assert 0 == done.returncode, done.stderr
        return path, json.loads(done.stdout)["id"]

    return make


def test_U2_U10_a_job_runs_with_a_grant_until_it_is_revoked(
    both, grant, canary, tmp_path
):
    """Then it says so in one line, and nothing has run; no secret is in what it left."""
    file, grant_id = grant()
    bearer = json.loads(file.read_text())["bearer"]
    book = both.server.write_notebook("nightly.ipynb", *ASK)
    environ = {"JUPYTER_CONNECTIONS_GRANT": str(file)}
    output = tmp_path / "out.ipynb"

    first = both.command("run", str(book), str(output), **environ)
    calls = both.practice.counters.api_calls
    refused = both.command("list", "other", **environ)
    ended = both.command("grant", "revoke", grant_id, "-y")
    second = both.command("run", str(book), str(tmp_path / "second.ipynb"), **environ)

    assert 0 == first.returncode, first.stderr
    assert "" == first.stderr
    assert ["dict\n"] == texts_of(output)
    assert "other" not in refused.stdout
    assert 0 == ended.returncode
    assert 1 == second.returncode
    assert second.stderr.startswith("This job's grant 'nightly' was revoked by ")
    assert 1 == second.stderr.count("\n")
    assert not (tmp_path / "second.ipynb").exists()
    assert calls == both.practice.counters.api_calls
    used = both.rest("audit?action=grant.use&limit=1000")["items"]
    ran = f"nightly.ipynb (SHA-256 {digest_of(book)})"
    assert any(line["detail"].endswith(ran) for line in used), used
    canary.watch(bearer, "bearer of the grant")
    canary.watch_all(both.practice.issued(), "token of the provider")
    said = [done.stdout + done.stderr for done in (first, refused, ended, second)]
    canary.sweep(
        [output, both.server.home / "connections", both.server.log],
        {"what was said": "".join(said)},
    )


def test_U3_the_token_is_in_no_process_while_a_job_runs(both, grant, canary, tmp_path):
    """Nor the bearer: environments and command lines name a file."""
    file, _ = grant()
    ready, seen = tmp_path / "ready", tmp_path / "seen"
    book = both.server.write_notebook(
        "slow.ipynb",
        *ASK,
        "import pathlib, time\n"
        f"pathlib.Path({str(ready)!r}).touch()\n"
        f"while not pathlib.Path({str(seen)!r}).exists(): time.sleep(0.05)",
    )
    canary.watch(json.loads(file.read_text())["bearer"], "bearer of the grant")
    canary.watch_all(both.practice.issued(), "token of the provider")

    command = [sys.executable, "-m", "conn_magics.command_line", "run"]
    with subprocess.Popen(
        [*command, str(book), str(tmp_path / "out.ipynb"), "-p", "month", "2026-11"],
        env=both.server.env() | {"JUPYTER_CONNECTIONS_GRANT": str(file)},
    ) as job:
        until(lambda: ready.exists() or job.poll() is not None)
        assert job.poll() is None, "it ended too early"
        artefacts = process_artefacts(job.pid)
        seen.touch()
    assert 0 == job.returncode
    assert len(artefacts) >= 6  # the command, papermill and its kernel
    lines = [text for name, text in artefacts.items() if "cmdline" in name]
    assert 1 == sum(b"2026-11" in line for line in lines)  # what the person typed
    canary.watch_all(both.practice.issued(), "token of the provider")
    canary.sweep([], artefacts)


def test_U1_a_connection_that_needs_a_person_is_exit_code_3(both):
    """Before anything runs; the next command stands there."""
    both.rest("connections", {"service": "practice", "name": "unready"})
    book = both.server.write_notebook(
        "unready.ipynb", ASK[0], "%%connection unready\n1"
    )

    done = both.command("run", str(book))

    assert 3 == done.returncode
    assert "jupyter connections authorize unready" in done.stdout
    assert not book.with_name("unready.out.ipynb").exists()


def test_a_notebook_that_fails_is_exit_code_1(both):
    """One line: the cell, and the notebook's own words."""
    book = both.server.write_notebook("bad.ipynb", *ASK, "1 / 0")

    done = both.command("run", str(book))

    assert 1 == done.returncode
    line = f"Cell 3 of '{book}' failed. ZeroDivisionError: division by zero\n"
    assert line == done.stderr
    assert ["dict\n", "division by zero"] == texts_of(book.with_name("bad.out.ipynb"))


def test_U2_a_command_sees_the_names_that_it_was_given(both, tmp_path):
    """And nothing is left of what it was given them with."""
    done = both.command("exec", "desk", "--", *LIST, TMPDIR=str(tmp_path))

    assert 0 == done.returncode, done.stderr
    found = json.loads(done.stdout)["items"]
    assert [("desk", "sealed")] == [(c["link_name"], c["exposure"]) for c in found]
    assert [] == [*tmp_path.iterdir()]
    (newest, *_) = both.rest("grants")["items"]
    assert ("exec", ["desk"]) == (newest["name"], newest["connections"])
    assert newest["revoked_at"] is not None


def test_its_exit_code_and_its_signals_are_the_commands(both):
    """As if nothing stood between."""
    assert 7 == both.command("exec", "desk", "--", "sh", "-c", "exit 7").returncode
    assert 1 == both.command("exec", "nope", "--", "true").returncode
    assert 2 == both.command("exec", "desk").returncode


def test_a_schedulers_request_to_end_tidies_up(both, tmp_path):
    """The command ends, its grant too, and the file is gone."""
    note = tmp_path / "note"
    say = f'echo "$JUPYTER_CONNECTIONS_GRANT" > {note}.part && mv {note}.part {note}; sleep 60'
    command = [sys.executable, "-m", "conn_magics.command_line", "exec", "desk"]
    here = {"JUPYTER_CONNECTIONS_ENDPOINT": both.endpoint}
    with subprocess.Popen(
        [*command, "--", "sh", "-c", f"exec sh -c '{say}'"],
        env=both.server.env() | here,
    ) as job:
        until(lambda: note.exists() or job.poll() is not None)
        assert job.poll() is None, "it ended too early"
        file = Path(note.read_text().strip())
        assert file.exists()
        below = psutil.Process(job.pid).children(recursive=True)
        job.terminate()
        assert 143 == job.wait(timeout=60)

    for each in below:
        if each.is_running() and "sleep" in each.name():
            each.kill()
    assert not file.exists()
    (newest, *_) = both.rest("grants")["items"]
    assert newest["revoked_at"] is not None
