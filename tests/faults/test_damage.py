"""A database that is damaged, deleted, or where locks do not hold."""

import os
import sqlite3

import pytest

from conn_core.errors import StoreUnavailable
from conn_core.store import Store, _sqlite

DATABASE = "connections.db"


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


def test_F55_a_log_without_its_database_is_kept(make_site):
    """SQLite would make a new database and delete the log with what was committed."""
    site = make_site("strict")
    path = site.place.folder / DATABASE
    log = path.with_name(f"{DATABASE}-wal")
    copy = path.with_name("copy")
    core = site.core()
    core.acting_as("sam").refresh("expenses")
    committed = log.read_bytes()
    path.rename(copy)
    with pytest.raises(StoreUnavailable, match="is missing, but its log") as caught:
        site.place.open()
    assert "Put the database or a backup in its place" in caught.value.hint
    assert (committed, False) == (log.read_bytes(), path.exists())
    copy.rename(path)
    assert 2 == site.use()["generation"]


def test_F56_a_folder_where_two_hold_the_same_lock_is_refused(tmp_path, monkeypatch):
    """Before anything is made in it; the trial leaves nothing behind."""
    monkeypatch.setattr(_sqlite, "_lock", lambda _descriptor: True)
    with pytest.raises(StoreUnavailable, match="Two can lock the same file") as caught:
        Store.sqlite(tmp_path / "data" / DATABASE)
    assert "JUPYTER_CONNECTIONS_DATA_DIR" in caught.value.hint
    names = [file.name for file in (tmp_path / "data").iterdir()]
    assert [DATABASE] == names


def test_F56_locks_of_this_disk_hold_others_off(tmp_path):
    """The trial is a real one: the second of two is told no."""
    file = tmp_path / "file"
    file.touch()
    first, second = (os.open(file, os.O_RDWR) for _ in range(2))
    assert (True, False) == (_sqlite._lock(first), _sqlite._lock(second))
    os.close(first)
    assert _sqlite._lock(second)
    os.close(second)


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
    from conn_core.store import _sqlite_engine

    monkeypatch.setattr(_sqlite_engine, "journal_mode_for", lambda _path: "DELETE")
    site = make_site("strict")
    site.later()
    assert 2 == site.use()["generation"]
    assert not (site.place.folder / f"{DATABASE}-wal").exists()
    assert "ok" == check_invariants(site)
