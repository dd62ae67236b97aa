"""What the service tells of by itself: structured events."""

import json

from patience import until

_EVENTS = """
import logging
c.EventLogger.handlers = [logging.FileHandler({file!r})]
"""


def _written(file, action):
    def found():
        # The last line may be under way: it counts when its end is there.
        lines = file.read_text().split("\n")[:-1] if file.exists() else []
        return [line for line in map(json.loads, lines) if line["action"] == action]

    return until(found)


def test_M15_each_line_of_the_log_is_an_event(new_replica, hub, tmp_path):
    """Where the operator says; without a secret in it."""
    file = tmp_path / "events.jsonl"
    replica = new_replica(config=_EVENTS.format(file=str(file))).start()
    bearer = {"Authorization": f"Bearer {hub.token_of('bob')}"}
    draft = {
        "service": "anthropic",
        "name": "Metrics",
        "shared_with": [],
    }
    made = replica.ask("POST", "api/v1/connections", body=draft, **bearer)
    assert 201 == made.status, made.text

    (event,) = _written(file, "create")

    assert ("bob", "metrics") == (event["actor"], event["connection"])
    assert "CNRY" not in file.read_text()
