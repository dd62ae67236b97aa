"""PostgreSQL restarted under load: nothing is lost, and nobody has to do anything."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import machine
import postgres
import pytest
from own_postgres import OwnServer
from replica_faults import PATIENCE, asked, check_kept, expire, kernel_of, until

#: What a caller may be told meanwhile; everything else is a defect.
TYPED = {"StoreUnavailable", "ProviderUnavailable", "BrokerUnavailable"}
KERNELS = 8


@pytest.fixture(scope="module")
def server():
    """A server of this file's own: others must not notice."""
    programs = machine.find_postgres()
    assert programs, "PostgreSQL is missing: make parts"
    with postgres.running(programs) as url:
        yield OwnServer(programs, url)


@pytest.fixture
def new_database(server):
    """In the place of everybody's: empty ones of that server."""
    return server.new_database


class Load:
    """Kernels that ask again and again, each with an object of its own."""

    def __init__(self, hub, replicas):
        self.found = []
        self._kernels = [
            kernel_of(hub, "sam", port=replicas[number % len(replicas)].port)
            for number in range(KERNELS)
        ]
        self._stop = threading.Event()
        self._pool = ThreadPoolExecutor(KERNELS)

    def __enter__(self):
        self._ends = [self._pool.submit(self._ask, kernel) for kernel in self._kernels]
        until(lambda: len(self.found) > KERNELS)
        return self

    def _ask(self, kernel):
        while not self._stop.wait(0.05):
            self.found.append(asked(kernel))

    def __exit__(self, *_error):
        self._stop.set()
        for end in self._ends:
            end.result(PATIENCE)
        self._pool.shutdown()
        for kernel in self._kernels:
            kernel.close()


def last_good(load, generation):
    """Tell whether the latest answers are all of one generation."""
    latest = load.found[-2 * KERNELS :]
    return all(said.get("generation") == generation for said in latest)


@pytest.mark.parametrize("how", ["fast", "immediate"])
def test_F53_the_database_is_restarted_while_kernels_ask(
    server, replica_of, hub, site, how
):
    """In the middle of a refresh whose answer has come: it waits, and is stored after.

    Everybody gets a token or an error of ours within their own time, and goes on with
    the same object. Fails when an answer that cannot be stored is thrown away, when
    the pool hands out dead connections, or when an error of the driver comes through.
    """
    if how == "fast":
        replicas = [replica_of("a"), replica_of("b")]
    else:
        replicas = [replica_of("a")]
    stopped = threading.Event()

    def stop():
        if not stopped.is_set():
            server.stop(how)
            stopped.set()

    with Load(hub, replicas) as load:
        before = site.provider.refreshes
        site.provider.on_refresh = stop
        expire(site)
        assert stopped.wait(PATIENCE)
        until(lambda: before < site.provider.refreshes)
        until(lambda: 503 == replicas[0].ask("GET", "/health").status)
        time.sleep(1)  # long enough that some ask in vain
        server.start()
        until(lambda: last_good(load, 3))

    errors = {said["error"] for said in load.found if "error" in said}
    assert errors <= TYPED, errors
    assert max(said["seconds"] for said in load.found) < PATIENCE
    until(lambda: 200 == replicas[0].ask("GET", "/health").status)
    check_kept(site, generation=3, refreshes=before + 1)


def test_F24_a_connection_ends_when_its_network_is_gone(site):
    """Seen on the connection itself; ``test_faults_network`` pulls the cable.

    Fails when the driver waits as long as the system does, a quarter of an hour.
    """
    core = site.core()
    with core.store.read() as tx:
        found = tx.connection.dbapi_connection.info.get_parameters()

    assert 0 < int(found["tcp_user_timeout"]) <= 10_000
    silence = int(found["keepalives_idle"])
    probes = int(found["keepalives_interval"]) * int(found["keepalives_count"])
    assert 0 < silence + probes < 35
