"""Editing: name and scopes, what was granted against what was asked, no lost update."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from conn_core import ConnectionDraft, ConnectionEdit
from conn_core.errors import ConnectionNotFound, NameTaken, VersionConflict
from conn_core.store import Store

BOTH = ("reports.read", "reports.write")


def test_fewer_scopes_say_what_the_token_still_covers(world):
    """It is kept: who wants one that covers less authorizes again."""
    broker = world.connected(scopes=BOTH)
    edited = broker.edit("expenses", ConnectionEdit(scopes=("reports.read",)))
    assert ("connected", ("reports.read",), BOTH) == (
        edited.status,
        edited.scopes,
        edited.granted_scopes,
    )
    assert (
        "The authorization still covers reports.write. "
        "Run %conn authorize expenses for one that does not." == edited.notice
    )
    assert "" == broker.connection("expenses").notice
    world.authorized()
    assert ("reports.read",) == broker.connection("expenses").granted_scopes


def test_fewer_scopes_of_what_nobody_granted_say_nothing(world):
    """There is no token, or it never covered them."""
    broker = world.created(scopes=BOTH)
    assert "" == broker.edit("expenses", ConnectionEdit(scopes=())).notice
    broker.edit("expenses", ConnectionEdit(scopes=("reports.read",)))
    world.authorized()
    broker.edit("expenses", ConnectionEdit(scopes=BOTH))
    back = broker.edit("expenses", ConnectionEdit(scopes=("reports.read",)))
    assert ("connected", "") == (back.status, back.notice)


def test_scopes_that_were_granted_before_need_no_consent_again(world):
    """Dropped and added again, or in another order."""
    broker = world.connected(scopes=BOTH)
    broker.edit("expenses", ConnectionEdit(scopes=("reports.read",)))
    again = broker.edit("expenses", ConnectionEdit(scopes=BOTH[::-1]))
    assert ("connected", BOTH[::-1]) == (again.status, again.scopes)


def test_scopes_that_are_added_while_somebody_consents_need_consent(world):
    """What was asked for then is what the consent is for."""
    broker = world.created()
    _, started = world.begun()
    broker.edit("expenses", ConnectionEdit(scopes=BOTH))
    answer = world.provider.consent(started.authorization_url)
    assert "done" == world.finished(answer, started).state
    found = broker.connection("expenses")
    assert ("needs authorization", ("reports.read",)) == (
        found.status,
        found.granted_scopes,
    )
    assert "Consent is missing for reports.write" in found.status_reason


@pytest.mark.parametrize(
    "granted", ["reports.read", "reports.read reports.write more", ""]
)
def test_what_was_granted_stands_beside_what_was_asked(world, granted):
    """Less or more: the provider decides, and the connection shows both."""
    broker = world.created(scopes=BOTH)
    _, started = world.begun()
    answer = world.provider.consent(started.authorization_url, scopes=granted)
    done = world.finished(answer, started)
    found = broker.connection("expenses")
    assert (BOTH, BOTH) == (found.scopes, done.asked_scopes)
    assert done.granted_scopes == found.granted_scopes
    told = broker.events("expenses")[0].detail
    assert ("not granted" in told) == (granted == "reports.read")
    assert "connected" == found.status


def test_a_change_that_changes_nothing_is_none(world):
    """No version, no line of history; an old version is refused all the same."""
    broker = world.connected()
    before = broker.connection("expenses"), broker.events("expenses")
    same = ConnectionEdit(name="Expenses", scopes=("reports.read", "reports.read"))
    for change in (same, ConnectionEdit()):
        assert before[0] == broker.edit("expenses", change)
    assert before == (broker.connection("expenses"), broker.events("expenses"))
    with pytest.raises(VersionConflict):
        broker.edit("expenses", same, version=7)


def test_the_history_says_what_was_changed(world):
    """In words, not in names of columns."""
    broker = world.created(scopes=("reports.read",))
    change = ConnectionEdit(name="Spending", scopes=("reports.write",))
    broker.edit("expenses", change, version=1)
    latest = broker.events("expenses")[0]
    assert (
        "edit",
        "sam",
        "renamed to Spending; added reports.write; dropped reports.read",
    ) == (latest.action, latest.actor, latest.detail)
    assert 2 == broker.connection("expenses").version


def test_a_name_is_free_again_after_it_was_changed(world):
    """For somebody else's link name it never was taken."""
    broker = world.created()
    world.broker("priya").create(ConnectionDraft(service="expenses", name="Theirs"))
    broker.edit("expenses", ConnectionEdit(name="Theirs"))
    broker.create(ConnectionDraft(service="expenses", name="Expenses", link_name="b"))
    with pytest.raises(NameTaken):
        broker.edit("b", ConnectionEdit(name="theirs"))
    assert "expenses" == broker.connection("Theirs").link_name


def test_what_was_deleted_in_the_meantime_is_not_edited(world, monkeypatch):
    """It is not there, and does not come back."""
    from conn_core.broker import _changing

    broker = world.created()
    edit = _changing.edit

    def too_late(*args, **rest):
        world.open().acting_as("sam").delete("expenses")
        return edit(*args, **rest)

    monkeypatch.setattr(_changing, "edit", too_late)
    with pytest.raises(ConnectionNotFound, match="was deleted"):
        broker.edit("expenses", ConnectionEdit(name="x"))
    assert [] == world.sql("SELECT * FROM connections")


def race(*acts):
    """Do things at the same moment; return what came of each."""
    everybody = threading.Barrier(len(acts))

    def run(act):
        everybody.wait()
        try:
            return act()
        except VersionConflict as error:
            return error

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


@pytest.fixture(params=["sqlite", "postgresql"])
def opened(request, world):
    """Opens the deployment as another process would, on a database of either kind."""
    if request.param == "sqlite":
        return world.open
    url = request.getfixturevalue("new_database")()

    def on_postgresql():
        return world.open(store=Store.postgresql(url))

    return on_postgresql


def test_G8_of_two_at_once_one_is_told(opened):
    """Who has read the same version: one change is there, and it is whole."""
    brokers = [opened().acting_as("sam") for _ in range(4)]
    brokers[0].create(ConnectionDraft(service="expenses", name="Expenses"))
    changes = [ConnectionEdit(name=f"Name {n}", scopes=(f"s{n}",)) for n in range(4)]
    outcomes = race(
        *(
            lambda b=b, c=c: b.edit("expenses", c, version=1)
            for b, c in zip(brokers, changes, strict=True)
        )
    )
    lost = [o for o in outcomes if isinstance(o, VersionConflict)]
    (won,) = [o for o in outcomes if not isinstance(o, VersionConflict)]
    found = brokers[0].connection("expenses")
    assert 3 == len(lost)
    assert (won.name, won.scopes, 2) == (found.name, found.scopes, found.version)
    assert found.name[-1] == found.scopes[0][-1]


def test_G8_who_names_no_version_changes_only_what_they_name(opened):
    """One the name, one the scopes: both are there."""
    one, two = (opened().acting_as("sam") for _ in range(2))
    one.create(ConnectionDraft(service="expenses", name="Expenses"))
    race(
        lambda: one.edit("expenses", ConnectionEdit(name="Spending")),
        lambda: two.edit("expenses", ConnectionEdit(scopes=BOTH)),
    )
    found = one.connection("expenses")
    assert ("Spending", BOTH, 3) == (found.name, found.scopes, found.version)


def test_G8_an_edit_and_a_revocation_at_once_are_both_there(world):
    """Neither brings back what the other changed."""
    world.connected()
    one, two = (world.open().acting_as("sam") for _ in range(2))
    race(
        lambda: one.edit("expenses", ConnectionEdit(scopes=BOTH)),
        lambda: two.revoke("expenses"),
    )
    found = world.broker().connection("expenses")
    assert ("revoked", BOTH) == (found.status, found.scopes)
