"""Scripted peers on loopback, a scripted broker, and callers of both kinds."""

import asyncio
import dataclasses
import socket
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from scripted_peer import Peer, Reply
from scripted_relay import lead_through, relay_server

from conn_core import AccessToken, Secret
from conn_core.http import connected_async_client, connected_client


class ScriptedBroker:
    """Vends what the test says; ``asked`` has one entry per question."""

    def __init__(self, token: AccessToken) -> None:
        self.token = token
        self.asked: list[tuple[str, tuple[str, ...], int | None]] = []
        self.error: Exception | None = None
        self.renews = True
        self.secret_of = None

    def access_token(self, name, *, require=(), rejected=None):
        self.asked.append((name, tuple(require), rejected))
        if self.error is not None:
            raise self.error
        if rejected == self.token.generation and self.renews:
            generation = rejected + 1
            text = self.token.access_token.reveal()
            secret = self.secret_of(generation) if self.secret_of else text
            self.token = dataclasses.replace(
                self.token, generation=generation, access_token=Secret(secret)
            )
        return self.token


@pytest.fixture
def new_peer():
    """Makes scripted peers."""
    peers = []

    def new() -> Peer:
        peers.append(Peer())
        return peers[-1]

    yield new
    for peer in peers:
        peer.close()


@pytest.fixture
def peer(new_peer):
    """The API that the connection is for."""
    return new_peer()


@pytest.fixture
def stranger(new_peer):
    """Another server, which must never see a credential."""
    return new_peer()


@pytest.fixture
def secret():
    """The credential."""
    return "CNRY-first-token-5f2d7be0"


@pytest.fixture
def second_secret():
    """The credential after a refresh."""
    return "CNRY-second-token-a90c4411"


@pytest.fixture
def new_broker(peer, secret, second_secret):
    """Makes scripted brokers; keywords change the token."""

    def new(**changes) -> ScriptedBroker:
        token = AccessToken(
            access_token=Secret(secret),
            expires_at=datetime.now(UTC) + timedelta(hours=1),
            scopes=("read",),
            link_name="coffee",
            service_name="Coffee & Cake",
            api_base_url=f"{peer.url}/v1",
            api_hosts=(peer.host,),
        )
        broker = ScriptedBroker(dataclasses.replace(token, **changes))
        broker.secret_of = lambda _: second_secret
        return broker

    return new


@pytest.fixture
def broker(new_broker):
    """A broker with one connection, called coffee."""
    return new_broker()


@pytest.fixture(params=["sync", "async"])
def ask(request, broker):
    """Sends one request with a client of either kind."""

    def sync(method, url, *, using=broker, **options) -> httpx.Response:
        with connected_client(using, "coffee", timeout=60) as client:
            return client.request(method, url, **options)

    def with_async(method, url, *, using=broker, **options) -> httpx.Response:
        async def run():
            client = connected_async_client(using, "coffee", timeout=60)
            async with client:
                return await client.request(method, url, **options)

        return asyncio.run(run())

    return sync if request.param == "sync" else with_async


@pytest.fixture
def reply():
    """``Reply(status, body, headers)``."""
    return Reply


@pytest.fixture
def looked_up(monkeypatch):
    """Every name that was looked up."""
    names = []
    real = socket.getaddrinfo

    def note(host, *rest, **options):
        names.append(host)
        return real(host, *rest, **options)

    monkeypatch.setattr(socket, "getaddrinfo", note)
    return names


# --- a relay, for sealed connections --------------------------------------------------


@pytest.fixture
def bearers():
    """What a relay takes: the first one until it is restarted."""
    return ["CNRY-bearer-one-4e1f", "CNRY-bearer-two-9c3a"]


@pytest.fixture
def server(new_peer, reply, bearers):
    """A scripted relay."""
    return relay_server(new_peer(), reply, takes=bearers[0])


@pytest.fixture
def sealed_broker(new_broker, server, bearers):
    """A broker whose connection is sealed: it tells all but the credential."""
    broker = new_broker(exposure="sealed", access_token=Secret(""))
    return lead_through(server, broker, bearers=bearers)
