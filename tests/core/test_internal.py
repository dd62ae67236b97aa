"""Connections that built-in tasks make for themselves."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from conn_core import ConnectionDraft, ConnectionEdit
from conn_core.errors import (
    AuthorizationRequired,
    ConnectionNotFound,
    InternalConnection,
    InvalidInput,
    ServiceNotFound,
)
from conn_core.store import Store


def names(broker, **filters):
    return [c.link_name for c in broker.connections(**filters).items]


def test_the_first_use_makes_it(world):
    """With a name that says what it is for, asking for what the task needs."""
    sam = world.broker()
    made = sam.internal_connection("expenses", scopes=["reports.write"])
    assert (
        "expenses-tasks",
        "Expense Desk tasks",
        "internal",
        "sam",
        "needs authorization",
        ("reports.write",),
        (),
        False,
    ) == (
        made.link_name,
        made.name,
        made.group,
        made.owner,
        made.status,
        made.scopes,
        made.shared_with,
        made.use_login_user_credentials,
    )
    assert made == sam.internal_connection("expenses", scopes=["reports.write"])
    assert made == sam.internal_connection("expenses")
    assert made == sam.connection("expenses-tasks")


def test_without_scopes_it_asks_for_the_usual_ones(world):
    """As any new connection."""
    made = world.broker().internal_connection("expenses")
    assert ("reports.read",) == made.scopes


def test_it_is_in_a_group_of_its_own(world):
    """It is neither among one's own nor among the organisation's."""
    sam = world.broker()
    sam.internal_connection("expenses")
    sam.create(ConnectionDraft(service="expenses"))
    assert ["expenses-tasks"] == names(sam, group="internal")
    assert ["expense-desk"] == names(sam, group="my")
    assert [] == names(sam, group="organisation")
    assert ["expense-desk", "expenses-tasks"] == names(sam)


def test_H2_nobody_else_sees_it(world):
    """Not even where somebody wrote into the table that it is shared."""
    world.broker().internal_connection("expenses")
    world.sql("INSERT INTO shares SELECT id, '*' FROM connections")
    priya = world.broker("priya")
    assert [] == names(priya)
    for name in ("expenses-tasks", "sam/expenses-tasks", "Expense Desk tasks"):
        with pytest.raises(ConnectionNotFound):
            priya.connection(name)
    assert "priya" == priya.internal_connection("expenses").owner


def test_more_scopes_are_added_and_need_consent(world):
    """None is dropped, whichever task asks; what was made is used again."""
    world.register()
    sam = world.broker()
    sam.internal_connection("expenses", scopes=["reports.read"])
    world.authorized("expenses-tasks")
    assert sam.access_token("expenses-tasks")
    more = sam.internal_connection(
        "expenses", scopes=["reports.write", "reports.write"]
    )
    assert ("reports.read", "reports.write") == more.scopes
    assert "needs authorization" == more.status
    assert (
        "Consent is missing for reports.write (granted so far: reports.read)."
        == more.status_reason
    )
    with pytest.raises(AuthorizationRequired):
        sam.access_token("expenses-tasks")
    world.authorized("expenses-tasks")
    same = sam.internal_connection("expenses", scopes=["reports.read"])
    assert ("connected", more.scopes) == (same.status, same.scopes)
    events = [(e.action, e.detail) for e in sam.events("expenses-tasks")]
    assert ("edit", "added reports.write") in events


def test_a_name_that_is_taken_gets_a_number(world):
    """Whether it is the link name or the name that people read."""
    sam = world.broker()
    sam.create(
        ConnectionDraft(service="expenses", name="x", link_name="expenses-tasks")
    )
    sam.create(ConnectionDraft(service="expenses", name="Expense desk TASKS 2"))
    made = sam.internal_connection("expenses")
    assert ("expenses-tasks-3", "Expense Desk tasks 3") == (made.link_name, made.name)


def test_other_parameters_make_another_one(world):
    """A token for one tenant is none for another; without any, the first will do."""
    sam = world.broker()
    acme = sam.internal_connection("tenant-desk", parameters={"tenant": "acme"})
    world.clock.advance(1)
    other = sam.internal_connection("tenant-desk", parameters={"tenant": "other"})
    assert ("tenant-desk-tasks", "tenant-desk-tasks-2") == (
        acme.link_name,
        other.link_name,
    )
    assert other == sam.internal_connection(
        "tenant-desk", parameters={"tenant": "other"}
    )
    assert acme == sam.internal_connection("tenant-desk")


@pytest.mark.parametrize(
    ("service", "asked", "error"),
    [
        ("nothing", {}, ServiceNotFound),
        ("tenant-desk", {}, InvalidInput),
        ("tenant-desk", {"parameters": {"tenent": "a"}}, InvalidInput),
        ("expenses", {"scopes": ["a b"]}, InvalidInput),
        ("expenses", {"scopes": [""]}, InvalidInput),
        ("expenses", {"scopes": ["x" * 501]}, InvalidInput),
    ],
)
def test_what_cannot_be_leaves_nothing_behind(world, service, asked, error):
    """It is refused as if a person had filled it in."""
    with pytest.raises(error):
        world.broker().internal_connection(service, **asked)
    assert [] == world.sql("SELECT * FROM connections")


def test_it_is_revoked_and_enabled_and_nothing_else(world):
    """The error says why, and what can be done."""
    world.register()
    sam = world.broker()
    sam.internal_connection("expenses")
    world.authorized("expenses-tasks")
    for act in (
        lambda: sam.edit("expenses-tasks", ConnectionEdit(name="x")),
        lambda: sam.edit("expenses-tasks", ConnectionEdit(scopes=())),
        lambda: sam.delete("expenses-tasks"),
    ):
        with pytest.raises(InternalConnection) as caught:
            act()
        assert (
            "'expenses-tasks' was made by a built-in task and cannot be edited or "
            "deleted. You can revoke it: %conn revoke expenses-tasks"
            == str(caught.value)
        )
    assert "revoked" == sam.revoke("expenses-tasks").status
    assert "revoked" == sam.internal_connection("expenses").status
    assert "connected" == sam.enable("expenses-tasks").status
    assert sam.test("expenses-tasks").ok
    ended = sam.revoke("expenses-tasks", at_provider=True)
    assert "Expense Desk ended the authorization." == ended.notice


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_two_tasks_at_once_make_one(world, database, request):
    """And none of what they ask for is lost."""
    stores = [{} for _ in range(4)]
    if database == "postgresql":
        url = request.getfixturevalue("new_database")()
        stores = [{"store": Store.postgresql(url)} for _ in range(4)]
    cores = [world.open(**store) for store in stores]
    everybody = threading.Barrier(len(cores))

    def ask(number):
        everybody.wait()
        broker = cores[number].acting_as("sam")
        return broker.internal_connection("expenses", scopes=[f"scope{number}"])

    with ThreadPoolExecutor(len(cores)) as pool:
        made = list(pool.map(ask, range(len(cores))))
    assert {"expenses-tasks"} == {c.link_name for c in made}
    (found,) = cores[0].acting_as("sam").connections().items
    assert {f"scope{number}" for number in range(len(cores))} == set(found.scopes)
