"""Clients of sealed connections: the relay sends what they ask for, and they hold nothing.

The relay here is scripted and speaks the wire that the real one speaks.
"""

import asyncio

import pytest
from scripted_relay import PREFIX, UPSTREAM

from conn_core.errors import (
    HostNotAllowed,
    InvalidInput,
)
from conn_core.http import (
    Courier,
    TokenSource,
    connected_async_client,
    connected_client,
)


@pytest.fixture
def broker(sealed_broker):
    """What the clients of this file ask."""
    return sealed_broker


def test_J_a_request_goes_to_the_relay_and_nowhere_else(ask, server, peer, bearers):
    """With the address it is meant for; the path as it was written."""
    answer = ask("GET", "/b%2Fc?q=1%202#part", headers={"X-Mine": "yes"})

    [seen] = server.peer.seen
    assert [] == peer.seen
    assert 200 == answer.status_code
    assert f"{PREFIX}/v1/b%2Fc?q=1%202" == seen.path
    assert peer.url == seen.headers["x-connections-origin"]
    assert server.peer.host == seen.headers["host"]
    assert f"Bearer {bearers[0]}" == seen.headers["authorization"]
    assert "a%20notebook.ipynb" == seen.headers["x-connections-place"]
    assert "yes" == seen.headers["x-mine"]


def test_J_what_the_user_gets_is_the_services_answer(ask, server, peer, reply):
    """Its address, its status, its headers; nothing of the way it took."""
    told = UPSTREAM | {"X-Connections-Note": "ours", "ETag": '"7"'}
    server.says = lambda _: reply(418, b"a teapot", told)

    answer = ask("POST", "/pot", json={"tea": 1})

    assert (418, "a teapot") == (answer.status_code, answer.text)
    assert f"{peer.url}/v1/pot" == str(answer.url) == str(answer.request.url)
    assert '"7"' == answer.headers["etag"]
    assert not [name for name in answer.headers if name.startswith("x-connections")]
    assert b'{"tea":1}' == server.peer.seen[0].body


def test_K_neither_request_nor_answer_shows_the_bearer(ask, server, bearers):
    """It stands only in what goes over the wire."""
    answer = ask("GET", "/x")

    shown = f"{answer!r} {vars(answer)} {vars(answer.request)}"
    assert bearers[0] not in shown
    assert "authorization" not in answer.request.headers
    assert "x-connections-origin" not in answer.request.headers


def test_J_headers_that_mean_something_to_our_server_are_wrapped(ask, server):
    """Cookies, an origin, and names of our own wire; the credential's place is empty."""
    ask(
        "GET",
        "/x",
        headers={
            "Cookie": "a=b",
            "Origin": "https://coffee.example",
            "Referer": "https://coffee.example/x",
            "Sec-Fetch-Mode": "cors",
            "X-Forwarded-For": "192.0.2.1",
            "X-Connections-Origin": "https://evil.example",
            "Authorization": "Bearer CNRY-of-the-user-11aa",
        },
    )

    [seen] = server.peer.seen
    names = [name.lower() for name, _ in seen.pairs]
    forwarded = {
        name.removeprefix("x-connections-forward-"): seen.headers[name]
        for name in names
        if name.startswith("x-connections-forward-")
    }
    assert {
        "cookie": "a=b",
        "origin": "https://coffee.example",
        "referer": "https://coffee.example/x",
        "sec-fetch-mode": "cors",
        "x-forwarded-for": "192.0.2.1",
        "x-connections-origin": "https://evil.example",
    } == forwarded
    assert {"cookie", "origin", "referer", "x-forwarded-for"}.isdisjoint(names)
    assert 1 == names.count("x-connections-origin") == names.count("authorization")
    assert "CNRY-of-the-user" not in seen.everything


def test_J_an_authorization_of_the_users_own_is_wrapped_too(
    ask, broker, server, new_broker
):
    """Where the credential has another place, it is a header as any other."""
    sealed = new_broker(exposure="sealed", param_type="query", param_name="key")
    sealed.relay = broker.relay

    ask("GET", "/x", using=sealed, headers={"Authorization": "Digest mine"})

    [seen] = server.peer.seen
    assert "Digest mine" == seen.headers["x-connections-forward-authorization"]


@pytest.mark.parametrize(
    "address",
    ["https://evil.example/x", "http://127.0.0.1:9/x"],
)
def test_F1_the_guard_comes_before_the_relay(ask, server, address):
    """Nothing leaves the kernel, and no name is looked up elsewhere."""
    with pytest.raises(HostNotAllowed, match="Nothing was sent"):
        ask("GET", address)

    assert [] == server.peer.seen


@pytest.mark.parametrize("method", ["TRACE", "CONNECT"])
def test_J10_what_shows_credentials_is_refused_here_already(ask, server, method):
    """As in direct exposure."""
    with pytest.raises(InvalidInput, match="Nothing was sent"):
        ask(method, "/x")

    assert [] == server.peer.seen


def test_F6_another_host_header_is_refused(ask, server):
    """It would lead the relay elsewhere."""
    with pytest.raises(HostNotAllowed, match="Host header"):
        ask("GET", "/x", headers={"Host": "evil.example"})

    assert [] == server.peer.seen


def test_F3_redirects_are_followed_by_the_client(ask, server, peer, reply, stranger):
    """Each hop is a request of its own through the relay, and passes the guard."""
    server.says = lambda seen: (
        reply(headers=UPSTREAM, body=b"there")
        if seen.path.endswith("/v1/there")
        else reply(302, headers=UPSTREAM | {"Location": "/v1/there"})
    )

    answer = ask("GET", "/here", follow_redirects=True)

    assert "there" == answer.text
    assert f"{peer.url}/v1/there" == str(answer.url)
    server.says = lambda _: reply(302, headers=UPSTREAM | {"Location": stranger.url})
    with pytest.raises(HostNotAllowed):
        ask("GET", "/away", follow_redirects=True)
    assert [] == stranger.seen


def test_J_a_401_of_the_service_is_not_sent_again_from_here(ask, broker, server, reply):
    """The relay has renewed and repeated already, where that is safe."""
    server.says = lambda _: reply(401, headers=UPSTREAM)

    assert 401 == ask("GET", "/x").status_code
    assert 1 == len(server.peer.seen)
    assert [None] == [rejected for _, _, rejected in broker.asked]


def test_J_bodies_are_streamed_both_ways(broker, server, reply):
    """Part by part, as the person reads them."""
    server.says = lambda seen: reply(body=seen.body * 1000, headers=UPSTREAM)

    with connected_client(broker, "coffee") as client:
        asked = client.build_request("PUT", "/x", content=iter([b"abc"] * 1000))
        answer = client.send(asked, stream=True)
        parts = answer.iter_bytes()
        first = next(parts)
        assert 0 < len(first) < 3_000_000
        assert 3_000_000 == len(first) + sum(map(len, parts))


def test_other_libraries_requests_are_relayed_too(broker, server, reply):
    """The courier carries for requests, Slack's and GitHub's libraries."""
    server.says = lambda seen: reply(body=seen.body, headers=UPSTREAM)
    courier = Courier(TokenSource(broker, "coffee"))

    with courier.carry("POST", f"{broker.token.api_base_url}/x", body=b"cake") as got:
        assert (200, b"cake") == (got.status, got.read())
    courier.close()

    assert [f"{PREFIX}/v1/x"] == [seen.path for seen in server.peer.seen]


def test_J_where_there_is_no_relay_requests_go_out_from_here(
    ask, new_broker, peer, secret
):
    """A broker in this process has the credential: there is no wall to keep it behind."""
    here = new_broker(exposure="sealed")
    here.relay = lambda _: None

    assert 200 == ask("GET", "/x", using=here).status_code
    assert f"Bearer {secret}" == peer.seen[0].headers["authorization"]


def test_one_async_client_serves_many_tasks(broker, server):
    """Each through the relay, on kept connections."""

    async def run():
        client = connected_async_client(broker, "coffee")
        async with client:
            return await asyncio.gather(*(client.get(f"/{n}") for n in range(20)))

    assert {200} == {answer.status_code for answer in asyncio.run(run())}
    assert 20 == len(server.peer.seen)
