"""A replica that stands still in the middle of a refresh, or loses the database."""

import signal
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
import sqlalchemy as sa
from cut_door import CutDoor
from patience import until
from replica_faults import (
    PATIENCE,
    asked,
    check_kept,
    expire,
    kernel_of,
    running,
    time_passes_for_leases,
)


@pytest.fixture
def kernel_at(hub):
    """Makes kernels that have used a replica before."""
    made = []

    def make(replica):
        made.append(kernel_of(hub, "sam", port=replica.port))
        return made[-1]

    yield make
    for kernel in made:
        kernel.close()


@pytest.fixture
def pool():
    """Threads that wait for answers."""
    with ThreadPoolExecutor(8) as found:
        yield found


def orphans(folder):
    """Return the files with answers that came too late."""
    return list(folder.glob("spill/*.orphan"))


def test_F23_what_a_stopped_replica_brings_late_overwrites_nothing(
    replica_of, kernel_at, pool, site, tmp_path
):
    """Stopped while the provider thinks, overtaken, and continued: one token for both.

    Fails when the commit does not compare the generation: the late answer would be
    generation 2 or 3, and nothing would be set aside.
    """
    site.provider.policy = "grace"
    first, second = replica_of("a"), replica_of("b")
    late, other = kernel_at(first), kernel_at(second)
    arrived, answered = threading.Event(), threading.Event()
    site.provider.on_refresh = lambda: (arrived.set(), answered.wait(PATIENCE))
    waiting = pool.submit(asked, late)
    assert arrived.wait(PATIENCE)
    first.tell(signal.SIGSTOP)
    answered.set()
    time_passes_for_leases(site)

    said = asked(other)
    first.tell(signal.SIGCONT)

    assert 2 == said.get("generation"), said
    assert said["digest"] == waiting.result(PATIENCE)["digest"]
    assert 1 == len(orphans(tmp_path / "data-a"))
    check_kept(site, generation=2, refreshes=2)


def test_F23_a_stopped_replica_is_waited_for_and_its_answer_kept(
    replica_of, kernel_at, pool, site, metrics_bearer
):
    """Continued before its lease is over: nobody else asked, and both have its token.

    Fails when somebody takes the lease of a holder that merely stands still: the
    strictest provider would revoke the family.
    """
    first, second = replica_of("a"), replica_of("b")
    late, other = kernel_at(first), kernel_at(second)
    arrived, answered = threading.Event(), threading.Event()
    site.provider.on_refresh = lambda: (arrived.set(), answered.wait(PATIENCE))
    waiting = pool.submit(asked, late)
    assert arrived.wait(PATIENCE)
    first.tell(signal.SIGSTOP)
    answered.set()
    there = pool.submit(asked, other)
    until(lambda: running(second, metrics_bearer[1]) == 2)  # its own and this look
    assert not there.done()

    first.tell(signal.SIGCONT)

    found = [waiting.result(PATIENCE), there.result(PATIENCE)]
    assert [2, 2] == [said.get("generation") for said in found], found
    assert 1 == len({said["digest"] for said in found})
    check_kept(site, generation=2, refreshes=1)


@pytest.fixture
def cable(site, tmp_path):
    """The network between a replica and the database; a test cuts it."""
    address = sa.make_url(site.place.url)
    socket = f"{address.query['host']}/.s.PGSQL.5432"
    door = CutDoor(lambda: [socket])
    through = address.set(host="127.0.0.1", port=door.port, query={})

    def plug_in():
        file = tmp_path / "database-url.txt"
        file.write_text(through.render_as_string(hide_password=False))

    door.plug_in = plug_in
    yield door
    door.close()


def test_F24_a_replica_cut_from_the_database_breaks_nobody_and_loses_nothing(
    replica_of, kernel_at, pool, site, cable
):
    """Cut after the provider took its request: it keeps the answer, and brings it later.

    Its own kernel waits and gets the token; a kernel of the other replica waits for the
    lease. Fails when an answer that cannot be stored is thrown away: the strictest
    provider has spent the old refresh token then, and the grant is lost.
    """
    second = replica_of("b")
    cable.plug_in()
    first = replica_of("a")
    lonely, other = kernel_at(first), kernel_at(second)
    site.provider.on_refresh = cable.cut
    waiting = pool.submit(asked, lonely)
    until(lambda: site.provider.refreshes)
    there = pool.submit(asked, other)
    until(lambda: 503 == first.ask("GET", "/health").status)
    assert 200 == second.ask("GET", "/health").status
    assert not waiting.done()
    assert not there.done()

    cable.mend()

    found = [waiting.result(PATIENCE), there.result(PATIENCE)]
    assert [2, 2] == [said.get("generation") for said in found], found
    assert 1 == len({said["digest"] for said in found})
    until(lambda: 200 == first.ask("GET", "/health").status)
    check_kept(site, generation=2, refreshes=1)


def test_F24_the_one_that_is_cut_asks_no_provider_and_the_other_works(
    replica_of, kernel_at, site, cable
):
    """Without the database no intent can be noted: its kernels get an error of ours.

    Fails when a replica refreshes without a lease: two would ask at once.
    """
    second = replica_of("b")
    cable.plug_in()
    first = replica_of("a")
    lonely, other = kernel_at(first), kernel_at(second)
    cable.cut()

    alone, said = asked(lonely), asked(other)

    assert "StoreUnavailable" == alone.get("error"), alone
    assert "CNRY" not in alone["text"]
    assert alone["seconds"] < PATIENCE
    assert 2 == said.get("generation"), said
    assert 1 == site.provider.refreshes

    cable.mend()
    expire(site)
    assert 3 == asked(lonely).get("generation")
    check_kept(site, generation=3, refreshes=2)
