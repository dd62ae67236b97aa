"""Many who refresh at once: threads, openings of one store, and real processes."""

import dataclasses
import json
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qsl

import pytest
from patience import SECONDS

from conn_core.broker._refresh import _Wish
from conn_core.broker._upkeep import Pace
from conn_core.errors import AuthorizationEnded, ProviderUnavailable
from conn_core.http import ProviderClient
from conn_core.store import rows

WORKER = Path(__file__).parent / "refresh_worker.py"
WORKERS, THREADS = 3, 4


def test_F20_W3_eight_threads_in_each_of_three_openings_refresh_once(world):
    """A strictly rotating provider sees one request, and everybody gets its answer."""
    world.connected()
    brokers = [world.broker(), *(world.open().acting_as("sam") for _ in range(2))]
    world.clock.advance(3600)
    world.provider.script.append(lambda: time.sleep(0.3))
    begin = threading.Barrier(24)

    def use(broker):
        begin.wait(timeout=SECONDS)
        return broker.access_token("expenses")

    with ThreadPoolExecutor(24) as pool:
        tokens = list(pool.map(use, brokers * 8))
    assert 1 == world.refreshes()
    assert {2} == {token.generation for token in tokens}
    assert all(world.provider.is_alive(t.access_token.reveal()) for t in tokens)


def test_F20_every_generation_is_refreshed_once(world):
    """Again and again, and the family of tokens lives."""
    world.connected()
    brokers = [world.broker(), world.open().acting_as("sam")]
    with ThreadPoolExecutor(8) as pool:
        for generation in range(2, 8):
            world.clock.advance(3600)
            tokens = list(pool.map(lambda b: b.access_token("expenses"), brokers * 4))
            assert {generation} == {token.generation for token in tokens}
    assert 6 == world.refreshes()


def test_F30_a_failure_reaches_everybody_once_and_poisons_nothing(world):
    """One request for all; after the pause the next one works."""
    world.connected()
    world.clock.advance(3600)

    def slowly_fail():
        time.sleep(0.2)
        return ProviderUnavailable("down")

    world.provider.script.append(slowly_fail)

    def use(_):
        with pytest.raises(ProviderUnavailable):
            world.broker().access_token("expenses")

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(use, range(8)))
    assert 1 == world.refreshes()
    world.clock.advance(3)
    assert 2 == world.broker().access_token("expenses").generation


def test_those_who_waited_look_once_for_all(world, monkeypatch):
    """The one behind the gate tells the others, and they ask the store nothing more."""
    broker, reads, real = world.connected(), [], rows.credential_row
    world.clock.advance(3600)

    def counted(tx, credential_id):
        reads.append(credential_id)
        return real(tx, credential_id)

    def when_all_wait():
        while sum(gate.waiting for gate in world.core.gates._gates.values()) < 8:
            time.sleep(0.001)

    monkeypatch.setattr(rows, "credential_row", counted)
    world.provider.script.append(when_all_wait)
    with ThreadPoolExecutor(8) as pool:
        tokens = list(pool.map(lambda _: broker.access_token("expenses"), range(8)))
    assert {2} == {token.generation for token in tokens}
    before_and_after = 2
    assert 8 + before_and_after == len(reads)


@pytest.mark.parametrize(
    ("waited", "pause"), [(0, 0.02), (0.1, 0.02), (1, 0.1), (2, 0.2), (30, 0.25)]
)
def test_the_longer_a_refresh_takes_the_rarer_others_look(
    world, monkeypatch, waited, pause
):
    """A tenth of what was waited already, within bounds."""
    core, moment = world.open(), 1000.0 + waited
    monkeypatch.setattr("time.monotonic", lambda: moment)
    wish = _Wish(workshop=core, link_name="x", rejected=None, began=1000.0)
    assert pytest.approx(pause) == wish._pause()


def test_the_gates_exist_only_while_somebody_waits(world):
    """A process that runs for months does not fill up with locks."""
    gates, inside, most = world.open().gates, [], []

    def pass_through(n):
        with gates.only_one("same"), gates.only_one(f"other {n}"):
            inside.append(n)
            most.append(len(inside))
            time.sleep(0.01)
            inside.remove(n)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(pass_through, range(16)))
    assert {1} == set(most)
    assert {} == gates._gates


# --- leases --------------------------------------------------------------------------


def test_another_process_is_waited_for(world):
    """Whoever does not get the lease takes what its holder brings."""
    sam = world.connected()
    other = world.open().acting_as("sam")
    world.clock.advance(3600)
    begun, waiting = threading.Event(), threading.Event()

    def hold():
        begun.set()
        assert waiting.wait(timeout=SECONDS)
        time.sleep(0.2)

    world.provider.script.append(hold)
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(sam.access_token, "expenses")
        assert begun.wait(timeout=SECONDS)
        second = pool.submit(other.access_token, "expenses")
        waiting.set()
        assert first.result().access_token == second.result().access_token
    assert 1 == world.refreshes()


@pytest.mark.parametrize("seconds_left", [30, 0])
def test_whoever_waited_too_long_goes_on_with_what_there_is(world, seconds_left):
    """The old token while it lasts; then an error that says to try again."""
    world.connected()
    sam = world.open(pace=Pace(wait=0.2)).acting_as("sam")
    world.clock.advance(3600 - seconds_left)
    until = world.clock() + 80
    world.sql("UPDATE credentials SET lease_owner = 'other', lease_until = ?", until)
    if seconds_left:
        assert 1 == sam.access_token("expenses").generation
    else:
        with pytest.raises(ProviderUnavailable, match="at the moment"):
            sam.access_token("expenses")
    assert 0 == world.refreshes()


def test_F23_who_was_stopped_before_asking_asks_nobody(world):
    """Its lease may end while it asks, and two would spend one refresh token."""
    world.connected()
    late = world.open(pace=Pace(hurry=-1)).acting_as("sam")
    world.clock.advance(3600)
    with pytest.raises(ProviderUnavailable, match="stopped for too long"):
        late.access_token("expenses")
    assert 0 == world.refreshes()
    assert 2 == world.open().acting_as("sam").access_token("expenses").generation
    assert 1 == world.refreshes()


def test_F23_who_was_stopped_and_overtaken_gets_what_the_other_brought(
    world, monkeypatch
):
    """Its caller notices nothing; the provider is asked once."""
    world.connected()
    late, other = world.open(pace=Pace(hurry=-1)), world.open()
    world.clock.advance(3600)

    def overtaken(_):
        world.clock.advance(91)
        assert 2 == other.acting_as("sam").access_token("expenses").generation

    monkeypatch.setattr(late.upkeep.spill, "reserve", overtaken)
    assert 2 == late.acting_as("sam").access_token("expenses").generation
    assert 1 == world.refreshes()


def test_F23_F29_who_comes_late_with_a_used_token_gets_the_winners(world):
    """Held up beyond its lease, the first still stores what the provider gave it; the
    second, told ``invalid_grant``, looks again before it believes it.
    """
    sam = world.connected()
    world.provider.ends_family = False
    other = world.open().acting_as("sam")
    world.clock.advance(3600)
    outcome = []

    def stopped_for_two_minutes():
        world.clock.advance(91)
        world.provider.script.append(first_arrives)
        outcome.append(second.submit(other.access_token, "expenses"))
        assert arrived.wait(timeout=SECONDS)

    def first_arrives():
        # The second has sent its request: now the first one's reaches the provider.
        arrived.set()
        time.sleep(0.5)

    arrived = threading.Event()
    world.provider.script.append(stopped_for_two_minutes)
    with ThreadPoolExecutor(1) as second:
        mine = sam.access_token("expenses")
        theirs = outcome[0].result()
    assert 2 == mine.generation
    assert mine == theirs
    assert "connected" == sam.connection("expenses").status
    assert "ended" not in {event.result for event in sam.events("expenses")}


def test_F23_what_is_stored_late_brings_an_ended_credential_back(world):
    """Another process was told ``invalid_grant`` while the good answer was held up."""
    sam = world.connected()
    world.provider.ends_family = False
    other = world.open().acting_as("sam")
    world.clock.advance(3600)
    original = world.provider._answer

    def answered_then_stopped(fields, headers):
        world.provider._answer = original
        got = original(fields, headers)
        world.clock.advance(91)
        world.provider._guard.release()
        with pytest.raises(AuthorizationEnded):
            other.access_token("expenses")
        world.provider._guard.acquire()
        return got

    world.provider._answer = answered_then_stopped
    assert 2 == sam.access_token("expenses").generation
    assert "connected" == sam.connection("expenses").status
    assert 2 == other.access_token("expenses").generation


def test_F23_who_comes_late_does_not_overwrite_the_winners(world):
    """A provider that forgives answered both; the first to store wins."""
    sam = world.connected()
    world.provider.rotates = False
    other = world.open().acting_as("sam")
    world.clock.advance(3600)
    seen = []

    def overtaken():
        world.clock.advance(91)
        seen.append(other.access_token("expenses"))

    world.provider.script.append(overtaken)
    mine = sam.access_token("expenses")
    assert seen == [mine]
    results = [event.result for event in sam.events("expenses")][:2]
    assert ["superseded", "ok"] == results


# --- processes -----------------------------------------------------------------------


@pytest.fixture
def served(world):
    """The provider, reachable by real processes over loopback."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            size = int(self.headers["Content-Length"])
            fields = dict(parse_qsl(self.rfile.read(size).decode()))
            got = world.provider.post_form(
                self.path, fields, headers=dict(self.headers)
            )
            self.send_response(got.status)
            for name, value in got.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(got.body)))
            self.end_headers()
            self.wfile.write(got.body)

        def log_message(self, *args):
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_F20_F57_real_processes_refresh_once(world, served, tmp_path, canary):
    """Three processes of four threads each, on one SQLite file, over real HTTP."""
    catalog = tmp_path / "served.toml"
    catalog.write_text(
        f"""
        [[service]]
        id = "expenses"
        name = "Expense Desk"
        authorization_endpoint = "{served}/authorize"
        token_endpoint = "{served}/token"
        api_base_url = "{served}/v1"
        api_hosts = ["{served.removeprefix("http://")}"]
        """
    )
    world.settings = dataclasses.replace(
        world.settings, catalog_paths=(catalog,), allow_loopback=True
    )
    world.clock.now = time.time()
    world.open(provider=ProviderClient(allow_loopback=True))
    world.connected()
    world.clock.advance(3600)  # for the provider; the processes are told below
    world.provider.script.append(lambda: time.sleep(0.5))
    command = [sys.executable, WORKER, world.settings.data_dir, catalog, "3600"]
    workers = [
        subprocess.Popen(
            [*map(str, command), str(THREADS)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(WORKERS)
    ]
    for worker in workers:
        assert "ready\n" == worker.stdout.readline()
    for worker in workers:
        worker.stdin.write("go\n")
        worker.stdin.flush()
    reports = [json.loads(worker.communicate(timeout=120)[0]) for worker in workers]
    assert [0] * WORKERS == [worker.returncode for worker in workers]
    assert 1 == world.refreshes()
    assert [[2] * THREADS] * WORKERS == [report["generations"] for report in reports]
    assert 1 == len({d for report in reports for d in report["digests"]})
    canary.sweep(texts={"reports": json.dumps(reports)})
