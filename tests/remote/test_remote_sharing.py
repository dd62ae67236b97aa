"""Sharing and handing on over REST."""

import json

import pytest

from conn_core import ConnectionDraft
from conn_core.errors import NameTaken


def test_share_says_all_of_them(server, broker, connection_json):
    """Whom it is shared with from now on."""
    told = connection_json | {"shared_with": ["group:finance"]}
    server.answers["POST", "connections/finance-sheet/share"] = 200, told

    shared = broker.share("finance-sheet", ("group:finance",))

    assert ("group:finance",) == shared.shared_with
    assert {"shared_with": ["group:finance"]} == json.loads(server.peer.seen[-1].body)


def test_transfer_says_to_whom(server, broker, connection_json):
    """And what is refused is the same error here."""
    where = "POST", "connections/finance-sheet/transfer"
    server.answers[where] = 200, connection_json | {"owner": "grace"}
    assert "grace" == broker.transfer("finance-sheet", "grace").owner
    assert {"to": "grace"} == json.loads(server.peer.seen[-1].body)

    server.answers[where] = 409, {"code": "name_taken", "message": "Taken", "hint": ""}
    with pytest.raises(NameTaken, match="Taken"):
        broker.transfer("finance-sheet", "grace")


@pytest.mark.parametrize("said", [{}, {"shared_with": ("*",)}, {"shared_with": ()}])
def test_H16_what_was_not_said_is_not_sent(server, broker, connection_json, said):
    """The server decides whom a connection is for whose maker does not say."""
    server.answers["POST", "connections"] = 201, connection_json

    broker.create(ConnectionDraft(service="google-sheets", **said))

    sent = json.loads(server.peer.seen[-1].body)
    assert {"service": "google-sheets"} | {
        name: list(whom) for name, whom in said.items()
    } == sent
