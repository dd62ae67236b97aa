"""A disk that is full or read-only, and a database that somebody else has locked."""

import contextlib
import os
import signal
import sqlite3
import subprocess
import sys
import threading

import pytest
import sqlalchemy as sa
from invariants import spilled
from patience import SECONDS, until

from conn_core.broker._upkeep import Pace
from conn_core.errors import StoreUnavailable

DATABASE = "connections.db"


# --- full and read-only --------------------------------------------------------------


def test_F50_M13_a_full_disk_sends_no_request(make_site, check_invariants):
    """The intent cannot be written, so the provider is not asked; with room again all
    goes on.
    """
    site = make_site("strict")
    site.later()
    [said] = site.run(file_limit=0)
    assert "StoreUnavailable" == said["error"], said
    assert 0 == site.provider.refreshes
    assert 2 == site.use()["generation"]
    assert "ok" == check_invariants(site)


def test_F50_room_for_the_answer_is_made_first(make_site):
    """The database takes the intent, the spill has no room: nothing is asked."""
    site = make_site("strict")
    site.later()
    spill = site.place.folder / "spill"
    spill.mkdir(exist_ok=True)
    (spill / "in-the-way").touch()
    with full_spill(spill):
        said = site.use()
    assert "StoreUnavailable" == said["error"]
    assert "There is no room for a new token" in said["text"]
    assert "so none was asked for" in said["text"]
    assert 0 == site.provider.refreshes
    assert 2 == site.use()["generation"]


@contextlib.contextmanager
def full_spill(folder):
    """Put a file in the folder's place: nothing can be made in it, not even by root."""
    aside = folder.with_name("aside")
    folder.rename(aside)
    folder.touch()
    yield
    folder.unlink()
    aside.rename(folder)


def test_F50_F51_a_token_that_works_is_used_though_nothing_can_be_written(make_site):
    """It is time to renew it; that can wait until its end."""
    site = make_site("strict")
    site.later(3560)
    [said] = site.run(file_limit=0)
    assert 1 == said.get("generation"), said
    assert 0 == site.provider.refreshes


@pytest.mark.skipif(
    os.geteuid() != 0 or sys.platform != "linux", reason="mounts a file system"
)
def test_F50_the_disk_fills_up_after_the_provider_answered(tmp_path, canary):
    """On a real file system of half a megabyte: the answer goes into the room that was
    reserved, and into the store when there is room again.
    """
    from refresh_site import Place, Site
    from rotating_provider import RotatingProvider

    folder = tmp_path / "small"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=512k", "tmpfs", folder]
    if subprocess.run(mount, check=False, capture_output=True).returncode:
        pytest.fail("root cannot mount a tmpfs here")
    provider = RotatingProvider("strict", canary)
    try:
        place = Place(folder=folder / "data", catalog=tmp_path / "c.toml")
        site = Site(place, provider)
        site.connect()
        site.later()
        core = site.core(pace=Pace(store=0.2))
        filler = folder / "filler"

        def fill():
            file = os.open(filler, os.O_CREAT | os.O_WRONLY)
            with contextlib.suppress(OSError):
                while True:
                    os.write(file, bytes(1024))
            os.close(file)
            # The log of the database was begun, and what is mapped is there already.
            _fill_the_log(site)

        provider.on_refresh = fill
        with pytest.raises(StoreUnavailable):
            core.acting_as("sam").access_token("expenses")
        assert 1 == provider.refreshes
        assert 1 == len(spilled(site))
        core.close()
        filler.unlink()
        site.later(100)
        assert 2 == site.use()["generation"]
        assert 1 == provider.refreshes
        assert [] == spilled(site)
        site.close()
    finally:
        provider.close()
        subprocess.run(["umount", "-l", folder], check=True)


def _fill_the_log(site):
    """Use up the pages that the log reserved already."""
    path = site.place.folder / DATABASE
    database = sqlite3.connect(path, timeout=1)
    with contextlib.suppress(sqlite3.OperationalError):
        for _ in range(500):
            database.execute("UPDATE connections SET name = name")
            database.commit()
    database.close()


@pytest.fixture
def small_disk(tmp_path):
    """A file system of our own, which can be made read-only: ``small_disk("ro")``."""
    folder = tmp_path / "disk"
    folder.mkdir()

    def mount(options):
        command = ["mount", "-t", "tmpfs", "-o", options, "tmpfs", folder]
        if subprocess.run(command, check=False, capture_output=True).returncode:
            pytest.fail("root cannot mount a tmpfs here")
        return folder

    yield mount
    subprocess.run(["umount", folder], check=False)


@pytest.mark.skipif(
    os.geteuid() != 0 or sys.platform != "linux", reason="mounts a file system"
)
def test_F51_a_read_only_disk_asks_nobody_and_changes_nothing(
    small_disk, canary, check_invariants
):
    """It is said in plain words; writable again, all goes on where it was."""
    from refresh_site import Place, Site
    from rotating_provider import RotatingProvider

    folder = small_disk("size=2m")
    provider = RotatingProvider("strict", canary)
    site = Site(Place(folder=folder / "data", catalog=folder / "c.toml"), provider)
    site.connect()
    site.later()
    before = (site.place.folder / DATABASE).read_bytes()
    small_disk("remount,ro,size=2m")
    with pytest.raises(StoreUnavailable, match="Read-only file system") as caught:
        site.place.open()
    assert "JUPYTER_CONNECTIONS_DATA_DIR" in caught.value.hint
    assert (0, before) == (
        provider.refreshes,
        (site.place.folder / DATABASE).read_bytes(),
    )
    small_disk("remount,rw,size=2m")
    assert 2 == site.use()["generation"]
    assert "ok" == check_invariants(site)
    provider.close()


@pytest.mark.parametrize("failure", ["disk I/O error", "attempt to write a readonly"])
def test_F51_a_disk_that_fails_while_it_is_in_use(
    make_site, monkeypatch, check_invariants, failure
):
    """The intent cannot be written: a token that works is used, an expired one is not
    asked for, and nothing is lost.
    """
    site = make_site("strict")
    site.later(3560)
    core = site.core()

    def fail(*_, **__):
        raise sa.exc.OperationalError("UPDATE", {}, sqlite3.OperationalError(failure))

    with monkeypatch.context() as patched:
        patched.setattr("conn_core.store._leases.take_lease", fail)
        assert 1 == core.acting_as("sam").access_token("expenses").generation
        site.later(50)
        with pytest.raises(StoreUnavailable, match=failure):
            site.core_like(core).access_token("expenses")
    assert 0 == site.provider.refreshes
    assert 2 == site.core_like(core).access_token("expenses").generation
    assert "ok" == check_invariants(site)


# --- locked --------------------------------------------------------------------------


def test_F52_another_process_holds_the_write_lock(make_site, check_invariants):
    """From the answer's arrival on: it is in the spill, and the commit comes after."""
    site = make_site("strict")
    site.later()
    locked, kept = threading.Event(), []

    def hold():
        database = sqlite3.connect(
            site.place.folder / DATABASE, check_same_thread=False
        )
        database.isolation_level = None
        database.execute("BEGIN IMMEDIATE")
        locked.set()
        kept.extend(until(lambda: spilled(site)))
        database.execute("ROLLBACK")
        database.close()

    holder = threading.Thread(target=hold)

    def lock():
        holder.start()
        assert locked.wait(SECONDS)

    site.provider.on_refresh = lock
    said = site.use()
    holder.join()
    assert 2 == said.get("generation"), said
    assert 1 == len(kept)
    assert [] == spilled(site)
    assert 1 == site.provider.refreshes
    assert "ok" == check_invariants(site)


def test_F52_killed_while_the_store_is_locked(make_site, check_invariants):
    """What was in the spill is brought into the store by the next one: a strict provider
    is not asked with a spent token.
    """
    site = make_site("strict")
    site.later()
    database = sqlite3.connect(site.place.folder / DATABASE, check_same_thread=False)
    database.isolation_level = None
    site.provider.on_refresh = lambda: database.execute("BEGIN IMMEDIATE")
    worker = site.worker()
    worker.go()
    until(lambda: spilled(site))
    worker.signal(signal.SIGKILL)
    assert worker.wait() is None
    database.execute("ROLLBACK")
    database.close()
    assert 2 == site.use()["generation"]
    assert 1 == site.provider.refreshes
    assert "ok" == check_invariants(site)


@pytest.mark.parametrize("damage", ["cut", "changed", "of another row"])
def test_F52_a_spill_that_is_damaged_is_set_aside(make_site, damage):
    """It is not believed, and not thrown away; the provider is asked."""
    from invariants import credential_of

    site = make_site("grace")
    site.later()
    site.run(failpoint="refresh.after-intent")
    core = site.core()
    row = credential_of(core)
    content = {
        "cut": b'{"generation": 1, "sea\n',
        "changed": b'{"generation": 1, "sealed": "AAAA", "values": {}}\n',
        "of another row": b'{"generation": 9, "sealed": "AAAA", "values": {}}\n',
    }[damage]
    spill = site.place.folder / "spill"
    spill.mkdir(exist_ok=True)
    (spill / f"{row.id}.{row.lease_owner}").write_bytes(content)
    assert 2 == site.use()["generation"]
    assert 1 == site.provider.refreshes
    assert [content] == [file.read_bytes() for file in spill.glob("*.orphan")]
