"""Lists: other people's connections, and long ones."""

import pytest

from conn_magics._usage import UsageError


def test_another_ones_connection_is_found_by_owner_and_name(terminal, broker):
    """What is said about it is said by the name that was typed."""
    broker.has("beans", group="organisation", owner="sam", key="sam/beans")
    broker.has("beans")
    rows = repr(terminal("list")).splitlines()
    assert ["beans", "sam/beans"] == sorted(row.split()[0] for row in rows[1:])
    assert "'sam/beans' is revoked" in repr(terminal("revoke sam/beans -y"))
    assert "connected" == broker.found["beans"].status
    assert "%conn enable sam/beans" in repr(terminal("status sam/beans beans"))
    owners = repr(terminal("list --org")).splitlines()
    assert "OWNER" in owners[0]
    assert "sam" in owners[1].split()


def test_a_long_list_ends_and_says_how_to_narrow_it(terminal, broker, monkeypatch):
    """A page of a notebook is no place for ten thousand rows."""
    from conn_magics._verbs import _listing

    monkeypatch.setattr(_listing, "_MOST_IN_A_PAGE", 3)
    for n in range(4):
        broker.has(f"tea-{n}")
    shown = terminal("list")
    assert 3 == len(shown)
    assert repr(shown).endswith("3 of 5 connections. Narrow it: %conn list PATTERN")
    assert "3" == shown.to_json()["next_cursor"]


def test_pages_are_read_until_there_are_enough(broker, monkeypatch):
    """However little a server gives at once."""
    from conn_magics import _views

    monkeypatch.setattr(_views, "_LARGEST_PAGE", 2)
    for n in range(6):
        broker.has(f"tea-{n}")

    def ask(cursor, limit):
        return broker.connections(cursor=cursor, limit=limit)

    whole = _views.every_page(ask, most=100)
    assert (7, None) == (len(whole.items), whole.next_cursor)
    some = _views.every_page(ask, most=3)
    assert (3, "3", 7) == (len(some.items), some.next_cursor, some.total)


def test_H14_what_is_suspended_names_no_command_that_does_nothing(terminal, broker):
    """Why it rests is said; enabling would not help, and it is found by that word."""
    why = "Suspended: the account of eve is not active."
    broker.has(
        "orphan",
        group="organisation",
        owner="eve",
        status="revoked",
        status_reason=why,
    )
    shown = repr(terminal("status orphan"))
    assert why in shown
    assert "enable" not in shown
    with pytest.raises(UsageError):
        terminal("list --status gone")
    assert "No connection is like that" in repr(terminal("list --status suspended"))
