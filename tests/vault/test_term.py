"""For how long keys are held that somebody else unwraps, once nobody can be asked."""

import threading

import pytest

from conn_core.errors import StoreLocked
from conn_core.vault import Vault
from conn_core.vault._held import HeldKeys
from conn_core.vault._key import MasterKey

BINDING = ("secrets", "sealed", "row")
MINUTES = 60
DOWN = StoreLocked("Vault does not answer", "Run vault status")


class Unwrapping:
    """A place of keys whose unwrapping may fail, and takes its time then."""

    name = "key file /k, wrapped by Vault"

    def __init__(self, *keys):
        self.held = keys
        self.reads = 0
        self.trouble = None
        self.while_read = lambda: None

    def read(self):
        self.reads += 1
        self.while_read()
        if self.trouble:
            raise self.trouble
        return self.held

    def stamp(self):
        return 0


@pytest.fixture
def keys(material):
    return [MasterKey(material(start)) for start in range(1, 4)]


@pytest.fixture
def place(keys):
    return Unwrapping(keys[0])


@pytest.fixture
def now():
    return [1000.0]


@pytest.fixture
def held(keys, place, now):
    """Keys that may be held for an hour."""
    return HeldKeys(
        keys[:1], places=(place,), hold=60.0 * MINUTES, seconds=lambda: now[0]
    )


def pass_minutes(now, minutes):
    now[0] += 60.0 * minutes


def test_F64_keys_are_confirmed_in_the_second_half_of_their_time(
    held, place, keys, now
):
    """Once, and then the time begins anew: a place that answers is asked twice an hour."""
    pass_minutes(now, 29)
    held.find(keys[0].id)
    assert 0 == place.reads
    for _ in range(3):
        pass_minutes(now, 31)
        assert keys[0] is held.newest()
        assert keys[0] is held.find(keys[0].id)
    assert 3 == place.reads


def test_F64_while_nobody_unwraps_they_are_used_until_their_time_is_over(
    held, place, keys, now
):
    """Then nothing opens, with the reason, the time, and the command that helps.

    Fails when the term is off (``hold=None``): the control is the last test here.
    """
    place.trouble = DOWN
    pass_minutes(now, 59)
    assert keys[0] is held.find(keys[0].id)
    assert keys[0] is held.newest()
    assert 1 == place.reads  # who is told no is not asked again for half a minute
    pass_minutes(now, 1)
    with pytest.raises(StoreLocked) as caught:
        held.find(keys[0].id)
    assert (
        "Vault does not answer. The store's keys were held for the 60 minutes that are "
        "allowed without it, and are used no longer" == caught.value.message
    )
    assert "Run vault status" == caught.value.hint


def test_F64_an_answer_that_came_in_the_last_moment_is_sealed(held, place, keys, now):
    """For two minutes more: the provider spent the old token, and answers only once."""
    place.trouble = DOWN
    pass_minutes(now, 61)
    with pytest.raises(StoreLocked):
        held.find(keys[0].id)
    assert keys[0] is held.newest()
    pass_minutes(now, 1)
    with pytest.raises(StoreLocked):
        held.newest()


def test_F64_after_that_the_keys_are_not_in_memory(held, place, keys, now):
    """Whoever reads the process finds none; they come back with who unwraps them."""
    place.trouble = DOWN
    pass_minutes(now, 63)
    with pytest.raises(StoreLocked):
        held.all()
    assert {} == held._keys
    assert held._newest is None
    place.trouble = None
    pass_minutes(now, 1)
    assert keys[0] is held.newest()
    assert (keys[0],) == held.all()


def test_F64_who_comes_while_they_are_being_forgotten_gets_none(held, keys):
    """Another thread may do so between the look at the clock and the key."""
    held._forget()
    with pytest.raises(StoreLocked):
        held.newest()
    assert held.find(keys[0].id) is keys[0]  # the place has it still


def test_F64_no_other_key_takes_their_place(held, place, keys, now, caplog):
    """Not even one that the place gives us then: it never sealed this store."""
    place.trouble = DOWN
    pass_minutes(now, 63)
    with pytest.raises(StoreLocked):
        held.newest()
    place.trouble, place.held = None, (keys[1],)
    pass_minutes(now, 1)
    for use in (held.newest, held.all, lambda: held.find(keys[1].id)):
        with pytest.raises(StoreLocked) as caught:
            use()
        assert "not where it was" in caught.value.message
        assert "Run jupyter connections key status" == caught.value.hint
    assert ["The store's key was replaced by another one; it is not used"] == (
        caplog.messages
    )


def test_F64_who_waits_is_not_kept_by_each_other(held, place, keys, now):
    """A place that takes its time is asked by one; those behind it get its answer.

    Fails when each asks for themselves: thirty threads would wait five seconds each.
    """
    place.trouble = DOWN
    pass_minutes(now, 70)

    def takes_its_time():
        now[0] += 5.0

    place.while_read = takes_its_time
    for _ in range(30):
        with pytest.raises(StoreLocked):
            held.find(keys[0].id)
    assert 1 == place.reads
    now[0] += 5.0
    with pytest.raises(StoreLocked):
        held.find(keys[0].id)
    assert 2 == place.reads


def test_F64_nobody_waits_for_the_one_who_asks_while_the_keys_are_good(
    held, place, keys, now
):
    """One thread asks in the second half; the others have their key meanwhile."""
    asking, answered = threading.Event(), threading.Event()
    place.while_read = lambda: (asking.set(), answered.wait(60))
    pass_minutes(now, 40)
    asker = threading.Thread(target=held.newest)
    asker.start()
    assert asking.wait(60)
    assert keys[0] is held.find(keys[0].id)
    answered.set()
    asker.join(60)
    assert 1 == place.reads


def test_F65_a_vault_says_that_it_is_locked_without_opening_anything(
    keys, place, monkeypatch
):
    """For /health; a vault whose keys nobody unwraps never is."""
    from conn_core.vault import _held

    facts = {"deployment": "6b1d0c9e", "key_source": "key file /k"}
    now = [0.0]
    init = _held.HeldKeys.__init__
    monkeypatch.setitem(init.__kwdefaults__, "seconds", lambda: now[0])
    ours = Vault(keys[:1], places=(place,), **facts)
    theirs = Vault(keys[:1], places=(place,), hold=60.0, **facts)
    sealed = theirs.seal(b"CNRY-secret", binding=BINDING)
    place.trouble = DOWN
    now[0] = 61.0
    ours.refuse_if_locked()
    assert b"CNRY-secret" == ours.open(sealed, binding=BINDING)
    with pytest.raises(StoreLocked):
        theirs.refuse_if_locked()
    with pytest.raises(StoreLocked):
        theirs.open(sealed, binding=BINDING)
