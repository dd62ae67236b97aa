"""Marks of living processes, and the files for what the store did not take."""

import os
import time

import pytest

from conn_core.broker import _presence
from conn_core.broker._presence import Presence
from conn_core.broker._spill import Spill
from conn_core.errors import StoreUnavailable


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "alive"


def test_a_process_is_alive_until_it_takes_its_mark_away(folder):
    """Others of this machine see it; about one without a mark nobody says anything."""
    one, other = Presence(folder), Presence(folder)
    assert not other.is_dead(one.name)
    assert 0o600 == (folder / one.name).stat().st_mode & 0o777
    assert 0o700 == folder.stat().st_mode & 0o777
    one.close()
    assert not other.is_dead(one.name)
    assert [] == list(folder.iterdir())


def test_a_mark_that_nobody_holds_is_of_a_dead_process(folder):
    """The system let go of it."""
    one, other = Presence(folder), Presence(folder)
    name = one.name
    os.close(one._mark)
    assert other.is_dead(name)
    assert not one.is_dead(name), "one's own mark is no matter of doubt"


@pytest.mark.parametrize("name", [None, "", "other", "../../etc/passwd", "a" * 32])
def test_nobody_is_declared_dead_on_hearsay(folder, name):
    """Nor is a file outside of the folder ever looked at."""
    assert not Presence(folder).is_dead(name)


def test_F56_where_locks_hold_nobody_off_nobody_is_declared_dead(folder, monkeypatch):
    """A living process would look like a dead one, and its refresh be done twice."""
    monkeypatch.setattr(_presence, "_try_lock", lambda _descriptor: None)
    one, other = Presence(folder), Presence(folder)
    assert not other.is_dead(one.name)
    assert [] == list(folder.iterdir())


def test_F56_control_a_mark_made_there_would_be_taken_for_dead(folder, monkeypatch):
    """The check above fails when the defence is off."""
    monkeypatch.setattr(_presence, "_try_lock", lambda _descriptor: None)
    monkeypatch.setattr(_presence, "_hold", lambda _descriptor, _mark: None)
    assert Presence(folder).is_dead(Presence(folder).name)


def test_old_marks_of_the_dead_are_swept(folder):
    """Once no lease can name them; those of the living and of other machines stay."""
    dead, living = Presence(folder), Presence(folder)
    long_ago = time.time() - 3600
    for presence in (dead, living):
        os.utime(folder / presence.name, (long_ago, long_ago))
    elsewhere = folder / ("e" * 32)
    elsewhere.write_bytes(b"another machine")
    os.utime(elsewhere, (long_ago, long_ago))
    os.close(dead._mark)
    newest = Presence(folder)
    names = {newest.name, living.name, elsewhere.name}
    assert names == {mark.name for mark in folder.iterdir()}


def test_without_a_place_for_its_mark_a_process_has_a_name_all_the_same(tmp_path):
    """Its lease ends by time alone."""
    (tmp_path / "alive").touch()
    presence = Presence(tmp_path / "alive")
    assert 32 == len(presence.name)
    presence.close()


@pytest.fixture
def spill(tmp_path, folder):
    return Spill(tmp_path / "spill", Presence(folder))


def test_room_is_reserved_and_given_back(spill, tmp_path):
    """Closed to others, and gone when nothing was written into it."""
    spill.reserve("k")
    [file] = (tmp_path / "spill").iterdir()
    assert 0o600 == file.stat().st_mode & 0o777
    assert file.stat().st_size >= 16 * 1024
    assert [] == list(spill.kept("k"))
    spill.give_back("k")
    assert [] == list((tmp_path / "spill").iterdir())


def test_what_was_kept_is_not_given_back(spill, tmp_path):
    """It is there until it is settled."""
    spill.reserve("k")
    spill.keep("k", b'{"a": 1}')
    spill.give_back("k")
    [kept] = spill.kept("k")
    assert b'{"a": 1}' == kept.content
    spill.settle("k", kept)
    assert [] == list(spill.kept("k"))


def test_without_a_disk_it_is_kept_in_memory(spill, tmp_path):
    """As long as the process lives."""
    (tmp_path / "spill").touch()
    with pytest.raises(StoreUnavailable, match="so none was asked for"):
        spill.reserve("k")
    spill.keep("k", b"1")
    (tmp_path / "spill").unlink()
    [kept] = spill.kept("k")
    assert (b"1", None) == kept
    spill.settle("k", kept)
    assert [] == list(spill.kept("k"))
    spill._in_memory["k"] = b"2"
    [kept] = spill.kept("k")
    spill.set_aside("k", kept)
    assert [] == list(spill.kept("k"))


def test_room_that_the_dead_reserved_is_cleared_away(spill, tmp_path, folder):
    """And that of the living is not."""
    dead, living = Presence(folder), Presence(folder)
    for presence in (dead, living):
        Spill(tmp_path / "spill", presence).reserve("k")
    os.close(dead._mark)
    assert [] == list(spill.kept("k"))
    assert [f"k.{living.name}"] == [f.name for f in (tmp_path / "spill").iterdir()]
    living.close()
