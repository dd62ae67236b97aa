"""I8: before the first use of what somebody else shares, a person agrees to it."""

import dataclasses

import pytest

from conn_core import ConnectionEdit, Need
from conn_core.errors import (
    AcceptanceRequired,
    AuthorizationRequired,
    ConnectionNotFound,
    ConnectionRevoked,
)

USES = {
    "access_token": lambda broker: broker.access_token("expenses"),
    "refresh": lambda broker: broker.refresh("expenses"),
    "test": lambda broker: broker.test("expenses"),
}


@pytest.fixture
def priya(world):
    """The owner of a connection that everybody may use."""
    return world.connected(person="priya", scopes=("reports.read",))


@pytest.fixture
def sam(world, priya):
    """Who never used it."""
    return world.broker("sam")


def refused(broker, name="expenses"):
    with pytest.raises(AcceptanceRequired) as caught:
        broker.access_token(name)
    return caught.value


@pytest.mark.parametrize("use", USES.values(), ids=USES)
def test_I8_the_first_use_asks_for_a_persons_word(world, sam, use):
    """Owner, hosts and scopes are said; nothing was sent, and then it works."""
    with pytest.raises(AcceptanceRequired) as caught:
        use(sam)
    assert (
        "'expenses' is shared by priya: what you send goes to api.expenses.example in "
        "the name of priya, with the scopes reports.read, and you have not accepted "
        "that yet. Run %conn accept expenses" == str(caught.value)
    )
    assert 0 == world.refreshes()
    seen = sam.connection("expenses")
    assert (False, ("api.expenses.example",)) == (seen.accepted, seen.api_hosts)
    assert [False] == [c.accepted for c in sam.connections().items]

    assert sam.accept("expenses").accepted
    assert use(sam)
    assert [True] == [c.accepted for c in sam.connections().items]


def test_I8_a_job_needs_it_beforehand(sam):
    """A check before it is scheduled says so, and what to run."""
    (found,) = sam.check([Need(name="expenses")])
    assert (False, True) == (found.ready, found.needs_person)
    assert "Run %conn accept expenses" == found.hint
    sam.accept("expenses")
    (found,) = sam.check([Need(name="expenses")])
    assert (True, "priya") == (found.ready, found.runs_as)


def test_I8_the_word_is_one_persons(world, sam):
    """Ada is asked too, and the owner never."""
    sam.accept("expenses")
    assert refused(world.broker("ada"))
    assert world.broker("priya").access_token("expenses")
    assert world.broker("priya").connection("expenses").accepted


def test_I8_the_command_names_it_as_it_was_called(world, sam):
    """One's own of the same link name would be another connection."""
    world.created(person="sam")
    assert "Run %conn accept priya/expenses" == refused(sam, "priya/expenses").hint
    assert "priya" == sam.accept("priya/expenses").owner
    assert sam.access_token("priya/expenses")


def test_I8_more_scopes_are_asked_about_again(world, priya, sam):
    """Fewer are not: they were agreed to."""
    sam.accept("expenses")
    both = ("reports.read", "reports.write")
    priya.edit("expenses", ConnectionEdit(scopes=both))
    world.authorized(person="priya")
    assert refused(sam).message.endswith(
        "with the scopes reports.read, reports.write, and that is more than you accepted"
    )
    sam.accept("expenses")
    priya.edit("expenses", ConnectionEdit(scopes=("reports.write",)))
    assert sam.access_token("expenses")


def test_I8_another_host_is_asked_about_again(world, sam):
    """Whoever described the service may move it, and everybody along."""
    sam.accept("expenses")
    world.sql(
        'UPDATE credentials SET hosts = \'["api.expenses.example", "b.example"]\''
    )
    assert "goes to api.expenses.example and b.example in" in refused(sam).message
    sam.accept("expenses")
    world.sql("UPDATE credentials SET hosts = '[\"b.example\"]'")
    assert sam.access_token("expenses")


def test_I8_authorizing_it_anew_asks_nobody_again(world, sam):
    """The same hosts and scopes are what was agreed to."""
    sam.accept("expenses")
    world.authorized(person="priya")
    assert sam.access_token("expenses")


def test_I8_without_scopes_none_are_named(world):
    """A key has none."""
    world.connected("Bare", person="priya", scopes=())
    told = refused(world.broker("sam"), "bare").message
    assert "in the name of priya, and you have not accepted that yet" in told


def test_I8_credentials_of_ones_own_were_consented_to(world):
    """Signing in at the service was the word."""
    world.created(person="priya", use_login_user_credentials=True)
    world.authorized(person="sam")
    assert world.broker("sam").connection("expenses").accepted
    assert world.broker("sam").access_token("expenses")


def test_I8_accepting_ones_own_or_twice_changes_nothing(priya, sam):
    """And there is one line of history."""
    assert priya.accept("expenses").accepted
    sam.accept("expenses")
    sam.accept("expenses")
    told = [
        (e.actor, e.detail) for e in priya.events("expenses") if e.action == "accept"
    ]
    assert [("sam", "api.expenses.example; reports.read")] == told


def test_I8_what_cannot_be_used_cannot_be_accepted(world, priya, sam):
    """Nobody agrees to what nobody knows."""
    priya.revoke("expenses")
    with pytest.raises(ConnectionRevoked):
        sam.accept("expenses")
    world.created("Second", person="priya")
    with pytest.raises(AuthorizationRequired, match="Ask priya to authorize it"):
        sam.accept("second")
    with pytest.raises(ConnectionNotFound):
        sam.accept("third")
    assert [] == world.sql("SELECT * FROM acceptances")


def test_I8_it_goes_with_the_connection(world, priya, sam):
    """One of the same name is another one."""
    sam.accept("expenses")
    priya.delete("expenses")
    assert [] == world.sql("SELECT * FROM acceptances")
    world.connected(person="priya")
    assert refused(sam)


def test_I8_the_operator_may_do_without(world, priya):
    """Where everybody trusts everybody."""
    settings = dataclasses.replace(world.settings, accept_shared=True)
    sam = world.open(settings=settings).acting_as("sam")
    assert sam.connection("expenses").accepted
    assert sam.access_token("expenses")
