"""Signs of life of a refresh: what others see of them, and what the holder knows."""

import threading
from types import SimpleNamespace

import pytest
from patience import SECONDS, until

from conn_core.broker._presence import Presence
from conn_core.broker._pulse import Pulse, awake_or_not
from conn_core.broker._upkeep import Pace
from conn_core.broker._watch import Watch
from conn_core.errors import StoreUnavailable
from conn_core.store import leases, rows


@pytest.fixture
def own_clock(monkeypatch):
    """The looker's own clock."""
    found = SimpleNamespace(now=1000.0)
    monkeypatch.setattr("time.monotonic", lambda: found.now)
    return found


@pytest.fixture
def look(own_clock):
    """Looks at a lease some seconds after the last look."""
    watch = Watch(20.0)

    def at(seconds, until, *, owner="h", credential="k"):
        own_clock.now += seconds
        row = SimpleNamespace(id=credential, lease_owner=owner, lease_until=until)
        return watch.is_silent(row)

    at.watch = watch
    return at


def test_who_shows_nothing_for_long_is_silent(look):
    """For as long as somebody looked, all the time."""
    assert [False] * 6 == [look(4, 90.0) for _ in range(6)]
    assert look(1, 90.0)


def test_a_sign_of_life_begins_the_silence_anew(look):
    """A lease that was written anew, or that somebody else has."""
    for lease in (90.0, 94.0, 98.0, 102.0, 106.0, 110.0, 114.0, 118.0):
        assert not look(4, lease)
    assert [False] * 5 == [look(4, 118.0) for _ in range(5)]
    assert not look(4, 118.0, owner="another")


def test_F53_a_time_in_which_nobody_could_look_is_no_silence(look):
    """The database was away: the holder could not show itself either."""
    assert not look(0, 90.0)
    assert not look(3600, 90.0)
    assert [False] * 5 == [look(4, 90.0) for _ in range(5)]
    assert look(4, 90.0)


def test_credentials_are_watched_each_for_itself_and_forgotten(look):
    """A process that runs for months does not fill up with what it saw once."""
    for number in range(5):
        look(0, 90.0, credential=f"old {number}")
    assert 5 == len(look.watch._seen)
    look(60, 90.0, credential="k")
    assert {"k"} == look.watch._seen.keys()


# --- the holder -----------------------------------------------------------------------


@pytest.fixture
def leased(world):
    """A credential whose lease is ours."""
    world.connected()
    core = world.open(pace=Pace(pulse=0.01, hurry=60.0))
    with core.store.read() as tx:
        [credential] = [name for (name,) in world.sql("SELECT id FROM credentials")]
        row = rows.credential_row(tx, credential)
    with core.store.write() as tx:
        now, me = core.clock(), core.upkeep.presence.name
        assert leases.take_lease(tx, row, me=me, now=now, until=now + 1)
    return core, row


def test_while_a_refresh_lasts_its_lease_is_written_anew(world, leased):
    """And the holder knows that others see it."""
    core, row = leased
    with Pulse(core, row, since=awake_or_not()) as pulse:
        world.clock.advance(3)
        held = [(world.clock() + core.upkeep.pace.lease,)]
        until(lambda: world.sql("SELECT lease_until FROM credentials") == held)
        assert pulse.is_strong


def test_F23_who_lost_the_lease_is_weak_at_once(world, leased):
    """And takes nothing back from whoever has it."""
    core, row = leased
    world.sql("UPDATE credentials SET lease_owner = 'another', lease_until = 7")
    with Pulse(core, row, since=awake_or_not()) as pulse:
        until(lambda: not pulse.is_strong)
    assert [("another", 7.0)] == world.sql(
        "SELECT lease_owner, lease_until FROM credentials"
    )


def test_F24_who_cannot_show_itself_is_weak_in_the_end(leased, monkeypatch):
    """The database is away: the holder goes on trying, and asks nobody meanwhile."""
    core, row = leased
    tried = threading.Semaphore(0)

    def away(*_, **__):
        tried.release()
        raise StoreUnavailable("away")

    monkeypatch.setattr(core.store, "write_at_once", away)
    with Pulse(core, row, since=awake_or_not() - 59.9) as pulse:
        assert tried.acquire(timeout=SECONDS)
        assert tried.acquire(timeout=SECONDS)
        until(lambda: not pulse.is_strong)


def test_F76_time_that_a_machine_sleeps_counts():
    """The clock of signs goes on in sleep, where the system has one that does."""
    import time

    before = time.clock_gettime(time.CLOCK_BOOTTIME)
    assert before <= awake_or_not() <= time.clock_gettime(time.CLOCK_BOOTTIME)


def test_leases_of_the_far_side_are_taken_as_they_were_seen(world, leased):
    """A holder that showed itself after the look keeps what it has."""
    core, _ = leased
    other = world.open()
    with other.store.read() as tx:
        [credential] = [name for (name,) in world.sql("SELECT id FROM credentials")]
        seen = rows.credential_row(tx, credential)

    def take():
        with other.store.write() as tx:
            now = other.clock()
            return leases.take_lease(
                tx,
                seen,
                me=other.upkeep.presence.name,
                now=now,
                until=now + 90,
                dead=core.upkeep.presence.name,
            )

    world.sql("UPDATE credentials SET lease_until = ?", seen.lease_until + 4)
    assert not take()
    world.sql("UPDATE credentials SET lease_until = ?", seen.lease_until)
    assert take()


@pytest.mark.parametrize("name", [None, "", "other", "../../etc/passwd", "a" * 32])
def test_nobody_is_called_alive_on_hearsay(tmp_path, name):
    """Nor is a file outside of the folder ever looked at."""
    assert not Presence(tmp_path / "alive").is_alive(name)


def test_a_process_of_this_machine_is_seen_to_live(tmp_path):
    """One of another machine is not, whatever its mark says of locks here."""
    one, other = Presence(tmp_path / "alive"), Presence(tmp_path / "alive")
    assert other.is_alive(one.name)
    (tmp_path / "alive" / one.name).write_bytes(b"another machine")
    assert not other.is_alive(one.name)
    assert not other.is_dead(one.name)
    one.close()
