"""A key that is brought back goes where the settings say that keys are."""

import base64
from dataclasses import replace

import pytest

from conn_core import Secret
from conn_core.broker import code_of, key_status, recover, rotate
from conn_core.errors import Conflict, StoreLocked, WrongKey
from conn_core.vault import _sources, _vault, recovery_code


@pytest.fixture
def code(world):
    world.connected()
    return code_of(world.core)


@pytest.fixture
def key_file(world):
    return world.settings.data_dir / "keys" / "master.key"


def test_F63_into_the_generated_file(world, code, key_file):
    """Made anew, private, with the key as it was."""
    before = key_file.read_bytes()
    key_file.unlink()
    kid, where = recover(world.settings, world.core.store, code)
    assert (world.core.vault.newest_id, before) == (kid, key_file.read_bytes())
    assert where.startswith("generated key file ")
    assert 0o600 == key_file.stat().st_mode & 0o777
    assert (1, True) == world.use(world.open().acting_as("sam"))


def test_F63_into_the_operators_file(world, code, tmp_path):
    """Where the settings name one; that is also how a key moves there."""
    named = tmp_path / "operator" / "named.key"
    settings = replace(world.settings, key_file=named)
    kid, where = recover(settings, world.core.store, code)
    assert f"key file {named}" == where
    assert (kid,) == world.open(settings=settings).vault.key_ids


def test_F63_beside_keys_that_are_there(world, code, key_file):
    """A file that somebody made anew keeps what is in it."""
    other = base64.b64encode(bytes(range(32)))
    key_file.write_bytes(other + b"\n")
    with pytest.raises(WrongKey):
        world.open()
    recover(world.settings, world.core.store, code)
    assert other in key_file.read_bytes()
    assert 2 == len(key_file.read_bytes().split())
    assert (1, True) == world.use(world.open().acting_as("sam"))


def test_F63_into_the_keyring(world, code, key_file, monkeypatch):
    """Where a real one is used."""
    entries = {}

    class Keyring:
        def get_password(self, service, name):
            return entries.get((service, name))

        def set_password(self, service, name, text):
            entries[service, name] = text

    real = type(
        "Keyring", (Keyring,), {"__module__": "keyring.backends.SecretService"}
    )()
    settings = replace(world.settings, use_keyring=True)
    key_file.unlink()
    monkeypatch.setattr(
        _vault.key_search, "__kwdefaults__", {"keyring": lambda: real, "patience": 3.0}
    )
    kid, where = recover(settings, world.core.store, code)
    assert "system keyring (Secret Service)" == where
    assert 1 == len(entries)
    assert world.core.vault.newest_id == kid
    assert not key_file.exists()


def test_F63_what_is_there_and_cannot_be_read_is_not_written_over(
    world, code, key_file
):
    """Somebody may still need it."""
    key_file.write_text("a passphrase\n")
    with pytest.raises(StoreLocked, match="holds no key"):
        recover(world.settings, world.core.store, code)
    assert "a passphrase\n" == key_file.read_text()


def test_F63_a_key_that_is_there_is_said(world, code):
    """Nothing is written twice."""
    with pytest.raises(Conflict, match="is in the generated key file"):
        recover(world.settings, world.core.store, code)


def test_F63_a_code_of_another_store(world, code, tmp_path):
    """And a store that nobody ever used."""
    strange = recovery_code(bytes(range(32)))
    with pytest.raises(WrongKey, match="the code of another store"):
        recover(world.settings, world.core.store, strange)
    assert isinstance(code, Secret)


def test_one_code_is_one_key(world, code):
    """Where rows are under two, it would bring back half."""
    stray = world.core.vault.seal(b"CNRY-stray", binding=("x",))
    rotate(world.core, by="ada")
    world.sql("UPDATE secrets SET sealed = ?", stray)
    with pytest.raises(Conflict, match="sealed with an older key"):
        code_of(world.core)


def test_key_status_of_a_new_store_makes_no_key(tmp_path, world):
    """Looking is not using."""
    from conn_core.store import Store

    store = Store.sqlite(tmp_path / "fresh" / "connections.db")
    settings = replace(world.settings, data_dir=tmp_path / "fresh")
    found = key_status(settings, store)
    assert ("", (), None) == (found.source, found.keys, found.problem)
    assert not (tmp_path / "fresh" / "keys").exists()
    store.close()


def test_F60_key_status_counts_rows_whose_key_is_gone(world, code, key_file):
    """By its id, with what to do."""
    key_file.unlink()
    found = key_status(world.settings, world.core.store)
    [key] = found.keys
    assert (False, False) == (key.here, key.newest)
    assert key.total >= 2
    assert found.to_json()["problem"]["code"] == "store_locked"


def test_F63_wrapped_by_somebody_else(world, code, key_file, monkeypatch):
    """A key moves from a file to Vault or a cloud by its recovery code."""

    class Cloud:
        name = "Cloud KMS"

        def wrap(self, material):
            return "c:" + base64.b64encode(material[::-1]).decode()

        def unwrap(self, blob):
            return base64.b64decode(blob.removeprefix("c:"))[::-1]

    monkeypatch.setattr(_sources, "wrapper_called", lambda _name: Cloud())
    settings = replace(world.settings, key_wrapper="cloud")
    kid, where = recover(settings, world.core.store, code)
    assert where.endswith("wrapped by Cloud KMS")
    assert (kid,) == world.open(settings=settings).vault.key_ids
    core = world.open(settings=settings)
    assert code == code_of(core)
    assert (1, True) == world.use(core.acting_as("sam"))
