"""Can this job run? The verdict, the rows, and the schedule."""

import dataclasses
import json
from datetime import UTC, datetime

import pytest
from ipywidgets import Button

from conn_core.errors import BrokerUnavailable, InvalidInput, NameTaken
from conn_widgets import Field, job_form


@pytest.fixture
def book(tmp_path):
    """Writes a notebook."""

    def write(*sources, parameters=""):
        cells = [
            {"cell_type": "code", "metadata": {}, "source": source, "outputs": []}
            for source in sources
        ]
        if parameters:
            tags = {"tags": ["parameters"]}
            cells.append(cells[0] | {"metadata": tags, "source": parameters})
        path = tmp_path / "daily-report.ipynb"
        path.write_text(json.dumps({"cells": cells}))
        return path

    return write


@pytest.fixture
def form(hold, broker, book):
    """The form about a notebook that uses what is named."""

    def show(*names, **more):
        path = book(*(f"%%connection {name}\n1" for name in names))
        return hold(job_form(broker, path, **more))

    return show


def create(shown):
    """Return the button that makes the schedule."""
    return shown.of(Button, description="Create schedule")


def test_all_is_ready(form, broker):
    """The verdict, as whom, and the schedule can be made."""
    shown = form("github")
    html = shown.html()
    assert "Can daily-report run by itself?" in html
    assert "Runs as priya" in html
    assert "Yes." in html
    assert not create(shown).disabled
    shown.press("Create schedule")
    assert "‘daily-report’ is scheduled and runs next" in shown.stage.text()
    (kept,) = broker.schedules()
    assert ("0 6 * * *", True) == (kept.cron, kept.notebook.endswith(".ipynb"))


def test_what_needs_a_person_says_so_and_leads_there(form, broker):
    """The others are named too; until then nothing can be scheduled."""
    shown = form("github", "zoho-expense", "nothing-like-it")
    html = shown.html()
    assert "Not yet: 2 of 3 connections need you." in html
    assert "The others work without you." in html
    assert "Needs authorization" in html
    assert "Cannot be used" in html
    assert "There is no connection called" in html
    assert create(shown).disabled
    shown.press("Authorize")
    assert "Can daily-report" not in shown.html()
    assert "Zoho Expense" in shown.html()


def test_check_again_asks_again(form, broker):
    """Somebody may have authorized it meanwhile, or put the notebook right."""
    shown = form("late")
    assert create(shown).disabled
    made = dataclasses.replace(broker.connection("github"), link_name="late")
    broker.found["late"] = made
    shown.press("Check again")
    assert not create(shown).disabled


def test_an_end_before_the_date_is_said(form, broker):
    """And the day on which it ends."""
    ends = datetime(2026, 11, 28, 12, tzinfo=UTC)
    known = broker.connection("github")
    broker.found["github"] = dataclasses.replace(known, expires_at=ends)
    later = datetime(2027, 1, 31, tzinfo=UTC)
    shown = form("github", until=later)
    assert "Until 31 January 2027" in shown.html()
    assert "Ends 28 November 2026" in shown.html()
    sooner = form("github", until=datetime(2026, 11, 27, tzinfo=UTC))
    assert "Until 28 November 2026." in sooner.html()


def test_a_notebook_that_cannot_be_read_is_said(hold, broker, book):
    """In the words of the check."""
    shown = hold(job_form(broker, book("for for")))
    assert "Cell 1, line 1 is not Python" in shown.html()
    assert create(shown).disabled
    assert "is not Python" in shown.stage.text()


def test_what_a_run_decides_and_secrets_are_noted(hold, broker, book):
    """The value of the parameter is nowhere."""
    path = book(
        "import conn_magics as cm\ncm.connect(which)",
        parameters="api_key = 'CNRY-job-form'",
    )
    shown = hold(job_form(broker, path))
    assert "only a run can tell which" in shown.html()
    assert "‘api_key’ looks like a secret" in shown.html()
    assert "CNRY" not in shown.html() + shown.stage.text()
    assert "It uses no connection that can be found." in shown.html()


@pytest.mark.parametrize(
    ("error", "beside"),
    [
        (InvalidInput("Nothing was scheduled", fields={"cron": "is none"}), True),
        (InvalidInput("Nothing was scheduled", fields={"notebook": "gone"}), False),
        (NameTaken("You have one already"), False),
    ],
)
def test_a_refusal_is_said_where_it_belongs(form, broker, monkeypatch, error, beside):
    """Beside the field, or above."""
    shown = form("github")

    def refuse(draft):
        raise error

    monkeypatch.setattr(broker, "schedule", refuse)
    shown.press("Create schedule")
    assert ("Is none." if beside else "") == shown.of(Field).error
    assert beside == (error.message not in shown.html())


def test_the_text_twin_says_the_same(form, broker, monkeypatch):
    """A line for each connection, and the command."""
    text = form("github", "zoho-expense").stage.text()
    assert "Not yet: 1 of 2 connections needs you." in text
    assert "- github" in text
    assert "%conn check daily-report.ipynb checks again" in text

    def gone():
        raise BrokerUnavailable("The server is gone")

    monkeypatch.setattr(broker, "status", gone)
    assert "A schedule runs it as it is now." in form("github").stage.text()
