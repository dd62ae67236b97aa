"""A process that runs takes new keys by itself, and loses none that it has."""

import pytest

from conn_core.errors import StoreLocked, WrongKey
from conn_core.vault._held import HeldKeys
from conn_core.vault._key import MasterKey
from conn_core.vault._places import KeyFile, KeyringEntry

BINDING = ("secrets", "sealed", "row")


class Place:
    """A place of keys that tests change."""

    name = "place for a test"

    def __init__(self, *keys):
        self.held = keys
        self.version = 0
        self.reads = 0
        self.trouble = None

    def read(self):
        self.reads += 1
        if self.trouble:
            raise self.trouble
        return self.held

    def stamp(self):
        return self.version

    def put(self, *keys):
        self.held = keys
        self.version += 1


@pytest.fixture
def keys(material):
    return [MasterKey(material(start)) for start in range(1, 5)]


@pytest.fixture
def place(keys):
    return Place(keys[0])


@pytest.fixture
def now():
    return [100.0]


@pytest.fixture
def held(keys, place, now):
    return HeldKeys(keys[:1], places=(place,), seconds=lambda: now[0])


def test_Q27_an_unknown_key_is_looked_for_once(held, place, keys, now):
    """Rows that anybody can write do not make us read without end."""
    assert held.find(keys[1].id) is None
    assert held.find(keys[1].id) is None
    assert held.find(keys[2].id) is None
    assert 1 == place.reads
    now[0] += 6
    place.put(keys[1], keys[0])
    assert keys[1] is held.find(keys[1].id)
    assert 2 == place.reads


def test_Q27_what_seals_is_the_newest_there_is(held, place, keys):
    """Nothing is read while the place is as it was."""
    assert keys[0] is held.newest()
    assert 0 == place.reads
    place.put(keys[1], keys[0])
    assert keys[1] is held.newest()
    assert keys[1] is held.newest()
    assert 1 == place.reads
    assert (keys[1], keys[0]) == held.all()


def test_a_key_that_was_retired_opens_until_the_process_ends(held, place, keys):
    """What it sealed a moment ago is not lost."""
    place.put(keys[1], keys[0])
    held.newest()
    place.put(keys[1])
    assert keys[1] is held.newest()
    assert keys[0] is held.find(keys[0].id)


def test_F64_a_place_that_cannot_be_read_takes_nothing_away(held, place, keys):
    """The keys that are held go on, and an unknown one says why it stays unknown."""
    place.trouble = StoreLocked("Vault does not answer")
    place.version += 1
    assert keys[0] is held.newest()
    assert keys[0] is held.find(keys[0].id)
    with pytest.raises(StoreLocked, match="Vault does not answer"):
        held.find(keys[1].id)


def test_a_place_that_is_gone_is_said(held, place, keys):
    """A file that somebody deleted under us."""
    place.trouble = FileNotFoundError()
    with pytest.raises(StoreLocked, match="place for a test is not there any more"):
        held.find(keys[1].id)


def test_another_key_in_its_place_is_not_used(held, place, keys, caplog):
    """A file copied from another deployment would seal what nobody can open later."""
    place.put(keys[2])
    assert keys[0] is held.newest()
    assert ["The store's key was replaced by another one; it is not used"] == (
        caplog.messages
    )


def test_the_newest_stays_while_one_of_two_places_cannot_be_read(keys):
    """It may be where nobody could look."""
    first, second = Place(keys[0]), Place(keys[1])
    held = HeldKeys(keys[:2], places=(first, second))
    first.trouble = StoreLocked("locked")
    second.put(keys[1], keys[2])
    assert keys[0] is held.newest()
    assert keys[2] is held.find(keys[2].id)


def test_keys_without_a_place_do_not_change(keys, vault_with):
    """Such as those of a recovery code."""
    held = HeldKeys(keys[:1])
    assert held.find(keys[1].id) is None
    for change in (
        lambda: held.add("x"),
        lambda: held.drop(keys[0].id),
        held.newest_material,
    ):
        with pytest.raises(StoreLocked, match="no place that could be written"):
            change()
    with pytest.raises(WrongKey):
        vault_with(1).open(vault_with(2).seal(b"x", binding=BINDING), binding=BINDING)


def test_a_change_that_cannot_be_read_back_is_said(held, place, keys):
    """The key was put there, and then nobody could look."""

    def add(_line):
        place.trouble = StoreLocked("gone")

    place.add = add
    with pytest.raises(StoreLocked, match="gone"):
        held.add("line")
    place.newest = lambda: None
    with pytest.raises(StoreLocked, match="cannot be read where it is kept"):
        held.newest_material()


# --- the places -----------------------------------------------------------------------


@pytest.fixture
def entry(secret_service):
    return KeyringEntry(
        factory=lambda: secret_service,
        entry="master key of 6b1d0c9e",
        patience=60.0,
        name="system keyring (Secret Service)",
    )


def test_the_keyring_takes_and_loses_keys(entry, secret_service, material, as_text):
    """In one entry, a line each, the newest first."""
    with pytest.raises(FileNotFoundError):
        entry.read()
    assert entry.newest() is None
    entry.add(as_text(1).decode())
    entry.add(as_text(2).decode())
    ids = [MasterKey(material(n)).id for n in (2, 1)]
    assert ids == [key.id for key in entry.read()]
    assert material(2) == entry.newest()
    entry.drop(ids[1])
    assert ids[:1] == [key.id for key in entry.read()]
    assert 1 == len(secret_service.entries)


def test_Q24_a_keyring_that_cuts_keys_keeps_what_it_had(
    entry, secret_service, material, as_text
):
    """Windows takes 2,560 bytes; what does not read back whole is put back."""
    entry.add(as_text(1).decode())
    real = type(secret_service).set_password

    def cut(service, name, written):
        real(secret_service, service, name, written[:44])

    secret_service.set_password = cut
    with pytest.raises(StoreLocked, match="did not take the key"):
        entry.add(as_text(2).decode())
    assert [MasterKey(material(1)).id] == [key.id for key in entry.read()]


def test_Q23_a_keyring_that_is_locked_says_so(entry, secret_service, as_text):
    """By then somebody may have gone home."""
    entry.add(as_text(1).decode())
    key_stamp = entry.stamp()
    secret_service.get_password = None
    with pytest.raises(StoreLocked, match="which is unusable"):
        entry.read()
    with pytest.raises(StoreLocked, match="did not take the key"):
        entry.add(as_text(2).decode())
    assert key_stamp == int(key_stamp)


def test_the_keyring_is_looked_at_again_now_and_then(entry, monkeypatch):
    """Nobody says when an entry changes."""
    from conn_core.vault import _places

    monkeypatch.setattr(_places.time, "monotonic", lambda: 1.0)
    first = entry.stamp()
    monkeypatch.setattr(_places.time, "monotonic", lambda: 601.0)
    assert first != entry.stamp()


def test_a_key_file_keeps_its_comments(key_file, as_text, material):
    """An operator wrote them; only keys come and go."""
    path = key_file(b"# of 2026\n" + as_text(1) + b"\n")
    place = KeyFile(path, "key file /k")
    place.add(as_text(2).decode())
    assert as_text(2) + b"\n# of 2026\n" + as_text(1) + b"\n" == path.read_bytes()
    place.drop(MasterKey(material(2)).id)
    assert b"# of 2026\n" + as_text(1) + b"\n" == path.read_bytes()
    assert material(1) == place.newest()


def test_a_raw_key_file_becomes_lines(key_file, as_text, material):
    """32 bytes have no room for a second key."""
    path = key_file(material(1))
    place = KeyFile(path, "key file /k")
    place.add(as_text(2).decode())
    assert [2, 1] == [
        n for key in place.read() for n in (1, 2) if MasterKey(material(n)).id == key.id
    ]


def test_Q26_the_file_of_somebody_else_is_not_written(key_file, as_text, monkeypatch):
    """It says how to rotate by hand."""
    path = key_file(as_text(1))
    place = KeyFile(path, "key file /k")
    monkeypatch.setattr("os.geteuid", lambda: 0)
    import os

    os.chown(path, 12345, -1)
    monkeypatch.setattr(
        "conn_core.vault._files._refuse_untrusted_file", lambda *_: None
    )
    with pytest.raises(StoreLocked, match="belongs to somebody else") as caught:
        place.add(as_text(2).decode())
    assert "openssl rand" in caught.value.hint
    assert as_text(1) == path.read_bytes()


def test_a_file_that_is_gone_has_no_stamp(tmp_path):
    """And comes back with another one."""
    place = KeyFile(tmp_path / "k", "key file /k")
    assert place.stamp() is None


def test_a_key_is_taken_away_from_each_place_that_has_it(keys):
    """Keyring and file may have both had it."""
    first, second = Place(keys[1]), Place(keys[1], keys[0])
    gone = []
    second.drop = lambda key_id: gone.append(key_id) or second.put(keys[1])
    HeldKeys([keys[1], keys[0]], places=(first, second)).drop(keys[0].id)
    assert [keys[0].id] == gone


def test_a_file_with_comments_alone_has_no_newest_key(key_file):
    """Somebody emptied it."""
    assert KeyFile(key_file(b"# nothing\n"), "key file /k").newest() is None
