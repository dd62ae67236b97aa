"""Schedules where no scheduler is, and for jobs that may do less than a person."""

from types import SimpleNamespace

import pytest

from conn_core import Schedule, ScheduleDraft, read_draft
from conn_core.broker._environment import EnvironmentBroker
from conn_core.broker._policy import Actor
from conn_core.broker._schedules import Schedules
from conn_core.broker._scheduling import scheduler_for
from conn_core.errors import InvalidInput, JobsUnavailable, NotAllowed

DRAFT = ScheduleDraft(notebook="report.ipynb", cron="0 6 * * *")


@pytest.mark.parametrize(
    "ask",
    [
        lambda broker: broker.schedule(DRAFT),
        lambda broker: broker.schedules(),
        lambda broker: broker.pause_schedule("report"),
        lambda broker: broker.delete_schedule("report"),
    ],
    ids=["schedule", "list", "pause", "delete"],
)
def test_without_a_server_nothing_is_scheduled(world, ask):
    """What runs it is missing, and where it would be is said."""
    with pytest.raises(JobsUnavailable, match="a Jupyter server runs the jobs") as told:
        ask(world.broker("sam"))
    assert "JupyterLab" in told.value.hint


def test_U1_a_job_with_a_grant_schedules_nothing():
    """What it schedules would not be held to the grant."""
    scheduler = SimpleNamespace(runs_as="sam")
    person = Actor.person("sam")
    assert scheduler_for(scheduler, person) is scheduler
    granted = Actor(name="sam", principals=frozenset(), grant="g-1")
    with pytest.raises(NotAllowed, match="a grant schedules nothing"):
        scheduler_for(scheduler, granted)


def test_U12_a_job_acts_as_who_asks_for_it():
    """Whoever the server belongs to: somebody else's jobs would be theirs."""
    with pytest.raises(NotAllowed, match="act as priya, and you are sam"):
        scheduler_for(SimpleNamespace(runs_as="priya"), Actor.person("sam"))


@pytest.fixture
def scheduler(tmp_path):
    """What runs a notebook that needs nothing; it has no schedule yet."""
    notebook = tmp_path / "report.ipynb"
    notebook.write_text('{"cells": [], "metadata": {}}')
    return SimpleNamespace(
        runs_as="sam",
        environ={},
        notebook=lambda _: notebook,
        next_run=lambda *_, **__: None,
        schedules=tuple,
    )


@pytest.fixture
def noted():
    """What was written down."""
    return []


@pytest.fixture
def schedules(scheduler, noted):
    """Sam's schedules there."""
    ready = SimpleNamespace(check=lambda *_, **__: ())
    sam = Actor.person("sam")
    return Schedules(
        scheduler, sam, checker=ready, note=lambda *done: noted.append(done)
    )


def test_U3_a_parameter_that_looks_like_a_secret_is_not_kept(
    schedules, scheduler, noted, canary
):
    """Jobs' parameters are stored and shown in clear; it is not repeated either."""
    scheduler.create = lambda *_, **__: pytest.fail("it was kept")
    draft = DRAFT.model_copy(update={"parameters": {"api_key": canary("parameter")}})

    with pytest.raises(InvalidInput, match="'api_key' looks like a secret") as told:
        schedules.schedule(draft)

    assert [] == noted
    canary.sweep([], {"said": f"{told.value!r} {told.value.hint}"})


@pytest.mark.parametrize(
    ("sha256", "told"),
    [
        ("ab" * 32, f"report: SHA-256 {'ab' * 32}, reports/report.ipynb"),
        ("", "report: reports/report.ipynb"),
    ],
    ids=["known", "kept elsewhere"],
)
def test_U10_what_was_scheduled_is_written_down(
    schedules, scheduler, noted, sha256, told
):
    """So that its runs can be compared with it."""
    facts = {"id": "1", "name": "report", "cron": "0 6 * * *", "sha256": sha256}
    made = Schedule(notebook="reports/report.ipynb", **facts)
    scheduler.create = lambda *_, **__: made

    assert made == schedules.schedule(DRAFT)
    assert [("schedule", told)] == noted


def test_what_the_environment_brings_changes_nothing_about_schedules():
    """The broker below keeps them."""
    kept = Schedule(id="1", name="report", notebook="report.ipynb", cron="0 6 * * *")
    asked = []

    class Below:
        def schedule(self, draft):
            asked.append(draft)
            return kept

        def schedules(self):
            return (kept,)

        def pause_schedule(self, name, *, active=False):
            asked.append((name, active))
            return kept

        def delete_schedule(self, name):
            asked.append(name)
            return kept

    broker = EnvironmentBroker({}, below=Below, user="sam")
    assert broker.schedule(DRAFT) is kept
    assert broker.schedules() == (kept,)
    assert broker.pause_schedule("report", active=True) is kept
    assert broker.delete_schedule("report") is kept
    assert asked == [DRAFT, ("report", True), "report"]


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        ({"cron": "* * * * *"}, "notebook"),
        ({"notebook": "a.ipynb"}, "cron"),
        ({"notebook": "a.ipynb", "cron": "* * * * *", "name": "a\u202eb"}, "name"),
        ({"notebook": "a.ipynb", "cron": "* * * * *", "secret": "x"}, "secret"),
    ],
    ids=["no notebook", "no cron", "unreadable", "unknown"],
)
def test_a_draft_is_whole_and_readable(facts, field):
    """What is wrong stands beside its field."""
    with pytest.raises(InvalidInput) as told:
        read_draft(ScheduleDraft, facts)
    assert field in told.value.fields
