"""How the broker service bears many: replicas, kernels and connections on PostgreSQL.

Each person has a token of the hub and a few connections. So many of them at once ask for
a token, and each question is another person's than the one before: none comes again so
soon that it is answered from memory, as with real kernels. The peer is a minimal tornado
handler, asked by as many. All of them share one machine, so the rates say little of what
more machines do; the processor time of each answer does, and what a core of each part
bears follows from it.
``python benchmarks/scale.py`` prints the table; with ``--picture FILE`` it draws
``docs/images/scale.svg`` too.
"""

import asyncio
import base64
import contextlib
import itertools
import os
import secrets
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from _scale_picture import Curve, picture
from _table import Row, print_table

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "tests" / "support"), str(ROOT / "scripts")]

import aiohttp  # noqa: E402 - found through the lines above
import fake_hub  # noqa: E402 - as above
import machine  # noqa: E402 - as above
import postgres  # noqa: E402 - as above
import psutil  # noqa: E402 - as above
from lists import fill  # noqa: E402 - as above
from service_process import ServiceProcess, clean_environment  # noqa: E402 - as above

from conn_core import ConnectionDraft, Settings  # noqa: E402 - as above
from conn_core.broker import Core, open_core  # noqa: E402 - as above
from conn_core.store import Store  # noqa: E402 - as above

KERNELS = 200
#: So many ask at once beforehand.
_WARMING = 20
#: After which a use is noted again, and what one measurement takes of it at most.
_MINUTE, _LONGEST = 61.0, 16.0
#: Of each person: so many that no question comes again while its answer is in memory.
CONNECTIONS = [f"weather-{number}" for number in range(20)]
SECONDS = 4.0
REPLICA, DATABASE = "a replica", "PostgreSQL"
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


#: Where, and with whose token of the hub.
Question = tuple[str, str]


@dataclass(frozen=True)
class Load:
    """What a crowd of kernels saw, and what it cost.

    Attributes:
        per_second: Answers.
        p50: Half of them came sooner, in milliseconds.
        p99: All but a hundredth.
        broken: Answers that were none.
        work: Milliseconds of the processor for each answer, by part.
    """

    per_second: float
    p50: float
    p99: float
    broken: int
    work: dict[str, float]


class Minute:
    """Uses are noted once a minute: none falls due while something is measured."""

    def __init__(self) -> None:
        self._began = self._ended = float("-inf")

    def prepare(self, questions: list[Question]) -> None:
        """Ask for all of them once; a new minute begins where this one is nearly over.

        Each replica hears of a use once a minute, from whoever noted it.
        """
        is_late = time.monotonic() + _LONGEST >= self._began + _MINUTE
        if is_late:
            time.sleep(max(0.0, self._ended + _MINUTE - time.monotonic()))
            self._began = time.monotonic()
        asyncio.run(_each_once(questions))
        if is_late:
            self._ended = time.monotonic()


@dataclass(frozen=True)
class Deployment:
    """Where everything is."""

    folder: Path
    hub: fake_hub.FakeHub
    core: Core
    url_file: Path
    key_file: Path
    catalogue: Path
    tokens: list[str]
    database: psutil.Process
    minute: Minute = field(default_factory=Minute)

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
                database=_postmaster(url),
            )
        finally:
            core.close()
            hub.close()


def _postmaster(url: str) -> psutil.Process:
    file = Path(url.partition("host=")[2], "data", "postmaster.pid")
    return psutil.Process(int(file.read_text().split()[0]))


def _people(hub: fake_hub.FakeHub, core: Core) -> list[str]:
    """Give everybody their connections; return their hub tokens."""
    names = ["sam", *(f"kernel{number}" for number in range(1, KERNELS))]
    for name in names:
        hub.people[name] = fake_hub.Person()
        for link_name in CONNECTIONS:
            draft = ConnectionDraft(
                service="weather",
                name=link_name,
                secret={"api_key": secrets.token_hex(16)},
                shared_with=(),
            )
            core.acting_as(name).create(draft)
    return [hub.token_of(name) for name in names]


# --- the crowd -----------------------------------------------------------------------


async def _each_once(questions: list[Question]) -> None:
    left = iter(questions)
    async with aiohttp.ClientSession() as session:

        async def some() -> None:
            for where, token in left:
                bearer = {"Authorization": f"Bearer {token}"}
                async with session.post(where, json={}, headers=bearer) as answer:
                    await answer.read()

        await asyncio.gather(*(some() for _ in range(_WARMING)))


async def _crowd(
    questions: list[Question], at_once: int, parts: dict[str, list[psutil.Process]]
) -> Load:
    """Let so many ask again and again; return what they saw."""
    asked = itertools.cycle(questions)
    times: list[float] = []
    broken = 0
    limits = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(connector=limits) as session:

        async def ask(*, counted: bool) -> None:
            nonlocal broken
            where, token = next(asked)
            bearer = {"Authorization": f"Bearer {token}"}
            began = time.perf_counter()
            async with session.post(where, json={}, headers=bearer) as answer:
                await answer.read()
                if counted:
                    times.append(time.perf_counter() - began)
                    broken += answer.status != 200

        async def kernel(until: float) -> None:
            while time.perf_counter() < until:
                await ask(counted=True)

        for _ in range(KERNELS):  # the hub is asked once for each person
            await ask(counted=False)
        until = time.perf_counter() + SECONDS
        before = {part: _worked(those) for part, those in parts.items()}
        began = time.perf_counter()
        await asyncio.gather(*(kernel(until) for _ in range(at_once)))
        took = time.perf_counter() - began
        work = {
            part: (_worked(those) - before[part]) * 1e3 / len(times)
            for part, those in parts.items()
        }
    cuts = statistics.quantiles(times, n=100)
    return Load(len(times) / took, cuts[49] * 1e3, cuts[98] * 1e3, broken, work)


def _worked(processes: list[psutil.Process]) -> float:
    """Return how long the processor has worked for these and their children.

    What a child had worked is its parent's once it is gone: parents are asked last.
    """
    worked = 0.0
    for one in processes:
        for process in (*one.children(recursive=True), one):
            with contextlib.suppress(psutil.NoSuchProcess):
                worked += sum(process.cpu_times()[:4])
    return worked


def _asked(
    deployment: Deployment,
    replicas: list[ServiceProcess],
    at_once: int,
    *,
    different: int | None = None,
) -> Load:
    """Ask for tokens; only so many different ones, where that is given."""
    questions = [
        (f"{replica.address}api/v1/connections/{name}/token", token)
        for name in CONNECTIONS
        for token, replica in zip(deployment.tokens, itertools.cycle(replicas))
    ]
    parts = {
        REPLICA: [psutil.Process(replica.process.pid) for replica in replicas],
        DATABASE: [deployment.database],
    }
    deployment.minute.prepare(questions)
    return asyncio.run(_crowd(questions[:different], at_once, parts))


def _minimal(at_once: int) -> Load:
    from jupyter_process import free_port

    port = free_port()
    process = subprocess.Popen(
        [sys.executable, "-c", _TORNADO, str(port)], stdout=subprocess.PIPE
    )
    try:
        assert process.stdout is not None
        process.stdout.readline()
        address = f"http://127.0.0.1:{port}/"
        parts = {REPLICA: [psutil.Process(process.pid)]}
        return asyncio.run(_crowd([(address, "x")], at_once, parts))
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
    #: The same question again and again, as by processes that share a connection.
    idle_again: Load
    minimal: Load
    minimal_idle: Load


def measure() -> Found:
    """Start a deployment, and load it in one direction after the other."""
    with _deployment() as deployment:
        replicas = [deployment.replica("r1")]
        try:
            idle_before = _asked(deployment, replicas, 1)
            fill(deployment.core)  # 10,000 connections more
            idle_after = _asked(deployment, replicas, 1)
            idle_again = _asked(deployment, replicas, 1, different=1)
            by_kernels = {
                n: _asked(deployment, replicas, n) for n in (1, 10, 50, KERNELS)
            }
            by_replicas = {1: by_kernels[KERNELS]}
            for count in (2, 3):
                replicas.append(deployment.replica(f"r{count}"))
                by_replicas[count] = _asked(deployment, replicas, KERNELS)
        finally:
            for replica in replicas:
                replica.stop()
        return Found(
            by_replicas=by_replicas,
            by_kernels=by_kernels,
            idle_before=idle_before,
            idle_after=idle_after,
            idle_again=idle_again,
            minimal=_minimal(KERNELS),
            minimal_idle=_minimal(1),
        )


def rows(found: Found | None = None) -> list[Row]:
    """Tell what was measured as rows of the table."""
    found = found or measure()
    again = found.idle_again
    crowd, three = found.by_replicas[1], found.by_replicas[3]
    broken = sum(load.broken for load in found.by_replicas.values())
    rate = found.minimal.per_second / crowd.per_second
    return [
        Row(
            id="P5",
            what="vend by the service, p50, the same again and again",
            ours=f"{again.p50:.2f} ms, each another's {found.idle_after.p50:.2f} ms",
            peer=f"minimal tornado {found.minimal_idle.p50:.2f} ms",
            ratio=again.p50 / found.minimal_idle.p50,
            target=1.4,
            ok=again.p50 / found.minimal_idle.p50 <= 1.4,
        ),
        Row(
            id="P6",
            what="vend with store, unsealing and audit, p99, each another's, ms",
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
        Row(
            id="P6",
            what="processor time of a vend over a minimal handler's",
            ours=f"{crowd.work[REPLICA]:.2f} ms",
            peer=f"minimal tornado {found.minimal.work[REPLICA]:.2f} ms",
            ratio=crowd.work[REPLICA] / found.minimal.work[REPLICA],
            target=round(1 / 0.55, 2),
            ok=crowd.work[REPLICA] / found.minimal.work[REPLICA] <= 1 / 0.55,
        ),
    ]


def limits(found: Found) -> list[str]:
    """Say how much a core of each part bears, were it the only thing it did."""
    work = found.by_replicas[1].work
    return [
        f"a core of {part} bears {1000 / took:,.0f} vends a second ({took:.2f} ms each)"
        for part, took in work.items()
    ]


def _curves(found: Found) -> list[Curve]:
    few = KERNELS * len(CONNECTIONS)
    stored = {f"{few:,}": found.idle_before, f"{few + 10_000:,}": found.idle_after}
    return [
        _curve("People at once, one replica", found.by_kernels),
        _curve(f"Replicas, {KERNELS} people at once", found.by_replicas),
        _curve("Connections stored, one person", stored),
    ]


def _curve(title: str, loads: Mapping[int, Load] | Mapping[str, Load]) -> Curve:
    return Curve(
        title,
        {f"{n}": load.per_second for n, load in loads.items()},
        {
            f"{n}": (
                f"p99 {_short(load.p99)}",
                f"work {sum(load.work.values()):.1f} ms",
            )
            for n, load in loads.items()
        },
    )


def _short(milliseconds: float) -> str:
    if milliseconds >= 1000:
        return f"{milliseconds / 1000:.1f} s"
    return f"{milliseconds:.{0 if milliseconds >= 10 else 1}f} ms"


def main(arguments: list[str]) -> None:
    found = measure()
    print_table(rows(found))
    print("", *limits(found), sep="\n")
    if "--picture" in arguments:
        file = Path(arguments[arguments.index("--picture") + 1])
        file.write_text(picture(_curves(found)))


if __name__ == "__main__":
    main(sys.argv[1:])
