"""Replicas that are killed in the middle of a refresh: another one finishes it."""

import os
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from patience import until
from replica_faults import (
    PATIENCE,
    asked,
    balanced,
    check_kept,
    kernel_of,
    running,
    time_passes_for_leases,
)

#: How many kernels: ``KERNELS=1000 pytest …`` for a long run.
KERNELS = int(os.environ.get("KERNELS", "24"))
#: A replica that takes no notice of leases: what all of this is there for.
WITHOUT_LEASES = """
from conn_core.broker import _refresh
_refresh.leases.is_held = lambda *_args, **_more: False
_take = _refresh.leases.take_lease
def _take_anyway(tx, row, *, me, now, until, dead=None):
    _take(tx, row, me=me, now=now, until=until, dead=row.lease_owner)
    return True
_refresh.leases.take_lease = _take_anyway
"""


@pytest.fixture
def one_machine(tmp_path):
    """The folders of two replicas are one volume: each sees when the other is dead."""
    (tmp_path / "data-a").mkdir(mode=0o700)
    (tmp_path / "data-b").symlink_to(tmp_path / "data-a")


def _crowd(replicas, hub):
    """Let kernels ask all at once, a part of them at each replica."""
    kernels = [
        kernel_of(hub, "sam", port=replicas[number % len(replicas)].port)
        for number in range(KERNELS)
    ]
    begin = threading.Barrier(KERNELS)

    def ask(kernel):
        begin.wait(PATIENCE)
        return asked(kernel)

    with ThreadPoolExecutor(KERNELS) as pool:
        found = list(pool.map(ask, kernels))
    for kernel in kernels:
        kernel.close()
    return found


def test_F20_many_kernels_at_three_replicas_refresh_once(replica_of, hub, site):
    """One request, one token for all, nobody is broken, and the grant lives."""
    site.provider.latency = 0.5
    replicas = [replica_of(name) for name in "abc"]

    found = _crowd(replicas, hub)

    assert {2} == {said.get("generation") for said in found}, found
    assert 1 == len({said["digest"] for said in found})
    check_kept(site, generation=2, refreshes=1)


def test_F20_control_without_leases_the_grant_would_be_lost(
    replica_of, hub, site, tmp_path
):
    """The defence off, the test above fails: the provider is asked more than once."""
    folder = tmp_path / "without"
    folder.mkdir()
    (folder / "sitecustomize.py").write_text(WITHOUT_LEASES)
    site.provider.latency = 0.5
    replicas = [replica_of(name, PYTHONPATH=str(folder)) for name in "ab"]

    _crowd(replicas, hub)

    assert site.provider.refreshes > 1
    assert site.provider.reuses > 0


@pytest.mark.usefixtures("one_machine")
@pytest.mark.parametrize("is_first", [False, True], ids=["kept", "first"])
def test_F02_nobody_notices_a_replica_killed_before_its_request_counted(
    replica_of, hub, site, is_first
):
    """The same call of the kernel comes through at the other one, with the old token.

    Fails when a dead holder's lease is waited for, or when the kernel does not ask
    again: it would have an error, or nothing for 90 seconds.
    """
    first, second = replica_of("a"), replica_of("b")
    with balanced(first, second) as door:
        kernel = kernel_of(hub, "sam", port=door.port)
        doomed = first
        if is_first:
            kernel.close()  # its next call has no connection to go by, and the next turn
            doomed = second
        site.provider.kill_at("unprocessed", doomed.process.pid)

        said = asked(kernel)

        assert 2 == said.get("generation"), said
        assert -9 == doomed.ended()
        kernel.close()
    check_kept(site, generation=2, refreshes=1)


@pytest.mark.usefixtures("one_machine")
@pytest.mark.parametrize("place", ["refresh.answer-in-memory", "refresh.inside-commit"])
def test_F06_F08_nobody_notices_a_replica_killed_between_answer_and_commit(
    replica_of, hub, site, place
):
    """The provider has a time of grace: the other replica asks once more with the old.

    Fails when the old refresh token was given up before the new one was stored.
    """
    site.provider.policy = "grace"
    first = replica_of("a", JUPYTER_CONNECTIONS_FAILPOINT=f"{place}:kill")
    second = replica_of("b")
    with balanced(first, second) as door:
        kernel = kernel_of(hub, "sam", port=door.port)

        said = asked(kernel)

        assert 2 == said.get("generation"), said
        assert -9 == first.ended()
        kernel.close()
    check_kept(site, generation=2, refreshes=2)


def test_F09_what_was_committed_is_there_though_nobody_was_told(replica_of, hub, site):
    """Killed right after: the other replica hands it out and asks nobody.

    The two are on two machines here: what is committed has no lease to wait for.
    """
    switch = {"JUPYTER_CONNECTIONS_FAILPOINT": "refresh.after-commit:kill"}
    first, second = replica_of("a", **switch), replica_of("b")
    with balanced(first, second) as door:
        kernel = kernel_of(hub, "sam", port=door.port)

        said = asked(kernel)

        assert 2 == said.get("generation"), said
        assert -9 == first.ended()
        kernel.close()
    check_kept(site, generation=2, refreshes=1)


def test_F02_of_another_machine_the_lease_is_waited_for_and_then_taken(
    replica_of, hub, site, metrics_bearer
):
    """Nobody knows there that its holder is dead; who waits goes on when it is over.

    Fails when a lease is for ever, or when the second replica does not wait for it.
    """
    first, second = replica_of("a"), replica_of("b")
    doomed = kernel_of(hub, "sam", port=first.port)
    other = kernel_of(hub, "sam", port=second.port)
    site.provider.kill_at("unprocessed", first.process.pid)
    with ThreadPoolExecutor(2) as pool:
        lost = pool.submit(asked, doomed)
        assert -9 == first.ended()
        waiting = pool.submit(asked, other)
        until(lambda: running(second, metrics_bearer[1]) == 2)  # ours and this look
        assert not waiting.done()
        assert 0 == site.provider.refreshes

        time_passes_for_leases(site)

        said = waiting.result(PATIENCE)
        assert "BrokerUnavailable" == lost.result(PATIENCE)["error"]
    assert 2 == said.get("generation"), said
    doomed.close()
    other.close()
    check_kept(site, generation=2, refreshes=1)
