"""Sealed connections over REST: what is asked, and the way that requests take."""

import json

import pytest

from conn_core import Secret
from conn_core.broker import RemoteBroker, write_handle
from conn_core.errors import BrokerUnavailable, Sealed
from conn_core.http import connected_client

TOKEN = {
    "token_type": "Bearer",
    "exposure": "sealed",
    "link_name": "finance-sheet",
    "service_name": "Google Sheets",
    "api_base_url": "https://sheets.example/v4",
    "api_hosts": ["sheets.example"],
}


@pytest.mark.parametrize("sealed", [True, False])
def test_seal_says_which_way(server, broker, connection_json, sealed):
    """One address for both."""
    told = connection_json | {"exposure": "sealed" if sealed else "direct"}
    server.answers["POST", "connections/finance-sheet/seal"] = 200, told

    assert told["exposure"] == broker.seal("finance-sheet", sealed=sealed).exposure
    assert {"sealed": sealed} == json.loads(server.peer.seen[-1].body)


def test_J_a_sealed_answer_without_a_token_is_read(server, broker):
    """It says where requests may go, and holds nothing."""
    server.answers["POST", "connections/finance-sheet/token"] = 200, TOKEN

    token = broker.access_token("finance-sheet")

    assert ("sealed", "") == (token.exposure, token.access_token.reveal())
    assert ("sheets.example",) == token.api_hosts


def test_the_way_is_below_the_connection(server, broker, tmp_path):
    """Names are written so that they stay one part of the address."""
    relay = broker.relay("priya/finance sheet")

    assert (
        f"{server.endpoint}api/v1/connections/priya%2Ffinance%20sheet/proxy"
        == relay.address
    )


def test_F61_the_bearer_is_read_again_where_it_is_refused(
    server, broker, tmp_path, bearer
):
    """A server that was restarted has left another one."""
    relay = broker.relay("finance-sheet")
    assert relay.bearer().same_as(bearer)
    assert relay.bearer(refused=Secret(bearer)).same_as(bearer)

    write_handle(tmp_path, endpoint=server.endpoint, bearer=Secret("CNRY-newer-77"))

    assert relay.bearer().same_as(bearer)
    assert relay.bearer(refused=Secret(bearer)).same_as("CNRY-newer-77")
    assert relay.bearer(refused=Secret(bearer)).same_as("CNRY-newer-77")


def test_F61_without_a_server_there_is_nothing_to_show(tmp_path):
    """It says so before anything is sent."""
    broker = RemoteBroker("http://127.0.0.1:9/connections/", runtime_dir=tmp_path)

    with pytest.raises(BrokerUnavailable, match="not running"):
        broker.relay("finance-sheet").bearer()
    broker.close()


def test_a_client_of_a_sealed_connection_asks_the_server_for_all(
    server, broker, bearer
):
    """The token's question, then the request; the service's host is never looked up."""
    server.answers["POST", "connections/finance-sheet/token"] = 200, TOKEN
    server.answers["GET", "connections/finance-sheet/proxy/v4/sheet"] = (
        423,
        {"code": "sealed", "message": "It is sealed", "hint": ""},
    )

    with connected_client(broker, "finance-sheet") as client, pytest.raises(Sealed):
        client.get("/sheet")

    seen = server.peer.seen[-1]
    assert f"Bearer {bearer}" == seen.headers["authorization"]
    assert "https://sheets.example" == seen.headers["x-connections-origin"]
    assert "x-connections-place" not in seen.headers


def test_requests_say_from_which_notebook_they_come(server, tmp_path):
    """As every other question does."""
    broker = RemoteBroker(
        server.endpoint, runtime_dir=tmp_path, place="a notebook.ipynb"
    )

    assert "a%20notebook.ipynb" == broker.relay("x").place
    broker.close()
