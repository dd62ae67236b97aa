"""A soak of the refresh engine: short tokens, strict rotation, processes that are killed.

Run it with ``python benchmarks/soak.py --minutes 20``. Tokens live five seconds, the
provider ends the grant when a spent refresh token comes back, four processes use the
connection and every twenty seconds one is killed: at any moment, or, every third time,
in the middle of a refresh. What a strict provider makes unavoidable is named: a process
was killed after the provider spent the refresh token and before its answer was stored.
"""

import argparse
import contextlib
import multiprocessing
import os
import random
import signal
import sys
import tempfile
import threading
import time
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "tests" / "support"), str(ROOT / "scripts")]

import machine  # noqa: E402 - found through the line above
import postgres  # noqa: E402 - as above
from invariants import credential_of  # noqa: E402 - as above
from refresh_site import Place, Site, authorize  # noqa: E402 - as above
from rotating_provider import RotatingProvider  # noqa: E402 - as above

from conn_core.errors import AuthorizationEnded  # noqa: E402 - as above
from conn_core.http import connected_client  # noqa: E402 - as above
from conn_core.store import leases  # noqa: E402 - as above

LIFETIME = 5.0
LATENCY = 0.15
THREADS = 4
PAUSE = 0.2


def caller(place: Place, pipe) -> None:
    """Be a process that uses the connection until it is killed or told to stop."""
    core = place.open()
    pipe.send(("ready", core.upkeep.presence.name))
    stop, said, guard = threading.Event(), Counter(), threading.Lock()

    def say(what: str) -> None:
        with guard:
            said[what] += 1

    def use() -> None:
        client = None
        while not stop.wait(random.uniform(0.5, 1.5) * PAUSE):
            what, client = _one_call(core, client)
            say(what)

    threads = [threading.Thread(target=use, daemon=True) for _ in range(THREADS)]
    for thread in threads:
        thread.start()
    while not pipe.poll(0.5):
        with guard:
            news, said = said, Counter()
        pipe.send(("said", dict(news)))
    stop.set()
    for thread in threads:
        thread.join(10)
    pipe.send(("said", dict(said)))
    core.close()


def _one_call(core, client):
    """Return what a call came to, and the client for the next one."""
    try:
        client = client or connected_client(core.acting_as("sam"), "expenses")
        status = client.get("/me").status_code
    except AuthorizationEnded as error:
        time.sleep(0.3)
        return ("ended" if "interrupted" in str(error) else f"broken: {error}"), client
    except Exception as error:  # noqa: BLE001 - it is what is counted
        return f"broken: {type(error).__name__}: {error}", client
    return ("ok" if status == 200 else f"HTTP {status}"), client


class Soak:
    """The run, and what it counts."""

    def __init__(self, site: Site, *, processes: int, every: float) -> None:
        self.site = site
        self.provider = site.provider
        self.core = site.core()
        self.every = every
        self.said: Counter[str] = Counter()
        self.in_outage: Counter[str] = Counter()
        self.kills: Counter[str] = Counter()
        self.unavoidable: list[str] = []
        self.consents: list[str] = []
        self.outage_until = 0.0
        self.began = time.monotonic()
        self._context = multiprocessing.get_context("forkserver")
        self.callers = [self._start() for _ in range(processes)]

    def _start(self) -> dict:
        ours, theirs = self._context.Pipe()
        process = self._context.Process(target=caller, args=(self.site.place, theirs))
        process.start()
        theirs.close()
        _, name = ours.recv()
        return {"process": process, "pipe": ours, "name": name}

    def run(self, seconds: float) -> None:
        end, kill_at, number = self.began + seconds, self.began + self.every, 0
        while time.monotonic() < end:
            self._listen()
            self._consent_when_needed()
            if time.monotonic() >= kill_at:
                number, kill_at = number + 1, kill_at + self.every
                self._kill(is_aimed=number % 3 == 0)
            time.sleep(0.05)
        for each in self.callers:
            each["pipe"].send("stop")
        for each in self.callers:
            each["process"].join(30)
            self._listen_to(each)

    def _now(self) -> str:
        minutes, seconds = divmod(int(time.monotonic() - self.began), 60)
        return f"{minutes:02}:{seconds:02}"

    def _listen(self) -> None:
        for each in self.callers:
            self._listen_to(each)

    def _listen_to(self, each: dict) -> None:
        is_outage = time.monotonic() < self.outage_until
        with contextlib.suppress(EOFError, ConnectionResetError):
            while each["pipe"].poll():
                _, said = each["pipe"].recv()
                for what, times in said.items():
                    # A token of a grant that is dead is refused by the API, too.
                    is_told = what == "ended" or (what == "HTTP 401" and is_outage)
                    (self.in_outage if is_told else self.said)[what] += times
                    if what != "ok" and not is_told:
                        print(f"{self._now()}  {what} ({times} x)", flush=True)

    # --- killing ----------------------------------------------------------------------

    def _kill(self, *, is_aimed: bool) -> None:
        victim = self._holder() if is_aimed else random.choice(self.callers)
        os.kill(victim["process"].pid, signal.SIGKILL)
        victim["process"].join()
        print(f"{self._now()}  process {victim['process'].pid} killed", flush=True)
        self.kills["in the middle of a refresh" if is_aimed else "at any moment"] += 1
        time.sleep(2 * LATENCY)  # what reached the provider is done by then
        self._judge(victim)
        self._listen_to(victim)
        self.callers.remove(victim)
        self.callers.append(self._start())

    def _holder(self) -> dict:
        """Wait for a refresh, and return who does it."""
        arrived = threading.Event()
        self.provider.on_refresh = arrived.set
        while True:
            arrived.wait(2 * LIFETIME)
            arrived.clear()
            owner = credential_of(self.core).lease_owner
            for each in self.callers:
                if each["name"] == owner:
                    self.provider.on_refresh = lambda: None
                    # Anywhere from the question's arrival to the answer's storing.
                    time.sleep(random.uniform(0, 1.2 * LATENCY))
                    return each

    def _judge(self, victim: dict) -> None:
        """Name the loss if the provider answered and nobody is left who knows."""
        row, grant = credential_of(self.core), self.provider.newest_grant()
        is_open = leases.has_open_attempt(row) or row.ended_at is not None
        if row.attempt_by != victim["name"] or not is_open:
            return
        if grant.issued > row.generation:
            self.outage_until = time.monotonic() + 60
            self.unavoidable.append(
                f"{self._now()}  process {victim['process'].pid} was killed after the "
                f"provider spent refresh token {row.generation} and before its answer "
                "was stored"
            )

    def _consent_when_needed(self) -> None:
        row = credential_of(self.core)
        if row.ended_at is None:
            return
        authorize(self.core, self.provider)
        self.consents.append(f"{self._now()}  {row.ended_because}")
        self.outage_until = time.monotonic() + 3

    # --- the result -------------------------------------------------------------------

    def report(self) -> bool:
        broken = {w: n for w, n in self.said.items() if w != "ok"}
        grants = {id(t.grant): t.grant for t in self.provider.refresh_tokens()}
        renewed = sum(grant.issued - 1 for grant in grants.values())
        lines = {
            "minutes": f"{(time.monotonic() - self.began) / 60:.1f}",
            "database": self.core.store.location.split(":")[0],
            "API calls that worked": self.said["ok"],
            "refreshes": renewed,
            "refresh requests": self.provider.refreshes,
            "processes killed": ", ".join(f"{n} {w}" for w, n in self.kills.items()),
            "broken callers": sum(broken.values()),
            "re-authorizations": len(self.consents),
            "  … unavoidable": len(self.unavoidable),
            "callers told of an unavoidable loss": sum(self.in_outage.values()),
            "spent refresh tokens sent": self.provider.reuses,
        }
        for name, value in lines.items():
            print(f"{name:36} {value}")
        for title, items in (
            ("unavoidable", self.unavoidable),
            ("re-authorized", self.consents),
            ("broken", [f"{n} x {w}" for w, n in broken.items()]),
        ):
            for item in items:
                print(f"{title:14} {item}")
        return not broken and len(self.consents) <= len(self.unavoidable)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--minutes", type=float, default=20)
    parser.add_argument("--processes", type=int, default=4)
    parser.add_argument("--every", type=float, default=20, help="seconds between kills")
    parser.add_argument("--postgres", action="store_true")
    chosen = parser.parse_args()
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        url = None
        if chosen.postgres:
            url = stack.enter_context(postgres.running(machine.find_postgres()))
        provider = RotatingProvider("strict")
        stack.callback(provider.close)
        provider.lifetime, provider.latency = LIFETIME, LATENCY
        place = Place(folder=folder / "data", catalog=folder / "service.toml", url=url)
        site = Site(place, provider)
        stack.callback(site.close)
        site.connect()
        soak = Soak(site, processes=chosen.processes, every=chosen.every)
        soak.run(60 * chosen.minutes)
        return 0 if soak.report() else 1


if __name__ == "__main__":
    sys.exit(main())
