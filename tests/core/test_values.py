"""The values that travel: one JSON form, and back."""

import json
from datetime import UTC, datetime, timedelta, timezone

import pytest

from conn_core import (
    AccessToken,
    Authorization,
    BrokerStatus,
    Connection,
    Event,
    Page,
    Secret,
    TestResult,
)
from conn_core._value import Value, format_time, parse_time

NOON = datetime(2026, 11, 25, 12, 0, 0, tzinfo=UTC)

EXAMPLES = [
    Connection(
        link_name="a",
        name="A",
        service="s",
        service_name="S",
        scopes=("x", "y"),
        parameters={"tenant": "acme"},
        created_at=NOON,
    ),
    Authorization(
        flow="f", state="pending", link_name="a", service="s", service_name="S"
    ),
    TestResult(link_name="a", ok=True, message="fine", http_status=200),
    Event(at=NOON, actor="sam", action="create"),
    BrokerStatus(kind="local", user="sam", location="/d", key_source="key file /k"),
]


@pytest.mark.parametrize("value", EXAMPLES, ids=lambda value: type(value).__name__)
def test_a_value_survives_its_json(value):
    """Over the wire and back it is the same."""
    wire = json.loads(json.dumps(value.to_json()))
    assert value == type(value).from_json(wire)


def test_K11_the_json_of_a_token_leaves_the_token_out(canary):
    """Only the token endpoint adds it, by hand."""
    token = AccessToken(access_token=Secret(canary("token")), expires_at=NOON)
    body = token.to_json()
    assert "access_token" not in body
    canary.sweep(texts={"json": json.dumps(body), "repr": repr(token)})


def test_a_token_is_read_back_as_a_secret(canary):
    """With the token put in, the value is whole again."""
    token = AccessToken(access_token=Secret(canary("token")), scopes=("a",))
    body = token.to_json() | {"access_token": token.access_token.reveal()}
    assert token == AccessToken.from_json(body)


def test_the_token_endpoint_adds_the_secrets_itself(canary):
    """All that there are, and the value is whole again on the other side."""
    token = AccessToken(
        access_token=Secret(canary("token")), further_secrets=Secret(canary("further"))
    )
    alone = AccessToken(access_token=token.access_token)
    canary.sweep(texts={"json": json.dumps(token.to_json())})
    for each in (token, alone):
        wire = json.loads(json.dumps(each.to_json() | each.secrets_to_json()))
        assert each == AccessToken.from_json(wire)
    assert {"access_token"} == alone.secrets_to_json().keys()


def test_unknown_members_are_ignored():
    """A newer server may say more."""
    body = EXAMPLES[3].to_json() | {"colour": "blue"}
    assert EXAMPLES[3] == Event.from_json(body)


def test_values_may_hold_values():
    """The JSON form goes as deep as the value."""
    from dataclasses import dataclass

    @dataclass(frozen=True, kw_only=True)
    class Outer(Value):
        inner: Event

    Outer.__annotations__["inner"] = Event
    outer = Outer(inner=EXAMPLES[3])
    assert outer.to_json() == {"inner": EXAMPLES[3].to_json()}
    assert outer == Outer.from_json(outer.to_json())


def test_times_are_written_in_utc():
    """RFC 3339, whole seconds."""
    east = timezone(timedelta(hours=2))
    moment = datetime(2026, 11, 25, 14, 0, 0, 999, tzinfo=east)
    assert "2026-11-25T12:00:00Z" == format_time(moment)
    assert NOON == parse_time("2026-11-25T12:00:00Z")


def test_no_time_is_no_time():
    """Both ways."""
    assert format_time(None) is None
    assert parse_time(None) is None


def test_a_page_knows_whether_there_is_more():
    """An empty one has no next."""
    assert Page(items=()).next_cursor is None
