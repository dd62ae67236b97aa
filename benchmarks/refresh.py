"""P3 and P4: many who find an expired token on a grant that is used up by a mistake.

The provider rotates refresh tokens and ends the grant when a spent one comes back. What
is counted is refresh requests and callers that got no answer. The peer is Authlib's
session for requests with a token that all of them share through ``update_token``.

Run it with ``python benchmarks/refresh.py``; with ``--full`` it is a thousand callers.
"""

import argparse
import contextlib
import multiprocessing
import sys
import tempfile
import threading
import warnings
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from _replicas import kernels, new_key_file, replicas, with_threads
from _table import Row, print_table

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "tests" / "support"), str(ROOT / "scripts")]

import machine  # noqa: E402 - found through the line above
import postgres  # noqa: E402 - as above
from own_postgres import OwnServer  # noqa: E402 - as above
from refresh_site import Place, Site, Worker, warm_up  # noqa: E402 - as above
from replica_faults import expire  # noqa: E402 - as above
from rotating_provider import CLIENT_ID, RotatingProvider  # noqa: E402 - as above

from conn_core.http import connected_client  # noqa: E402 - as above

LATENCY = 0.2
THREADS = 50
CROWD = (8, 8)
FULL = (50, 20)
REPLICAS = 3
FULL_AT_REPLICAS = (10, 100)
#: Each process has at most twenty connections to PostgreSQL.
CONNECTIONS = 20 * FULL[0] + 100
#: What the slowest may wait longer than the provider takes, ms.
OVERHEAD = 120


@contextlib.contextmanager
def _provider() -> Iterator[RotatingProvider]:
    made = RotatingProvider("strict")
    made.latency = LATENCY
    try:
        yield made
    finally:
        made.close()


@contextlib.contextmanager
def _site(server: str | None) -> Iterator[Site]:
    """Make a deployment on a database of its own."""
    url = server and OwnServer(machine.find_postgres(), server).new_database()
    with _provider() as provider, tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        place = Place(
            folder=folder / "data",
            catalog=folder / "service.toml",
            url=url,
            key_file=new_key_file(folder),
        )
        site = Site(place, provider)
        site.connect()
        yield site
        site.close()


# --- ours ----------------------------------------------------------------------------


def _ours_in_threads() -> tuple[int, int]:
    """Return refreshes and broken callers of threads with a client each."""
    with _site(None) as site:
        site.later()
        broker = site.core().acting_as("sam")
        begin = threading.Barrier(THREADS)

        def use(_: int) -> bool:
            begin.wait()
            with connected_client(broker, "expenses") as client:
                return client.get("/me").status_code == 200

        with ThreadPoolExecutor(THREADS) as pool:
            good = sum(pool.map(use, range(THREADS)))
        return site.provider.refreshes, THREADS - good


def _ours_in_processes(
    url: str | None, *, rejected: bool, crowd: tuple[int, int] = CROWD
) -> tuple[int, int, float]:
    """Return refreshes, broken callers and how long the slowest took, seconds."""
    with _site(url) as site:
        if rejected:
            site.provider.reject_all()
        else:
            site.later()
        job = {
            "threads": crowd[1],
            "rejected": 1 if rejected else None,
            "is_warm": True,
        }
        return _counted(site, [site.worker(**job) for _ in range(crowd[0])])


def _ours_at_replicas(
    url: str, crowd: tuple[int, int], *, rejected: bool = False
) -> tuple[int, int, float]:
    """Return the same for kernels that ask replicas of the service."""
    with _site(url) as site, replicas(site, REPLICAS) as asking:
        job = with_threads(asking, crowd[1], rejected=1 if rejected else None)
        workers = [Worker(job, kernels) for _ in range(crowd[0])]
        if rejected:
            site.provider.reject_all()
        else:
            expire(site)
        return _counted(site, workers)


def _counted(site: Site, workers: list[Worker]) -> tuple[int, int, float]:
    for worker in workers:
        worker.go()
    found = [said for worker in workers for said in worker.wait()]
    broken = [said for said in found if said.get("generation") != 2]
    for error in {f"{said.get('error')}: {said.get('text', '')}" for said in broken}:
        print(f"broken: {error}", file=sys.stderr)
    if site.provider.reuses:
        print(f"families revoked: {site.provider.reuses}", file=sys.stderr)
    return site.provider.refreshes, len(broken), max(s["seconds"] for s in found)


# --- Authlib -------------------------------------------------------------------------


def _granted(provider: RotatingProvider) -> dict:
    """Return an expired token set as a session keeps it."""
    import json

    code = provider.consent(f"{provider.url}/authorize?state=s")["code"]
    answer = provider.token_answer({"grant_type": "authorization_code", "code": code})
    return {**json.loads(answer.body), "expires_at": 1}


def _session_call(url: str, token: dict, shared: dict) -> bool:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from authlib.integrations.requests_client import OAuth2Session

    session = OAuth2Session(
        CLIENT_ID,
        "secret",
        token=dict(token),
        token_endpoint=f"{url}/token",
        update_token=lambda new, **_: shared.update(new),
    )
    try:
        return session.get(f"{url}/v1/me", timeout=30).status_code == 200
    except Exception:  # noqa: BLE001 - a broken caller is what is counted
        return False


def _sessions(url: str, token: dict, threads: int) -> int:
    begin, shared = threading.Barrier(threads), dict(token)

    def use(_: int) -> bool:
        begin.wait()
        return _session_call(url, token, shared)

    with ThreadPoolExecutor(threads) as pool:
        return sum(pool.map(use, range(threads)))


def _sessions_process(pipe, url: str, token: dict, threads: int) -> None:
    import authlib.integrations.requests_client  # noqa: F401 - before the signal

    pipe.send("ready")
    pipe.recv()
    pipe.send(_sessions(url, token, threads))


def _theirs_in_threads() -> tuple[int, int]:
    with _provider() as provider:
        good = _sessions(provider.url, _granted(provider), THREADS)
        return provider.refreshes, THREADS - good


def _theirs_in_processes() -> tuple[int, int]:
    context = multiprocessing.get_context("forkserver")
    with _provider() as provider:
        token, started = _granted(provider), []
        for _ in range(CROWD[0]):
            ours, theirs = context.Pipe()
            arguments = (theirs, provider.url, token, CROWD[1])
            process = context.Process(target=_sessions_process, args=arguments)
            process.start()
            started.append((process, ours))
        for _, pipe in started:
            pipe.recv()
        for _, pipe in started:
            pipe.send("go")
        good = sum(pipe.recv() for _, pipe in started)
        for process, _ in started:
            process.join()
        return provider.refreshes, CROWD[0] * CROWD[1] - good


# --- the table -----------------------------------------------------------------------


def _row(number: str, what: str, ours: tuple, theirs: tuple | None) -> Row:
    return Row(
        id=number,
        what=f"{what}: refreshes / broken callers",
        ours=f"{ours[0]} / {ours[1]}",
        peer="-" if theirs is None else f"authlib {theirs[0]} / {theirs[1]}",
        ratio=float(ours[0] + ours[1]),
        target=1,
        ok=ours[:2] == (1, 0),
    )


def _slowest(what: str, seconds: float) -> Row:
    more = (seconds - LATENCY) * 1000
    return Row(
        id="P4",
        what=f"{what}: slowest caller in ms above the provider's {LATENCY:g} s",
        ours=f"{more:.0f} ms",
        peer="-",
        ratio=more,
        target=OVERHEAD,
        ok=more <= OVERHEAD,
    )


def rows() -> list[Row]:
    """Count on SQLite, PostgreSQL and at three replicas, expired and refused early."""
    warm_up()
    found = [_row("P3", f"{THREADS} threads", _ours_in_threads(), _theirs_in_threads())]
    theirs = _theirs_in_processes()
    crowd = f"{CROWD[0]} processes x {CROWD[1]} threads"
    with postgres.running(machine.find_postgres()) as server:
        for database, url in (("SQLite", None), ("PostgreSQL", server)):
            ours = _ours_in_processes(url, rejected=False)
            found.append(_row("P4", f"{crowd}, {database}", ours, theirs))
            found.append(_slowest(f"{crowd}, {database}", ours[2]))
        found += _at_replicas(server)
        early = _ours_in_processes(None, rejected=True)
        found.append(_row("P4", f"{crowd}, after an early 401", early, None))
    return found


def _at_replicas(server: str) -> list[Row]:
    many, crowd = (1, THREADS), f"{CROWD[0]} processes x {CROWD[1]} kernels"
    where = f"{REPLICAS} replicas"
    ours = _ours_at_replicas(server, CROWD)
    early = _ours_at_replicas(server, CROWD, rejected=True)
    return [
        _row(
            "P3", f"{THREADS} kernels, {where}", _ours_at_replicas(server, many), None
        ),
        _row("P4", f"{crowd}, {where}", ours, None),
        _slowest(f"{crowd}, {where}", ours[2]),
        _row("P4", f"{crowd}, {where}, after an early 401", early, None),
    ]


def full_rows() -> list[Row]:
    """Count with a thousand callers (F-20)."""
    warm_up()
    what = f"F-20, {FULL[0]} processes x {FULL[1]} threads"
    found = []

    def add(where: str, ours: tuple[int, int, float]) -> None:
        found.append(_row("P4", f"{what}, {where}", ours, None))
        print(f"{where}: slowest of all {ours[2]:.1f} s", file=sys.stderr)

    programs = machine.find_postgres()
    with postgres.running(programs, connections=CONNECTIONS) as server:
        for database, url in (("SQLite", None), ("PostgreSQL", server)):
            add(database, _ours_in_processes(url, rejected=False, crowd=FULL))
    with postgres.running(programs) as server:
        ours = _ours_at_replicas(server, FULL_AT_REPLICAS)
        found.append(_row("P4", f"F-20, 1000 kernels, {REPLICAS} replicas", ours, None))
        print(f"replicas: slowest of all {ours[2]:.1f} s", file=sys.stderr)
    return found


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--full", action="store_true", help="a thousand callers")
    print_table(full_rows() if parser.parse_args().full else rows())


if __name__ == "__main__":
    main()
