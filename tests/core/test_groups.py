"""Groups of the organisation, and whom a connection is shared with by its owner."""

import dataclasses

import pytest

from conn_core import ConnectionDraft, ConnectionEdit
from conn_core.errors import (
    AcceptanceRequired,
    ConnectionNotFound,
    InternalConnection,
    InvalidInput,
    NotAllowed,
)

FINANCE = ("group:finance",)


@pytest.fixture
def shared(town, people):
    """Sam's connection, which grace uses as one of finance."""
    people.groups["finance"] = {"grace"}
    town.connected(shared_with=FINANCE)
    town.broker("grace").accept("expenses")
    return town


def test_a_group_may_use_what_is_shared_with_it(shared):
    """Its members see it and use it; nobody else knows of it."""
    assert (1, True) == shared.use(shared.broker("grace"))
    with pytest.raises(ConnectionNotFound):
        shared.broker("mallory").connection("expenses")
    assert 0 == shared.broker("mallory").connections().total


def test_H9_who_leaves_the_group_is_out_at_the_next_call(shared, people):
    """As if it had never been there."""
    people.groups["finance"] = set()

    with pytest.raises(ConnectionNotFound, match="no connection called 'expenses'"):
        shared.broker("grace").access_token("expenses")
    with pytest.raises(ConnectionNotFound):
        shared.broker("grace").connection("sam/expenses")


def test_a_member_sees_the_group_that_lets_them_in_and_no_other(town, people):
    """Who else is the owner's matter."""
    people.groups |= {"finance": {"grace"}, "sales": {"alex"}}
    whom = ("group:finance", "group:sales", "user:ada")
    made = town.connected(shared_with=whom).connection("expenses")

    assert whom == made.shared_with
    assert FINANCE == town.broker("grace").connection("expenses").shared_with
    assert ("user:ada",) == town.broker("ada").connection("expenses").shared_with


@pytest.mark.parametrize("group", ["Data team", "Sales, EMEA", "R&D (人)", "50% _x_"])
def test_H9_a_group_of_any_name_may_use_it_and_its_namesakes_may_not(
    town, people, group
):
    """Blanks part no names: a group of the first word is another group."""
    people.groups |= {group: {"grace"}, group.split()[0]: {"mallory"}}
    whom = (f"group:{group}", "user:ada")
    made = town.connected(shared_with=whom).connection("expenses")

    assert tuple(sorted(whom)) == made.shared_with
    assert whom[:1] == town.broker("grace").connection("expenses").shared_with
    town.broker("grace").accept("expenses")
    assert (1, True) == town.use(town.broker("grace"))
    with pytest.raises(ConnectionNotFound):
        town.broker("mallory").connection("expenses")


def test_who_is_nobody_here_is_told_to_who_shares(town, people):
    """A group may be meant; it is shared all the same, for who comes later."""
    sam = town.connected(shared_with=())
    people.gone.add("Data team")

    told = sam.share("expenses", ["user:Data team", "user:grace"])

    assert ("user:Data team", "user:grace") == told.shared_with
    said = "Nobody here is called 'Data team'; a group is written group:Data team."
    assert said == told.notice


def test_it_is_shared_though_nobody_can_say_who_is_here(town, people):
    """Then nothing is said of the names."""
    sam = town.connected(shared_with=())
    people.silent = True

    told = sam.share("expenses", ["user:grace"])

    assert (("user:grace",), "") == (told.shared_with, told.notice)


def test_a_group_of_ones_own_making_counts_for_nothing(town):
    """Groups are what the organisation says; a name is no group."""
    town.connected(shared_with=FINANCE)
    for name in ("finance", "group:finance"):
        with pytest.raises(ConnectionNotFound):
            town.broker(name).connection("expenses")


def test_an_owner_shares_anew(shared):
    """Who may still use it need not accept again; who may not is out at once."""
    told = shared.broker("sam").share("expenses", ["user:grace", "user:sam"])
    assert ("user:grace",) == told.shared_with
    assert "" == told.notice
    assert (1, True) == shared.use(shared.broker("grace"))

    assert () == shared.broker("sam").share("expenses", []).shared_with
    with pytest.raises(ConnectionNotFound):
        shared.broker("grace").access_token("expenses")
    last = shared.broker("sam").events("expenses")[0]
    assert ("sam", "share", "with nobody") == (last.actor, last.action, last.detail)


def test_who_is_new_accepts_first(shared):
    """Sharing is no consent of the one it is shared with."""
    shared.broker("sam").share("expenses", ["user:ada"])
    with pytest.raises(AcceptanceRequired):
        shared.broker("ada").access_token("expenses")


def test_H4_whom_it_is_shared_with_shares_it_no_further(shared):
    """Nor do they change, stop, hand on or delete it."""
    grace = shared.broker("grace")
    ways = (
        lambda: grace.share("expenses", ["*"]),
        lambda: grace.edit("expenses", ConnectionEdit(name="mine")),
        lambda: grace.revoke("expenses"),
        lambda: grace.transfer("expenses", "grace"),
        lambda: grace.delete("expenses"),
        lambda: grace.authorize("expenses"),
    )
    before = shared.broker("sam").connection("expenses")
    for way in ways:
        with pytest.raises(NotAllowed):
            way()
    assert before == shared.broker("sam").connection("expenses")


def test_H16_who_shares_with_everybody_reads_how_far_that_goes(town):
    """Hosts and scopes, in one sentence."""
    town.connected(shared_with=())
    told = town.broker("sam").share("expenses", ["*"])
    assert (
        "Everybody here may send requests to api.expenses.example in the name of sam, "
        "with the scopes reports.read." == told.notice
    )
    assert "" == town.broker("sam").connection("expenses").notice


def test_credentials_of_login_user_lend_nobodys_name(town):
    """There is nothing to be warned of."""
    town.created(use_login_user_credentials=True, shared_with=())
    assert "" == town.broker("sam").share("expenses", ["*"]).notice


@pytest.fixture
def strict(world, people):
    """A deployment where only administrators share with everybody."""
    settings = dataclasses.replace(world.settings, share_with_everybody=False)
    world.open(settings=settings, people=people)
    return world


def test_H16_an_operator_keeps_everybody_for_administrators(strict):
    """Who does not say so shares with nobody; who says so is told."""
    sam = strict.broker("sam")
    draft = ConnectionDraft(service="expenses", name="Quiet")
    assert () == sam.create(draft).shared_with
    assert not sam.status().shares_with_everybody
    for act in (
        lambda: sam.share("quiet", ["*"]),
        lambda: sam.create(ConnectionDraft(service="expenses", shared_with=("*",))),
    ):
        with pytest.raises(NotAllowed, match="Only administrators may share with"):
            act()
    assert () == sam.connection("quiet").shared_with
    assert ["quiet"] == [c.link_name for c in sam.connections().items]

    root = strict.broker("root")
    assert root.status().shares_with_everybody
    assert ("*",) == root.create(draft).shared_with


@pytest.mark.parametrize("principal", ["grace", "user:", "group: x", "role:admin"])
def test_whom_nobody_is_called_is_refused(town, principal):
    """Before anything is stored."""
    town.connected(shared_with=FINANCE)
    with pytest.raises(InvalidInput, match="shared_with"):
        town.broker("sam").share("expenses", [principal])
    assert FINANCE == town.broker("sam").connection("expenses").shared_with


def test_what_a_task_made_is_shared_with_nobody(town):
    """And says why."""
    made = town.broker("sam").internal_connection("expenses")
    with pytest.raises(InternalConnection):
        town.broker("sam").share(made.link_name, ["*"])
