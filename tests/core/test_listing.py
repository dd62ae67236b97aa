"""Lists of connections: pages, cursors, and the status they are filtered by."""

import pytest

from conn_core import ConnectionDraft, ConnectionEdit
from conn_core.errors import InvalidInput


def draft(**members):
    return ConnectionDraft(**{"service": "expenses", "name": "Expenses"} | members)


def link_names(broker, **filters):
    return [c.link_name for c in broker.connections(**filters).items]


def test_pages_go_on_where_they_ended(world):
    """Whatever was added or deleted in the meantime."""
    sam, priya = world.broker("sam"), world.broker("priya")
    for name in "bdfh":
        sam.create(draft(name=name))
        priya.create(draft(name=name))
    seen, cursor = [], None
    while True:
        page = sam.connections(limit=3, cursor=cursor)
        seen += [(c.link_name, c.owner) for c in page.items]
        cursor = page.next_cursor
        if cursor is None:
            break
        sam.create(draft(name=f"a{len(seen)}"))
        assert 8 == page.total
    both = [(name, owner) for name in "bdfh" for owner in ("priya", "sam")]
    assert both == seen


@pytest.mark.parametrize(
    "cursor", ["1", "x", "W10", "WzEsMiwzLDRd", "bnVsbA", "\ud800", "é", "WyJhIiwiIl0"]
)
def test_a_cursor_that_is_not_ours_is_refused(world, cursor):
    """In words, and nothing is read with it."""
    with pytest.raises(InvalidInput, match="cursor is not one of ours"):
        world.broker().connections(cursor=cursor)


def test_the_database_and_the_reasons_agree(world):
    """Filtered by each status, the list holds what shows it."""
    sam = world.broker("sam")
    both = ("reports.read", "reports.write")
    world.connected("connected")
    world.created("never")
    world.connected("suspended")
    sam.revoke("suspended")
    world.connected("more")
    sam.edit("more", ConnectionEdit(scopes=both))
    world.connected("ended-here")
    sam.revoke("ended-here", at_provider=True)
    sam.enable("ended-here")
    world.connected("ended")
    world.sql(
        "UPDATE credentials SET ended_at = 1, ended_because = 'x.' WHERE connection_id ="
        " (SELECT id FROM connections WHERE link_name = 'ended')"
    )
    assert ["connected"] == link_names(sam, status="connected")
    assert ["suspended"] == link_names(sam, status="revoked")
    assert ["ended"] == link_names(sam, status="failed")
    waiting = sam.connections(status="needs authorization")
    assert ["ended-here", "more", "never"] == [c.link_name for c in waiting.items]
    assert 3 == waiting.total
    assert {
        "ended-here": "Ended at Expense Desk by sam on 2026-11-18.",
        "more": "Consent is missing for reports.write (granted so far: reports.read).",
        "never": "",
    } == {c.link_name: c.status_reason for c in waiting.items}
