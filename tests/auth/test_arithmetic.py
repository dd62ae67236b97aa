"""When to renew, how long to wait, and which way to a consent: no I/O, no surprises."""

import pytest
from scripted import NOW

from conn_core.auth import (
    choose_flow,
    dies_at,
    may_force_renewal,
    renewal_margin,
    wait_asked_for,
    wait_for_quota,
)

EXCHANGE = {"exchange": {"grant_type": "x"}}


@pytest.mark.parametrize(
    ("renewal", "lifetime", "expected"),
    [
        ({}, 3600, 60),
        ({}, 300, 30),
        ({}, 5, 0.5),
        ({"only_within": 30}, 600, 30),
        ({"only_within": 30}, 100, 10),
        (EXCHANGE, 5_184_000, 2_592_000),
    ],
    ids=["usual", "short", "very short", "76 Exact", "76 short", "82 exchanged"],
)
def test_F44_a_token_is_renewed_in_time(renewal, lifetime, expected, new_service):
    """A minute early, or a tenth of its life; an exchange needs a token that lives."""
    service = new_service(habits={"renewal": renewal})
    assert expected == renewal_margin(service, lifetime=lifetime)


@pytest.mark.parametrize(
    ("within", "left", "expected"),
    [
        (None, 500, True),
        (30, 500, False),
        (30, 30, True),
        (30, -5, True),
        (30, None, True),
    ],
)
def test_76_an_early_refresh_is_not_forced(within, left, expected, new_service):
    """Exact Online calls it an error."""
    habits = {} if within is None else {"renewal": {"only_within": within}}
    assert expected == may_force_renewal(new_service(habits=habits), left=left)


@pytest.mark.parametrize(
    ("moments", "expected"),
    [
        ([], 0.0),
        ([-1] * 9, 0.0),
        ([-1] * 10, 599.0),
        ([-599, *[-1] * 9], 1.0),
        ([-600, *[-1] * 9], 0.0),
        ([-500, -400, *[-1] * 9], 200.0),
        ([3600] * 10, 0.0),
    ],
    ids=["none", "nine", "ten", "one about to end", "one over", "eleven", "clock back"],
)
def test_W5_a_quota_is_kept(moments, expected, new_service):
    """77: Zoho gives ten tokens in ten minutes."""
    service = new_service(habits={"renewal": {"at_most": [10, 600]}})
    renewed_at = [NOW + moment for moment in moments]
    assert expected == wait_for_quota(service, renewed_at=renewed_at, now=NOW)


def test_W5_without_a_quota_nobody_waits(new_service):
    """Most providers have none."""
    wait = wait_for_quota(new_service(), renewed_at=[NOW] * 99, now=NOW)
    assert 0.0 == wait


@pytest.mark.parametrize(
    ("days", "told", "expected"),
    [
        (None, None, None),
        (90, None, NOW + 90 * 86400),
        (None, 3600.0, NOW + 3600),
        (90, 3600.0, NOW + 3600),
        (1, 9e9, NOW + 86400),
    ],
)
def test_79_idle_grants_die(days, told, expected, new_service):
    """After what is known of the provider, or what it said: whichever comes first."""
    habits = {} if days is None else {"renewal": {"idle_days": days}}
    service = new_service(habits=habits)
    assert expected == dies_at(service, renewed_at=NOW, refresh_expires_in=told)


@pytest.mark.parametrize(
    ("headers", "status", "expected"),
    [
        ({}, 429, None),
        ({"retry-after": "30"}, 503, 30.0),
        ({"retry-after": "999999999"}, 503, 3600.0),
        ({"retry-after": "in a while"}, 503, None),
        ({"retry-after": "Wed, 18 Nov 2026 11:08:40 GMT"}, 503, 120.0),
        ({"retry-after": "Wed, 18 Nov 2026 11:08:40 -0000"}, 503, 120.0),
        ({"x-ratelimit-reset": "20"}, 429, 20.0),
        ({"x-ratelimit-reset": str(int(NOW) + 50)}, 429, 50.0),
        ({"x-rate-limit-reset": str((int(NOW) + 50) * 1000)}, 429, 50.0),
        ({"ratelimit-reset": "7", "retry-after": "3"}, 429, 7.0),
        ({"ratelimit-reset": "99999"}, 429, 3600.0),
        ({"ratelimit-reset": "99999"}, 200, None),
        ({"ratelimit-reset": "soon"}, 429, None),
        ({"ratelimit-reset": "nan"}, 429, None),
        ({"ratelimit-reset": "inf"}, 429, 3600.0),
        ({"ratelimit-reset": "-5"}, 429, None),
        ({"x-ratelimit-reset": str(int(NOW) - 50)}, 429, None),
    ],
)
def test_89_of_several_waits_the_longest_counts(headers, status, expected):
    """Seconds, moments and milliseconds; an hour at most."""
    assert expected == wait_asked_for(headers, status=status, now=NOW)


OLD = {"auth_type": "oauth1", "request_token_endpoint": "BASE/request"}
DEVICE = {"device_authorization_endpoint": "BASE/device"}


@pytest.mark.parametrize(
    ("changes", "can_come_back", "elsewhere", "flow", "reason"),
    [
        ({}, True, False, "browser", "The browser can come back to this server"),
        ({}, True, True, "browser", "The browser can come back to this server"),
        (DEVICE, False, False, "device", "No server is here to come back to"),
        (DEVICE, False, True, "device", "The browser is on another machine"),
        ({}, False, False, "paste", "Desk offers no code"),
        (OLD | DEVICE, False, False, "paste", "Desk offers no code"),
        (OLD, True, False, "browser", "can come back"),
        (
            {"grant_type": "device_code"} | DEVICE,
            True,
            False,
            "device",
            "Desk gives consent by a code only",
        ),
        (
            {"grant_type": "client_credentials"},
            True,
            False,
            "none",
            "nobody has to consent",
        ),
        ({"auth_type": "api_key"}, True, False, "none", "wants a key, not a consent"),
    ],
)
def test_the_way_to_a_consent_is_chosen_with_a_reason(
    changes, can_come_back, elsewhere, flow, reason, new_service
):
    """The browser where it can come back, else a code, else the address by hand."""
    choice = choose_flow(
        new_service(**changes),
        can_come_back=can_come_back,
        browser_is_elsewhere=elsewhere,
    )
    assert flow == choice.flow
    assert reason in choice.reason
