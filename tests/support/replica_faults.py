"""What tests of faults do to replicas, and what must hold afterwards: I1 to I7."""

import contextlib
import hashlib
import itertools
import time
from collections.abc import Iterator

import sqlalchemy as sa
from cut_door import CutDoor
from invariants import credential_of, state_of
from refresh_site import Site

from conn_core import Secret
from conn_core.broker import RemoteBroker
from conn_core.broker._credentials import held_of
from conn_core.errors import ConnectionsError

#: A kernel waits that long, and not much longer on a busy machine.
PATIENCE = 60.0
#: What a replica answered a moment ago it may answer again for so long.
_ANSWERS_COUNT = 0.3


@contextlib.contextmanager
def balanced(*replicas) -> Iterator[CutDoor]:
    """One address for replicas, which get calls in turn.

    One that is dying may still take a call before its port is closed: nobody should be
    sent there twice.
    """
    places = [("127.0.0.1", replica.port) for replica in replicas]
    turns = itertools.cycle(range(len(places)))

    def in_turn():
        turn = next(turns)
        return places[turn:] + places[:turn]

    door = CutDoor(in_turn)
    try:
        yield door
    finally:
        door.close()


def kernel_of(hub, person, *, port, prefix="/services/connections/") -> RemoteBroker:
    """Return what a kernel asks, with a connection that it has used before."""
    token = Secret(hub.token_of(person))
    address = f"http://127.0.0.1:{port}{prefix}"
    broker = RemoteBroker(address, bearer=lambda: token, place="a.ipynb")
    assert person == broker.status().user
    return broker


def asked(broker) -> dict:
    """Ask for a token as a cell does; return what came of it, and how long it took."""
    began = time.monotonic()
    try:
        token = broker.access_token("expenses")
    except ConnectionsError as error:
        said = {"error": type(error).__name__, "text": str(error)}
    else:
        digest = hashlib.sha256(token.access_token.reveal().encode()).hexdigest()
        said = {"generation": token.generation, "digest": digest}
    return said | {"seconds": time.monotonic() - began}


def time_passes_for_leases(site: Site) -> None:
    """Let every lease be over, as 90 seconds do for one whose holder is elsewhere."""
    _change(site, "UPDATE credentials SET lease_until = 1 WHERE lease_until > 1")


def expire(site: Site) -> None:
    """Let the access token be at its end."""
    _change(site, "UPDATE credentials SET expires_at = 1")
    time.sleep(_ANSWERS_COUNT)


def refuse_early(site: Site) -> None:
    """Let the API refuse every token before its time, and be believed at once."""
    _change(site, "UPDATE credentials SET forced_at = NULL")
    site.provider.reject_all()


def running(replica, bearer: str) -> float:
    """Return how many requests a replica works on, this question among them."""
    shown = replica.ask("GET", "/metrics", Authorization=f"Bearer {bearer}").text
    name = "connections_requests_running "
    [found] = [line for line in shown.splitlines() if line.startswith(name)]
    return float(found.removeprefix(name))


def _change(site: Site, statement: str) -> None:
    engine = sa.create_engine(site.place.url)
    try:
        with engine.begin() as connection:
            connection.execute(sa.text(statement))
    finally:
        engine.dispose()


def check_kept(site: Site, *, generation: int, refreshes: int) -> None:
    """Fail if anything was lost or done twice.

    Args:
        site: The deployment.
        generation: Which one must be stored.
        refreshes: How often the provider may have been asked.
    """
    core = site.place.open()
    try:
        row = credential_of(core)
        tokens = held_of(core, row)
        assert generation == row.generation
        # I1, I2: what is stored opens, with the refresh token before it.
        assert tokens.tokens.refresh_token
        assert tokens.previous
        newest = tokens.tokens.access_token.reveal()
        assert site.provider.is_good(newest), "what is stored does not work"
        # I5: nobody has to do anything.
        assert "ok" == state_of(core, row)
        assert "connected" == core.acting_as("sam").connection("expenses").status
    finally:
        core.close()
    # I4: no spent refresh token came back, and so no family was revoked.
    assert refreshes == site.provider.refreshes
    assert 0 == site.provider.reuses
    assert all(token.grant.alive for token in site.provider.refresh_tokens())
