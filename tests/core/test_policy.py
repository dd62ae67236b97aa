"""Who may do what: the one function, default deny, before any database is asked."""

from types import SimpleNamespace
from typing import get_args

import pytest

from conn_core.broker._policy import Action, Actor, allows

ACTIONS = get_args(Action)
OWNER = Actor.person("priya")
COLLEAGUE = Actor.person("sam", groups=("finance",))
STRANGER = Actor.person("mallory", groups=("sales",))
ADMINISTRATOR = Actor.person("ada", is_administrator=True)


def row(**changes):
    """A connection of priya's, which finance uses with her credentials."""
    facts = {
        "id": "c1",
        "owner": "priya",
        "internal": False,
        "shared_with": "group:finance",
        "use_login_user_credentials": False,
    }
    return SimpleNamespace(**facts | changes)


def job(person, *, granted=("c1",)):
    return Actor(
        name=person.name,
        principals=person.principals,
        is_administrator=person.is_administrator,
        grant="g1",
        granted=frozenset(granted),
    )


def allowed(actor, connection):
    return {action for action in ACTIONS if allows(actor, action, connection)}


@pytest.mark.parametrize(
    ("actor", "expected"),
    [
        (OWNER, set(ACTIONS)),
        (COLLEAGUE, {"see", "use"}),
        (STRANGER, set()),
        (ADMINISTRATOR, {"see", "change", "transfer"}),
        (job(OWNER), {"see", "use"}),
        (job(COLLEAGUE), {"see", "use"}),
        (job(STRANGER), set()),
        (job(ADMINISTRATOR), {"see"}),
        (job(OWNER, granted=("c2",)), set()),
    ],
    ids=lambda one: getattr(one, "name", None),
)
def test_H1_what_each_role_may_do_with_what_is_shared(actor, expected):
    """The whole table; what does not stand in it is refused."""
    assert expected == allowed(actor, row())


@pytest.mark.parametrize("connection", [row(shared_with=None), row(internal=True)])
def test_H2_what_is_not_shared_is_its_owners(connection):
    """Nobody's group helps, and what a task made is nobody else's at all."""
    assert set(ACTIONS) == allowed(OWNER, connection)
    assert set() == allowed(COLLEAGUE, connection)
    assert {"see", "change", "transfer"} == allowed(ADMINISTRATOR, connection)


def test_H6_who_uses_their_own_credentials_obtains_them():
    """And nobody whom it is not shared with."""
    own = row(use_login_user_credentials=True)
    assert {"see", "use", "authorize"} == allowed(COLLEAGUE, own)
    assert set() == allowed(STRANGER, own)


def test_H9_groups_are_compared_whole():
    """Neither a part of a name nor a person of the name is the group; everybody is all."""
    assert set() == allowed(Actor.person("finance"), row())
    assert set() == allowed(Actor.person("sam", groups=("fin",)), row())
    assert {"see", "use"} == allowed(STRANGER, row(shared_with="user:x\n*"))


def test_H1_what_nobody_knows_is_refused():
    """A new action is nobody's until somebody decides."""
    assert not allows(OWNER, "destroy", row())
