"""A disk that is full, a database that is locked, damaged, deleted or restarted."""

import contextlib
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
import sqlalchemy as sa

from conn_core.broker._upkeep import Pace
from conn_core.errors import StoreUnavailable
from conn_core.store import Store, rows

DATABASE = "connections.db"


def spilled(site):
    """Return the files that hold what the store did not take."""
    found = (site.place.folder / "spill").glob("*")
    return [file.name for file in found if file.read_bytes().strip(b"\0")]


# --- full and read-only --------------------------------------------------------------


def test_F50_a_full_disk_sends_no_request(make_site, check_invariants):
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
    site.later(3590)
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


# --- locked --------------------------------------------------------------------------


def test_F52_another_process_holds_the_write_lock(make_site, check_invariants):
    """From the answer's arrival on: it is in the spill, and the commit comes after."""
    site = make_site("strict")
    site.later()
    locked, release = threading.Event(), threading.Event()
    kept = []

    def hold():
        database = sqlite3.connect(
            site.place.folder / DATABASE, check_same_thread=False
        )
        database.isolation_level = None
        database.execute("BEGIN IMMEDIATE")
        locked.set()
        release.wait(20)
        kept.extend(spilled(site))
        database.execute("ROLLBACK")
        database.close()

    holder = threading.Thread(target=hold)

    def lock():
        holder.start()
        assert locked.wait(10)
        threading.Timer(1.0, release.set).start()

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
    deadline = time.monotonic() + 20
    while not spilled(site):
        assert time.monotonic() < deadline
        time.sleep(0.02)
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


# --- PostgreSQL ----------------------------------------------------------------------


def test_F53_the_server_ends_all_connections(make_site, check_invariants):
    """As a restart does: the pool notices, nothing is lost."""
    site = make_site("strict", "postgresql")
    site.later()
    admin = sa.create_engine(site.place.url, isolation_level="AUTOCOMMIT")
    others = sa.text(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
        "WHERE pid <> pg_backend_pid() AND datname = current_database()"
    )

    def end_all():
        with admin.connect() as connection:
            connection.execute(others)

    core = site.core()
    broker = core.acting_as("sam")
    assert "connected" == broker.connection("expenses").status
    end_all()
    site.provider.on_refresh = end_all
    assert 2 == broker.access_token("expenses").generation
    assert 1 == site.provider.refreshes
    admin.dispose()
    assert "ok" == check_invariants(site)


def test_F53_a_commit_that_lost_its_confirmation_was_one(make_site, monkeypatch):
    """It is looked for before it is believed lost."""
    from conn_core.broker import _saving

    site = make_site("strict")
    site.later()
    put, lost = _saving._put, []

    def lose_confirmation(*args, **rest):
        done = put(*args, **rest)
        if not lost:
            lost.append(done)
            raise StoreUnavailable("The connection to the database broke")
        return done

    monkeypatch.setattr(_saving, "_put", lose_confirmation)
    core = site.core()
    assert 2 == core.acting_as("sam").access_token("expenses").generation
    assert [True] == lost
    assert [] == spilled(site)
    events = core.acting_as("sam").events("expenses")
    assert ["ok"] == [e.result for e in events if e.action == "refresh"]


def test_F53_a_lock_of_somebody_else_is_waited_for(make_site):
    """A row that another transaction holds for a moment is no error."""
    site = make_site("strict", "postgresql")
    site.later()
    other = sa.create_engine(site.place.url)
    done = threading.Event()

    def hold_row():
        with other.begin() as connection:
            connection.execute(sa.text("UPDATE credentials SET failures = failures"))
            threading.Timer(0.8, done.set).start()
            ready.set()
            done.wait(10)

    ready = threading.Event()
    holder = threading.Thread(target=hold_row)

    def lock():
        holder.start()
        assert ready.wait(10)

    site.provider.on_refresh = lock
    assert 2 == site.use()["generation"]
    holder.join()
    other.dispose()
    assert 1 == site.provider.refreshes


def test_F54_a_store_that_forgot_the_last_refresh_says_so(make_site, canary):
    """A replica that lost a commit, or a restored backup: the strictest provider ends
    the grant, and the status says so; nothing is deleted, and it is not asked again.
    """
    site = make_site("strict")
    backup = site.place.folder.with_name("backup")
    shutil.copytree(site.place.folder, backup)
    site.later()
    assert 2 == site.use()["generation"]
    shutil.rmtree(site.place.folder)
    shutil.copytree(backup, site.place.folder)
    said = site.use()
    assert "invalid_grant" in said["text"]
    requests = site.provider.refreshes
    assert "AuthorizationEnded" == site.use()["error"]
    assert requests == site.provider.refreshes


def test_F54_a_provider_that_forgot_its_last_rotation_gets_the_token_before(make_site):
    """Its own restore: the new refresh token is unknown there, the one before is not."""
    site = make_site("strict")
    site.later()
    assert 2 == site.use()["generation"]
    [first, second] = list(site.provider._refresh)
    del site.provider._refresh[second]
    site.provider._refresh[first].spent_at = None
    site.later()
    assert 3 == site.use()["generation"]
    assert 3 == site.provider.refreshes
    site.later()
    assert 4 == site.use()["generation"]


# --- damaged, deleted, shared --------------------------------------------------------


def test_F55_a_damaged_database_is_refused_and_kept(make_site):
    """Byte for byte; a backup is put in its place by a person."""
    site = make_site("strict")
    path = site.place.folder / DATABASE
    for companion in ("-wal", "-shm"):
        path.with_name(path.name + companion).unlink(missing_ok=True)
    path.write_bytes(b"This is no database. " * 1000)
    before = path.read_bytes()
    with pytest.raises(StoreUnavailable) as caught:
        site.place.open()
    assert "file is not a database" in caught.value.message
    assert "Keep the file, and put a backup in its place" in caught.value.hint
    assert before == path.read_bytes()


def test_F55_pages_that_were_overwritten_are_noticed(make_site):
    """In the middle of a file whose beginning is good."""
    site = make_site("strict")
    path = site.place.folder / DATABASE
    database = sqlite3.connect(path)
    database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    database.close()
    content = bytearray(path.read_bytes())
    for offset in range(4096, len(content), 4096):
        content[offset : offset + 64] = b"\xff" * 64
    path.write_bytes(content)
    with pytest.raises(StoreUnavailable, match="malformed") as caught:
        site.place.open()
    assert "Keep the file" in caught.value.hint
    assert bytes(content) == path.read_bytes()


@pytest.mark.parametrize("replaced", [False, True])
def test_F55_a_database_deleted_in_use_is_not_written(make_site, replaced):
    """A refresh token stored in a file without a name would be lost for ever."""
    site = make_site("strict")
    core = site.core()
    site.later()
    path = site.place.folder / DATABASE
    copy = path.read_bytes()
    path.unlink()
    if replaced:
        path.write_bytes(copy)
        path.chmod(0o600)
    ahead = site.core_like(core)
    with pytest.raises(StoreUnavailable, match="was deleted or replaced"):
        ahead.access_token("expenses")
    assert 0 == site.provider.refreshes


def test_F56_a_folder_that_machines_share_gets_no_shared_memory(tmp_path):
    """WAL needs memory that all users of the file share."""
    from conn_core.store._sqlite import journal_mode_for

    mounts = tmp_path / "mounts"
    mounts.write_text(
        "/dev/sda1 / ext4 rw 0 0\n"
        "server:/home /home nfs4 rw 0 0\n"
        "/dev/sdb1 /home/my\\040disk ext4 rw 0 0\n"
        "tmpfs /homework tmpfs rw 0 0\n"
    )

    def mode(path):
        return journal_mode_for(tmp_path.joinpath(path), mounts=mounts)

    assert "WAL" == mode("/srv/connections.db")
    assert "DELETE" == mode("/home/sam/connections.db")
    assert "WAL" == mode("/home/my disk/connections.db")
    assert "WAL" == mode("/homework/connections.db")
    assert "WAL" == journal_mode_for(tmp_path, mounts=tmp_path / "nowhere")


def test_F56_without_wal_everything_works(make_site, monkeypatch, check_invariants):
    """Slower, and as safe."""
    from conn_core.store import _engine

    monkeypatch.setattr(_engine, "journal_mode_for", lambda _path: "DELETE")
    site = make_site("strict")
    site.later()
    assert 2 == site.use()["generation"]
    assert not (site.place.folder / f"{DATABASE}-wal").exists()
    assert "ok" == check_invariants(site)


# --- checkpoints and migrations ------------------------------------------------------


def test_F10_killed_again_and_again_while_it_writes_and_checkpoints(
    make_site, check_invariants, repeats
):
    """A provider that forgives never loses the grant, and the file stays sound."""
    site = make_site("no rotation", rate=200)
    site.provider.lifetime = 1
    site.later()
    path = site.place.folder / DATABASE
    for turn in range(6 * len(repeats)):
        worker = site.worker(times=100_000)
        worker.go()
        database = sqlite3.connect(path, timeout=5)
        deadline = time.monotonic() + 0.15 + 0.02 * (turn % 5)
        while time.monotonic() < deadline:
            database.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        worker.signal(signal.SIGKILL)
        assert worker.wait() is None
        assert [("ok",)] == database.execute("PRAGMA integrity_check").fetchall()
        database.close()
        assert site.use()["generation"] > 1
    assert "ok" == check_invariants(site)


@pytest.fixture
def old_database(make_site):
    """A deployment whose database is one version behind."""
    from alembic import command
    from alembic.config import Config

    from conn_core.store import _engine

    site = make_site("strict")
    store = Store.sqlite(site.place.folder / DATABASE)
    config = Config()
    folder = Path(_engine.__file__).parent / "migrations"
    config.set_main_option("script_location", str(folder))
    with store.write() as tx:
        config.attributes["connection"] = tx
        command.downgrade(config, "0001")
    store.close()
    return site


def test_F15_a_copy_is_made_before_a_migration(old_database):
    """Only its owner can read it, and it is the database of before."""
    site = old_database
    site.later()
    assert 2 == site.use()["generation"]
    copy = site.place.folder / f"{DATABASE}.0001.bak"
    assert 0o600 == copy.stat().st_mode & 0o777
    with contextlib.closing(sqlite3.connect(copy)) as database:
        version = database.execute("SELECT version_num FROM alembic_version").fetchall()
        assert [("0001",)] == version
        assert 1 == len(database.execute("SELECT * FROM secrets").fetchall())


def test_F15_killed_in_a_migration(old_database, check_invariants):
    """It is one transaction: the next start does it."""
    site = old_database
    program = (
        "import sys; from pathlib import Path; from conn_core.store import Store; "
        "Store.sqlite(Path(sys.argv[1]))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(site.place.folder / DATABASE)],
        env={
            **os.environ,
            "JUPYTER_CONNECTIONS_FAILPOINT": "store.inside-migration:kill",
        },
        check=False,
        timeout=60,
    )
    assert -9 == done.returncode
    site.later()
    assert 2 == site.use()["generation"]
    assert "ok" == check_invariants(site)


def test_F15_a_table_that_is_made_anew_takes_nothing_along(make_site, monkeypatch):
    """SQLite cannot change everything in place; dropping the old table must not delete
    the secrets that refer to it.
    """
    from alembic.migration import MigrationContext
    from alembic.operations import Operations

    from conn_core.store import _engine

    def remake(connection):
        operations = Operations(MigrationContext.configure(connection))
        with operations.batch_alter_table("credentials", recreate="always"):
            pass
        connection.execute(
            sa.text("UPDATE alembic_version SET version_num = :head"),
            {"head": _engine.HEAD},
        )

    site = make_site("strict")
    store = Store.sqlite(site.place.folder / DATABASE)
    with store.write() as tx:
        tx.execute(sa.text("UPDATE alembic_version SET version_num = '0000'"))
    store.close()
    monkeypatch.setattr(_engine, "_migrate", remake)
    site.later()
    core = site.core()
    assert 2 == core.acting_as("sam").access_token("expenses").generation
    with core.store.read() as tx:
        assert 1 == tx.exec_driver_sql("PRAGMA foreign_keys").scalar()


def test_the_row_of_before_reads_as_settled(old_database):
    """Nobody had asked for anything."""
    from invariants import credential_of, state_of

    core = old_database.core()
    assert "ok" == state_of(core, credential_of(core))
    with core.store.read() as tx:
        assert rows.registration_row(tx, "expenses").refused_at is None
