"""How the broker service bears many: replicas, kernels and connections on PostgreSQL.

Each kernel is a person of their own with a token of the hub, and asks for the token of
its own connection as often as it can. The peer is a minimal tornado handler, asked by as
many. ``python benchmarks/scale.py`` prints the table; with ``--picture FILE`` it draws
``docs/images/scale.svg`` too.
"""

import asyncio
import base64
import contextlib
import os
import secrets
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from _scale_picture import Curve, picture
from _table import Row, print_table

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "tests" / "support"), str(ROOT / "scripts")]

import aiohttp  # noqa: E402 - found through the lines above
import fake_hub  # noqa: E402 - as above
import machine  # noqa: E402 - as above
import postgres  # noqa: E402 - as above
from lists import fill  # noqa: E402 - as above
from service_process import ServiceProcess, clean_environment  # noqa: E402 - as above

from conn_core import ConnectionDraft, Settings  # noqa: E402 - as above
from conn_core.broker import Core, open_core  # noqa: E402 - as above
from conn_core.store import Store  # noqa: E402 - as above

KERNELS = 200
SECONDS = 4.0
_SERVICE = """
[[service]]
id = "weather"
name = "Weather"
category = "Practice"
auth_type = "api_key"
param_type = "header"
param_name = "X-API-Key"
api_base_url = "https://api.weather.example"
api_hosts = ["api.weather.example"]
test_path = "/me"
"""
_TORNADO = """
import asyncio, sys
from tornado import web
class Vend(web.RequestHandler):
    def post(self): self.finish({"access_token": "x" * 40})
async def main():
    web.Application([("/.*", Vend)]).listen(int(sys.argv[1]), "127.0.0.1")
    print("ready", flush=True)
    await asyncio.Event().wait()
asyncio.run(main())
"""


@dataclass(frozen=True)
class Load:
    """What a crowd of kernels saw."""

    per_second: float
    p50: float
    p99: float
    broken: int


@dataclass(frozen=True)
class Deployment:
    """Where everything is."""

    folder: Path
    hub: fake_hub.FakeHub
    core: Core
    url_file: Path
    key_file: Path
    catalogue: Path
    tokens: dict[str, str]

    def replica(self, name: str) -> ServiceProcess:
        environment = clean_environment(
            self.folder,
            JUPYTERHUB_SERVICE_NAME="connections",
            JUPYTERHUB_SERVICE_PREFIX="/services/connections/",
            JUPYTERHUB_API_TOKEN=self.hub.service_token,
            JUPYTERHUB_API_URL=self.hub.api_url,
            JUPYTERHUB_CLIENT_ID="service-connections",
            JUPYTERHUB_BASE_URL="/",
            JUPYTERHUB_PUBLIC_URL="http://127.0.0.1:8000/services/connections/",
            JUPYTERHUB_OAUTH_CALLBACK_URL="/services/connections/oauth_callback",
            JUPYTER_CONNECTIONS_KEY_FILE=str(self.key_file),
            JUPYTER_CONNECTIONS_CATALOG=str(self.catalogue),
            JUPYTER_CONNECTIONS_DATABASE_URL_FILE=str(self.url_file),
            JUPYTER_CONNECTIONS_DATA_DIR=str(self.folder / f"data-{name}"),
        )
        return ServiceProcess(self.folder / name, environment, "").start()


def _secret_file(file: Path, text: str) -> Path:
    file.touch(mode=0o600)
    file.write_text(text)
    return file


@contextlib.contextmanager
def _deployment() -> Iterator[Deployment]:
    programs = machine.find_postgres()
    assert programs, "PostgreSQL is needed: see make parts"
    with tempfile.TemporaryDirectory() as name, postgres.running(programs) as url:
        folder = Path(name)
        catalogue = folder / "weather.toml"
        catalogue.write_text(_SERVICE)
        key = base64.b64encode(os.urandom(32)).decode()
        key_file = _secret_file(folder / "master.key", key)
        hub = fake_hub.FakeHub(secrets.token_hex(16))
        settings = Settings(
            data_dir=folder / "data",
            runtime_dir=folder,
            user="sam",
            use_keyring=False,
            key_file=key_file,
            catalog_paths=(catalogue,),
        )
        core = open_core(settings, store=Store.postgresql(url))
        try:
            yield Deployment(
                folder=folder,
                hub=hub,
                core=core,
                url_file=_secret_file(folder / "url", url),
                key_file=key_file,
                catalogue=catalogue,
                tokens=_people(hub, core),
            )
        finally:
            core.close()
            hub.close()


def _people(hub: fake_hub.FakeHub, core: Core) -> dict[str, str]:
    """Give everybody a connection; return their hub tokens by name."""
    names = ["sam", *(f"kernel{number}" for number in range(1, KERNELS))]
    for name in names:
        hub.people[name] = fake_hub.Person()
        draft = ConnectionDraft(
            service="weather",
            name="Weather",
            secret={"api_key": secrets.token_hex(16)},
            shared_with=(),
        )
        core.acting_as(name).create(draft)
    return {name: hub.token_of(name) for name in names}


# --- the crowd -----------------------------------------------------------------------


async def _crowd(addresses: list[str], bearers: list[str], seconds: float) -> Load:
    """Let each kernel ask again and again; return what they saw."""
    times: list[float] = []
    broken = 0
    limits = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(connector=limits) as session:

        async def ask(number: int, *, counted: bool) -> None:
            nonlocal broken
            bearer = {"Authorization": f"Bearer {bearers[number]}"}
            where = addresses[number % len(addresses)]
            began = time.perf_counter()
            async with session.post(where, json={}, headers=bearer) as answer:
                await answer.read()
                if counted:
                    times.append(time.perf_counter() - began)
                    broken += answer.status != 200

        async def kernel(number: int, until: float) -> None:
            while time.perf_counter() < until:
                await ask(number, counted=True)

        for number in range(len(bearers)):  # the hub is asked once for each
            await ask(number, counted=False)
        until = time.perf_counter() + seconds
        began = time.perf_counter()
        await asyncio.gather(*(kernel(n, until) for n in range(len(bearers))))
        took = time.perf_counter() - began
    cuts = statistics.quantiles(times, n=100)
    return Load(len(times) / took, cuts[49] * 1e3, cuts[98] * 1e3, broken)


def _asked(replicas: list[ServiceProcess], tokens: list[str]) -> Load:
    addresses = [
        f"{replica.address}api/v1/connections/weather/token" for replica in replicas
    ]
    return asyncio.run(_crowd(addresses, tokens, SECONDS))


def _minimal(kernels: int) -> Load:
    from jupyter_process import free_port

    port = free_port()
    process = subprocess.Popen(
        [sys.executable, "-c", _TORNADO, str(port)], stdout=subprocess.PIPE
    )
    try:
        assert process.stdout is not None
        process.stdout.readline()
        address = f"http://127.0.0.1:{port}/"
        return asyncio.run(_crowd([address], ["x"] * kernels, SECONDS))
    finally:
        process.kill()
        process.communicate()


# --- what is told --------------------------------------------------------------------


@dataclass(frozen=True)
class Found:
    """All that was measured."""

    by_replicas: dict[int, Load]
    by_kernels: dict[int, Load]
    idle_before: Load
    idle_after: Load
    minimal: Load
    minimal_idle: Load


def measure() -> Found:
    """Start a deployment, and load it in one direction after the other."""
    with _deployment() as deployment:
        tokens = list(deployment.tokens.values())
        replicas = [deployment.replica("r1")]
        try:
            idle_before = _asked(replicas, tokens[:1])
            fill(deployment.core)  # 10,000 connections more
            idle_after = _asked(replicas, tokens[:1])
            by_kernels = {n: _asked(replicas, tokens[:n]) for n in (1, 10, 50)}
            by_kernels[KERNELS] = _asked(replicas, tokens)
            by_replicas = {1: by_kernels[KERNELS]}
            for count in (2, 3):
                replicas.append(deployment.replica(f"r{count}"))
                by_replicas[count] = _asked(replicas, tokens)
        finally:
            for replica in replicas:
                replica.stop()
        return Found(
            by_replicas=by_replicas,
            by_kernels=by_kernels,
            idle_before=idle_before,
            idle_after=idle_after,
            minimal=_minimal(KERNELS),
            minimal_idle=_minimal(1),
        )


def rows(found: Found | None = None) -> list[Row]:
    """Tell what was measured as rows of the table."""
    found = found or measure()
    crowd, three = found.by_replicas[1], found.by_replicas[3]
    broken = sum(load.broken for load in found.by_replicas.values())
    rate = found.minimal.per_second / crowd.per_second
    return [
        Row(
            id="P5",
            what="vend by the service, p50, one kernel",
            ours=f"{found.idle_after.p50:.2f} ms",
            peer=f"minimal tornado {found.minimal_idle.p50:.2f} ms",
            ratio=found.idle_after.p50 / found.minimal_idle.p50,
            target=1.4,
            ok=found.idle_after.p50 / found.minimal_idle.p50 <= 1.4,
        ),
        Row(
            id="P6",
            what="vend with store, unsealing and audit, p99, ms",
            ours=f"{found.idle_after.p99:.2f} ms",
            peer=f"before 10,000 more connections {found.idle_before.p99:.2f} ms",
            ratio=found.idle_after.p99,
            target=3.0,
            ok=found.idle_after.p99 <= 3.0,
        ),
        Row(
            id="P6",
            what=f"the same, {KERNELS} kernels: tornado's rate over ours",
            ours=f"{crowd.per_second:.0f}/s, p99 {crowd.p99:.0f} ms",
            peer=f"minimal tornado {found.minimal.per_second:.0f}/s",
            ratio=rate,
            target=1 / 0.55,
            ok=rate <= 1 / 0.55,
        ),
        Row(
            id="P6",
            what=f"three replicas, {KERNELS} kernels: broken answers",
            ours=f"{three.per_second:.0f}/s, p99 {three.p99:.0f} ms",
            peer=f"one replica {crowd.per_second:.0f}/s",
            ratio=float(broken),
            target=0.0,
            ok=broken == 0,
        ),
    ]


def _curves(found: Found) -> list[Curve]:
    return [
        Curve(
            "Kernels at once, one replica",
            {f"{n}": load.per_second for n, load in found.by_kernels.items()},
            {f"{n}": load.p99 for n, load in found.by_kernels.items()},
        ),
        Curve(
            f"Replicas, {KERNELS} kernels",
            {f"{n}": load.per_second for n, load in found.by_replicas.items()},
            {f"{n}": load.p99 for n, load in found.by_replicas.items()},
        ),
        Curve(
            "Connections stored, one kernel",
            {
                "200": found.idle_before.per_second,
                "10,200": found.idle_after.per_second,
            },
            {"200": found.idle_before.p99, "10,200": found.idle_after.p99},
        ),
    ]


def main(arguments: list[str]) -> None:
    found = measure()
    print_table(rows(found))
    if "--picture" in arguments:
        file = Path(arguments[arguments.index("--picture") + 1])
        file.write_text(picture(_curves(found)))


if __name__ == "__main__":
    main(sys.argv[1:])
