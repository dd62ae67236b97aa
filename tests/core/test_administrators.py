"""Who looks after the deployment: sees everything, stops anything, uses nothing by that."""

import pytest

from conn_core import ClientRegistration, ConnectionDraft, ConnectionEdit
from conn_core.errors import (
    AcceptanceRequired,
    ConnectionNotFound,
    NotAllowed,
)

NAME = "sam/expenses"


@pytest.fixture
def kept(town):
    """What sam shares with nobody."""
    town.connected(shared_with=())
    return town


def test_H7_an_administrator_sees_that_it_is_there(kept):
    """By its owner's name and in the list of all; whose it is stands beside it."""
    root = kept.broker("root")
    shown = root.connection(NAME)

    assert ("sam", "organisation", NAME) == (shown.owner, shown.group, shown.full_name)
    page = root.connections(group="all")
    assert ([shown], 1) == ([*page.items], page.total)
    assert 1 == root.connections("expens", group="all").total
    assert root.events(NAME)
    assert () == root.uses(NAME)


def test_H8_the_list_of_all_is_nobody_elses(kept):
    """Nor is it part of the usual lists, of anybody."""
    for name in ("grace", "sam"):
        with pytest.raises(NotAllowed, match="Only administrators see"):
            kept.broker(name).connections(group="all")
    assert 0 == kept.broker("root").connections().total
    assert 0 == kept.broker("root").connections(group="organisation").total
    with pytest.raises(ConnectionNotFound):
        kept.broker("root").connection("expenses")


def test_H7_an_administrator_uses_and_authorizes_nothing_by_that(kept):
    """Nor do they change what it may do, or who else uses it."""
    root = kept.broker("root")
    ways = (
        lambda: root.access_token(NAME),
        lambda: root.refresh(NAME),
        lambda: root.test(NAME),
        lambda: root.accept(NAME),
        lambda: root.authorize(NAME),
        lambda: root.share(NAME, ["user:root"]),
        lambda: root.edit(NAME, ConnectionEdit(name="Mine")),
        lambda: root.edit(NAME, ConnectionEdit(scopes=("all",))),
    )
    before = kept.broker("sam").connection("expenses")
    for way in ways:
        with pytest.raises(NotAllowed):
            way()
    assert before == kept.broker("sam").connection("expenses")


def test_H7_use_is_refused_in_words_that_say_why(kept):
    """And whom to ask."""
    with pytest.raises(NotAllowed) as caught:
        kept.broker("root").access_token(NAME)
    assert (
        "'expenses' belongs to sam, who does not share it with you: administrators see "
        "it and may stop it, and use nothing by that. Ask sam" == str(caught.value)
    )


def test_what_is_shared_with_an_administrator_they_use_as_anybody(town):
    """Once they have accepted it."""
    town.connected(shared_with=("user:root",))
    root = town.broker("root")
    with pytest.raises(AcceptanceRequired):
        root.access_token("expenses")
    root.accept("expenses")
    assert (1, True) == town.use(root)


def test_an_administrator_stops_and_starts_it(kept):
    """The history names them, and not its owner."""
    root = kept.broker("root")
    assert "revoked" == root.revoke(NAME).status
    assert "connected" == root.enable(NAME).status
    assert "sealed" == root.seal(NAME).exposure
    done = [(e.actor, e.action) for e in kept.broker("sam").events("expenses")]
    assert {("root", "revoke"), ("root", "enable")} < set(done)
    assert "Revoked by root on " not in kept.broker("sam").connection("expenses").status


def test_an_administrator_acts_on_whom_they_name(kept):
    """Even where they have one of that name themselves."""
    root = kept.broker("root")
    root.create(ConnectionDraft(service="expenses", name="Expenses", shared_with=()))
    kept.authorized(person="root")

    assert ("sam", "revoked") == (
        (shown := root.revoke(NAME)).owner,
        shown.status,
    )
    assert "connected" == root.connection("expenses").status
    root.delete(NAME)
    assert "root" == root.connection("expenses").owner
    with pytest.raises(ConnectionNotFound):
        kept.broker("sam").connection("expenses")


def test_what_a_task_made_can_be_stopped_too(town):
    """It is found by its owner's name like any other."""
    made = town.broker("sam").internal_connection("expenses")
    name = f"sam/{made.link_name}"
    root = town.broker("root")

    assert ("organisation", name) == (
        (shown := root.connection(name)).group,
        shown.full_name,
    )
    assert "revoked" == root.revoke(name).status
    assert "internal" == town.broker("sam").connection(made.link_name).group


def test_an_administrator_who_is_none_any_more_sees_nothing(kept, people):
    """From the next question on."""
    people.administrators.clear()
    with pytest.raises(ConnectionNotFound):
        kept.broker("root").connection(NAME)


# --- client registrations ----------------------------------------------------------------


def registered(world, person, client_id="another"):
    registration = ClientRegistration(
        client_id=client_id, client_secret=world.client_secret
    )
    return world.broker(person).register_client("expenses", registration)


def test_the_first_registration_is_anybodys_to_enter(town):
    """Somebody has to begin."""
    assert registered(town, "sam").registered


def test_another_registration_is_an_administrators_to_enter(town):
    """Everybody here depends on it."""
    registered(town, "sam")
    with pytest.raises(NotAllowed, match="only administrators can replace") as caught:
        registered(town, "sam", "mine")
    assert "Ask an administrator" == caught.value.hint
    assert [("another",)] == town.sql("SELECT client_id FROM registrations")
    registered(town, "root", "theirs")
    assert [("theirs",)] == town.sql("SELECT client_id FROM registrations")


def test_where_nobody_looks_after_it_anybody_replaces_it(world):
    """As on a laptop."""
    registered(world, "sam")
    registered(world, "grace", "theirs")
    assert [("theirs",)] == world.sql("SELECT client_id FROM registrations")
