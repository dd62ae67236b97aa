"""The database's server dies and its standby takes over, under running replicas."""

import contextlib
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import machine
import postgres
import pytest
import sqlalchemy as sa
from own_postgres import OwnServer, Standby
from patience import until
from refresh_site import authorize
from replica_faults import PATIENCE, asked, check_kept, expire, kernel_of

from conn_serverext._vends import GOOD_FOR

#: What a caller may be told meanwhile; everything else is a defect.
TYPED = {"StoreUnavailable", "ProviderUnavailable", "BrokerUnavailable"}
KERNELS = 6


@pytest.fixture
def pair():
    """A primary, and a standby that follows it."""
    programs = machine.find_postgres()
    assert programs, "PostgreSQL is missing: make parts"
    with contextlib.ExitStack() as stack:
        primary = OwnServer(programs, stack.enter_context(postgres.running(programs)))
        stack.callback(_start_if_dead, primary)  # running() stops it in the end
        yield primary, stack.enter_context(Standby(primary))


def _start_if_dead(primary):
    if not (primary.folder / "data" / "postmaster.pid").exists():
        primary.start()


@pytest.fixture
def new_database(pair):
    """In the place of everybody's: databases of the pair, at the address of both."""
    primary, standby = pair

    def make():
        database = sa.make_url(primary.new_database()).database
        hosts = f"{primary.folder},{standby.folder}"
        return f"postgresql://tester@/{database}?host={hosts}"

    return make


def dies_and_is_replaced(pair):
    """Let the standby take the place of the primary."""
    primary, standby = pair
    primary.stop("immediate")
    standby.promote()


def remembers_nothing(replica):
    """Wait until it serves again, and says nothing any more that it said before."""
    until(lambda: 200 == replica.ask("GET", "/health").status)
    time.sleep(GOOD_FOR)


def test_F53_a_failover_in_the_middle_of_a_refresh_loses_nothing(
    pair, replica_of, hub, site
):
    """The address names both servers; whoever takes writes is found by itself.

    The provider has answered when the primary is dead: the answer waits beside the
    store, and goes into the new primary with the same comparison of generations. Fails
    when the answer is thrown away (the strictest provider has spent the old token),
    when the pool keeps connections to the dead, or when a standby is written to.
    """
    replicas = [replica_of("a"), replica_of("b")]
    kernels = [
        kernel_of(hub, "sam", port=replicas[number % 2].port)
        for number in range(KERNELS)
    ]
    found, stop, is_dead = [], threading.Event(), threading.Event()

    def ask(kernel):
        while not stop.wait(0.05):
            found.append(asked(kernel))

    def die():
        if not is_dead.is_set():
            pair[0].stop("immediate")
            is_dead.set()

    with ThreadPoolExecutor(KERNELS) as pool:
        ends = [pool.submit(ask, kernel) for kernel in kernels]
        until(lambda: len(found) > KERNELS)
        pair[1].catch_up()
        site.provider.on_refresh = die
        expire(site)
        assert is_dead.wait(PATIENCE)
        until(lambda: 503 == replicas[0].ask("GET", "/health").status)
        pair[1].promote()
        until(lambda: all(s.get("generation") == 3 for s in found[-2 * KERNELS :]))
        stop.set()
        for end in ends:
            end.result(PATIENCE)

    errors = {said["error"] for said in found if "error" in said}
    assert errors <= TYPED, errors
    assert max(said["seconds"] for said in found) < PATIENCE
    for replica in replicas:
        until(lambda here=replica: 200 == here.ask("GET", "/health").status)
    for kernel in kernels:
        kernel.close()
    check_kept(site, generation=3, refreshes=2)


def test_F54_a_standby_that_lost_the_commit_ends_in_words_and_nothing_is_deleted(
    pair, replica_of, hub, site
):
    """Without synchronous replication: the commit was confirmed, and is not there.

    The old refresh token is back, and the strictest provider ends the grant for it. The
    status says why, it is not asked again, and one authorization mends it.
    """
    replica = replica_of("a")
    kernel = kernel_of(hub, "sam", port=replica.port)
    pair[1].catch_up()
    site.provider.on_refresh = pair[1].cut_off
    assert 2 == asked(kernel).get("generation")
    site.provider.on_refresh = lambda: None

    dies_and_is_replaced(pair)

    remembers_nothing(replica)
    said = asked(kernel)
    assert "AuthorizationEnded" == said.get("error"), said
    assert "invalid_grant" in said["text"]
    assert "Run %conn authorize expenses" in said["text"]
    requests = site.provider.refreshes
    assert "AuthorizationEnded" == asked(kernel).get("error")
    assert (requests, 1) == (site.provider.refreshes, site.provider.reuses)
    shown = kernel.connection("expenses")
    assert ("failed", True) == (shown.status, "invalid_grant" in shown.status_reason)
    authorize(site.core(), site.provider)
    assert 1 == asked(kernel).get("generation")
    kernel.close()


def test_F54_a_provider_with_a_time_of_grace_takes_the_old_token_once_more(
    pair, replica_of, hub, site
):
    """The same loss; the token that came back is asked with, and nobody notices."""
    site.provider.policy = "grace"
    replica = replica_of("a")
    kernel = kernel_of(hub, "sam", port=replica.port)
    pair[1].catch_up()
    site.provider.on_refresh = pair[1].cut_off
    assert 2 == asked(kernel).get("generation")
    site.provider.on_refresh = lambda: None

    dies_and_is_replaced(pair)

    remembers_nothing(replica)
    assert 2 == asked(kernel).get("generation")
    kernel.close()
    check_kept(site, generation=2, refreshes=2)


def test_F54_with_a_synchronous_standby_no_token_is_handed_out_that_could_be_lost(
    pair, replica_of, hub, site
):
    """The same cut and the same death: what ``docs/operations.md`` asks for is enough.

    The commit waits for the standby, and so does the caller. When the primary dies the
    answer is in a file beside the store, and goes into the new primary.
    """
    replica = replica_of("a")
    kernel = kernel_of(hub, "sam", port=replica.port)
    pair[1].be_waited_for()
    pair[1].catch_up()
    site.provider.on_refresh = pair[1].cut_off
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(asked, kernel)
        until(lambda: site.provider.refreshes)  # its intent is on both servers
        pair[0].until(
            "SELECT count(*) > 0 FROM pg_stat_activity WHERE wait_event = 'SyncRep'"
        )
        assert not waiting.done()

        dies_and_is_replaced(pair)

        said = waiting.result(PATIENCE)
    assert 2 == said.get("generation"), said
    kernel.close()
    check_kept(site, generation=2, refreshes=1)
