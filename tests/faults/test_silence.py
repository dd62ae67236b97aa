"""Holders of a lease on another machine: killed, slow, stopped. Nobody here sees which.

The processes are all here; what makes one of another machine is its mark, which says so.
"""

import signal
import threading
import time
from dataclasses import replace

import pytest
from invariants import credential_of
from patience import SECONDS, until

from conn_core.broker._upkeep import Pace

#: As usual, in a tenth of the time; no less, or a busy machine would look like a dead one.
QUICK = Pace(pulse=0.2, silence=2.0, hurry=1.5, winner=0.2)
#: A provider that is slower than that.
_SLOW = 4.0


@pytest.fixture
def database():
    """What several machines share; where a test says so, a file that they mount."""
    return "postgresql"


BOTH = pytest.mark.parametrize("database", ["sqlite", "postgresql"])


@pytest.fixture
def far_site(make_site, database):
    """Makes deployments on several machines: ``far_site(policy, pace)``."""

    def make(policy="strict", pace=QUICK):
        site = make_site(policy, database, pace=pace)
        site.later()
        return site

    return make


@pytest.fixture
def asking(far_site):
    """Starts a process of another machine that has asked the provider, which is slow."""

    def start(policy="strict", pace=QUICK, **job):
        site = far_site(policy, pace)
        site.provider.latency = _SLOW
        arrived = threading.Event()
        site.provider.on_refresh = arrived.set
        worker = site.worker(**job)
        worker.go()
        assert arrived.wait(SECONDS)
        move_away(site)
        return site, worker

    return start


def move_away(site):
    """Let who holds the lease be on another machine, as soon as somebody does."""
    core = site.core()
    owner = until(lambda: credential_of(core).lease_owner, pause=0.01)
    (site.place.folder / "alive" / owner).write_bytes(b"another machine")


@BOTH
def test_F02_a_holder_killed_elsewhere_is_not_waited_for_to_the_end_of_its_lease(
    far_site, check_invariants
):
    """When it has shown nothing for long, everybody goes on, with one refresh.

    Fails when only the end of the lease counts: nobody waits that long.
    """
    site = far_site()
    assert 90 == site.place.pace.lease
    assert site.run(failpoint="refresh.after-intent") is None
    move_away(site)
    workers = [site.worker(threads=3) for _ in range(2)]
    for worker in workers:
        worker.go()
    found = [said for worker in workers for said in worker.wait()]
    assert {2} == {said.get("generation") for said in found}, found
    assert min(said["seconds"] for said in found) > QUICK.silence
    assert max(said["seconds"] for said in found) < QUICK.wait
    assert 1 == site.provider.refreshes
    assert "ok" == check_invariants(site)


@BOTH
def test_a_slow_holder_elsewhere_is_waited_for_while_it_lives(asking, check_invariants):
    """It shows itself: nobody asks the strictest provider a second time."""
    site, worker = asking()
    said = site.use()
    [theirs] = worker.wait()
    assert {2} == {said.get("generation"), theirs.get("generation")}, (said, theirs)
    assert 1 == site.provider.refreshes
    assert "ok" == check_invariants(site)


def test_control_without_signs_of_life_a_slow_holder_is_overtaken(asking):
    """The defence off, the test above fails: the provider is asked twice."""
    dumb = replace(QUICK, pulse=60.0)
    site, worker = asking("grace", dumb)
    site.use()
    worker.wait()
    assert 2 == site.provider.refreshes


def test_F23_a_holder_elsewhere_that_was_stopped_while_it_asked(
    asking, check_invariants
):
    """Overtaken, and continued: its late answer overwrites nothing, and is set aside."""
    site, worker = asking("grace")
    worker.signal(signal.SIGSTOP)
    began = time.monotonic()
    said = site.use()
    assert time.monotonic() - began > QUICK.silence
    worker.signal(signal.SIGCONT)
    [late] = worker.wait()
    assert {2} == {said.get("generation"), late.get("generation")}, (said, late)
    assert said["digest"] == late["digest"]
    assert 2 == site.provider.refreshes
    assert 1 == len(list((site.place.folder / "spill").glob("*.orphan")))
    assert "ok" == check_invariants(site)


def test_F23_a_holder_elsewhere_that_was_stopped_before_it_asked_asks_nobody(far_site):
    """It finds itself overtaken, and gives its caller what the other one brought.

    Fails when it trusts its lease: the strictest provider would end the grant.
    """
    site = far_site()
    worker = site.worker(failpoint="refresh.after-intent:sleep=5")
    worker.go()
    move_away(site)
    said = site.use()
    [late] = worker.wait()
    assert {2} == {said.get("generation"), late.get("generation")}, (said, late)
    assert said["digest"] == late["digest"]
    assert 1 == site.provider.refreshes
    assert 0 == site.provider.reuses


def test_F23_of_this_machine_a_stopped_holder_is_waited_for(make_site, database):
    """It is seen to live: silence alone is no reason to ask a second time."""
    site = make_site("strict", database, pace=QUICK)
    site.later()
    arrived, goes_on = threading.Event(), threading.Event()
    site.provider.on_refresh = lambda: (arrived.set(), goes_on.wait(SECONDS))
    worker = site.worker()
    worker.go()
    assert arrived.wait(SECONDS)
    worker.signal(signal.SIGSTOP)
    goes_on.set()
    threading.Timer(1.5 * QUICK.silence, worker.signal, [signal.SIGCONT]).start()
    said = site.use()
    [late] = worker.wait()
    assert said["digest"] == late["digest"]
    assert 1 == site.provider.refreshes
