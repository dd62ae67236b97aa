"""Finding connections, as one person among several."""

from types import SimpleNamespace

import pytest

from conn_core import ConnectionDraft, ConnectionEdit
from conn_core.broker import _directory, _local_connections
from conn_core.broker._policy import Actor, allows
from conn_core.errors import (
    AmbiguousName,
    ConnectionNotFound,
    InvalidInput,
    LoginUserRequired,
)


def draft(**members):
    return ConnectionDraft(**{"service": "expenses"} | members)


def test_a_connection_is_found_by_either_name(world):
    """Link name or display name, in any case."""
    made = world.broker().create(draft(name="My Reports", link_name="mine"))
    assert made == world.broker().connection("mine")
    assert made == world.broker().connection("my reports")


def test_a_wrong_name_is_answered_with_the_nearest(world):
    """Or with none, and never with more than was typed."""
    world.broker().create(draft(name="github"))
    with pytest.raises(ConnectionNotFound) as caught:
        world.broker().connection("gihub")
    assert (
        "There is no connection called 'gihub'. Did you mean 'github'? See %conn list"
        == str(caught.value)
    )
    with pytest.raises(ConnectionNotFound, match=r"'x{80}'\. See %conn list"):
        world.broker().connection("x" * 500)


def test_the_list_is_filtered(world):
    """By words, group, service and status."""
    world.connected("Zebra")
    broker = world.broker()
    broker.create(draft(service="plain-desk", name="apple"))

    def found(*query, **filters):
        return [c.link_name for c in broker.connections(*query, **filters).items]

    assert ["apple", "zebra"] == found()
    assert ["zebra"] == found("ZEB")
    assert ["zebra"] == found("expense")
    assert ["apple"] == found(service="plain-desk")
    assert ["zebra"] == found(status="connected")
    assert ["apple"] == found(status="needs authorization")
    assert ["apple", "zebra"] == found(group="my")
    assert [] == found(group="organisation")
    first = broker.connections(limit=1)
    assert ["apple"] == [c.link_name for c in first.items]
    assert ["zebra"] == found(limit=1, cursor=first.next_cursor)


def test_H8_the_list_says_how_many_there_are(world):
    """Of what the person may see, and nothing of what others have."""
    for name in ("a", "b", "c"):
        world.broker().create(draft(name=name))
    world.broker("priya").create(draft(name="d", shared_with=()))
    page = world.broker().connections(limit=2)
    assert 3 == page.total
    rest = world.broker().connections(limit=2, cursor=page.next_cursor)
    assert (["c"], None) == ([c.name for c in rest.items], rest.next_cursor)


WAYS = {
    "connection": ("see", lambda broker: broker.connection("expenses")),
    "events": ("see", lambda broker: broker.events("expenses")),
    "uses": ("see", lambda broker: broker.uses("expenses")),
    "access_token": ("use", lambda broker: broker.access_token("expenses")),
    "refresh": ("use", lambda broker: broker.refresh("expenses")),
    "test": ("use", lambda broker: broker.test("expenses")),
    "accept": ("use", lambda broker: broker.accept("expenses")),
    "authorize": ("authorize", lambda broker: broker.authorize("expenses")),
    "edit": (
        "edit",
        lambda broker: broker.edit("expenses", ConnectionEdit(name="mine")),
    ),
    "revoke": ("change", lambda broker: broker.revoke("expenses")),
    "enable": ("change", lambda broker: broker.enable("expenses")),
    "share": ("edit", lambda broker: broker.share("expenses", [])),
    "transfer": ("transfer", lambda broker: broker.transfer("expenses", "ada")),
    "delete": ("change", lambda broker: broker.delete("expenses")),
}


@pytest.mark.parametrize(("action", "act"), WAYS.values(), ids=WAYS)
def test_T13_every_way_asks_the_one_policy(world, monkeypatch, action, act):
    """Even where the store already leaves out what is somebody else's."""
    owner = world.connected()
    before = owner.connection("expenses"), owner.events("expenses")
    asked = []

    def deny(actor, action, row):
        asked.append((actor.name, action, row.link_name))
        return False

    with monkeypatch.context() as patch:
        patch.setattr(_directory, "allows", deny)
        patch.setattr(_local_connections, "allows", deny)
        with pytest.raises(ConnectionNotFound):
            act(owner)
    assert [("sam", action, "expenses"), ("sam", "see", "expenses")] == asked
    assert before == (owner.connection("expenses"), owner.events("expenses"))


@pytest.mark.parametrize(("action", "act"), WAYS.values(), ids=WAYS)
@pytest.mark.parametrize("shared_with", [(), ("user:priya",)], ids=["not", "other"])
def test_H2_somebody_elses_connection_does_not_exist(world, action, act, shared_with):
    """Not to see, not to use, not to change: in the words for what nobody has."""
    owner = world.connected(shared_with=shared_with)
    before = owner.connection("expenses"), owner.events("expenses")
    mallory = world.broker("mallory")
    with pytest.raises(ConnectionNotFound) as caught:
        act(mallory)
    assert "There is no connection called 'expenses'" == caught.value.message
    assert "See %conn list" == caught.value.hint
    with pytest.raises(ConnectionNotFound, match="called 'sam/expenses'"):
        mallory.connection("sam/expenses")
    assert before == (owner.connection("expenses"), owner.events("expenses"))


def test_I6_two_people_may_use_the_same_name(world):
    """Each has their own."""
    world.connected(person="sam")
    world.broker("priya").create(draft(name="Expenses"))
    assert "sam" == world.broker("sam").connection("expenses").owner
    assert "priya" == world.broker("priya").connection("expenses").owner


def test_H6_own_credentials_never_fall_back_to_somebody_elses(world):
    """Even if credentials of another person lie beside the connection."""
    world.connected(use_login_user_credentials=True)
    assert "connected" == world.broker().connection("expenses").status
    world.sql("UPDATE credentials SET holder = 'priya'")
    assert "needs authorization" == world.broker().connection("expenses").status
    with pytest.raises(LoginUserRequired) as caught:
        world.broker().access_token("expenses")
    assert (
        "'expenses' uses each person's own credentials, and you (sam) have none yet. "
        "Run %conn authorize expenses" == str(caught.value)
    )


def test_own_credentials_are_stored_for_whoever_authorized(world):
    """The holder is the person, not the connection."""
    world.connected(use_login_user_credentials=True)
    assert [("sam",)] == world.sql("SELECT holder FROM credentials")


def row(**changes):
    """Return what the policy looks at of a connection."""
    usual = {
        "owner": "sam",
        "internal": False,
        "use_login_user_credentials": False,
        "shared_with": None,
    }
    return SimpleNamespace(**usual | changes)


def may(person, connection):
    """Return all that the policy lets a person do."""
    actor = Actor.person(person)
    actions = ("see", "use", "authorize", "change", "publish")
    return {action for action in actions if allows(actor, action, connection)}


@pytest.mark.parametrize(
    ("connection", "owners", "priyas"),
    [
        (row(), "see use authorize change", ""),
        (row(shared_with="*"), "see use authorize change", "see use"),
        (row(shared_with="user:priya"), "see use authorize change", "see use"),
        (row(shared_with="user:pri user:priyas"), "see use authorize change", ""),
        (row(shared_with="user:PRIYA"), "see use authorize change", ""),
        (
            row(shared_with="*", use_login_user_credentials=True),
            "see use authorize change",
            "see use authorize",
        ),
        (row(use_login_user_credentials=True), "see use authorize change", ""),
        (row(shared_with="*", internal=True), "see use authorize change", ""),
    ],
)
def test_the_policy(connection, owners, priyas):
    """Default deny: nobody publishes, whoever it is."""
    assert set(owners.split()) == may("sam", connection)
    assert set(priyas.split()) == may("priya", connection)


def test_a_display_name_that_two_have_finds_neither(world):
    """Which one was meant is not guessed; both are named as code writes them."""
    world.broker().create(draft(name="One", link_name="a"))
    world.broker().create(draft(name="Two", link_name="b"))
    world.sql("UPDATE connections SET name = 'Same', folded = 'same'")
    with pytest.raises(AmbiguousName) as caught:
        world.broker().connection("Same")
    assert "2 of your connections are called 'Same'. Write a or b" == str(caught.value)
    assert "a" == world.broker().connection("a").link_name


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("%", ["100 %"]),
        ("_", ["a_b"]),
        ("\\", ["back\\slash"]),
        ("STRASSE", ["Stra\N{LATIN SMALL LETTER SHARP S}e"]),
        ("' OR 1=1--", []),
        ("x" * 5000, []),
        ("\0", []),
        (" 100 ", ["100 %"]),
    ],
    ids=["percent", "underscore", "backslash", "folded", "sql", "long", "nul", "blank"],
)
def test_words_are_looked_for_as_they_are(world, query, found):
    """No character of a query means anything but itself."""
    for name, link_name in [
        ("100 %", "a"),
        ("a_b", "b"),
        ("back\\slash", "c"),
        ("Stra\N{LATIN SMALL LETTER SHARP S}e", "d"),
    ]:
        made = draft(service="plain-desk", name=name, link_name=link_name)
        world.broker().create(made)
    page = world.broker().connections(query)
    assert found == [c.name for c in page.items]
    assert len(found) == page.total


def test_a_page_holds_something(world):
    """Pages without entries would never end."""
    with pytest.raises(InvalidInput, match="at least one"):
        world.broker().connections(limit=0)


def test_a_secret_in_the_place_of_a_name_is_not_repeated(world):
    """Errors are shown, logged and saved with the notebook."""
    with pytest.raises(ConnectionNotFound) as caught:
        world.broker().connection("ghp_CNRYfinding0123456789abcdef")
    assert "CNRY" not in str(caught.value)
