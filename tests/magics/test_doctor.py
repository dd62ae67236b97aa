"""``%conn doctor``: what is wrong here, on both faces; an exit code when something is."""

import os
import sqlite3
from dataclasses import replace

import pytest

from conn_core.errors import BrokerUnavailable
from conn_magics._desk import Desk
from conn_magics._running import run_line
from conn_magics._surroundings import Surroundings


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """An account of its own."""
    monkeypatch.setenv("JUPYTER_CONNECTIONS_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("JUPYTER_CONNECTIONS_KEYRING", "0")
    return tmp_path / "data"


@pytest.fixture
def typed(broker, folder):
    """Runs a line."""
    return lambda line: run_line(line, desk=Desk(around=Surroundings(person=False)))


def problems(answer):
    return [each for each in answer.to_json()["items"] if each["state"] == "problem"]


def test_where_nothing_is_wrong_it_says_so(typed, folder):
    """And makes nothing."""
    answer = typed("doctor")
    assert ("ok", []) == (answer.outcome, problems(answer))
    assert repr(answer).startswith("Nothing is wrong here")
    assert not folder.exists()


# What jupyter-scheduler does with its own libraries.
@pytest.mark.filterwarnings("ignore:The declarative_mixin decorator")
@pytest.mark.filterwarnings("ignore:unclosed database:ResourceWarning")
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_U4_a_real_schedulers_database_is_looked_at(typed, tmp_path, monkeypatch):
    """Where jupyter-scheduler makes it, with the mode that it gives it."""
    from jupyter_scheduler.orm import create_tables

    monkeypatch.setenv("JUPYTER_DATA_DIR", str(tmp_path))
    file = tmp_path / "scheduler.sqlite"
    before = os.umask(0o022)
    create_tables(f"sqlite:///{file}")
    os.umask(before)

    [found] = problems(typed("doctor"))

    assert f"Run chmod 600 '{file}'" == found["command"]


def test_a_server_of_another_version_is_a_problem(typed, broker, monkeypatch):
    """Two that were updated apart."""
    status = replace(broker.status(), version="0.0.1")
    monkeypatch.setattr(broker, "status", lambda: status)
    answer = typed("doctor")
    [found] = problems(answer)
    assert "it runs version 0.0.1, and this is" in found["text"]
    assert "failed" == answer.outcome
    assert "1 problem to mend" in repr(answer)
    monkeypatch.setattr(broker, "status", lambda: replace(status, redirect_base=None))
    assert 1 == len(problems(typed("doctor")))


def test_where_no_browser_can_return_to_it_is_a_note(typed, broker, monkeypatch):
    """Codes and pasting work."""
    from conn_core import __version__

    status = replace(broker.status(), redirect_base=None, version=__version__)
    monkeypatch.setattr(broker, "status", lambda: status)
    answer = typed("doctor")
    assert [] == problems(answer)
    assert "authorize by code or by pasting" in repr(answer)


def test_credentials_from_nowhere_are_a_problem(typed, broker, monkeypatch):
    """With what the resolver says."""

    def refuse():
        raise BrokerUnavailable("No credentials are reachable from here", "Start it")

    monkeypatch.setattr(broker, "status", refuse)
    [found] = problems(typed("doctor"))
    assert ("credentials", "Start it") == (found["name"], found["command"])


@pytest.fixture
def damaged(folder):
    folder.mkdir(mode=0o700)
    file = folder / "connections.db"
    file.write_bytes(b"This is no database. " * 1000)
    file.chmod(0o600)
    return file


def test_F55_what_is_broken_is_not_opened_once_more(
    typed, broker, damaged, monkeypatch
):
    """One problem is said once, unless a server answers."""
    monkeypatch.setattr(broker, "status", lambda: pytest.fail("it was asked"))
    assert ["database"] == [each["name"] for each in problems(typed("doctor"))]


def test_F55_what_a_server_has_is_said_beside_it(typed, broker, damaged, monkeypatch):
    """Then credentials come from there all the same."""
    address = "http://127.0.0.1:1/connections/"
    monkeypatch.setenv("JUPYTER_CONNECTIONS_ENDPOINT", address)
    names = [each["name"] for each in typed("doctor").to_json()["items"]]
    assert "credentials" == names[0]


def test_F55_a_torn_store_is_salvaged_in_words(typed, folder, tmp_path):
    """How much, into which file, and what is next."""
    from conn_core import Settings
    from conn_core.broker import open_core

    settings = Settings(
        data_dir=folder, runtime_dir=tmp_path, user="sam", use_keyring=False
    )
    open_core(settings).close()
    file = folder / "connections.db"
    with sqlite3.connect(file) as database:
        database.executescript(
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE"
            " i < 2000) INSERT INTO events (at, actor, action, result, detail)"
            " SELECT i, 'sam', 'use', 'ok', printf('%0200d', i) FROM n;"
            "PRAGMA wal_checkpoint(TRUNCATE);"
        )
    database.close()
    content = bytearray(file.read_bytes())
    at = content.index(b"%0200d" % 1000) // 4096 * 4096
    content[at : at + 4096] = b"\xff" * 4096
    file.write_bytes(content)
    copy = tmp_path / "salvaged.db"
    answer = typed(f"doctor --salvage {copy}")
    assert "Some rows cannot be read of: events" in repr(answer)
    assert f"restore {copy} --replace" in repr(answer)
    assert ["events"] == answer.to_json()["torn"]
