"""PostgreSQL restarted under load: nothing is lost, and nobody has to do anything."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import machine
import postgres
import pytest
import sqlalchemy as sa
from own_postgres import OwnServer
from patience import until
from replica_faults import PATIENCE, asked, check_kept, expire, kernel_of

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


#: What a replica does that stands still in its first transaction for longer than the
#: database lets it, and that a test cannot wait a minute for.
STANDS_STILL = """
import time
from conn_core.broker import _saving
from conn_core.store import _postgres
_postgres._IDLE_TIMEOUT_MS = 1000
stood, reach = [], _saving.reach
def stand(name):
    reach(name)
    if name == "refresh.inside-commit" and not stood:
        stood.append(name)
        time.sleep(2)
_saving.reach = stand
"""
#: Let the database refuse the next two commits of a refresh, as it does where two
#: transactions were in each other's way.
REFUSES_TWICE = """
CREATE SEQUENCE refusals;
CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  CASE nextval('refusals')
    WHEN 1 THEN RAISE EXCEPTION 'could not serialize access' USING ERRCODE = '40001';
    WHEN 2 THEN RAISE EXCEPTION 'deadlock detected' USING ERRCODE = '40P01';
    ELSE RETURN NEW;
  END CASE;
END $$;
CREATE TRIGGER refuse BEFORE UPDATE ON credentials FOR EACH ROW
WHEN (NEW.generation > OLD.generation) EXECUTE FUNCTION refuse()
"""


def database_of(site):
    """Return what its administrator runs statements with, in that database."""
    return OwnServer(machine.find_postgres(), site.place.url)


def test_F53_a_commit_is_made_again_whatever_kept_it(
    server, replica_of, hub, site, patched
):
    """Ended while idle, not serializable, a deadlock, and a lost confirmation.

    The provider is asked once each time, the caller notices nothing, and the history
    has one line each. Fails when an error of the database is believed to be the end, or
    a commit that lost its confirmation to be none: it would be stored as another
    generation, or set aside.
    """
    replica = replica_of("a", **patched(STANDS_STILL))
    kernel, database = kernel_of(hub, "sam", port=replica.port), database_of(site)

    assert 2 == asked(kernel).get("generation")
    assert "due to idle-in-transaction timeout" in (server.folder / "log").read_text()

    database.tell(*REFUSES_TWICE.split(";\n\n"))
    expire(site)
    assert 3 == asked(kernel).get("generation")
    assert 3 == database.says("SELECT last_value FROM refusals")

    # Every commit waits for a standby that is not there, and its connection ends then:
    # it was one all the same.
    site.provider.on_refresh = lambda: wait_for_nobody(server, "nobody")
    expire(site)
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(asked, kernel)
        server.until(f"SELECT count(*) > 0 {WAITS}")
        server.tell(f"SELECT pg_terminate_backend(pid) {WAITS}")
        wait_for_nobody(server, "")
        said = waiting.result(PATIENCE)
    assert 4 == said.get("generation"), said
    kernel.close()
    check_kept(site, generation=4, refreshes=3)
    events = site.core().acting_as("sam").events("expenses")
    assert ["ok"] * 3 == [e.result for e in events if e.action == "refresh"]


#: The sessions whose commit is done, and is not told before a standby has it.
WAITS = "FROM pg_stat_activity WHERE wait_event = 'SyncRep'"


def wait_for_nobody(server, name):
    """Let commits be told only when a standby of a name has them; none with ''."""
    server.tell(
        f"ALTER SYSTEM SET synchronous_standby_names = '{name}'",
        "SELECT pg_reload_conf()",
    )
    server.until(
        f"SELECT setting = '{name}' FROM pg_settings WHERE name = 'synchronous_standby_names'"
    )


def test_F53_a_replica_whose_connections_are_all_held_answers_and_says_when(
    server, replica_of, hub, site
):
    """More questions than connections, while somebody holds a table: no one hangs.

    Each gets an error of ours, with ``Retry-After``, long before a kernel gives up; and
    all is well at once when the table is free. Fails when a question waits for the lock
    or the pool without an end.
    """
    replica = replica_of("a")
    bearer = f"Bearer {hub.token_of('sam')}"

    def look(_):
        began = time.monotonic()
        answer = replica.ask("GET", "api/v1/connections", Authorization=bearer)
        return answer, time.monotonic() - began

    assert 200 == look(0)[0].status
    engine = sa.create_engine(site.place.url)
    with engine.begin() as holder, ThreadPoolExecutor(30) as pool:
        holder.exec_driver_sql("LOCK TABLE connections IN ACCESS EXCLUSIVE MODE")
        found = list(pool.map(look, range(30)))
    engine.dispose()

    assert {503} == {answer.status for answer, _ in found}
    assert {"store_unavailable"} == {answer.json["code"] for answer, _ in found}
    assert {"5"} == {answer.headers["Retry-After"] for answer, _ in found}
    texts = [answer.json["message"] for answer, _ in found]
    assert any("All connections of this process" in text for text in texts), texts
    assert any("lock timeout" in text for text in texts), texts
    assert max(seconds for _, seconds in found) < 40
    assert 200 == look(0)[0].status
