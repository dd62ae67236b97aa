"""The tab *Jobs*: which notebook is to run by itself, and the screen that answers."""

import json
from datetime import UTC, date, datetime, time

import pytest
from ipywidgets import Button

from conn_widgets import OpenLink, connections_panel
from conn_widgets._job import end_of
from conn_widgets._list import ConnectionList
from conn_widgets._notebooks import notebooks_here


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Where the kernel works: two notebooks and something else."""
    for name, used in (("report", "github"), ("slack", "team-slack")):
        source = f"%%connection {used}\n1"
        cells = [{"cell_type": "code", "metadata": {}, "source": source, "outputs": []}]
        (tmp_path / f"{name}.ipynb").write_text(json.dumps({"cells": cells}))
    (tmp_path / "notes.txt").write_text("no notebook")
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("JPY_SESSION_NAME", raising=False)
    return tmp_path


@pytest.fixture
def form(hold, broker, folder):
    """The panel."""
    return hold(connections_panel(broker))


@pytest.fixture
def jobs(form, wire):
    """Opens the tab; returns what its form begins with."""

    def choose():
        asked = {"query": "", "service": "", "status": ""}
        listing = form.of(ConnectionList)
        wire.receive(listing, do="list", number=1, group="jobs", **asked)
        return wire.last(listing, "rows")

    return choose


def _check(form, wire, notebook, until=""):
    listing = form.of(ConnectionList)
    wire.receive(listing, do="check", notebook=notebook, until=until)


def test_it_offers_the_notebooks_that_are_there(jobs):
    """And no rows; the other tabs stay."""
    shown = jobs()
    known = {"notebook": "", "until": "", "known": ["report.ipynb", "slack.ipynb"]}
    assert known == shown["jobs"]
    assert ("jobs", 6) == (shown["asked"]["group"], shown["counts"]["my"])
    assert not shown["empty"]
    assert "rows" not in shown


def test_it_begins_with_the_notebook_that_runs(jobs, monkeypatch):
    """Where the server has told the kernel."""
    monkeypatch.setenv("JPY_SESSION_NAME", "/somewhere/slack.ipynb")
    assert "slack.ipynb" == jobs()["jobs"]["notebook"]


def test_a_folder_that_is_gone_holds_no_notebooks(tmp_path):
    """Nothing fails for it; one that runs elsewhere is not among these."""
    there = {"JPY_SESSION_NAME": "other.ipynb"}
    assert ([], "") == notebooks_here(there, folder=tmp_path / "gone")


def test_a_notebook_is_checked_and_scheduled_from_the_panel(form, jobs, wire, broker):
    """The list comes back, says so, and still asks about notebooks."""
    jobs()
    _check(form, wire, " report.ipynb ", "2027-01-31")
    assert "Can report run by itself?" in form.html()
    assert "Until 31 January 2027" in form.html()

    form.press("Create schedule")

    (kept,) = broker.schedules()
    assert kept.notebook.endswith("/report.ipynb")
    wire.receive(form.of(ConnectionList), do="ready")
    shown = wire.last(form.of(ConnectionList), "rows")
    assert shown["said"]["text"].startswith("‘report’ is scheduled and runs next")
    assert ("jobs", " report.ipynb ") == (
        shown["asked"]["group"],
        shown["jobs"]["notebook"],
    )
    assert form.stage.screen.focus == "[role=tab][aria-selected=true]"


def test_what_is_missing_is_authorized_on_the_way(form, jobs, wire):
    """And leads back to the notebook, then to the panel."""
    jobs()
    _check(form, wire, "slack.ipynb")
    assert form.of(Button, description="Create schedule").disabled
    form.press("Authorize")
    assert form.of(OpenLink)

    form.press("Cancel")
    assert "Can slack run by itself?" in form.html()
    form.press("← Connections")
    assert form.of(ConnectionList)


def test_a_notebook_that_is_not_there_is_said_so(form, jobs, wire):
    """With a way back; what was typed stays in the tab."""
    jobs()
    _check(form, wire, "gone.ipynb")
    assert 'role="alert"' in form.html()
    assert "gone.ipynb" in form.html()
    form.press("← Connections")
    assert "gone.ipynb" == jobs()["jobs"]["notebook"]


@pytest.mark.parametrize("day", ["", "soon", "2027-13-01"])
def test_no_day_is_no_end(day):
    """A browser sends what it likes."""
    assert end_of(day) is None


def test_a_day_ends_at_its_end():
    """In UTC, as everywhere."""
    end = datetime.combine(date(2027, 1, 31), time.max, tzinfo=UTC)
    assert end == end_of("2027-01-31")
