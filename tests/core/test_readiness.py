"""Before a job: could it use what it needs without a person, as whom, and until when?"""

from datetime import UTC, datetime, timedelta

import pytest

from conn_core import ConnectionDraft, ConnectionEdit, Need
from conn_core.errors import InvalidInput


def moment(world, *, days):
    """Return a moment some days from now."""
    return datetime.fromtimestamp(world.clock(), UTC) + timedelta(days=days)


def checked(world, *needs, person="sam", until=None):
    """Ask about needs as a person."""
    return world.broker(person).check(needs, until=until)


def test_one_that_renews_itself_is_ready_for_good(world):
    """As whom it runs is said, and that there is no end."""
    world.connected()
    (found,) = checked(world, Need(name="Expenses"), until=moment(world, days=400))
    assert found.ready
    assert (found.name, found.runs_as, found.account) == (
        "expenses",
        "sam",
        "sam@acme.example",
    )
    assert (found.until, found.problem, found.needs_person) == (None, "", False)


def test_nothing_is_asked_and_nothing_is_noted(world):
    """A check is no use: no request, no refresh, no event."""
    broker = world.connected()
    world.clock.advance(7200)
    before = (len(world.provider.token_requests), broker.events("expenses"))
    assert checked(world, Need(name="expenses"))[0].ready
    assert before == (len(world.provider.token_requests), broker.events("expenses"))
    assert broker.uses("expenses") == ()


def test_each_need_has_its_answer_in_order(world):
    """What is missing is said as the call itself would say it."""
    broker = world.connected()
    broker.create(ConnectionDraft(service="expenses", name="Later"))
    first, second, third, fourth = checked(
        world,
        Need(name="expenses", scopes=("reports.delete",)),
        Need(name="later"),
        Need(name="expensess"),
        Need(name="expenses"),
    )
    assert "lacks the scope 'reports.delete'" in first.problem
    assert first.needs_person
    assert second.hint == "Run %conn authorize later"
    assert second.needs_person
    assert "Did you mean 'expenses'" in third.problem
    assert not third.needs_person
    assert fourth.ready


def test_a_revoked_one_is_not_ready_and_needs_no_authorization(world):
    """Enabling is enough, and the command says so."""
    world.connected().revoke("expenses")
    (found,) = checked(world, Need(name="expenses"))
    assert (found.ready, found.needs_person) == (False, False)
    assert found.hint == "Run %conn enable expenses"


def test_scopes_that_were_added_need_consent_first(world):
    """The edit is not forgotten by whoever schedules."""
    broker = world.connected()
    broker.edit("expenses", ConnectionEdit(scopes=("reports.read", "reports.write")))
    (found,) = checked(world, Need(name="expenses"))
    assert found.needs_person
    assert "reports.write" in found.problem


def test_a_colleague_runs_as_the_creator_or_as_themselves(world):
    """Whose credentials count is whose name stands there."""
    world.connected()
    world.broker("priya").accept("expenses")
    (shared,) = checked(world, Need(name="expenses"), person="priya")
    assert (shared.ready, shared.runs_as) == (True, "sam")

    world.broker().create(
        ConnectionDraft(service="expenses", name="Own", use_login_user_credentials=True)
    )
    (own,) = checked(world, Need(name="own"), person="priya")
    assert own.needs_person
    assert own.hint == "Run %conn authorize own"
    world.authorized("Own", person="priya")
    (own,) = checked(world, Need(name="own"), person="priya")
    assert (own.ready, own.runs_as) == (True, "priya")


def test_a_refresh_token_that_dies_too_early_is_said(world):
    """What the provider said about its lifetime decides, renewed at each refresh."""
    world.provider.spoils = lambda body: (
        body | {"refresh_token_expires_in": 30 * 86_400}
    )
    broker = world.connected()
    near = moment(world, days=10)
    assert checked(world, Need(name="expenses"), until=near)[0].ready
    far = moment(world, days=60)
    (found,) = checked(world, Need(name="expenses"), until=far)
    assert not found.ready
    assert found.needs_person
    assert found.until == moment(world, days=30)
    assert "ends on" in found.problem
    assert found.hint == "Run %conn authorize expenses before then"

    world.clock.advance(20 * 86_400)
    broker.refresh("expenses")
    assert checked(world, Need(name="expenses"))[0].until == moment(world, days=30)


def test_what_was_said_once_stands_while_the_refresh_token_stays(world):
    """A provider that does not rotate says it at consent only."""
    world.provider.rotates = False
    world.provider.spoils = lambda body: body | {"refresh_token_expires_in": 864_000}
    broker = world.connected()
    world.provider.spoils = None
    dies = moment(world, days=10)
    world.clock.advance(7200)
    broker.refresh("expenses")
    assert checked(world, Need(name="expenses"))[0].until == dies


def test_without_a_refresh_token_the_access_token_is_the_end(world):
    """It works until then, and nothing renews it."""
    world.provider.spoils = lambda body: {
        k: v for k, v in body.items() if k != "refresh_token"
    }
    world.connected()
    (found,) = checked(world, Need(name="expenses"))
    assert found.ready
    assert found.until == datetime.fromtimestamp(world.clock() + 3600, UTC)
    (found,) = checked(world, Need(name="expenses"), until=moment(world, days=1))
    assert not found.ready


def test_a_task_needs_its_internal_connection(world):
    """It is made at first use, in a notebook; a check does not make it."""
    need = Need(task="slack.post_message", scopes=("chat:write",))
    (found,) = checked(world, need)
    assert found.name == "slack.post_message"
    assert found.needs_person
    assert found.hint == "Run cm.tasks.slack.post_message once in a notebook"
    assert world.broker().connections(group="internal").total == 0

    world.register("slack")
    made = world.broker().internal_connection("slack", scopes=("chat:write",))
    (found,) = checked(world, need)
    assert found.hint == f"Run %conn authorize {made.link_name}"


@pytest.mark.parametrize("need", [Need(), Need(task="slack.no_such_task")])
def test_a_need_that_names_nothing_is_a_mistake(world, need):
    """Neither a connection nor a task."""
    with pytest.raises(InvalidInput, match="connection or a built-in task"):
        checked(world, need)
