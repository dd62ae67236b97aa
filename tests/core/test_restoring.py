"""A backup, and what comes of it in the same place and in others."""

import shutil
import sqlite3
from dataclasses import replace

import pytest
import sqlalchemy as sa

from conn_core import ConnectionDraft
from conn_core.broker import restore, rotate
from conn_core.errors import (
    AuthorizationEnded,
    Conflict,
    InvalidInput,
    StoreLocked,
    StoreUnavailable,
)
from conn_core.store import _backup, back_up_to, contents_of


@pytest.fixture
def backup(world, tmp_path):
    """Somebody's connection, in a backup."""
    world.connected()
    copy = tmp_path / "backup.db"
    back_up_to(world.settings.data_dir / "connections.db", copy)
    return copy


@pytest.fixture
def elsewhere(world, tmp_path):
    """Another machine, with nothing on it."""
    return replace(world.settings, data_dir=tmp_path / "elsewhere")


@pytest.fixture
def restored(world):
    """Restore a backup: ``restored(settings, file, …)``."""

    def go(settings, file, **options):
        return restore(settings, file, clock=world.clock, by="ada", **options)

    return go


def carry_key(world, settings):
    """Bring the key to another machine, as an operator would."""
    folder = settings.data_dir / "keys"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    settings.data_dir.chmod(0o700)
    shutil.copy(world.settings.data_dir / "keys" / "master.key", folder)


def test_a_backup_is_one_private_file_without_the_key(world, backup, canary):
    """It can be opened with the key alone, and holds neither key nor secret."""
    key = (world.settings.data_dir / "keys" / "master.key").read_bytes().strip()
    assert 0o600 == backup.stat().st_mode & 0o777
    assert not [*backup.parent.glob("backup.db-*")]
    assert key not in backup.read_bytes()
    canary.sweep([backup], {})


def test_a_backup_is_consistent_while_others_write(world, backup, tmp_path):
    """What is committed is in it, what is not yet committed is not."""
    with world.core.store.write() as tx:
        world.core.record(tx, "test-write", actor="sam")
        copy = tmp_path / "second.db"
        back_up_to(world.settings.data_dir / "connections.db", copy)
    with sqlite3.connect(copy) as database:
        events = database.execute("SELECT action FROM events").fetchall()
    assert ("test-write",) not in events
    assert ("refresh",) not in events


def test_a_backup_is_never_written_over_something(world, backup):
    """A name that is taken, and a store that is not there."""
    with pytest.raises(InvalidInput, match="is there already"):
        back_up_to(world.settings.data_dir / "connections.db", backup)
    with pytest.raises(StoreUnavailable, match="There is no database"):
        back_up_to(backup.with_name("nowhere.db"), backup.with_name("copy.db"))


def test_Q30_a_backup_and_its_key_work_elsewhere(world, backup, elsewhere, restored):
    """On a machine that never had a store."""
    carry_key(world, elsewhere)
    done = restored(elsewhere, backup)
    assert (None, None, None) == (done.aside, done.adopted, done.problem)
    core = world.open(settings=elsewhere)
    assert (1, True) == world.use(core.acting_as("sam"))


def test_Q30_Q19_a_backup_without_its_key_says_so(world, backup, elsewhere, restored):
    """Nothing is made in the place of the key, and the store stays."""
    done = restored(elsewhere, backup)
    assert isinstance(done.problem, StoreLocked)
    assert not (elsewhere.data_dir / "keys").exists()
    with pytest.raises(StoreLocked):
        world.open(settings=elsewhere)
    carry_key(world, elsewhere)
    assert (1, True) == world.use(world.open(settings=elsewhere).acting_as("sam"))


def test_a_store_with_connections_is_only_replaced_when_said(world, backup, restored):
    """It is moved aside with its log, not deleted."""
    broker = world.broker()
    broker.edit("expenses", display_name="Newer") if False else None
    with pytest.raises(Conflict, match="holds connections") as caught:
        restored(world.settings, backup)
    assert "--replace" in caught.value.hint
    done = restored(world.settings, backup, replaces=True)
    assert done.aside is not None
    assert contents_of(done.aside).made == contents_of(backup).made
    assert (1, True) == world.use(world.open().acting_as("sam"))


def test_processes_that_have_the_old_store_open_write_nothing(
    world, backup, restored, elsewhere
):
    """What they wrote into a file that was moved aside would be lost."""
    restored(world.settings, backup, replaces=True)
    world.clock.advance(3600)
    with pytest.raises(StoreUnavailable, match="was deleted or replaced"):
        world.broker().access_token("expenses")


def test_a_store_that_nobody_used_is_no_other_deployment(
    world, backup, elsewhere, restored
):
    """A server that was started before the restore has made an empty one."""
    world.open(settings=elsewhere).close()
    done = restored(elsewhere, backup)
    assert done.aside is not None
    assert done.problem is not None
    assert (
        contents_of(backup).deployment
        == contents_of(elsewhere.data_dir / "connections.db").deployment
    )


@pytest.fixture
def other(world, elsewhere):
    """Another deployment with a connection of its own."""
    core = world.open(settings=elsewhere)
    core.acting_as("kim").create(ConnectionDraft(service="expenses", name="Theirs"))
    return core


def test_Q31_another_deployments_backup_is_refused(
    world, backup, elsewhere, other, restored
):
    """Its rows would not open there, and nobody would know why."""
    before = (elsewhere.data_dir / "connections.db").read_bytes()
    with pytest.raises(Conflict, match="is another deployment's") as caught:
        restored(elsewhere, backup, replaces=True)
    assert "--adopt" in caught.value.hint
    assert before == (elsewhere.data_dir / "connections.db").read_bytes()


def test_Q31_adopted_it_is_sealed_anew_and_written_down(
    world, backup, elsewhere, other, restored
):
    """Under the identity and with the key of the deployment that takes it."""
    theirs = world.settings.data_dir / "keys" / "master.key"
    done = restored(elsewhere, backup, replaces=True, adopts=True, their_key=theirs)
    core = world.open(settings=elsewhere)
    assert (1, True) == world.use(core.acting_as("sam"))
    assert () == done.left
    assert done.adopted >= 3
    assert other.vault.deployment == core.vault.deployment
    assert other.vault.key_ids == core.vault.key_ids
    with core.store.read() as tx:
        found = tx.execute(
            sa.text("SELECT actor, action, detail FROM audit WHERE action = 'adopt'")
        ).all()
    assert [("ada", "adopt", core.vault.deployment)] == [tuple(row) for row in found]
    assert not [*elsewhere.data_dir.glob("*adopting*")]


def test_Q31_without_its_key_nothing_is_adopted(
    world, backup, elsewhere, other, restored
):
    """The store that is there stays as it is."""
    with pytest.raises(StoreLocked, match="own key is needed to adopt it") as caught:
        restored(elsewhere, backup, replaces=True, adopts=True)
    assert "--their-key" in caught.value.hint
    assert not [*elsewhere.data_dir.glob("*adopting*")]
    assert ["Theirs"] == [c.name for c in other.acting_as("kim").connections().items]


def test_Q31_a_row_that_does_not_open_is_named(
    world, backup, elsewhere, other, restored
):
    """Everything else is adopted."""
    with sqlite3.connect(backup) as database:
        database.execute("UPDATE credentials SET holder = 'mallory'")
        [(row,)] = database.execute("SELECT id FROM credentials")
    database.close()
    theirs = world.settings.data_dir / "keys" / "master.key"
    done = restored(elsewhere, backup, replaces=True, adopts=True, their_key=theirs)
    assert (f"secrets {row}",) == done.left


def test_Q32_an_old_refresh_token_ends_in_one_explanation(world, backup, restored):
    """The provider was asked once with each it may know; nothing loops, nothing goes."""
    world.clock.advance(3600)
    assert (2, True) == world.use(world.broker())
    world.core.close()
    world._open.clear()
    restored(world.settings, backup, replaces=True)
    before = world.refreshes()
    broker = world.open().acting_as("sam")
    for _ in range(3):
        with pytest.raises(AuthorizationEnded, match="invalid_grant") as caught:
            broker.access_token("expenses")
    assert "%conn authorize expenses" in str(caught.value)
    assert before + 1 == world.refreshes()
    assert "failed" == broker.connection("expenses").status
    assert [(1,)] == world.sql("SELECT count(*) FROM secrets")


def test_what_is_no_backup_is_refused(world, backup, restored, tmp_path, elsewhere):
    """Nothing, a text, another program's database, one of a newer version."""
    text, foreign = tmp_path / "text", tmp_path / "foreign.db"
    text.write_text("This is no database. " * 1000)
    sqlite3.connect(foreign).execute("CREATE TABLE a (b)").connection.close()
    with sqlite3.connect(backup) as database:
        database.execute("UPDATE alembic_version SET version_num = '9999'")
    database.close()
    for file, words in [
        (tmp_path / "nowhere", "There is no file"),
        (text, "is damaged"),
        (foreign, "is no store of connections"),
        (backup, "by a newer version"),
    ]:
        with pytest.raises((InvalidInput, StoreUnavailable), match=words):
            restored(elsewhere, file)
    assert not (elsewhere.data_dir / "connections.db").exists()


def test_a_backup_from_before_a_rotation_opens_with_both_keys(world, backup, restored):
    """That is why a retired key is kept with the backups of its time."""
    rotate(world.core, by="ada")
    restored(world.settings, backup, replaces=True)
    assert (1, True) == world.use(world.open().acting_as("sam"))


def test_F55_a_damaged_store_is_replaced_when_said(world, backup, restored):
    """It is kept aside byte for byte; what cannot be read is no reason to stop."""
    path = world.settings.data_dir / "connections.db"
    damaged = b"This is no database. " * 1000
    world.core.close()
    world._open.clear()
    path.write_bytes(damaged)
    with pytest.raises(Conflict, match="is damaged") as caught:
        restored(world.settings, backup)
    assert "--replace" in caught.value.hint
    done = restored(world.settings, backup, replaces=True)
    assert damaged == done.aside.read_bytes()
    assert (1, True) == world.use(world.open().acting_as("sam"))


def test_F55_a_damaged_store_is_not_backed_up(world, tmp_path):
    """And leaves no half of a copy."""
    path = tmp_path / "broken.db"
    path.write_bytes(b"This is no database. " * 1000)
    with pytest.raises(StoreUnavailable, match="cannot be copied"):
        back_up_to(path, tmp_path / "copy.db")
    assert [path] == [*tmp_path.glob("*.db*")]


def test_a_restore_that_is_killed_leaves_a_store(world, backup, restored, monkeypatch):
    """The old one or the new one: where there is none an empty one would be made."""

    def killed(path, aside):
        real(path, aside)
        raise KeyboardInterrupt

    world.core.close()
    world._open.clear()
    real = _backup._keep_aside
    monkeypatch.setattr(_backup, "_keep_aside", killed)
    with pytest.raises(KeyboardInterrupt):
        restored(world.settings, backup, replaces=True)
    path = world.settings.data_dir / "connections.db"
    assert contents_of(path).made
    monkeypatch.undo()
    world.clock.advance(1)
    restored(world.settings, backup, replaces=True)
    assert (1, True) == world.use(world.open().acting_as("sam"))
