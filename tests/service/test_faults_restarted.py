"""The service is stopped, restarted and upgraded under kernels that go on running."""

import signal
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from patience import until
from replica_faults import PATIENCE, asked, balanced, check_kept, expire, kernel_of
from running_kernel import RunningKernel


@pytest.fixture
def new_kernel(tmp_path, hub):
    """Starts kernels of sam's that know the address of the service."""
    made = []

    def make(address, **more):
        token = hub.token_of("sam")
        kernel = RunningKernel(tmp_path, address=address, token=token, **more)
        made.append(kernel)
        return kernel

    yield make
    for kernel in made:
        kernel.close()


def test_F70_F71_F72_a_client_goes_on_after_the_service_was_restarted(
    replica_of, site, new_kernel
):
    """With the object that it has: an error of ours while nobody is there, then data.

    The second restart is a kill, and the token has expired meanwhile. Fails when the
    client remembers a dead connection, or lets the library's own error through.
    """
    replica = replica_of("a")
    kernel = new_kernel(replica.address)
    assert "200" == kernel.ask()

    replica.stop()
    expire(site)
    site.provider.reject_all()
    assert kernel.ask().startswith("BrokerUnavailable: The server is not running")
    replica.start()
    assert "200" == kernel.ask()

    replica.process.kill()
    replica.process.wait()
    expire(site)
    site.provider.reject_all()
    replica.start()
    assert "200" == kernel.ask()
    check_kept(site, generation=4, refreshes=3)


#: What makes a process believe that it is of another version.
OF_ANOTHER_VERSION = """
import conn_core
conn_core.__version__ = "{version}"
"""


@pytest.fixture
def of_version(tmp_path):
    """Makes the variable that lets a process be of a version."""

    def make(version):
        folder = tmp_path / f"version-{version}"
        folder.mkdir()
        text = OF_ANOTHER_VERSION.format(version=version)
        (folder / "sitecustomize.py").write_text(text)
        return {"PYTHONPATH": str(folder)}

    return make


def test_F74_kernels_of_other_versions_work_or_say_so(
    replica_of, site, new_kernel, of_version
):
    """The next version works, as in an upgrade under way; a later one says which.

    Fails when versions are not compared, or when a neighbour is refused.
    """
    replica = replica_of("a")

    assert "200" == new_kernel(replica.address, **of_version("0.2.0")).ask()

    said = new_kernel(replica.address, **of_version("7.0.0")).ask()
    assert said.startswith("BrokerUnavailable: The service has version 0.1.")
    assert "this kernel 7.0.0" in said
    check_kept(site, generation=2, refreshes=1)


def test_F74_a_replica_of_the_next_version_beside_one_of_this(
    replica_of, hub, site, new_kernel, of_version
):
    """Both work on one database, and a kernel of this version takes either's answers."""
    replicas = [replica_of("a"), replica_of("b", **of_version("0.2.0"))]
    versions = set()
    for generation, replica in enumerate(replicas, start=2):
        broker = kernel_of(hub, "sam", port=replica.port)
        versions.add(broker.status().version)
        assert generation == asked(broker).get("generation")
        broker.close()
        assert "200" == new_kernel(replica.address).ask()
        if replica is replicas[0]:
            expire(site)
    assert 2 == len(versions)
    check_kept(site, generation=3, refreshes=2)


def test_F79_a_rolling_restart_finishes_what_runs_and_refuses_what_comes(
    replica_of, hub, site
):
    """SIGTERM in the middle of a refresh: its caller is served, new ones by the other.

    Fails when neither the drain nor the core waits for the provider, or when the door
    stays open.
    """
    first, second = replica_of("a"), replica_of("b")
    asked_for, answered = threading.Event(), threading.Event()
    site.provider.on_refresh = lambda: (asked_for.set(), answered.wait(PATIENCE))
    with balanced(first, second) as door, ThreadPoolExecutor(2) as pool:
        early = kernel_of(hub, "sam", port=door.port)
        waiting = pool.submit(asked, early)
        assert asked_for.wait(PATIENCE)

        first.tell(signal.SIGTERM)

        until(lambda: _refuses(first))
        assert first.process.poll() is None
        assert not waiting.done()
        late = kernel_of(hub, "sam", port=door.port)
        coming = pool.submit(asked, late)
        answered.set()
        found = [waiting.result(PATIENCE), coming.result(PATIENCE)]
        assert 0 == first.ended()
        early.close()
        late.close()
    assert [2, 2] == [said.get("generation") for said in found], found
    assert 1 == len({said["digest"] for said in found})
    assert "are cut" not in first.log
    check_kept(site, generation=2, refreshes=1)


def test_F79_a_refresh_that_never_ends_does_not_keep_the_process(replica_of, hub, site):
    """After its time to drain it ends all the same; the next replica goes on."""
    first = replica_of("a", config="c.ConnectionsService.drain_seconds = 1\n")
    kernel = kernel_of(hub, "sam", port=first.port)
    asked_for, answered = threading.Event(), threading.Event()
    site.provider.on_refresh = lambda: (asked_for.set(), answered.wait(PATIENCE))
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(asked, kernel)
        assert asked_for.wait(PATIENCE)

        first.tell(signal.SIGTERM)

        until(lambda: "1 requests are cut" in first.log)
        answered.set()
        said = waiting.result(PATIENCE)
        assert 0 == first.ended()
    kernel.close()
    assert said.get("error") in {None, "BrokerUnavailable"}, said
    check_kept(site, generation=2, refreshes=1)


def _refuses(replica):
    try:
        replica.ask("GET", "/health")
    except OSError:
        return True
    return False
