"""Grants that live on: rotation, reuse, expiry, the end, at a certified server."""

import threading
import time

import pytest

from conn_core.errors import AuthorizationEnded
from conn_core.http import connected_client

pytestmark = pytest.mark.peer


@pytest.fixture
def connected(bar, desk):
    """Starts a server and connects to it: ``connected(ttl=…)``."""

    def start(**options):
        server = bar(server=options)
        desk.created("certified")
        desk.authorized("certified", server)
        return server

    return start


def test_rotated_tokens_are_kept_and_never_come_again(connected, desk, clock):
    """The server ends a grant when a spent token comes again: it saw none."""
    server = connected()
    kept = {desk.refresh_token()}

    for _ in range(4):
        clock.advance(60)
        assert "connected" == desk.broker.refresh("coffee").status
        kept.add(desk.refresh_token())
    desk.opened(server.service_toml())  # what is stored is enough to go on
    clock.advance(60)
    assert "connected" == desk.broker.refresh("coffee").status

    assert 5 == len(kept)
    assert kept < set(server.issued())
    assert 6 == desk.broker.access_token("coffee").generation
    counted = server.counters()
    assert (5, 0, 0) == (counted["refresh"], counted["reused"], counted["refused"])


def test_a_spent_token_is_refused_and_takes_the_grant_along(
    connected, desk, ask, clock
):
    """So the test above means something; and we say what to do then."""
    server = connected()
    stolen = desk.refresh_token()
    desk.broker.refresh("coffee")

    said = ask(server, "/token", grant_type="refresh_token", refresh_token=stolen)

    assert (400, "invalid_grant") == (said[0], said[1]["error"])
    assert 1 == server.counters()["reused"]
    clock.advance(60)
    with pytest.raises(AuthorizationEnded, match="invalid_grant") as caught:
        desk.broker.refresh("coffee")
    assert "Run %conn authorize coffee" == caught.value.hint
    assert "failed" == desk.broker.connection("coffee").status


def test_deleting_ends_the_grant_at_the_provider(connected, desk, ask):
    """RFC 7009: neither of its tokens is good afterwards."""
    server = connected()
    refresh = desk.refresh_token()
    access = desk.broker.access_token("coffee").access_token.reveal()
    assert 200 == ask(server, "/api/me", bearer=access)[0]

    desk.broker.delete("coffee")

    assert 1 == server.counters()["revocation"]
    assert 401 == ask(server, "/api/me", bearer=access)[0]
    said = ask(server, "/token", grant_type="refresh_token", refresh_token=refresh)
    assert "invalid_grant" == said[1]["error"]
    assert 0 == desk.broker.connections().total


def test_a_five_second_token_is_renewed_once_per_expiry_under_load(connected, desk):
    """Four people hammer, each with a client; nobody notices that tokens end."""
    server = connected(ttl={"AccessToken": 5})
    first = desk.broker.access_token("coffee")
    began, answers = time.time(), []
    end = first.expires_at.timestamp() + 6

    def use():
        with connected_client(desk.broker, "coffee") as client:
            while time.time() < end:
                answers.append(client.get("/items").status_code)
                time.sleep(0.02)

    people = [threading.Thread(target=use) for _ in range(4)]
    for person in people:
        person.start()
    for person in people:
        person.join()

    assert {200} == set(answers)
    last, counted = desk.broker.access_token("coffee"), server.counters()
    assert (0, 0) == (counted["reused"], counted["refused"])
    # This server counts whole seconds, so its tokens live for four to five: the second
    # renewal is due before 10 s, and each of them lasts.
    assert 2 <= counted["refresh"] <= (time.time() - began) / 4
    assert counted["refresh"] + 1 == last.generation
    # Whoever meets the early end meets it once, and the same request is sent again.
    assert counted["api_401"] <= counted["refresh"] * len(people)
    assert len(answers) > 20 * counted["refresh"]
