"""Replicas of the service on one database, and processes of kernels that ask them."""

import base64
import contextlib
import os
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Barrier
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "tests" / "support"), str(ROOT / "scripts")]

import fake_hub  # noqa: E402 - found through the line above
from refresh_site import Site  # noqa: E402 - as above
from service_process import ServiceProcess, clean_environment  # noqa: E402 - as above

from conn_core import Secret  # noqa: E402 - as above
from conn_core.broker import RemoteBroker  # noqa: E402 - as above

PREFIX = "/services/connections/"


@dataclass(frozen=True, kw_only=True)
class Kernels:
    """A process with kernels in it, one in each thread, each at a replica.

    Attributes:
        ports: Of the replicas.
        token: What the hub gave to the person.
        threads: How many kernels.
        rejected: Which generation their API refused.
    """

    ports: tuple[int, ...]
    token: str
    threads: int
    rejected: int | None = None


def kernels(job: Kernels, pipe: Any) -> None:
    """Be that process."""
    brokers = [_kernel(job, number) for number in range(job.threads)]
    pipe.send("ready")
    pipe.recv()
    begin = Barrier(job.threads)

    def use(broker: RemoteBroker) -> dict[str, Any]:
        begin.wait(timeout=60)
        began = time.monotonic()
        try:
            token = broker.access_token("expenses", rejected=job.rejected)
        except Exception as error:  # noqa: BLE001 - a broken caller is what is counted
            said: dict[str, Any] = {"error": type(error).__name__, "text": str(error)}
        else:
            said = {"generation": token.generation}
        return said | {"seconds": time.monotonic() - began}

    with ThreadPoolExecutor(job.threads) as pool:
        pipe.send(list(pool.map(use, brokers)))
    for broker in brokers:
        broker.close()


def _kernel(job: Kernels, number: int) -> RemoteBroker:
    """Return a kernel; one at each replica has had the token that ends."""
    port, token = job.ports[number % len(job.ports)], Secret(job.token)
    broker = RemoteBroker(f"http://127.0.0.1:{port}{PREFIX}", bearer=lambda: token)
    if number < len(job.ports):
        broker.access_token("expenses")
    return broker


@contextlib.contextmanager
def replicas(site: Site, count: int) -> Iterator[Kernels]:
    """Start replicas of a deployment on PostgreSQL; yield a process that asks them."""
    folder = site.place.folder.parent
    hub = fake_hub.FakeHub(f"CNRY-service-token-{os.urandom(8).hex()}")
    hub.people["sam"] = fake_hub.Person()
    environment = _environment(site, hub)
    made = []
    try:
        for number in range(count):
            where = folder / f"replica-{number}"
            own = {"JUPYTER_CONNECTIONS_DATA_DIR": str(where / "data")}
            replica = ServiceProcess(where, environment | own, "")
            made.append(replica)
            replica.start()
        ports = tuple(replica.port for replica in made)
        yield Kernels(ports=ports, token=hub.token_of("sam"), threads=1)
    finally:
        for replica in made:
            replica.stop()
        hub.close()


def _environment(site: Site, hub: fake_hub.FakeHub) -> dict[str, str]:
    folder = site.place.folder.parent
    address = folder / "database-url"
    address.touch(mode=0o600)
    address.write_text(site.place.url or "")
    return clean_environment(
        folder,
        JUPYTERHUB_SERVICE_NAME="connections",
        JUPYTERHUB_SERVICE_PREFIX=PREFIX,
        JUPYTERHUB_API_TOKEN=hub.service_token,
        JUPYTERHUB_API_URL=hub.api_url,
        JUPYTERHUB_CLIENT_ID="service-connections",
        JUPYTERHUB_BASE_URL="/",
        JUPYTERHUB_PUBLIC_URL=f"http://127.0.0.1:8000{PREFIX}",
        JUPYTERHUB_OAUTH_CALLBACK_URL=f"{PREFIX}oauth_callback",
        JUPYTER_CONNECTIONS_KEY_FILE=str(site.place.key_file),
        JUPYTER_CONNECTIONS_ALLOW_LOOPBACK="1",
        JUPYTER_CONNECTIONS_DATABASE_URL_FILE=str(address),
        JUPYTER_CONNECTIONS_CATALOG=str(site.place.catalog),
    )


def new_key_file(folder: Path) -> Path:
    """Make a master key that all replicas read."""
    file = folder / "master.key"
    file.touch(mode=0o600)
    file.write_text(base64.b64encode(os.urandom(32)).decode())
    return file


def with_threads(asking: Kernels, threads: int, **more: Any) -> Kernels:
    """Return the same with more kernels; each process begins at another replica."""
    return replace(asking, threads=threads, **more)
