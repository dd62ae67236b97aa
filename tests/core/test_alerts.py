"""Alerts: of each end once, to whom it concerns, whoever of several replicas tells."""

import json

import pytest

from conn_core.broker import claim_alerts, give_back_alerts

DAY = 86_400


def test_U6_of_each_ended_grant_people_are_told_once(world):
    """Also where a second replica looks; and again when the next one ends."""
    broker = world.connected()
    assert () == claim_alerts(world.core)
    world.provider.end_all_grants()
    world.clock.advance(2 * 3600)
    with pytest.raises(Exception, match="no longer accepts"):
        broker.access_token("expenses")
    (alert,) = claim_alerts(world.core)
    assert ("ended", "sam/expenses", "sam", "Run %conn authorize expenses") == (
        alert.kind,
        alert.connection,
        alert.person,
        alert.hint,
    )
    assert (
        "The authorization of 'expenses' with Expense Desk has ended: " in alert.message
    )
    assert "CNRY" not in json.dumps(alert.to_json()) + repr(alert)
    assert () == claim_alerts(world.core)
    assert () == claim_alerts(world.open())
    world.authorized()
    world.provider.end_all_grants()
    world.clock.advance(2 * 3600)
    with pytest.raises(Exception, match="no longer accepts"):
        broker.access_token("expenses")
    assert 1 == len(claim_alerts(world.core))


def test_what_ends_within_a_week_is_told_once(world):
    """Not what ends later, and not what lives for hours only."""
    world.provider.spoils = lambda body: body | {"refresh_token_expires_in": 30 * DAY}
    world.connected()
    assert () == claim_alerts(world.core)
    world.clock.advance(24 * DAY)
    (alert,) = claim_alerts(world.core)
    assert "ends" == alert.kind
    assert "ends on 20" in alert.message
    world.clock.advance(DAY)
    assert () == claim_alerts(world.core)


def test_a_token_of_an_hour_is_no_news(world):
    """Nobody is told each time it is authorized."""
    world.provider.spoils = lambda body: (
        {n: v for n, v in body.items() if n != "refresh_token"}
    )
    world.connected()
    assert () == claim_alerts(world.core)


def test_what_a_person_ended_or_revoked_is_no_news(world):
    """They know."""
    broker = world.connected()
    world.provider.end_all_grants()
    world.clock.advance(2 * 3600)
    with pytest.raises(Exception, match="no longer accepts"):
        broker.access_token("expenses")
    broker.revoke("expenses")
    assert () == claim_alerts(world.core)


def test_what_could_not_be_sent_is_told_later(world):
    """It is given back."""
    broker = world.connected()
    world.provider.end_all_grants()
    world.clock.advance(2 * 3600)
    with pytest.raises(Exception, match="no longer accepts"):
        broker.access_token("expenses")
    alerts = claim_alerts(world.core)
    give_back_alerts(world.core, alerts)
    assert alerts == claim_alerts(world.core)


def test_what_ended_long_ago_is_not_dug_out(world):
    """Whoever turns alerts on is not buried."""
    broker = world.connected()
    world.provider.end_all_grants()
    world.clock.advance(2 * 3600)
    with pytest.raises(Exception, match="no longer accepts"):
        broker.access_token("expenses")
    world.clock.advance(8 * DAY)
    assert () == claim_alerts(world.core)
