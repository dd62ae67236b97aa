"""M16: a token that leaked is found in the log, which holds none."""

import pytest

from conn_core import Secret
from conn_core.auth import TokenSet
from conn_core.broker import traced
from conn_core.broker._chain import ChainKey
from conn_core.broker._line_texts import marked, marks_in, with_marks, without_marks
from conn_core.broker._marks import marks_of
from conn_core.broker._verifying import verify_log
from conn_core.errors import InvalidInput


def token_of(broker, name="expenses"):
    return broker.access_token(name).access_token


def actions(found):
    """Return who used it, and from where, the oldest first."""
    return [(line.action, line.actor, line.place) for line in found.uses[::-1]]


@pytest.fixture
def shared(world):
    """A connection of priya's that sam uses, in his notebook."""
    world.connected(person="priya")
    world.broker("sam").accept("expenses")
    return world.core.acting_as("sam", place="daily.ipynb")


def test_M16_a_token_leads_to_who_used_it(world, shared):
    """Its connection, since when and until when, and everybody who used it meanwhile."""
    first = token_of(shared)
    begun = world.clock()
    world.clock.advance(600)
    priya = world.broker("priya")
    priya.refresh("expenses")
    second = token_of(priya)

    (found,) = traced(world.core, first)
    assert ("authorize", "priya", "expenses") == (
        found.obtained.action,
        found.obtained.actor,
        found.obtained.connection,
    )
    assert (begun, begun + 600) == (
        found.obtained.at.timestamp(),
        found.until.timestamp(),
    )
    assert [("use", "sam", "daily.ipynb")] == actions(found)

    (latest,) = traced(world.core, second)
    assert ("refresh", None) == (latest.obtained.action, latest.until)
    assert [("use", "priya", "")] == actions(latest)


def test_M16_a_refresh_token_is_found_too(world):
    """It is worth more than the token it brings."""
    world.connected().refresh("expenses")
    sent = world.provider.token_requests[-1]["refresh_token"]
    assert ["authorize"] == [
        found.obtained.action for found in traced(world.core, Secret(sent))
    ]


def test_M16_what_each_person_authorizes_is_told_apart(world):
    """Only who held it is named, though others use the connection as well."""
    world.created(use_login_user_credentials=True)
    world.authorized(person="sam")
    world.authorized(person="priya")
    sam, priya = world.broker("sam"), world.broker("priya")
    leaked = token_of(sam)
    token_of(priya)

    (found,) = traced(world.core, leaked)
    assert "sam" == found.obtained.actor
    assert [("use", "sam", "")] == actions(found)


def test_M16_an_end_is_an_end_whoever_makes_it(world):
    """Until then, though nothing was renewed."""
    broker = world.connected()
    leaked = token_of(broker)
    world.clock.advance(5)
    broker.delete("expenses")
    (found,) = traced(world.core, leaked)
    assert world.clock() == found.until.timestamp()


@pytest.mark.parametrize("text", ["never-came-here", "0" * 16, "%", "⟦"])
def test_M16_what_never_came_is_not_found(world, text):
    """Nor what stands in a line for something else."""
    world.connected()
    assert () == traced(world.core, Secret(text))


@pytest.mark.parametrize("text", ["", "x" * 20_000])
def test_M16_what_can_be_no_token_is_refused(world, text):
    """With what to do."""
    with pytest.raises(InvalidInput, match="no token to look for"):
        traced(world.core, Secret(text))


def test_M16_the_log_holds_no_token_and_shows_no_mark(world, canary, tmp_path):
    """What is kept cannot be read back, and nobody reads it; the log stays whole."""
    broker = world.connected()
    broker.refresh("expenses")
    canary.watch(token_of(broker).reveal(), "access token")
    kept = world.sql("SELECT detail FROM audit WHERE action = 'refresh'")
    assert kept[0][0].startswith("⟦")
    assert kept[0][0].endswith("⟧")
    lines = broker.audit().items
    assert not [line for line in lines if "⟦" in line.detail]
    assert not [e for e in broker.events("expenses") if "⟦" in e.detail]
    canary.sweep([tmp_path], {"lines": repr(lines)})
    assert verify_log(world.core).whole


def test_M16_another_deployment_marks_it_otherwise():
    """Who has a token and the log of elsewhere learns nothing."""
    ours, theirs = ChainKey(b"0" * 32), ChainKey(b"1" * 32)
    assert ours.mark_of("CNRY-token") == ours.mark_of("CNRY-token")
    assert ours.mark_of("CNRY-token") != theirs.mark_of("CNRY-token")


def test_M16_a_log_that_does_not_open_holds_up_no_credential(world, monkeypatch):
    """It is kept without its mark; the line itself says what is wrong with the log."""
    tokens = TokenSet(access_token=Secret("CNRY-a"))
    assert marks_of(world.core, tokens).startswith(" ⟦")
    monkeypatch.setattr(world.core.auditing, "_key", None)
    world.sql("DELETE FROM deployment_secrets")
    assert "" == marks_of(world.core, tokens)


def test_a_long_sentence_leaves_room_for_the_marks():
    """None is cut in two, or it would not be found."""
    line = with_marks("x" * 700, marked(["0" * 16] * 4))
    assert len(line) < 700
    assert ["0" * 16] * 4 == marks_in(line)
    assert "x" * 400 == without_marks(line)
    assert "no marks ⟦here⟧ at all" == without_marks("no marks ⟦here⟧ at all")
