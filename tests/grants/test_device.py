"""Consent by a code that is typed elsewhere, at a certified server (RFC 8628)."""

import pytest

from conn_core.http import connected_client

pytestmark = pytest.mark.peer

GRANTS = ["urn:ietf:params:oauth:grant-type:device_code", "refresh_token"]


@pytest.fixture
def begun(bar, desk):
    """A server, and an attempt that waits for its code to be typed."""
    client = {"grant_types": GRANTS, "response_types": [], "redirect_uris": []}
    server = bar(client=client, server={"ttl": {"DeviceCode": 60}})
    desk.opened(
        server.service_toml(
            grant_type="device_code",
            device_authorization_endpoint=f"{server.issuer}/device/auth",
        )
    )
    return server, desk.created("certified").authorize("coffee")


def test_a_code_is_typed_in_another_browser(begun, desk, clock):
    """Pending until then, done afterwards, and renewed like any other."""
    server, waiting = begun
    broker = desk.broker
    assert ("pending", "device") == (waiting.state, waiting.way)
    assert f"{server.issuer}/device" == waiting.verification_uri
    clock.advance(5)
    assert "pending" == broker.authorization(waiting.flow).state
    server.type_code(waiting.verification_uri, waiting.user_code)
    clock.advance(5)

    done = broker.authorization(waiting.flow)

    assert ("done", "ada") == (done.state, done.account)
    with connected_client(broker, "coffee") as client:
        assert 3 == len(client.get("/items").raise_for_status().json()["items"])
    assert "connected" == broker.refresh("coffee").status
    assert 2 == server.counters()["device_asked"]


def test_nobody_is_asked_before_the_time_and_slower_when_told(begun, desk, clock):
    """RFC 8628 3.5: the interval is kept, and grows by five seconds on slow_down."""
    server, waiting = begun

    def asked_after(seconds):
        clock.advance(seconds)
        for _ in range(3):  # a widget looks every second
            assert "pending" == desk.broker.authorization(waiting.flow).state
        return server.counters()["device_asked"]

    assert 0 == asked_after(3)
    assert 1 == asked_after(2)
    server.play(slow_down=1)
    assert 2 == asked_after(5)
    assert 2 == asked_after(8)
    assert 3 == asked_after(2)
    server.type_code(waiting.verification_uri, waiting.user_code)
    clock.advance(10)
    assert "done" == desk.broker.authorization(waiting.flow).state


def test_no_on_the_other_device_is_said_as_such(begun, desk, clock):
    """The waiting ends at once, and no further question is sent."""
    server, waiting = begun
    server.type_code(waiting.verification_uri, waiting.user_code, answer="cancel")
    clock.advance(5)

    done = desk.broker.authorization(waiting.flow)

    assert ("denied", "Access was not granted at Certified Coffee.") == (
        done.state,
        done.error,
    )
    clock.advance(60)
    assert "denied" == desk.broker.authorization(waiting.flow).state
    assert 1 == server.counters()["device_asked"]


def test_a_code_that_nobody_types_ends(begun, desk, clock):
    """After its time nobody is asked any more."""
    server, waiting = begun
    clock.advance(61)

    assert "expired" == desk.broker.authorization(waiting.flow).state
    assert 0 == server.counters()["code"]
    assert "needs authorization" == desk.broker.connection("coffee").status
