"""Where connections are used: which notebooks and jobs, by whom, when last."""

import sqlite3

import pytest

from conn_core import ConnectionDraft
from conn_core.errors import ConnectionNotFound


@pytest.fixture
def shared(world):
    """A connection of priya's that everybody here uses."""
    world.connected(person="priya")
    for person in ("sam", "ada"):
        world.broker(person).accept("expenses")
    return lambda person, place="": world.core.acting_as(person, place=place)


def seen(broker, **options):
    """Return place, person and second of each use."""
    found = broker.uses("expenses", **options)
    return [(use.place, use.person, use.last_at.timestamp()) for use in found]


def test_a_use_is_noted_with_its_place(world, shared):
    """The latest first."""
    now = world.clock()
    shared("sam", "/home/sam/report.ipynb").access_token("expenses")
    world.clock.advance(1)
    shared("priya", "nightly").access_token("expenses")
    world.clock.advance(1)
    shared("sam").access_token("expenses")
    assert [
        ("elsewhere", "sam", now + 2),
        ("nightly", "priya", now + 1),
        ("/home/sam/report.ipynb", "sam", now),
    ] == seen(shared("priya"))
    assert 2 == len(seen(shared("priya"), limit=2))


def test_others_see_their_own_uses_only(shared):
    """Which notebooks somebody has is nobody's matter but the owner's."""
    shared("sam", "a.ipynb").access_token("expenses")
    shared("ada", "b.ipynb").access_token("expenses")
    assert ["a.ipynb"] == [place for place, _, _ in seen(shared("sam"))]
    assert {"sam", "ada"} == {person for _, person, _ in seen(shared("priya"))}


def test_a_use_is_written_once_a_minute_and_place(world, shared, monkeypatch):
    """Not at every request: that would be a write each."""
    writes = []
    write = world.core.store.write

    def counted(**options):
        writes.append(options)
        return write(**options)

    monkeypatch.setattr(world.core.store, "write", counted)
    first, second = shared("sam", "a"), shared("sam", "b")
    for _ in range(3):
        first.access_token("expenses")
        second.access_token("expenses")
    assert [{}] * 2 == writes
    world.clock.advance(60)
    first.access_token("expenses")
    assert 2 == len(writes)
    world.clock.advance(1)
    first.access_token("expenses")
    assert 3 == len(writes)
    assert world.clock() == seen(shared("sam"))[0][2]


def test_a_use_after_the_clock_was_put_back_is_noted(world, shared):
    """Else nothing would be for as long as it was ahead."""
    shared("sam", "a").access_token("expenses")
    world.clock.advance(-3000)
    shared("sam", "a").access_token("expenses")
    assert world.clock() == seen(shared("sam"))[0][2]


def test_F52_nobody_waits_to_note_a_use(world, shared):
    """Somebody else writes: one's own token comes at once, and the next use is noted."""
    path = world.settings.data_dir / "connections.db"
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    assert shared("priya", "a").access_token("expenses")
    other.execute("ROLLBACK")
    other.close()
    assert [] == seen(shared("priya"))
    shared("priya", "a").access_token("expenses")
    assert 1 == len(seen(shared("priya")))


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("a\nb\x1b[31m\x00\u202e", "ab[31m"),
        ("\ud800x", "x"),
        (" \t\n ", "elsewhere"),
        ("n" * 5000, "n" * 300),
        ("Auswertung März.ipynb", "Auswertung März.ipynb"),
        ("'; DROP TABLE uses;--", "'; DROP TABLE uses;--"),
    ],
    ids=["control", "surrogate", "blank", "long", "unicode", "sql"],
)
def test_a_place_is_one_short_printable_line(shared, given, kept):
    """Whatever a kernel says of itself."""
    shared("sam", given).access_token("expenses")
    assert [kept] == [place for place, _, _ in seen(shared("sam"))]


def test_places_of_long_ago_are_forgotten(world, shared):
    """And more than a hundred of one person are not kept."""
    shared("sam", "old").access_token("expenses")
    shared("ada", "hers").access_token("expenses")
    world.clock.advance(401 * 86_400)
    world.authorized(person="priya")
    shared("sam", "new").access_token("expenses")
    assert ["new"] == [place for place, _, _ in seen(shared("sam"))]
    for number in range(120):
        world.clock.advance(1)
        shared("sam", f"n{number}").access_token("expenses")
    places = [place for place, _, _ in seen(shared("sam"), limit=1000)]
    assert [f"n{number}" for number in range(119, 19, -1)] == places
    assert 1 == len(seen(shared("ada")))


def test_a_signature_is_a_use(world, shared, monkeypatch):
    """Where the broker signs, no token is vended."""
    from conn_core.broker import _local

    monkeypatch.setattr(_local, "signature", lambda *_args, **_rest: {"A": "b"})
    broker = shared("sam", "signed.ipynb")
    broker.sign("expenses", method="GET", url="https://x", headers={}, body=None)
    assert ["signed.ipynb"] == [place for place, _, _ in seen(broker)]


def test_a_test_is_no_use(shared):
    """Nothing that runs depends on it."""
    assert shared("sam", "a").test("expenses").ok
    assert [] == seen(shared("priya"))


def test_M15_a_test_in_anothers_name_is_written_down(shared):
    """Its owner sees who made a call as them, and from where."""
    shared("sam", "a").test("expenses")
    lines = shared("priya").audit(action="test").items
    assert [("sam", "expenses", "a")] == [
        (x.actor, x.connection, x.place) for x in lines
    ]


def test_uses_of_what_is_gone(world, shared):
    """They go with it, and a new one of its name has none."""
    shared("sam", "a").access_token("expenses")
    priya = shared("priya")
    priya.delete("expenses")
    with pytest.raises(ConnectionNotFound):
        priya.uses("expenses")
    priya.create(ConnectionDraft(service="expenses", name="Expenses"))
    assert () == priya.uses("expenses")


def test_a_crowd_of_threads_notes_a_use_once(world):
    """Waiting for each other's writes would be felt by everybody."""
    from concurrent.futures import ThreadPoolExecutor

    broker = world.connected()
    written = []
    store = world.core.store
    kept = store.write

    def write(**options):
        if options.get("patience") == 0:
            written.append(options)
        return kept(**options)

    world.core.store = _Watched(store, write)
    try:
        with ThreadPoolExecutor(16) as crowd:
            list(crowd.map(lambda _: broker.access_token("expenses"), range(64)))
    finally:
        world.core.store = store
    assert len(written) == 1
    assert len(broker.uses("expenses")) == 1


class _Watched:
    """A store whose writes are counted."""

    def __init__(self, store, write):
        self._store = store
        self.write = write

    def __getattr__(self, name):
        return getattr(self._store, name)


def test_what_could_not_be_noted_is_noted_by_the_next_one(world):
    """A disk that is full for a moment loses a note, and no more."""
    import contextlib

    from conn_core.errors import StoreUnavailable

    broker = world.connected()
    store = world.core.store

    @contextlib.contextmanager
    def full(**options):
        if options.get("patience") == 0:
            raise StoreUnavailable("The disk is full")
        with store.write(**options) as tx:
            yield tx

    world.core.store = _Watched(store, full)
    broker.access_token("expenses")
    world.core.store = store
    assert broker.uses("expenses") == ()
    broker.access_token("expenses")
    assert len(broker.uses("expenses")) == 1
