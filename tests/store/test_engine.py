"""Opening the database: permissions first, and errors in our words."""

import os
import sqlite3
import stat
import subprocess
import sys
import threading

import pytest
import sqlalchemy as sa

from conn_core.errors import StoreUnavailable
from conn_core.store import Store, prepare_folder


def mode_of(path):
    return stat.S_IMODE(path.stat().st_mode)


@pytest.fixture(autouse=True)
def _usual_umask():
    old = os.umask(0o022)
    yield
    os.umask(old)


def test_P1_database_and_companions_are_0600_in_a_0700_folder(path, store):
    """SQLite alone would make them 0644."""
    with store.write() as tx:
        tx.execute(sa.text("INSERT INTO deployment VALUES ('d', 0)"))
        companions = {p.name: mode_of(p) for p in path.parent.iterdir()}
    assert {
        "connections.db": 0o600,
        "connections.db-wal": 0o600,
        "connections.db-shm": 0o600,
    } == companions
    assert 0o700 == mode_of(path.parent)


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604, 0o660])
def test_P2_a_database_others_can_read_is_refused(path, mode):
    """With the exact command that mends it; nothing is changed."""
    Store.sqlite(path).close()
    path.chmod(mode)
    before = path.read_bytes()
    with pytest.raises(StoreUnavailable) as caught:
        Store.sqlite(path)
    assert f"Other people can read the database {path}. Run chmod 600 {path}" == str(
        caught.value
    )
    assert (mode, before) == (mode_of(path), path.read_bytes())
    path.chmod(0o600)
    Store.sqlite(path).close()


@pytest.mark.parametrize("exists", [True, False])
def test_P3_a_link_is_not_followed(path, tmp_path, exists):
    """Whatever it leads to is not touched."""
    path.parent.mkdir(mode=0o700)
    target = tmp_path / "elsewhere"
    if exists:
        target.write_text("mine")
        target.chmod(0o600)
    path.symlink_to(target)
    with pytest.raises(StoreUnavailable, match="cannot be written"):
        Store.sqlite(path)
    assert exists == target.exists()
    assert not exists or "mine" == target.read_text()


def test_a_folder_in_the_place_of_the_database_is_refused(path):
    """In one sentence with its reason."""
    path.parent.mkdir(mode=0o700)
    path.mkdir()
    with pytest.raises(StoreUnavailable, match="Is a directory") as caught:
        Store.sqlite(path)
    assert "JUPYTER_CONNECTIONS_DATA_DIR" in caught.value.hint


def test_a_file_in_the_place_of_the_folder_is_refused(path):
    """Database not writable: nothing is made, nothing is lost."""
    path.parent.write_text("mine")
    with pytest.raises(StoreUnavailable) as caught:
        Store.sqlite(path)
    assert f"The folder {path.parent} cannot be used" in caught.value.message
    assert "mine" == path.parent.read_text()


def test_P4_a_folder_that_others_could_enter_is_refused(path):
    """It may be one that they need: it is left as it is, and the error says how."""
    path.parent.mkdir(mode=0o755)
    path.parent.chmod(0o755)
    with pytest.raises(StoreUnavailable, match="Other people can enter") as caught:
        prepare_folder(path.parent)
    assert f"chmod 700 {path.parent}" in caught.value.hint
    assert 0o755 == mode_of(path.parent)


@pytest.mark.skipif(os.getuid() != 0, reason="only root can give a folder away")
def test_P4_a_folder_of_somebody_else_is_refused(path):
    """They could replace what is in it."""
    path.parent.mkdir(mode=0o700)
    os.chown(path.parent, 12345, 12345)
    with pytest.raises(StoreUnavailable, match="belongs to somebody else"):
        Store.sqlite(path)
    assert [] == list(path.parent.iterdir())


def test_P4_a_folder_of_somebody_else_is_refused_by_its_number(path, monkeypatch):
    """The same, for whoever cannot give folders away."""
    path.parent.mkdir(mode=0o700)
    monkeypatch.setattr(os, "getuid", lambda: path.parent.stat().st_uid + 1)
    with pytest.raises(StoreUnavailable, match="belongs to somebody else"):
        prepare_folder(path.parent)


def test_where_there_are_no_owners_and_modes_nobody_asks_for_them(path, monkeypatch):
    """On Windows access is a matter of lists."""
    from conn_core.store import _own_files

    Store.sqlite(path).close()
    path.chmod(0o644)
    monkeypatch.delattr(os, "getuid")
    monkeypatch.setattr(os, "name", "nt")
    prepare_folder(path.parent)
    _own_files.create_unreadable_to_others(path)


# --- transactions --------------------------------------------------------------------


def test_sqlite_is_set_up_for_safety(store):
    """Every connection: durable, cascading, and nothing left of deleted rows."""
    with store.read() as tx:
        found = {
            name: tx.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys", "secure_delete")
        }
    assert {
        "journal_mode": "wal",
        "synchronous": 2,
        "foreign_keys": 1,
        "secure_delete": 1,
    } == found


def test_a_write_is_whole_or_nothing(store):
    """An error in the middle takes back what came before."""

    def half():
        with store.write() as tx:
            tx.execute(sa.text("INSERT INTO deployment VALUES ('d', 0)"))
            raise RuntimeError

    with pytest.raises(RuntimeError):
        half()
    with store.read() as tx:
        assert [] == tx.execute(sa.text("SELECT * FROM deployment")).all()


def test_a_writer_holds_the_lock_from_its_first_moment(store):
    """So two who read, then write, never trip over each other."""
    counted = []

    def count():
        with store.write() as tx:
            (found,) = tx.execute(sa.text("SELECT count(*) FROM deployment")).one()
            tx.execute(
                sa.text("INSERT INTO deployment VALUES (:id, 0)"), {"id": f"d{found}"}
            )
            counted.append(found)

    threads = [threading.Thread(target=count) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert list(range(8)) == sorted(counted)


def test_readers_do_not_wait_for_a_writer(store):
    """They see what was there before."""
    with store.write() as writer:
        writer.execute(sa.text("INSERT INTO deployment VALUES ('d', 0)"))
        with store.read() as reader:
            assert (
                0 == reader.execute(sa.text("SELECT count(*) FROM deployment")).scalar()
            )


def test_M5_an_error_shows_no_statement_and_no_value(store, canary):
    """Only what SQLite says, in one line; the cause hides its parameters."""
    secret = canary("value")
    with pytest.raises(StoreUnavailable) as caught, store.read() as tx:
        tx.execute(sa.text("INSERT INTO nowhere VALUES (:secret)"), {"secret": secret})
    assert "no such table: nowhere" in caught.value.message
    assert "INSERT" not in str(caught.value)
    canary.sweep(
        texts={"error": str(caught.value), "cause": str(caught.value.__cause__)}
    )


def test_a_full_pool_is_an_error_of_ours(store, monkeypatch):
    """As any other trouble with the database."""
    monkeypatch.setattr(store._engine.pool, "_timeout", 0.05)
    monkeypatch.setattr(store._engine.pool, "_max_overflow", 0)
    import contextlib

    with contextlib.ExitStack() as held:
        for _ in range(store._engine.pool.size()):
            held.enter_context(store.read())
        with (
            pytest.raises(StoreUnavailable, match="All connections of this process"),
            store.read(),
        ):
            pass


def test_a_violated_rule_is_left_to_the_one_who_knows_what_it_means(store):
    """Such as a name that is taken."""
    row = "('d', 0)"
    with pytest.raises(sa.exc.IntegrityError), store.write() as tx:
        tx.execute(sa.text(f"INSERT INTO deployment VALUES {row}, {row}"))


def test_deleted_secrets_leave_no_bytes(path, store, canary):
    """Neither in the database nor, once it is closed, beside it."""
    secret = canary("row")
    with store.write() as tx:
        tx.execute(
            sa.text("INSERT INTO deployment VALUES (:s, 0)"), {"s": secret + "x" * 16}
        )
    with store.write() as tx:
        tx.execute(sa.text("DELETE FROM deployment"))
    store.close()
    with sqlite3.connect(path) as database:
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    database.close()
    canary.sweep([path.parent])


ANOTHER_PROCESS = """
import sqlite3, sys
database = sqlite3.connect(sys.argv[1], timeout=10)
print([name for (name,) in database.execute("SELECT id FROM deployment")])
database.execute("UPDATE deployment SET created_at = created_at + 1")
database.commit()
database.close()
"""


def test_F57_a_second_opening_takes_no_locks_from_the_first(path, store):
    """As a kernel's *doctor* opens it once more: the log stays under whoever has it.

    Fails when the file is opened and closed beside SQLite: that lets go of all locks of
    the process, the next process to close takes the log away, and what is written into
    it afterwards is never seen again.
    """

    def seen_by_another_process():
        command = [sys.executable, "-c", ANOTHER_PROCESS, path]
        return subprocess.run(
            command, check=True, capture_output=True, text=True
        ).stdout

    def write(name):
        with store.write() as tx:
            tx.execute(sa.text("INSERT INTO deployment VALUES (:n, 0)"), {"n": name})

    write("first")
    second = Store.sqlite(path)
    assert "['first']\n" == seen_by_another_process()
    assert path.with_name("connections.db-wal").exists()
    write("second")
    assert "['first', 'second']\n" == seen_by_another_process()
    second.close()


def test_P2_a_database_that_one_may_not_write_is_refused(path, monkeypatch):
    """At once, in our words; as root nothing is forbidden, so the system is played."""
    Store.sqlite(path).close()
    monkeypatch.setattr(os, "access", lambda _path, _mode: False)
    with pytest.raises(StoreUnavailable, match="Permission denied"):
        Store.sqlite(path)
