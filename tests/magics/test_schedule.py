"""``%conn schedule``: what is asked for, and what is said."""

import json
from datetime import UTC, datetime

import pytest

import conn_magics as cm
from conn_core import Readiness
from conn_core.errors import (
    AuthorizationRequired,
    InvalidInput,
    JobsUnavailable,
    ScheduleNotFound,
)
from conn_magics import command_line
from conn_magics._desk import Desk
from conn_magics._running import run_line
from conn_magics._surroundings import Surroundings
from conn_magics._usage import UsageError
from conn_magics._verbs._scheduling import read_parameters

ENDS = datetime(2026, 12, 24, 12, tzinfo=UTC)
DAILY = '--cron "0 6 * * *"'


@pytest.fixture
def report(tmp_path, monkeypatch):
    """A notebook in this folder that uses a connection."""
    source = "%%connection beans\nbeans.get('/')"
    cell = {"cell_type": "code", "metadata": {}, "source": source, "outputs": []}
    (tmp_path / "report.ipynb").write_text(json.dumps({"cells": [cell]}))
    monkeypatch.chdir(tmp_path)
    return tmp_path / "report.ipynb"


def run(line):
    """Run a line with nobody there."""
    return run_line(line, desk=Desk(around=Surroundings(person=False)))


def test_it_is_said_as_whom_until_when_and_when_next(broker, report, monkeypatch):
    """The three things that a person wants to know of a job."""
    ready = Readiness(name="beans", ready=True, runs_as="sam", until=ENDS)
    monkeypatch.setattr(broker, "check", lambda needs: (ready,) * len(needs))

    text = repr(
        run(f"schedule report.ipynb {DAILY} -p year=2026 --timezone Asia/Tokyo")
    )

    assert "'report' is scheduled" in text
    assert "Runs as priya, renewable until 24 December 2026" in text
    assert "Runs next 2026-11-26" in text
    assert "as it is now" in text
    (kept,) = broker.schedules()
    assert str(report) == kept.notebook
    assert ("0 6 * * *", "Asia/Tokyo", {"year": 2026}) == (
        kept.cron,
        kept.timezone,
        kept.parameters,
    )


def test_what_renews_itself_and_what_uses_nothing(broker, report):
    """Neither has an end; a notebook that lies elsewhere is the server's to find."""
    assert "Runs as priya; its connections renew themselves" in repr(
        run(f"schedule report.ipynb {DAILY}")
    )
    assert "Runs as priya\n" in repr(run(f"schedule elsewhere.ipynb {DAILY}"))
    assert "elsewhere.ipynb" == broker.schedules()[0].notebook


def test_the_list_says_how_the_last_run_ended(broker, report):
    """And what comes next; one that rests has no next."""
    assert "Nothing is scheduled" in repr(run("schedule list"))
    run(f"schedule report.ipynb {DAILY}")
    run(f'schedule report.ipynb {DAILY} --name "every day"')
    broker.ran(
        "report", last_status="failed", last_message="It was revoked", last_run_at=ENDS
    )
    run('schedule pause "every day"')

    text = repr(run("schedule list"))

    assert "failed" in text
    assert "It was revoked" in text
    assert "rests" in text
    assert "has not run yet" in text
    assert ["every day", "report"] == [one.name for one in cm.schedules()]


def test_pause_resume_delete(broker, report):
    """Each says what it did and what undoes it."""
    run(f'schedule report.ipynb {DAILY} --name "every day"')
    assert '%conn schedule resume "every day"' in repr(
        run('schedule pause "every day"')
    )
    assert not broker.schedules()[0].active
    assert "goes on, and runs next" in repr(run('schedule resume "every day"'))
    assert "is deleted" in repr(run('schedule delete "every day" -y'))
    assert () == broker.schedules()


def test_a_person_who_says_no_keeps_it(broker, report):
    """Deleting asks once."""
    run(f"schedule report.ipynb {DAILY}")
    around = Surroundings(person=True, terminal=True)
    kept = run_line(
        "schedule delete report", desk=Desk(around=around, ask=lambda _: "n")
    )
    assert "Nothing was changed" in repr(kept)
    assert 1 == len(broker.schedules())


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("schedule report.ipynb", "--cron is missing"),
        ("schedule lst", "Did you mean %conn schedule list"),
        (f"schedule report.ipynb {DAILY} -p year", "-p takes NAME=VALUE"),
        (f"schedule report.ipynb {DAILY} -p 1=2", "-p takes NAME=VALUE"),
        ("schedule", "NOTEBOOK"),
    ],
)
def test_a_mistyped_line(report, line, why):
    """What is wrong, in one line."""
    with pytest.raises(UsageError, match=why):
        run(line)


def test_one_that_is_not_there(broker):
    """It is named."""
    with pytest.raises(ScheduleNotFound, match="nightly"):
        run("schedule pause nightly")


def test_parameters_are_read_as_python_writes_them():
    """What is no literal of Python is text; what JSON has no word for, too."""
    assert {"a": 1, "b": 1.5, "c": True, "d": "two words", "e": [1], "f": "(1, 2)"} == (
        read_parameters(["a=1", "b=1.5", "c=True", "d=two words", "e=[1]", "f=(1, 2)"])
    )


def test_the_same_in_python(broker, report):
    """``cm.schedule`` returns what was made."""
    made = cm.schedule("report.ipynb", cron="0 6 * * *", parameters={"year": 2026})
    assert ("report", {"year": 2026}) == (made.name, made.parameters)
    assert broker.schedules() == (made,)


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (AuthorizationRequired("'x' waits", "Run %conn authorize x"), 3),
        (JobsUnavailable("No server", "Start JupyterLab"), 1),
        (InvalidInput("No notebook"), 1),
    ],
    ids=["needs a person", "no scheduler", "wrong"],
)
def test_the_exit_code_of_the_command_line(
    broker, report, monkeypatch, capsys, error, code
):
    """A check that fails for want of a person says so to scripts."""

    def refuse(draft):
        raise error

    monkeypatch.setattr(broker, "schedule", refuse)
    assert code == command_line.run(["schedule", "report.ipynb", "--cron", "0 6 * * *"])
    assert error.message in capsys.readouterr().err
