"""Killed while the database writes its log back, or is migrated."""

import contextlib
import os
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest
import sqlalchemy as sa

import conn_core.store
from conn_core.store import HEAD, Store, rows

DATABASE = "connections.db"


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

    site = make_site("strict")
    store = Store.sqlite(site.place.folder / DATABASE)
    config = Config()
    folder = Path(conn_core.store.__file__).parent / "migrations"
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
            {"head": HEAD},
        )

    site = make_site("strict")
    store = Store.sqlite(site.place.folder / DATABASE)
    with store.write() as tx:
        tx.execute(sa.text("UPDATE alembic_version SET version_num = '0000'"))
    store.close()
    monkeypatch.setattr(_engine, "migrate", remake)
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
