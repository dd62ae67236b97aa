"""Grants over REST: what is sent, and what is read."""

import json
from datetime import timedelta

import pytest
from scripted_peer import Reply

from conn_core import GrantDraft
from conn_core.broker._environment import EnvironmentBroker
from conn_core.errors import GrantNotFound

GRANT = {
    "id": "g1",
    "name": "nightly",
    "connections": ["github"],
    "owner": "priya",
    "exposure": "sealed",
    "expires_at": "2027-01-31T00:00:00Z",
}
ISSUED = {
    "grant": GRANT,
    "bearer": "jcg_CNRY-remote-grant-11",
    "endpoint": "https://lab.example.com/connections/",
}


@pytest.fixture(params=["asked itself", "below the environment"])
def any_broker(request, broker):
    """The remote broker, and one that passes everything about grants on to it."""
    if request.param == "asked itself":
        return broker
    return EnvironmentBroker({}, below=lambda: broker, user="sam")


def test_a_grant_is_made(any_broker, server):
    """Its lifetime travels in seconds; its bearer is a secret again here."""
    seen = []

    def answer(request):
        seen.append(json.loads(request.body))
        return Reply(201, json.dumps(ISSUED).encode())

    server.answers["POST", "grants"] = answer
    draft = GrantDraft(name="nightly", connections=("github",), ttl=timedelta(days=2))

    made = any_broker.grant(draft)

    assert [
        {
            "name": "nightly",
            "connections": ["github"],
            "exposure": "sealed",
            "ttl": 172_800.0,
        }
    ] == seen
    assert made.bearer.same_as(ISSUED["bearer"])
    assert (ISSUED["endpoint"], ("github",)) == (made.endpoint, made.grant.connections)
    assert "CNRY" not in repr(made) + json.dumps(made.to_json())


def test_grants_are_listed_and_ended(any_broker, server):
    """The same values as where the broker is."""
    server.answers["GET", "grants"] = 200, {"items": [GRANT], "total": 1}
    server.answers["DELETE", "grants/g1"] = 200, GRANT
    server.answers["DELETE", "grants/g%2F2"] = 404, {"code": "grant_not_found"}

    (listed,) = any_broker.grants()

    assert listed == any_broker.revoke_grant("g1")
    assert ("nightly", 2027) == (listed.name, listed.expires_at.year)
    with pytest.raises(GrantNotFound):
        any_broker.revoke_grant("g/2")
