"""``%conn log``: who did what, from where, to which host, and how it ended."""

import pytest

from conn_core import AuditLine
from conn_core.errors import ConnectionNotFound


@pytest.fixture
def lines(broker, fakes):
    """What happened, the latest first."""
    common = {"at": fakes.NOW, "connection": "beans", "owner": "priya"}
    broker.audit_lines = (
        AuditLine(
            seq=3,
            actor="sam",
            action="request",
            by="grant:a1",
            place="nightly.ipynb",
            host="api.coffee.example",
            method="GET",
            path="/orders/{}",
            status=404,
            **common,
        ),
        AuditLine(
            seq=2,
            actor="priya",
            action="refresh",
            result="failed",
            detail="The service did not answer",
            **common,
        ),
        AuditLine(seq=1, actor="priya", action="use", **common | {"connection": "tea"}),
    )
    return broker.audit_lines


@pytest.mark.usefixtures("lines")
def test_the_log_says_who_from_where_to_which_host_and_how_it_ended(conn):
    """A line each."""
    shown = repr(conn("log beans"))
    for words in (
        "sam (by grant:a1)",
        "GET api.coffee.example/orders/{} (404)",
        "nightly.ipynb",
        "Access token refreshed: The service did not answer",
        "failed",
    ):
        assert words in shown
    assert "tea" not in shown


@pytest.mark.usefixtures("lines")
def test_without_a_name_it_is_everything_that_concerns_one(conn):
    """With the connections' names."""
    shown = repr(conn("log"))
    assert "CONNECTION" in shown
    assert "tea" in shown
    assert "tea" not in repr(conn("log -n 2"))


def test_as_json_it_says_where_the_next_page_begins(conn, lines):
    """As REST does."""
    answer = conn("log -n 2 --json")
    assert "2" == answer["next_cursor"]
    assert [line.to_json() for line in lines[:2]] == answer["items"]


def test_nothing_is_said_in_words(conn):
    """And a wrong name is one."""
    assert "Nothing has happened yet" in repr(conn("log beans"))
    with pytest.raises(ConnectionNotFound):
        conn("log bans")
