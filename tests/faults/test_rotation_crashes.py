"""Killed at any row of a rotation: both keys open, and the next run goes on.

Real processes, killed with SIGKILL at a failpoint, on SQLite and on PostgreSQL.
"""

import pytest
from refresh_site import Worker
from rotating_site import Turn, turn

from conn_core.store import sealed_rows


@pytest.fixture
def site(make_site, database):
    """A deployment with a few sealed rows."""
    return make_site("strict", database)


def killed_at(site, failpoint):
    """Let a process begin a rotation that it does not survive."""
    worker = Worker(Turn(place=site.place, failpoint=failpoint), target=turn)
    worker.go()
    assert worker.wait() is None


def count_by_key(site):
    """Return how many rows each key has sealed."""
    with site.core().store.read() as tx:
        counts = sealed_rows.rows_by_key(tx)
    return {kid: sum(tables.values()) for kid, tables in counts.items()}


def finished(site):
    """Let another process bring it to its end; return what it did."""
    worker = Worker(Turn(place=site.place), target=turn)
    worker.go()
    return worker.wait()


PLACES = [
    "rotate.key-added",
    *(f"rotate.row:kill={n}" for n in (1, 2, 3)),
    "rotate.inside-batch",
    *(f"rotate.batch-kept:kill={n}" for n in (1, 2)),
]


@pytest.mark.parametrize("place", PLACES)
def test_F14_Q27_a_rotation_killed_at_a_row_is_resumed(site, place):
    """No third key, no row lost, and whoever runs meanwhile uses both."""
    running = site.core()
    rows = sum(count_by_key(site).values())
    killed_at(site, place)
    assert rows == sum(count_by_key(site).values())
    assert 1 == running.acting_as("sam").access_token("expenses").generation
    done = finished(site)
    assert {done["key"]: rows} == count_by_key(site)
    assert 2 == len(done["keys"])
    site.later()
    assert 2 == site.use()["generation"]


def test_Q29_F27_rotations_and_refreshes_at_once(site):
    """Processes that refresh while others rotate: every generation is there in the end."""
    workers = [
        Worker(Turn(place=site.place, times=3), target=turn),
        site.worker(rejected=1, threads=4),
        Worker(Turn(place=site.place, times=3), target=turn),
    ]
    for worker in workers:
        worker.go()
    for worker in workers:
        assert worker.wait() is not None
    finished(site)
    assert 2 == site.use()["generation"]
    assert 1 == site.provider.refreshes
