"""A scripted relay, which speaks the wire of the real one, and a broker that leads to it."""

from types import SimpleNamespace

from conn_core import Secret
from conn_core.broker import Relay

PREFIX = "/user/sam/connections/api/v1/connections/coffee/proxy"
#: What tells a service's answer from one of our own server's.
UPSTREAM = {"X-Connections-Upstream": "1"}


def relay_server(peer, reply, *, takes):
    """Make a peer a relay that takes one bearer, and answers by script for the service."""
    server = SimpleNamespace(
        peer=peer, takes=takes, says=lambda _: reply(headers=UPSTREAM)
    )

    def answer(seen):
        if seen.headers.get("authorization") != f"Bearer {server.takes}":
            return reply(403, b'{"message": "Forbidden"}')
        return server.says(seen)

    peer.answer = answer
    return server


def lead_through(server, broker, *, bearers):
    """Let a broker tell the way through a relay; it knows the first bearer."""
    broker.shown = [Secret(bearers[0])]

    def bearer(refused):
        if refused is not None and server.takes == bearers[1]:
            broker.shown.append(Secret(bearers[1]))
        return broker.shown[-1]

    def relay(name):
        address = f"{server.peer.url}{PREFIX.replace('coffee', name)}"
        return Relay(address, bearer=bearer, place="a%20notebook.ipynb")

    broker.relay = relay
    return broker
