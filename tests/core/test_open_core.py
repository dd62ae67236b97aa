"""Opening a deployment: new, again, and when something is in the way."""

import dataclasses
import os
import shutil
import sqlite3
import stat

import pytest

from conn_core import Settings
from conn_core.broker import open_core
from conn_core.errors import StoreLocked, StoreUnavailable, WrongKey
from conn_core.http import ProviderClient


def files_of(settings):
    """Return every file of a deployment with its bytes."""
    return {
        path.relative_to(settings.data_dir): path.read_bytes()
        for path in settings.data_dir.rglob("*")
        if path.is_file() and path.suffix not in {".db-shm", ".lock"}
    }


def test_a_new_deployment_is_made_and_found_again(world):
    """A connection outlives the process that made it."""
    world.connected()
    token = world.broker().access_token("expenses")
    world.close()
    assert token == world.open().acting_as("sam").access_token("expenses")


def test_without_a_provider_the_real_one_is_used(tmp_path):
    """With the clock of this machine; nothing is sent by opening."""
    core = open_core(
        Settings(
            data_dir=tmp_path / "data",
            runtime_dir=tmp_path,
            user="sam",
            use_keyring=False,
        )
    )
    assert ProviderClient is type(core.provider)
    assert abs(core.clock() - (tmp_path / "data").stat().st_mtime) < 60
    core.close()


def test_P1_everything_is_for_its_owner_only(world, settings):
    """Folder 0700; database, its companions and the key 0600, whatever the umask."""
    old = os.umask(0o022)
    try:
        world.connected()
    finally:
        os.umask(old)
    modes = {
        str(path.relative_to(settings.data_dir.parent)): stat.S_IMODE(
            path.stat().st_mode
        )
        for path in [settings.data_dir, *settings.data_dir.rglob("*")]
    }
    assert {"data", "data/connections.db", "data/connections.db-wal"} <= modes.keys()
    assert {0o700, 0o600} == set(modes.values())
    assert 0o700 == modes["data"]
    assert 0o600 == modes["data/connections.db"]
    assert 0o600 == modes["data/connections.db-wal"]
    assert 0o600 == modes["data/connections.db-shm"]


def test_two_openings_at_once_agree(world):
    """One deployment, one key."""
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(4) as pool:
        cores = list(pool.map(lambda _: world.open(), range(4)))
    cores[0].acting_as("sam")
    world.connected()
    assert {1} == {
        c.acting_as("sam").access_token("expenses").generation for c in cores
    }
    assert [(1,)] == world.sql("SELECT count(*) FROM deployment")
    assert [(1,)] == world.sql("SELECT count(*) FROM key_checks")


# --- the master key ------------------------------------------------------------------


@pytest.fixture
def key_file(tmp_path):
    """Write an operator's key file."""

    def make(name, start):
        import base64

        folder = tmp_path / "operator"
        folder.mkdir(mode=0o700, exist_ok=True)
        path = folder / name
        path.write_bytes(base64.b64encode(bytes(range(start, start + 32))))
        path.chmod(0o600)
        return path

    return make


def test_Q20_a_wrong_key_opens_nothing_and_changes_nothing(world, key_file):
    """Before anything is written; with the right one again all is there."""
    right = dataclasses.replace(world.settings, key_file=key_file("right", 1))
    wrong = dataclasses.replace(world.settings, key_file=key_file("wrong", 100))
    world.open(settings=right)
    world.connected()
    world.close()
    before = files_of(world.settings)
    with pytest.raises(WrongKey):
        world.open(settings=wrong)
    assert before == files_of(world.settings)
    again = world.open(settings=right)
    assert 1 == again.acting_as("sam").access_token("expenses").generation


def test_Q19_a_missing_key_is_never_made_anew(world, settings):
    """F-62: a container that came back without its volume stops with a sentence."""
    world.connected()
    world.close()
    shutil.rmtree(settings.data_dir / "keys")
    with pytest.raises(StoreLocked):
        world.open()
    assert not (settings.data_dir / "keys" / "master.key").exists()


def test_a_failing_vault_leaves_no_database_open(world, settings, monkeypatch):
    """Whatever goes wrong after the store was opened."""
    from conn_core.broker import _core

    closed = []

    class Watched(_core.Store):
        def close(self):
            closed.append(True)
            super().close()

    def fail(*_args, **_rest):
        raise KeyboardInterrupt

    monkeypatch.setattr(_core, "Store", Watched)
    monkeypatch.setattr(_core, "open_vault", fail)
    with pytest.raises(KeyboardInterrupt):
        world.open()
    assert [True] == closed


# --- the database --------------------------------------------------------------------


def test_a_folder_that_cannot_be_made_is_named(world, settings, tmp_path):
    """A file stands in its place; it is left alone."""
    settings.data_dir.write_text("mine")
    with pytest.raises(StoreUnavailable) as caught:
        world.open()
    assert str(settings.data_dir) in caught.value.message
    assert "JUPYTER_CONNECTIONS_DATA_DIR" in caught.value.hint
    assert "mine" == settings.data_dir.read_text()


def test_F55_a_database_that_is_none_is_kept(world, settings):
    """It is not recreated empty, and the error is ours."""
    settings.data_dir.mkdir(mode=0o700)
    path = settings.data_dir / "connections.db"
    path.write_bytes(b"this is no database, it is a text file" * 100)
    path.chmod(0o600)
    before = path.read_bytes()
    with pytest.raises(StoreUnavailable, match="not a database"):
        world.open()
    assert before == path.read_bytes()


def test_F55_a_damaged_database_is_an_error_of_ours(world, settings):
    """Found when it is used; nothing is thrown away."""
    world.connected()
    world.close()
    path = settings.data_dir / "connections.db"
    content = bytearray(path.read_bytes())
    content[4096:] = b"\xff" * (len(content) - 4096)
    path.write_bytes(content)
    with pytest.raises(StoreUnavailable):
        world.open().acting_as("sam").connections()
    assert bytes(content) == path.read_bytes()


def test_F73_a_database_of_a_newer_version_is_refused(world, settings):
    """With the way out, and unchanged."""
    world.open()
    world.close()
    world.sql("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(StoreUnavailable, match="newer version") as caught:
        world.open()
    assert "pip install --upgrade jupyter-connections" in caught.value.hint
    assert [("9999",)] == world.sql("SELECT version_num FROM alembic_version")


def test_F52_a_database_that_somebody_else_holds(world, settings, monkeypatch):
    """After ten seconds it is an error of ours; afterwards it works again."""
    from conn_core.store import _sqlite_engine

    monkeypatch.setattr(_sqlite_engine, "_BUSY_TIMEOUT_MS", 100)
    broker = world.created()
    world.close()
    broker = world.open().acting_as("sam")
    other = sqlite3.connect(settings.data_dir / "connections.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreUnavailable, match="locked"):
        broker.revoke("expenses")
    assert "needs authorization" == broker.connection("expenses").status
    other.execute("COMMIT")
    other.close()
    assert "revoked" == broker.revoke("expenses").status


def test_F60_two_that_begin_a_store_at_once_with_different_keys(
    settings, tmp_path, monkeypatch
):
    """The later one is refused: each would seal what the other cannot open.

    Fails when keys are noted without looking who was faster.
    """
    from conn_core.broker import _core
    from conn_core.vault import new_key, open_vault

    def with_key(name):
        file = tmp_path / name
        file.touch(mode=0o600)
        file.write_text(new_key())
        return dataclasses.replace(settings, key_file=file, key_wrapper=None)

    def slowly(*arguments, **more):
        found = open_vault(*arguments, **more)
        monkeypatch.setattr(_core, "open_vault", open_vault)
        open_core(with_key("faster.key")).close()
        return found

    monkeypatch.setattr(_core, "open_vault", slowly)
    with pytest.raises(WrongKey, match="in this very moment, with another key"):
        open_core(with_key("slower.key"))
    faster = dataclasses.replace(settings, key_file=tmp_path / "faster.key")
    core = open_core(faster)
    assert 1 == len(core.vault.key_ids)
    core.close()
