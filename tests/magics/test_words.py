"""Moments in the words of people."""

from datetime import UTC, datetime, timedelta

import pytest

from conn_core import Use
from conn_magics import _words

NOW = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _in_utc(monkeypatch):
    """Local time is UTC while these tests run."""
    import time

    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.mark.parametrize(
    ("before", "words"),
    [
        (timedelta(seconds=5), "just now"),
        (timedelta(minutes=1), "1 minute ago"),
        (timedelta(minutes=59), "59 minutes ago"),
        (timedelta(hours=1), "1 hour ago"),
        (timedelta(hours=11), "11 hours ago"),
        (timedelta(hours=13), "yesterday"),
        (timedelta(days=3), "3 days ago"),
        (timedelta(days=20), "5 November 2026"),
    ],
)
def test_ago(before, words):
    """As one would say it."""
    assert words == _words.ago(NOW - before, NOW)


def test_never():
    """No moment at all."""
    assert "never" == _words.ago(None, NOW)
    assert "" == _words.ahead(None, NOW)
    assert "" == _words.day(None)


@pytest.mark.parametrize(
    ("after", "words"),
    [
        (timedelta(seconds=20), "in 1 minute"),
        (timedelta(minutes=5), "in 5 minutes"),
        (timedelta(hours=1), "in 1 hour"),
        (timedelta(days=5), "in 5 days"),
        (timedelta(days=67), "31 January 2027"),
        (timedelta(days=-1), "ended 24 November 2026"),
    ],
)
def test_ahead(after, words):
    """When an authorization ends."""
    assert words == _words.ahead(NOW + after, NOW)


def _use(fakes, place, person="priya"):
    return Use(place=place, person=person, last_at=fakes.NOW)


def test_places_are_at_most_five_lines(fakes):
    """The latest first; the rest is counted."""
    uses = [_use(fakes, f"report-{n}.ipynb") for n in range(7)]
    said = _words.places(uses, user="priya", now=fakes.NOW)
    assert [
        *(f"  report-{n}.ipynb, used just now" for n in range(4)),
        "  and 3 more",
    ] == said
    assert 5 == len(_words.places(uses[:5], user="priya", now=fakes.NOW))
    assert [] == _words.places([], user="priya", now=fakes.NOW)


def test_a_place_says_who_unless_it_is_you(fakes):
    """And a program that told no name is called so."""
    uses = [_use(fakes, "nightly", "sam"), _use(fakes, "elsewhere")]
    assert [
        "  nightly, used by sam just now",
        "  a program that says no name, used just now",
    ] == _words.places(uses, user="priya", now=fakes.NOW)


def test_two_of_one_name_are_told_apart(broker):
    """By their owners; what is unique keeps its short name."""
    mine = broker.has("beans")
    theirs = broker.has("beans", group="organisation", owner="sam", key="sam/beans")
    other = broker.has("tea", group="organisation", owner="sam")
    assert ["beans", "sam/beans", "tea"] == _words.names_of([mine, theirs, other])
    assert "sam/tea" == _words.key_of(other)
    assert ("sam/tea", "tea") == (
        _words.called(other, "sam/tea"),
        _words.called(other, "Tea"),
    )


def test_who_may_use_it_is_said(broker):
    """Everybody, nobody else, some, or a task."""
    said = {
        "everybody here": {"shared_with": ("*",)},
        "you": {},
        "you, sam and alex": {"shared_with": ("user:sam", "user:alex")},
        "you and the group finance": {"shared_with": ("group:finance",)},
        "sam and priya": {"shared_with": ("user:priya",), "owner": "sam"},
        "a built-in task, for you": {"group": "internal"},
    }
    for words, facts in said.items():
        assert words == _words.audience(broker.has("x", **facts), "priya")
