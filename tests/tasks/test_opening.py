"""Which client a task gets: its internal connection's, authorized first where need be."""

from types import SimpleNamespace

import pytest

import conn_magics as cm
from conn_core import Connection
from conn_magics.tasks import _task

NEEDS = Connection(
    link_name="slack-tasks",
    name="Slack tasks",
    service="slack",
    service_name="Slack",
    status="needs authorization",
    group="internal",
)


@pytest.fixture
def desk(monkeypatch):
    """A desk whose broker has an internal connection that nobody has authorized."""
    done = []
    monkeypatch.setattr(
        _task, "open_client", lambda name, **_: done.append(("open", name)) or "client"
    )
    monkeypatch.setattr(
        "conn_magics._verbs._making.authorize",
        lambda _, **options: done.append(("authorize", options)),
    )
    desk = SimpleNamespace(
        broker=SimpleNamespace(internal_connection=lambda *_, **__: NEEDS),
        holder=None,
        around=SimpleNamespace(person=True),
        done=done,
    )
    desk.without_widgets = lambda: desk
    return desk


def test_tasks_are_reached_from_the_package():
    """``cm.tasks.slack`` is loaded when somebody asks for it."""
    assert cm.tasks.slack.post_message.__module__ == "conn_magics.tasks.slack"
    assert "slack" in dir(cm.tasks)
    with pytest.raises(AttributeError):
        cm.tasks.fax  # noqa: B018 - the question is what is tested


def test_first_use_asks_for_authorization_and_goes_on(desk):
    """Whoever is there is asked, and the call that needs it waits."""
    client = _task.client_for("slack.post_message", connection=None, desk=desk)
    assert client == "client"
    assert desk.done == [
        ("authorize", {"name": "slack-tasks", "wait": True}),
        ("open", "slack-tasks"),
    ]


def test_U7_in_a_job_nobody_is_asked(desk):
    """Opening it says what a person has to do."""
    desk.around.person = False
    _task.client_for("slack.post_message", connection=None, desk=desk)
    assert desk.done == [("open", "slack-tasks")]
