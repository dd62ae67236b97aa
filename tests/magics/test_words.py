"""Moments in the words of people."""

from datetime import UTC, datetime, timedelta

import pytest

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
