"""A person is gone: what others use in their name rests."""

import pytest

from conn_core import ConnectionDraft
from conn_core.errors import BrokerUnavailable, ConnectionSuspended


@pytest.fixture
def shared(town):
    """Sam's connection, which grace uses."""
    town.connected(shared_with=("user:grace",))
    town.broker("grace").accept("expenses")
    return town


def leaves(town, people, name):
    people.gone.add(name)


def test_H14_it_is_suspended_for_everybody_at_the_next_use(shared, people):
    """Whoever uses it reads why, and who can mend it."""
    grace = shared.broker("grace")
    assert grace.access_token("expenses")
    leaves(shared, people, "sam")

    with pytest.raises(ConnectionSuspended) as caught:
        grace.access_token("expenses")
    assert (
        "Connection 'expenses' is suspended: the account of sam, whose credentials it "
        "uses, is not active" == caught.value.message
    )
    assert (
        "An administrator can hand it on: %conn transfer sam/expenses --to PERSON"
        == caught.value.hint
    )
    for way in (grace.test, grace.refresh, grace.accept):
        with pytest.raises(ConnectionSuspended):
            way("expenses")


def test_H14_it_is_shown_as_revoked_and_says_why(shared, people):
    """In a list and alone; nothing was written down."""
    leaves(shared, people, "sam")
    grace = shared.broker("grace")

    (listed,) = grace.connections().items
    assert listed == grace.connection("expenses")
    assert ("revoked", "Suspended: the account of sam is not active.") == (
        listed.status,
        listed.status_reason,
    )
    assert [(None,)] == shared.sql("SELECT revoked_at FROM connections")


def test_a_reason_that_was_there_before_stays(shared, people):
    """Who revoked it is still told."""
    shared.broker("sam").revoke("expenses")
    leaves(shared, people, "sam")

    shown = shared.broker("grace").connection("expenses")
    assert shown.status_reason.startswith("Revoked by sam on ")


def test_it_works_again_once_the_account_is_back(shared, people):
    """By itself."""
    leaves(shared, people, "sam")
    people.gone.clear()

    assert (1, True) == shared.use(shared.broker("grace"))


def test_what_each_person_authorizes_for_themselves_goes_on(town, people):
    """Nobody else's account matters to it."""
    town.created(use_login_user_credentials=True, shared_with=("*",))
    town.authorized(person="grace")
    leaves(town, people, "sam")

    assert (1, True) == town.use(town.broker("grace"))


def test_whether_a_person_is_there_is_not_guessed(shared, people):
    """Not even for a list."""
    grace = shared.broker("grace")
    people.silent = True

    with pytest.raises(BrokerUnavailable):
        grace.access_token("expenses")
    with pytest.raises(BrokerUnavailable):
        grace.connections()


def test_a_list_asks_once_for_each_who_lends_and_holds_up_nobody_meanwhile(
    town, people, monkeypatch
):
    """However many connections are theirs; no transaction is open while it waits."""
    sam = town.broker("sam")
    for name in ("a", "b", "c"):
        shared_with = ("user:grace",)
        sam.create(
            ConnectionDraft(service="expenses", name=name, shared_with=shared_with)
        )
    grace, asked = town.broker("grace"), []

    def is_active(name):
        asked.append((name, town.core.store._open_here.connection))
        return True

    monkeypatch.setattr(people, "is_active", is_active)
    assert 3 == len(grace.connections().items)

    assert [("sam", None)] == asked


def test_H14_an_administrator_hands_it_on(shared, people):
    """Then it needs the new owner's own authorization, and works."""
    leaves(shared, people, "sam")
    (found,) = shared.broker("root").connections(group="all", status=None).items
    assert "revoked" == found.status
    shared.broker("root").transfer("sam/expenses", "grace")

    shared.authorized(person="grace")
    assert (1, True) == shared.use(shared.broker("grace"))


def test_a_job_is_told_before_it_starts(shared, people):
    """As for anything else that would not work."""
    from conn_core import Need

    leaves(shared, people, "sam")
    (answer,) = shared.broker("grace").check([Need(name="expenses")])
    assert not answer.ready
    assert "is suspended" in answer.problem


def test_ones_own_asks_for_nobody_else(town, people):
    """A list of one's own connections costs no question about others."""
    town.broker("sam").create(ConnectionDraft(service="expenses"))
    sam = town.broker("sam")
    before = people.asked
    sam.connections()
    assert before == people.asked


def _listed(broker, **filters):
    page = broker.connections(**filters)
    assert page.total == len(page.items)
    return [c.full_name for c in page.items]


def test_H14_each_status_lists_what_is_shown_with_it(shared, people):
    """Suspended ones are among the revoked, alone where asked for, nowhere else."""
    people.administrators.add("ada")  # who registers the client
    shared.connected("Kept", person="grace")
    shared.connected("Stopped", person="priya", shared_with=("*",))
    shared.broker("priya").revoke("stopped")
    leaves(shared, people, "sam")
    grace = shared.broker("grace")

    assert ["sam/expenses", "priya/stopped"] == _listed(grace, status="revoked")
    assert ["sam/expenses"] == _listed(grace, status="suspended")
    assert ["kept"] == _listed(grace, status="connected")
    assert [] == _listed(grace, status="failed")
    assert ["sam/expenses"] == _listed(grace, status="suspended", group="organisation")
    assert [] == _listed(grace, status="suspended", group="my")
    assert ["sam/expenses"] == _listed(
        shared.broker("root"), status="suspended", group="all"
    )


def test_H14_nobody_is_listed_as_suspended_who_is_here(shared):
    """Nor what each person authorizes for themselves, nor what was revoked before."""
    grace = shared.broker("grace")
    assert [] == _listed(grace, status="suspended")
    assert ["sam/expenses"] == _listed(grace, status="connected")


def test_H14_what_was_revoked_before_is_not_suspended_besides(town, people):
    """It is shown with who revoked it; own credentials are nobody else's matter."""
    people.administrators.add("ada")  # who registers the client
    town.connected("Stopped", shared_with=("*",))
    town.broker("sam").revoke("stopped")
    town.created("Own", use_login_user_credentials=True, shared_with=("*",))
    leaves(town, people, "sam")
    grace = town.broker("grace")

    assert [] == _listed(grace, status="suspended")
    assert ["sam/stopped"] == _listed(grace, status="revoked")
    assert ["sam/own"] == _listed(grace, status="needs authorization")


def test_a_filtered_list_is_not_guessed_either(shared, people):
    """While the organisation does not answer."""
    grace = shared.broker("grace")
    people.silent = True
    with pytest.raises(BrokerUnavailable):
        grace.connections(status="failed")
