"""A word under a cell about what ended, or ends soon: once, and never instead of the cell."""

from datetime import timedelta

import pytest

from conn_core.errors import BrokerUnavailable
from conn_core.look import attention, needs_attention
from conn_magics._attention import LOOKED_EVERY, Attention


class Clock:
    now = 0.0

    def __call__(self):
        return self.now


@pytest.fixture
def looking(broker, fakes):
    """Says what there is to say, as time goes by."""
    clock = Clock()
    kept = Attention(clock, now=lambda: fakes.NOW)

    def notes(after=0.0):
        clock.now += after
        return kept.notes(broker)

    return notes


def test_what_ended_or_ends_soon_is_said_once(broker, fakes, looking):
    """In words like an error's, with one command."""
    broker.has("slack", status="failed", status_reason="Slack ended it.")
    broker.has("sheet", expires_at=fakes.NOW + timedelta(days=2))
    broker.has("far", expires_at=fakes.NOW + timedelta(days=8))
    broker.has("off", status="revoked", expires_at=fakes.NOW)
    assert {
        "'slack' has ended: Slack ended it. Run %conn authorize slack",
        "'sheet' ends on 2026-11-27. Run %conn authorize sheet",
    } == set(looking())
    assert () == looking()
    assert () == looking(LOOKED_EVERY)
    broker.has("late", status="failed", status_reason="")
    assert ("'late' has ended. Run %conn authorize late",) == looking(LOOKED_EVERY)


def test_what_others_look_after_is_not_said(broker, looking):
    """But one's own credentials of what somebody shares are."""
    broker.has("theirs", status="failed", group="organisation")
    broker.has(
        "each",
        status="failed",
        group="organisation",
        use_login_user_credentials=True,
    )
    assert ("'each' has ended. Run %conn authorize each",) == looking()


def test_a_broker_that_does_not_answer_breaks_no_cell(broker, looking, monkeypatch):
    """And is not asked at each cell."""
    asked = []

    def gone(**_):
        asked.append(1)
        raise BrokerUnavailable("No credentials are reachable from here")

    monkeypatch.setattr(broker, "connections", gone)
    assert () == looking()
    assert () == looking()
    assert 1 == len(asked)


def test_it_stands_under_the_cell(shell, broker, capsys):
    """Once, and not where the cell is to be quiet."""
    broker.has("slack", status="failed", status_reason="Slack ended it.")
    shell.run_cell("%%connection beans --quiet\n1")
    assert "slack" not in capsys.readouterr().out
    shell.run_cell("%%connection beans\n1")
    assert "Note: 'slack' has ended: Slack ended it" in capsys.readouterr().out
    shell.run_cell("%%connection beans\n1")
    assert "slack" not in capsys.readouterr().out


def test_a_connection_that_is_well_needs_no_words(broker, fakes):
    """Nor one that nobody authorized yet."""
    assert "" == attention(broker.connection("beans"), at=fakes.NOW)
    broker.has("new", status="needs authorization")
    assert not needs_attention(broker.connection("new"), at=fakes.NOW)
