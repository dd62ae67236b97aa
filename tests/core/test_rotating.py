"""Another master key: added, everything wrapped again, the old one let go."""

import base64
import json
from concurrent.futures import ThreadPoolExecutor

import pytest

from conn_core.broker._rotating import retire, rotate
from conn_core.errors import Conflict, InvalidInput, StoreLocked, WrongKey
from conn_core.store import sealed_rows
from conn_core.vault import _places, is_same_secret, new_key


@pytest.fixture
def key_file(world):
    return world.settings.data_dir / "keys" / "master.key"


@pytest.fixture
def sam(world):
    """Somebody with a connection, its client registration, and an attempt in progress."""
    broker = world.connected()
    world.created("Second")
    world.begun("Second")
    return broker


def keys_of_rows(world):
    """Return how many rows each key has sealed, by table."""
    with world.core.store.read() as tx:
        return sealed_rows.rows_by_key(tx)


def sealed_now(world):
    return [
        row
        for table in ("secrets", "flows")
        for row in world.sql(f"SELECT sealed FROM {table} WHERE sealed IS NOT NULL")
    ]


def test_Q27_everything_is_sealed_with_the_new_key(world, sam, key_file):
    """Secrets, registrations, attempts and the deployment's own; both keys are kept."""
    before = world.core.vault.newest_id
    tables = set(keys_of_rows(world)[before])
    done = rotate(world.core, by="ada")
    counts = keys_of_rows(world)
    assert {"secrets", "registrations", "flows"} <= tables
    assert {done.key} == counts.keys()
    assert tables == set(counts[done.key])
    assert (True, sum(counts[done.key].values()), ()) == (
        done.added,
        done.wrapped,
        done.left,
    )
    assert (done.key, before) == world.core.vault.key_ids
    assert 2 == len(key_file.read_text().splitlines())
    assert 0o600 == key_file.stat().st_mode & 0o777
    assert (1, True) == world.use(world.open().acting_as("sam"))


def test_Q27_no_secret_is_opened(world, sam):
    """Only the data keys are wrapped again: what they lock is the same to the last byte."""
    before = [sealed[-60:] for (sealed,) in sealed_now(world)]
    heads = [sealed[:70] for (sealed,) in sealed_now(world)]
    rotate(world.core, by="ada")
    after = [sealed[-60:] for (sealed,) in sealed_now(world)]
    assert before == after
    assert not {*heads} & {sealed[:70] for (sealed,) in sealed_now(world)}


def test_Q27_running_processes_take_the_new_key_when_they_meet_it(world, sam):
    """To open what others sealed, and to seal with it from then on."""
    other = world.open()
    done = rotate(world.core, by="ada")
    assert (1, True) == world.use(other.acting_as("sam"))
    world.clock.advance(3600)
    assert (2, True) == world.use(other.acting_as("sam"))
    assert {done.key} == keys_of_rows(world).keys()


def test_Q27_many_rows_are_wrapped_in_batches(world, sam):
    """Each in a transaction of its own."""
    done = rotate(world.core, by="ada", batch=1)
    assert {done.key} == keys_of_rows(world).keys()
    assert sum(keys_of_rows(world)[done.key].values()) == done.wrapped


def test_F66_an_unfinished_rotation_is_finished_before_another_begins(world, sam):
    """Whoever runs it again after a crash gets no third key."""
    vault = world.core.vault
    first = vault.newest_id
    vault.add_key(new_key())
    done = rotate(world.core, by="ada")
    assert not done.added
    assert (done.key, first) == vault.key_ids
    assert {done.key} == keys_of_rows(world).keys()
    assert rotate(world.core, by="ada").added


def test_Q8_a_row_that_was_changed_is_left_and_named(world, sam):
    """Everything else moves on; its owner is told where it is."""
    world.sql("UPDATE credentials SET holder = 'mallory' WHERE holder = 'sam'")
    [(row,)] = world.sql("SELECT id FROM credentials")
    done = rotate(world.core, by="ada")
    assert (f"secrets {row}",) == done.left
    assert rotate(world.core, by="ada").added
    old = world.core.vault.key_ids[-1]
    with pytest.raises(Conflict, match="in use: 1 row is sealed with it"):
        retire(world.core, old, by="ada", at_once=True)


def test_Q28_a_key_that_rows_use_is_not_retired(world, sam):
    """Nor is the newest, nor one that is not there."""
    vault = world.core.vault
    old = vault.newest_id
    with pytest.raises(Conflict, match="is the newest"):
        retire(world.core, old, by="ada")
    rotate(world.core, by="ada")
    stray = vault.seal(b"CNRY-stray", binding=("x",))
    stray = stray[:2] + bytes.fromhex(old) + stray[10:]
    world.sql("UPDATE flows SET sealed = ? WHERE sealed IS NOT NULL", stray)
    with pytest.raises(Conflict, match="in use: 1 row is sealed"):
        retire(world.core, old[:6], by="ada", at_once=True)
    with pytest.raises(InvalidInput, match="No key has an id that begins with 'zz'"):
        retire(world.core, "zz", by="ada")
    with pytest.raises(InvalidInput, match="No key"):
        retire(world.core, "", by="ada")
    assert old in vault.key_ids


def test_Q28_a_key_is_retired_when_nobody_can_seal_with_it_any_more(
    world, sam, key_file
):
    """A quarter of an hour after the rotation, or when somebody says that nobody runs."""
    old = world.core.vault.newest_id
    done = rotate(world.core, by="ada")
    with pytest.raises(Conflict, match="The newest key is 0 minutes old"):
        retire(world.core, old, by="ada")
    world.clock.advance(901)
    assert old == retire(world.core, old[:8], by="ada")
    assert 1 == len(key_file.read_text().split())
    again = world.open()
    assert (done.key,) == again.vault.key_ids
    assert [(done.key,)] == world.sql("SELECT kid FROM key_checks")
    assert (1, True) == world.use(again.acting_as("sam"))


def test_Q28_an_answer_that_waits_beside_the_store_uses_its_key(world, sam):
    """Its refresh token is the only one that works."""
    old = world.core.vault.newest_id
    sealed = world.core.vault.seal(b"CNRY-waiting", binding=("x",))
    content = json.dumps({"sealed": base64.b64encode(sealed).decode()}).encode()
    spill = world.core.upkeep.spill
    spill.keep("some-credential", content)
    spill.keep("another", b"{}")
    rotate(world.core, by="ada")
    with pytest.raises(Conflict, match="in use: 1 row is"):
        retire(world.core, old, by="ada", at_once=True)
    spill.drop("some-credential")
    assert old == retire(world.core, old, by="ada", at_once=True)


def test_Q29_F27_a_refresh_at_the_same_time_loses_nothing(world, sam, monkeypatch):
    """Whoever was later in the row has the say, and the rotation looks again."""
    broker, read, times = world.broker(), sealed_rows.sealed_rows, []

    def read_then_refreshed(tx, table, **rest):
        found = read(tx, table, **rest)
        if table == "secrets" and found and not times:
            times.append(table)
            with ThreadPoolExecutor(1) as pool:
                pool.submit(broker.refresh, "expenses").result()
        return found

    monkeypatch.setattr(sealed_rows, "sealed_rows", read_then_refreshed)
    done = rotate(world.core, by="ada")
    assert {done.key} == keys_of_rows(world).keys()
    assert ["secrets"] == times
    assert (2, True) == world.use(world.open().acting_as("sam"))


def test_a_commit_that_is_confirmed_after_a_rotation_is_one(world, sam):
    """The same sealing under another master key is the same answer."""
    vault = world.core.vault
    one = vault.seal(b"CNRY-one", binding=("x",))
    other = vault.seal(b"CNRY-one", binding=("x",))
    rotate(world.core, by="ada")
    again = vault.rewrapped(one, binding=("x",))
    assert one != again
    assert is_same_secret(one, again)
    assert not is_same_secret(one, other)
    assert not is_same_secret(one, b"")


def test_Q29_a_key_that_cannot_be_written_changes_nothing(world, sam, monkeypatch):
    """An operator's file may be mounted to be read only."""

    def refuse(*_):
        raise StoreLocked("The key file /k cannot be written (Read-only file system)")

    before = world.core.vault.key_ids
    monkeypatch.setattr(_places, "change_key_file", refuse)
    with pytest.raises(StoreLocked, match="Read-only"):
        rotate(world.core, by="ada")
    assert before == world.core.vault.key_ids
    assert {before[0]} == keys_of_rows(world).keys()
    assert [(before[0],)] == world.sql("SELECT kid FROM key_checks")


def test_an_unknown_key_id_is_said_plainly(world, sam):
    """And the source is read once for it, not for every row."""
    [(sealed,)] = world.sql("SELECT sealed FROM secrets")
    world.sql("UPDATE secrets SET sealed = ?", sealed[:2] + bytes(8) + sealed[10:])
    world.clock.advance(10)
    with pytest.raises(WrongKey, match="sealed with a key that is not in"):
        world.broker().access_token("expenses")


def test_history_says_who_rotated(world, sam):
    """With the ids of the keys, never with a key."""
    done = rotate(world.core, by="ada")
    rows = world.sql(
        "SELECT actor, action, detail FROM events WHERE action LIKE '%key'"
    )
    assert ("ada", "add-key", done.key) in rows
    assert ("ada", "rotate-key", f"{done.key}, {done.wrapped} rows") in rows


def test_Q27_the_client_secret_of_a_service_that_is_gone_moves_along(world, sam):
    """A release may drop a service; its registration waits for it to come back."""
    vault = world.core.vault
    binding = ("registrations", "sealed_secret", "gone", "desk-client")
    sealed = vault.seal(b"CNRY-gone", binding=binding)
    world.sql("UPDATE registrations SET service_id = 'gone', sealed_secret = ?", sealed)
    done = rotate(world.core, by="ada")
    assert () == done.left
    [(again,)] = world.sql("SELECT sealed_secret FROM registrations")
    assert sealed != again
    assert b"CNRY-gone" == vault.open(again, binding=binding)


def test_F27_a_row_that_is_always_written_does_not_hold_the_rotation(
    world, sam, monkeypatch
):
    """After some looks it is left to the next run; both keys open meanwhile."""
    monkeypatch.setattr(sealed_rows, "reseal", lambda *_args, **_rest: False)
    done = rotate(world.core, by="ada")
    assert (0, True) == (done.wrapped, done.added)
    monkeypatch.undo()
    assert not rotate(world.core, by="ada").added
    assert (1, True) == world.use(world.open().acting_as("sam"))
