"""Each adapter against a real API, with a token that ends in mid-use."""

import copy
import inspect
import pickle
from pprint import pformat
from types import ModuleType

import pytest
from library_calls import CALLS, prepare

import conn_magics as cm
from conn_core.errors import ConnectionRevoked

#: They place the token themselves, and do not tell us of a 401.
DEAF = {"azure_credential", "headers"}


@pytest.fixture
def call(desk, monkeypatch):
    """Makes one call with an adapter's object."""
    prepare(desk, monkeypatch)
    # Microsoft's libraries ask again a random while later.
    monkeypatch.setattr("random.randint", lambda low, high: low)
    return lambda name, thing: CALLS[name](thing, desk)


@pytest.mark.parametrize("name", CALLS)
def test_the_call_after_the_end_of_a_token_carries_the_next_one(desk, call, name):
    """The same object, one refresh, and the API never has to refuse."""
    thing = cm.get("desk").adapter(name)
    assert "sam" == call(name, thing)
    first = set(desk.sent)

    desk.later()

    assert "sam" == call(name, thing)
    assert 1 == len(first)
    assert 2 == len(set(desk.sent))
    assert 1 == desk.provider.refreshes


@pytest.mark.parametrize("name", sorted(CALLS.keys() - DEAF))
def test_F41_a_token_that_is_refused_early_is_replaced_and_the_call_repeated(
    desk, call, name
):
    """The caller sees nothing of it; slack_sdk only posts, and a post is not repeated."""
    thing = cm.get("desk").adapter(name)
    call(name, thing)
    desk.refuse()

    if name == "slack":
        with pytest.raises(Exception, match="Bad credentials"):
            call(name, thing)

    assert "sam" == call(name, thing)
    assert 1 == desk.provider.refreshes
    assert 2 == len(set(desk.sent))


@pytest.mark.parametrize("name", CALLS)
def test_H_a_revocation_acts_on_the_next_call(desk, call, clock, name):
    """The object is in the user's hands, the decision is not."""
    thing = cm.get("desk").adapter(name)
    call(name, thing)
    desk.broker.revoke("desk")
    clock[0] += 1

    with pytest.raises(ConnectionRevoked):
        call(name, thing)


@pytest.mark.parametrize("name", CALLS)
def test_K10_an_object_travels_as_the_name_of_its_connection(desk, call, canary, name):
    """To a worker or a cache; copies are made the same way."""
    thing = cm.get("desk").adapter(name)
    call(name, thing)

    packed = pickle.dumps(thing)

    canary.sweep(texts={"pickle": packed})
    assert b"desk" in packed
    for again in (pickle.loads(packed), copy.copy(thing), copy.deepcopy(thing)):
        assert thing is not again
        assert type(thing) is type(again)
        assert "sam" == call(name, again)


def looked_into(thing):
    """Return what an object and all its parts show of themselves."""
    waiting, seen, shown = [thing], set(), []
    while waiting:
        each = waiting.pop()
        if id(each) in seen or isinstance(each, type | ModuleType):
            continue
        seen.add(id(each))
        parts = each if isinstance(each, dict) else getattr(each, "__dict__", {})
        inside = each if isinstance(each, list | tuple) else parts.values()
        shown += [repr(each), str(each), pformat(parts)]
        waiting += inside
    return "\n".join(shown)


@pytest.mark.parametrize("name", CALLS)
def test_K1_no_way_of_looking_shows_the_token(desk, call, canary, name):
    """Before a call and after it, however deep."""
    thing = cm.get("desk").adapter(name)
    before = looked_into(thing)
    call(name, thing)

    canary.sweep(texts={"before": before, "after": looked_into(thing)})
    assert "desk" in repr(thing)


@pytest.mark.parametrize(
    "name", sorted(CALLS.keys() - {"google_credentials", "pygithub"})
)
def test_K9_the_members_do_not_show_the_token(desk, canary, name):
    """Of Google's credentials ``token`` is one, and of PyGithub some are requests."""
    members = inspect.getmembers(cm.get("desk").adapter(name))

    assert 1 == canary.sweep(texts={"members": repr(members)})
