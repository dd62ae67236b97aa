"""Many processes and threads on one expired, rotating, reuse-detecting grant."""

import os
import signal
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from invariants import credential_of, state_of
from patience import SECONDS, until

from conn_core.broker._upkeep import Pace
from conn_core.http import connected_client


def run_crowd(site, crowd, **job):
    """Let all processes begin at once; return what each thread found."""
    processes, threads = crowd
    workers = [site.worker(threads=threads, **job) for _ in range(processes)]
    for worker in workers:
        worker.go()
    found = [said for worker in workers for said in worker.wait()]
    assert processes * threads == len(found)
    return found


def test_F20_P4_U11_processes_and_threads_refresh_once(site, crowd, check_invariants):
    """One request, no broken caller, one token for all, and the grant lives."""
    site.provider.latency = 0.2
    found = run_crowd(site, crowd)
    assert {2} == {said.get("generation") for said in found}, found
    assert 1 == len({said["digest"] for said in found})
    assert 1 == site.provider.refreshes
    assert 0 == site.provider.reuses
    assert "ok" == check_invariants(site)


def test_F20_P4_processes_and_threads_after_an_early_401(make_site, database, crowd):
    """The token is refused before its time: one refresh, one replay each, 200 for all."""
    site = make_site("strict", database)
    site.provider.latency = 0.2
    site.provider.reject_all()
    found = run_crowd(site, crowd, client=True)
    assert {200} == {said.get("status") for said in found}, found
    assert 1 == site.provider.refreshes


def test_P3_threads_with_a_client_each(site):
    """Fifty in one process."""
    broker = site.core().acting_as("sam")
    begin = threading.Barrier(50)

    def use(_):
        begin.wait(SECONDS)
        with connected_client(broker, "expenses") as client:
            return client.get("/me").status_code

    with ThreadPoolExecutor(50) as pool:
        assert [200] * 50 == list(pool.map(use, range(50)))
    assert 1 == site.provider.refreshes


def test_F30_a_crowd_meets_an_outage(site):
    """One request for all of them, each with an error of ours, and no poisoned state."""
    from rotating_provider import Answer

    site.provider.latency = 0.3
    site.provider.script.append(Answer(503, b"<html>busy</html>"))
    broker = site.core().acting_as("sam")

    def use(_):
        try:
            return broker.access_token("expenses").generation
        except Exception as error:  # noqa: BLE001 - its name is what is looked at
            return type(error).__name__

    with ThreadPoolExecutor(20) as pool:
        assert {"ProviderUnavailable"} == set(pool.map(use, range(20)))
    assert 1 == site.provider.refreshes
    site.later(10)
    assert 2 == site.use()["generation"]


def test_F34_F57_workers_that_renew_early_do_it_once(make_site, database):
    """Several servers of one person on one store, each about to renew by itself.

    All wait for the new token here, though the old one works: on a busy machine it comes
    later than anybody would wait for.
    """
    site = make_site("strict", database, pace=Pace(wait_while_good=30))
    site.provider.latency = 0.2
    site.later(3560)
    found = run_crowd(site, (4, 2))
    assert {2} == {said.get("generation") for said in found}, found
    assert 1 == site.provider.refreshes


# --- who holds the lease, and does not move -----------------------------------------


@pytest.fixture
def impatient(make_site, database):
    """A deployment whose leases are short."""
    made = make_site("grace", database, pace=Pace(lease=2, winner=0.5, wait=30))
    made.later()
    return made


@pytest.fixture
def stopped():
    """Stops a process of a deployment while the provider has its refresh request."""

    def stop(site):
        arrived, goes_on = threading.Event(), threading.Event()
        site.provider.on_refresh = lambda: (arrived.set(), goes_on.wait(SECONDS))
        worker = site.worker()
        worker.go()
        assert arrived.wait(SECONDS)
        worker.signal(signal.SIGSTOP)
        site.provider.on_refresh = lambda: None
        goes_on.set()
        return worker

    return stop


def test_F23_the_holder_is_stopped_and_goes_on_later(
    impatient, stopped, check_invariants
):
    """Its lease passes on; what it stores late overwrites nothing, and is set aside."""
    site = impatient
    worker = stopped(site)
    ends, asked_again = credential_of(site.core()).lease_until, []
    site.provider.on_refresh = lambda: asked_again.append(site.place.now())
    said = site.use()
    assert 2 == said.get("generation"), said
    assert asked_again[0] > ends, "nobody waited for the holder"
    worker.signal(signal.SIGCONT)
    [late] = worker.wait()
    assert said["digest"] == late["digest"]
    assert 2 == site.provider.refreshes
    orphans = list((site.place.folder / "spill").glob("*.orphan"))
    assert 1 == len(orphans)
    assert "ok" == check_invariants(site)


def test_F23_a_stopped_holder_is_not_taken_for_dead(site, stopped):
    """Only the time of its lease counts: it may still get an answer."""
    worker = stopped(site)
    core = site.core()
    row = credential_of(core)
    assert not core.upkeep.presence.is_dead(row.lease_owner)
    assert "refreshing" == state_of(core, row)
    worker.signal(signal.SIGKILL)
    worker.wait()
    assert core.upkeep.presence.is_dead(row.lease_owner)


def test_a_dead_holder_is_not_waited_for(site):
    """A lease of 90 seconds ends when its holder does."""
    assert site.place.pace.lease == 90
    assert site.run(failpoint="refresh.after-intent") is None
    said = site.use()
    assert 2 == said["generation"]
    assert said["seconds"] < site.place.pace.wait, "it waited for somebody"


def test_a_holder_of_another_machine_is_waited_for(site):
    """Of its process nothing is known here: its mark says that it is elsewhere."""
    assert site.run(failpoint="refresh.after-intent") is None
    core = site.core(pace=Pace(wait=0.3))
    owner = credential_of(core).lease_owner
    mark = site.place.folder / "alive" / owner
    mark.write_bytes(b"another machine")
    assert not core.upkeep.presence.is_dead(owner)
    from conn_core.errors import ProviderUnavailable

    with pytest.raises(ProviderUnavailable, match="at the moment"):
        core.acting_as("sam").access_token("expenses")
    assert 0 == site.provider.refreshes


# --- forks and interruptions ---------------------------------------------------------


@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_I4_a_forked_child_is_somebody_else(site):
    """Both use the connection, as after ``multiprocessing`` in a notebook: one refresh."""
    site.provider.latency = 0.3
    core = site.core()
    broker = core.acting_as("sam")
    parent = core.upkeep.presence.name
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            own = core.upkeep.presence.name != parent
            generation = broker.access_token("expenses").generation
            os.write(writing, f"{own} {generation}".encode())
        finally:
            os._exit(0)
    assert 2 == broker.access_token("expenses").generation
    os.waitpid(child, 0)
    assert b"True 2" == os.read(reading, 100)
    os.close(reading)
    os.close(writing)
    assert 1 == site.provider.refreshes


def test_F31_who_is_interrupted_interrupts_no_refresh(site):
    """The stop button of a notebook: the answer is stored all the same."""
    broker = site.core().acting_as("sam")
    arrived, pressed = threading.Event(), threading.Event()
    # It answers no sooner: a signal that comes late would end the whole test run.
    site.provider.on_refresh = lambda: (arrived.set(), pressed.wait(SECONDS))
    main = threading.main_thread().ident

    def press_stop():
        assert arrived.wait(SECONDS)
        signal.pthread_kill(main, signal.SIGINT)
        pressed.set()

    presser = threading.Thread(target=press_stop)
    presser.start()
    with pytest.raises(KeyboardInterrupt):
        broker.access_token("expenses")
    presser.join()
    assert 2 == broker.access_token("expenses").generation
    assert 1 == site.provider.refreshes


def test_a_slow_provider_does_not_hold_up_a_token_that_works(make_site):
    """It is renewed early, and used while that takes long."""
    site = make_site("strict", pace=Pace(wait_while_good=0.2))
    answers = threading.Event()
    site.provider.on_refresh = lambda: answers.wait(SECONDS)
    site.later(3560)
    core = site.core()
    broker = core.acting_as("sam")
    assert 1 == broker.access_token("expenses").generation
    assert 1 == broker.access_token("expenses").generation
    answers.set()
    until(lambda: broker.access_token("expenses").generation == 2)
    assert 1 == site.provider.refreshes


def test_a_token_that_ends_while_one_waits_is_waited_for_longer(make_site):
    """What was patience with a good token is none with an expired one."""
    site = make_site("strict", pace=Pace(wait_while_good=0.6))
    site.provider.latency = 1.5
    site.later(3599.6)
    broker = site.core().acting_as("sam")
    with ThreadPoolExecutor(4) as pool:
        tokens = list(pool.map(lambda _: broker.access_token("expenses"), range(4)))
    assert {2} == {token.generation for token in tokens}
    assert 1 == site.provider.refreshes
