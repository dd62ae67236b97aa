"""Schedules over the wire: what is sent, and what is read."""

import json

import pytest

from conn_core import Schedule, ScheduleDraft
from conn_core.errors import ScheduleNotFound

FACTS = {
    "id": "8d0f",
    "name": "Every day",
    "notebook": "report.ipynb",
    "cron": "0 6 * * *",
    "parameters": {"year": "2026"},
    "next_run_at": "2026-11-26T06:00:00Z",
    "last_status": "completed",
}


def test_a_draft_is_sent_whole(server, broker):
    """And the schedule is read back."""
    server.answers["POST", "schedules"] = 201, FACTS
    draft = ScheduleDraft(notebook="report.ipynb", cron="0 6 * * *", name="Every day")

    made = broker.schedule(draft)

    assert made == Schedule.from_json(FACTS)
    sent = json.loads(server.peer.seen[-1].body)
    assert sent == draft.model_dump(mode="json")


def test_a_name_with_a_blank_is_one_part_of_the_path(server, broker):
    """Pausing, going on and deleting name it so."""
    server.answers["PATCH", "schedules/Every%20day"] = 200, FACTS | {"active": False}
    assert not broker.pause_schedule("Every day").active
    assert json.loads(server.peer.seen[-1].body) == {"active": False}
    broker.pause_schedule("Every day", active=True)
    assert json.loads(server.peer.seen[-1].body) == {"active": True}
    server.answers["DELETE", "schedules/Every%20day"] = 200, FACTS
    assert broker.delete_schedule("Every day").name == "Every day"


def test_the_list(server, broker):
    """As all lists are written."""
    server.answers["GET", "schedules"] = 200, {"items": [FACTS], "total": 1}
    assert broker.schedules() == (Schedule.from_json(FACTS),)


def test_an_error_is_the_same_error_here(server, broker):
    """The class and the words."""
    told = ScheduleNotFound(
        "There is no schedule called 'x'", "Run %conn schedule list"
    )
    server.answers["DELETE", "schedules/x"] = 404, told.to_json()
    with pytest.raises(ScheduleNotFound, match="no schedule called 'x'"):
        broker.delete_schedule("x")
