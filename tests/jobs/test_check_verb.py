"""``%conn check``: before a job, in words and as an exit code."""

from datetime import UTC, datetime
from types import SimpleNamespace

import pytest

from conn_core import Need, Readiness
from conn_magics._usage import UsageError
from conn_magics._verbs import _checking
from conn_magics._verbs._checking import check

READY = Readiness(name="github", ready=True, runs_as="sam", account="octocat")
ENDS = Readiness(
    name="sheet", ready=True, runs_as="priya", until=datetime(2026, 12, 24, tzinfo=UTC)
)
MISSING = Readiness(
    name="team-slack",
    ready=False,
    problem="Connection 'team-slack' has not been authorized yet",
    hint="Run %conn authorize team-slack",
    needs_person=True,
)
REVOKED = Readiness(
    name="crm", ready=False, problem="It was revoked", hint="Run %conn enable crm"
)


class Broker:
    """Answers what it was told to, and remembers the question."""

    def __init__(self, *answers):
        self.answers = answers

    def check(self, needs, *, until=None):
        self.asked = (tuple(needs), until)
        return self.answers


def desk(*answers):
    """Return a desk with such a broker."""
    around = SimpleNamespace(widgets=False)
    return SimpleNamespace(broker=Broker(*answers), around=around)


def test_all_is_ready():
    """As whom and until when stands there."""
    view = check(desk(READY, ENDS), what=["github", "sheet"], until="2026-12-01")
    assert view.outcome == "ok"
    text = repr(view)
    assert text.startswith("All of it can run without a person")
    assert "sam (octocat)" in text
    assert "renews itself" in text
    assert "24 December 2026" in text
    assert view.to_json()["items"][0]["name"] == "github"


def test_until_means_the_end_of_the_day():
    """A job of that day still has to work."""
    asked = desk(READY)
    check(asked, what=["github"], until="2027-01-31")
    assert asked.broker.asked == (
        (Need(name="github"),),
        datetime(2027, 1, 31, 23, 59, 59, 999999, tzinfo=UTC),
    )


@pytest.mark.parametrize("until", ["tomorrow", "2027-13-01", ""])
def test_a_day_that_is_none(until):
    """The form that is wanted is shown."""
    with pytest.raises(UsageError, match="2027-01-31"):
        check(desk(), what=["a"], until=until)


@pytest.mark.parametrize(
    ("answers", "outcome"),
    [
        ((READY, MISSING, REVOKED), "needs person"),
        ((REVOKED,), "failed"),
        ((), "ok"),
    ],
)
def test_the_outcome_is_the_exit_code(answers, outcome):
    """3 where a person is needed, 1 where something else is wrong."""
    assert check(desk(*answers), what=["a"]).outcome == outcome


def test_what_to_do_is_said():
    """The sentence and the command of the error itself."""
    text = repr(check(desk(MISSING), what=["team-slack"]))
    assert "1 connection is not ready to run without a person" in text
    assert "Run %conn authorize team-slack" in text


def test_a_notebook_is_looked_through(notebook):
    """Its connections are the needs; what only a run decides and secrets are noted."""
    path = notebook(
        "%%connection github --require repo\n1",
        "import conn_magics as cm\ncm.connect(target)",
        parameters="target = 'x'\napi_key = 'CNRY-check-1'",
    )
    asked = desk(READY)
    view = check(asked, what=[str(path)])
    assert asked.broker.asked[0] == (Need(name="github", scopes=("repo",)),)
    text = repr(view)
    assert "only a run can tell which" in text
    assert "'api_key' looks like a secret" in text
    assert "CNRY" not in text
    assert len(view.to_json()["notes"]) == 2


def test_a_notebook_without_connections(notebook):
    """That is an answer too."""
    text = repr(check(desk(), what=[str(notebook("1 + 1"))]))
    assert "uses no connection that can be found" in text


def test_in_a_notebook_it_is_a_form(notebook, monkeypatch):
    """For one notebook; names, and several of them, are answered in text."""
    shown = []
    monkeypatch.setattr(
        _checking, "show_job_form", lambda *what, until: shown.append((*what, until))
    )
    asked = desk(READY)
    asked.around.widgets = True
    path = notebook("1")

    assert check(asked, what=[str(path)], until="2027-01-31") is None
    assert [(asked, path)] == [each[:2] for each in shown]
    assert "2027-01-31" in str(shown[0][2])
    assert check(asked, what=["github"]) is not None
    assert check(asked, what=[str(path), "github"]) is not None
    assert 1 == len(shown)
