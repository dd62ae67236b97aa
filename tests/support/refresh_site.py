"""A deployment that several processes share, and processes that use it and may die.

Processes are forked from one that has everything imported, so that a test can afford
hundreds of them.
"""

import contextlib
import hashlib
import multiprocessing
import os
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from rotating_provider import CLIENT_ID, RotatingProvider

from conn_core import ClientRegistration, ConnectionDraft, Settings, _failpoints
from conn_core.broker import Core, open_core
from conn_core.broker._upkeep import Pace
from conn_core.http._tls import tls_context
from conn_core.store import Store

_AN_HOUR_OF_2026 = 1_795_000_000
_context = multiprocessing.get_context("forkserver")
_context.set_forkserver_preload(
    ["refresh_site", "conn_core.broker._core", "conn_core.http", "psycopg"]
)


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where a deployment is, for every process that opens it.

    Attributes:
        url: The PostgreSQL database; None for the SQLite file in the folder.
        key_file: The master key, where others share it.
        ahead: Seconds that the clock of a process is ahead.
        rate: How much faster than usual it runs.
    """

    folder: Path
    catalog: Path
    url: str | None = None
    key_file: Path | None = None
    ahead: float = 0.0
    rate: float = 1.0
    pace: Pace = field(default_factory=Pace)

    def now(self) -> float:
        """Tell the time of all processes of the deployment."""
        return (
            _AN_HOUR_OF_2026 + (time.time() - _AN_HOUR_OF_2026) * self.rate + self.ahead
        )

    def open(self, **changes: Any) -> Core:
        """Open the deployment."""
        store = Store.postgresql(self.url) if self.url else None
        settings = Settings(
            data_dir=self.folder,
            runtime_dir=self.folder,
            user="sam",
            allow_loopback=True,
            use_keyring=False,
            key_file=self.key_file,
            public_url="http://127.0.0.1:8888/connections/",
            catalog_paths=(self.catalog,),
        )
        options = {"clock": self.now, "store": store, "pace": self.pace} | changes
        return open_core(settings, **options)


@dataclass(frozen=True, kw_only=True)
class Job:
    """What a process does: it asks for a token in some threads at once.

    Attributes:
        failpoint: Where it dies.
        rejected: Which generation its API refused.
        client: It makes an API request with a client of its own in each thread.
        file_limit: No file may grow beyond that many bytes, as on a full disk.
        times: How often, one after the other.
        is_warm: It has used the connection before time passed, and asked a provider.
    """

    place: Place
    threads: int = 1
    failpoint: str | None = None
    rejected: int | None = None
    client: bool = False
    file_limit: int | None = None
    times: int = 1
    is_warm: bool = False


def work(job: Job, pipe: Any) -> None:
    """Be the process."""
    if job.failpoint:
        _failpoints._armed = _failpoints._Armed(job.failpoint)
    core = job.place.open()
    if job.is_warm:
        tls_context()
        core.clock = replace(job.place, ahead=0.0).now
        _together(core, replace(job, rejected=None, client=False))
        core.clock = job.place.now
    pipe.send("ready")
    pipe.recv()
    if job.file_limit is not None:
        import resource

        resource.setrlimit(resource.RLIMIT_FSIZE, (job.file_limit,) * 2)
    pipe.send(_together(core, job))
    core.close()


def _together(core: Core, job: Job) -> list[dict[str, Any]]:
    begin = threading.Barrier(job.threads)
    with ThreadPoolExecutor(job.threads) as pool:
        return list(pool.map(lambda _: _use(core, job, begin), range(job.threads)))


def _use(core: Core, job: Job, begin: threading.Barrier) -> dict[str, Any]:
    broker = core.acting_as("sam")
    begin.wait(timeout=60)
    began = time.monotonic()
    try:
        for _ in range(job.times):
            said = _asked(broker, job)
    except Exception as error:  # noqa: BLE001 - it is what the test looks at
        said = {"error": type(error).__name__, "text": str(error)}
    return said | {"seconds": time.monotonic() - began}


def _asked(broker: Any, job: Job) -> dict[str, Any]:
    if job.client:
        from conn_core.http import connected_client

        with connected_client(broker, "expenses") as client:
            return {"status": client.get("/me").status_code}
    token = broker.access_token("expenses", rejected=job.rejected)
    digest = hashlib.sha256(token.access_token.reveal().encode()).hexdigest()
    return {"generation": token.generation, "digest": digest}


@dataclass(frozen=True, kw_only=True)
class Attempt:
    """What a process does that is killed elsewhere than in a refresh.

    Attributes:
        what: ``authorize`` anew or ``delete`` the connection.
        consent: What the browser brings, and the flow's binding.
    """

    place: Place
    failpoint: str
    what: str
    consent: tuple[dict[str, str], str] | None = None


def attempt(job: Attempt, pipe: Any) -> None:
    """Be that process."""
    core = job.place.open()
    pipe.send("ready")
    pipe.recv()
    _failpoints._armed = _failpoints._Armed(job.failpoint)
    if job.what == "delete":
        core.acting_as("sam").delete("expenses")
    elif job.consent is not None:
        answer, binding = job.consent
        core.finish_authorization("expenses", answer, binding=binding, user="sam")


class Worker:
    """A process that was started and waits to begin."""

    def __init__(self, job: Any, target: Any = work) -> None:
        self._pipe, theirs = _context.Pipe()
        self._process = _context.Process(target=target, args=(job, theirs))
        self._process.start()
        theirs.close()
        assert self._pipe.poll(60), "the process did not start"
        try:
            assert self._pipe.recv() == "ready"
        except EOFError:
            self.wait()

    @property
    def pid(self) -> int:
        """Its number."""
        assert self._process.pid is not None
        return self._process.pid

    def go(self) -> None:
        """Let it begin."""
        with contextlib.suppress(BrokenPipeError):
            self._pipe.send("go")

    def wait(self, seconds: float = 90) -> list[dict[str, Any]] | None:
        """Return what its threads found; None when it was killed."""
        found = None
        if self._pipe.poll(seconds):
            with contextlib.suppress(EOFError):
                found = self._pipe.recv()
        self._process.join(seconds)
        assert self._process.exitcode is not None, "the process hangs"
        if found is not None:
            assert self._process.exitcode == 0
        else:
            assert self._process.exitcode < 0, "the process failed"
        self._pipe.close()
        self._process.close()
        return found

    def signal(self, number: int) -> None:
        """Send a signal."""
        os.kill(self.pid, number)


class Site:
    """A deployment with one connection to a provider."""

    def __init__(self, place: Place, provider: RotatingProvider) -> None:
        self.place = place
        self.provider = provider
        place.catalog.write_text(provider.catalog())
        self._cores: list[Core] = []

    def core(self, **changes: Any) -> Core:
        """Open the deployment in this process, as one more process would."""
        place = replace(self.place, **changes)
        core = place.open()
        self._cores.append(core)
        return core

    def connect(self) -> None:
        """Register the client, create the connection and authorize it."""
        with self._opened() as core:
            broker = core.acting_as("sam")
            broker.register_client(
                "expenses",
                ClientRegistration(
                    client_id=CLIENT_ID, client_secret=self.provider.client_secret
                ),
            )
            broker.create(ConnectionDraft(service="expenses", name="Expenses"))
            authorize(core, self.provider)

    @contextlib.contextmanager
    def _opened(self) -> Iterator[Core]:
        core = self.place.open()
        try:
            yield core
        finally:
            core.close()

    def later(self, seconds: float = 3600) -> None:
        """Let time pass for every process that is opened from now on."""
        self.place = replace(self.place, ahead=self.place.ahead + seconds)

    def use(self, **changes: Any) -> dict[str, Any]:
        """Use the connection in this process, freshly opened; return what came of it."""
        begin = threading.Barrier(1)
        with self._opened() as core:
            return _use(core, Job(place=self.place, **changes), begin)

    def worker(self, **changes: Any) -> Worker:
        """Start a process."""
        return Worker(Job(place=self.place, **changes))

    def run(self, **changes: Any) -> list[dict[str, Any]] | None:
        """Start a process, and return what its threads found."""
        worker = self.worker(**changes)
        worker.go()
        return worker.wait()

    def core_like(self, core: Core) -> Any:
        """Return a broker on the store of a core that is open, at the present time."""
        core.clock = self.place.now
        return core.acting_as("sam")

    def close(self) -> None:
        """Close what was opened in this process."""
        for core in self._cores:
            core.close()


def begun(core: Core, provider: RotatingProvider) -> tuple[dict[str, str], str]:
    """Begin an authorization and agree; return what the browser brings, and its cookie."""
    flow = core.acting_as("sam").authorize("expenses").flow
    started = core.start_authorization(flow, user="sam")
    return provider.consent(started.authorization_url), started.binding.reveal()


def authorize(core: Core, provider: RotatingProvider) -> None:
    """Authorize the connection."""
    answer, binding = begun(core, provider)
    done = core.finish_authorization("expenses", answer, binding=binding, user="sam")
    assert done.state == "done", done.error


def warm_up() -> None:
    """Start the process that all others are forked from."""
    process = _context.Process(target=sys.exit)
    process.start()
    process.join()
    process.close()
