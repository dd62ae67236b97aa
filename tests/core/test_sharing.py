"""One store, several people: what is shared, whose credentials, and whose name."""

import dataclasses

import pytest

from conn_core import ConnectionDraft, ConnectionEdit
from conn_core.errors import (
    AmbiguousName,
    AuthorizationEnded,
    AuthorizationFailed,
    AuthorizationNotFound,
    AuthorizationRequired,
    ConnectionNotFound,
    ConnectionRevoked,
    NotAllowed,
    ScopeMissing,
)


def draft(**members):
    return ConnectionDraft(**{"service": "expenses", "name": "Expenses"} | members)


def link_names(broker, **filters):
    return [c.link_name for c in broker.connections(**filters).items]


# --- who sees what --------------------------------------------------------------------


def test_a_new_connection_is_everybodys_unless_its_owner_says_otherwise(world):
    """Everybody, some by name, or nobody else."""
    priya = world.broker("priya")
    priya.create(draft(name="any"))
    priya.create(draft(name="some", link_name="some", shared_with=("user:sam",)))
    priya.create(draft(name="none", shared_with=()))
    assert ["any", "none", "some"] == link_names(priya, group="my")
    assert ["any", "some"] == link_names(world.broker("sam"), group="organisation")
    assert ["any"] == link_names(world.broker("mallory"))
    assert [] == link_names(world.broker("sam"), group="my")
    assert 1 == world.broker("mallory").connections().total


def test_whom_else_it_is_shared_with_is_the_owners_matter(world):
    """Others see what lets them in."""
    shared_with = ("user:sam", "user:ada", "user:priya")
    made = world.broker("priya").create(draft(shared_with=shared_with))
    assert ("user:ada", "user:sam") == made.shared_with
    assert ("user:sam",) == world.broker("sam").connection("expenses").shared_with
    everybody = world.broker("priya").create(draft(name="b", shared_with=("*", "*")))
    assert ("*",) == everybody.shared_with
    assert ("*",) == world.broker("sam").connection("b").shared_with


def test_a_colleague_sees_whose_credentials_they_use(world):
    """Owner, account and scopes; the group says that it is not theirs."""
    world.connected(person="priya")
    seen = world.broker("sam").connection("expenses")
    assert ("organisation", "priya", "connected", "sam@acme.example") == (
        seen.group,
        seen.owner,
        seen.status,
        seen.account,
    )
    assert ("reports.read",) == seen.granted_scopes


def test_H9_who_is_no_longer_shared_with_is_out_at_the_next_call(world):
    """As if it had never been there."""
    world.connected(person="priya", shared_with=("user:sam",))
    sam = world.broker("sam")
    sam.accept("expenses")
    assert sam.access_token("expenses")
    world.sql("DELETE FROM shares")
    with pytest.raises(ConnectionNotFound, match="no connection called 'expenses'"):
        sam.access_token("expenses")


# --- the creator's credentials --------------------------------------------------------


def same(one, other):
    """The same token; only its owner's kernels are lent it."""
    return one == dataclasses.replace(other, exposure=one.exposure)


def test_everybody_uses_the_creators_credentials(world, canary):
    """One token, one refresh, whoever asks first."""
    world.connected(person="priya")
    priya, sam = world.broker("priya"), world.broker("sam")
    sam.accept("expenses")
    assert same(priya.access_token("expenses"), sam.access_token("expenses"))
    world.clock.advance(3600)
    renewed = sam.access_token("expenses")
    assert 2 == renewed.generation
    assert same(renewed, priya.access_token("expenses"))
    assert 1 == world.refreshes()
    assert sam.test("expenses").ok
    canary.sweep(
        texts={"seen": repr([sam.connection("expenses"), sam.uses("expenses")])}
    )


CHANGES = {
    "edit": lambda broker, name: broker.edit(name, ConnectionEdit(name="Mine")),
    "revoke": lambda broker, name: broker.revoke(name),
    "revoke at provider": lambda broker, name: broker.revoke(name, at_provider=True),
    "enable": lambda broker, name: broker.enable(name),
    "delete": lambda broker, name: broker.delete(name),
}


@pytest.mark.parametrize("name", ["expenses", "Expenses", "priya/expenses"])
@pytest.mark.parametrize("act", CHANGES.values(), ids=CHANGES)
def test_H4_only_the_owner_changes_it(world, act, name):
    """Who may use it is told whom to ask; nothing happens to it."""
    priya = world.connected(person="priya")
    before = priya.connection("expenses"), priya.events("expenses")
    with pytest.raises(NotAllowed) as caught:
        act(world.broker("sam"), name)
    assert (
        "'expenses' belongs to priya, and only priya can change, revoke or delete it. "
        "Ask priya" == str(caught.value)
    )
    assert before == (priya.connection("expenses"), priya.events("expenses"))
    assert [] == world.provider.revocations


def test_only_the_owner_authorizes_what_uses_the_owners_credentials(world):
    """A colleague's account must not become everybody's."""
    world.created(person="priya")
    with pytest.raises(NotAllowed) as caught:
        world.broker("sam").authorize("expenses")
    assert (
        "'expenses' uses the credentials of priya, so only priya can authorize it. "
        "Ask priya" == str(caught.value)
    )
    assert [] == world.sql("SELECT * FROM flows")


def test_a_colleague_is_told_whom_to_ask(world):
    """Not a command that they cannot run."""
    priya = world.created(person="priya", scopes=("reports.read",))
    sam = world.broker("sam")

    def hint(kind):
        with pytest.raises(kind) as caught:
            sam.access_token("expenses", require=["reports.write"])
        return caught.value.hint

    assert "Ask priya to authorize it" == hint(AuthorizationRequired)
    world.authorized(person="priya")
    sam.accept("expenses")
    assert "Ask priya to add it" == hint(ScopeMissing)
    both = ("reports.read", "reports.write")
    priya.edit("expenses", ConnectionEdit(scopes=both))
    assert "Ask priya to authorize it" == hint(AuthorizationRequired)
    _, started = world.begun(person="priya")
    less = world.provider.consent(started.authorization_url, scopes="reports.read")
    world.finished(less, started, user="priya")
    sam.accept("expenses")
    assert "Ask priya to authorize it again, and grant it" == hint(ScopeMissing)
    priya.revoke("expenses")
    assert "Ask priya to enable it" == hint(ConnectionRevoked)
    priya.enable("expenses")
    world.provider.end_all_grants()
    world.clock.advance(3600)
    with pytest.raises(AuthorizationEnded):
        priya.access_token("expenses")
    assert "Ask priya to authorize it" == hint(AuthorizationEnded)


def test_a_colleague_is_told_whom_to_ask_when_it_ends_in_their_hands(world):
    """The refresh that they cause is the one that finds out."""
    world.connected(person="priya")
    world.broker("sam").accept("expenses")
    world.provider.end_all_grants()
    world.clock.advance(3600)
    with pytest.raises(AuthorizationEnded) as caught:
        world.broker("sam").access_token("expenses")
    assert "Ask priya to authorize it" == caught.value.hint
    with pytest.raises(AuthorizationEnded) as caught:
        world.broker("priya").access_token("expenses")
    assert "Run %conn authorize expenses" == caught.value.hint


def test_the_owner_revokes_while_a_colleague_uses_it(world):
    """The next call fails; enabled again, it goes on with the same token."""
    priya = world.connected(person="priya")
    sam = world.broker("sam")
    sam.accept("expenses")
    before = sam.access_token("expenses")
    priya.revoke("expenses")
    with pytest.raises(ConnectionRevoked) as caught:
        sam.access_token("expenses")
    assert (
        "Connection 'expenses' was revoked by priya on 2026-11-18. "
        "Ask priya to enable it" == str(caught.value)
    )
    assert "Revoked by priya on 2026-11-18." == sam.connection("expenses").status_reason
    priya.enable("expenses")
    assert before == sam.access_token("expenses")


def test_the_owner_revokes_while_a_colleague_refreshes(world):
    """The token that comes then is nobody's to use."""
    priya = world.connected(person="priya")
    world.broker("sam").accept("expenses")
    world.clock.advance(3600)
    world.provider.script.append(lambda: priya.revoke("expenses") and None)
    with pytest.raises(ConnectionRevoked):
        world.broker("sam").access_token("expenses")
    priya.enable("expenses")
    assert 2 == priya.access_token("expenses").generation


def test_the_owner_deletes_while_a_colleague_uses_it(world):
    """It is not there any more, for anybody."""
    priya = world.connected(person="priya")
    sam = world.broker("sam")
    sam.accept("expenses")
    sam.access_token("expenses")
    priya.delete("expenses")
    with pytest.raises(ConnectionNotFound):
        sam.access_token("expenses")


def test_I11_flows_of_others_do_not_exist(world):
    """Not to see, to cancel, to open or to finish, even of a shared connection."""
    world.created(person="priya", use_login_user_credentials=True)
    flow, started = world.begun(person="priya")
    sam = world.broker("sam")
    for act in (
        lambda: sam.authorization(flow),
        lambda: sam.cancel(flow),
        lambda: sam.paste(flow, "http://127.0.0.1/?code=x&state=y"),
        lambda: world.core.start_authorization(flow, user="sam"),
        lambda: world.core.issue_hop(flow, user="sam"),
    ):
        with pytest.raises(AuthorizationNotFound):
            act()
    answer = world.provider.consent(started.authorization_url)
    with pytest.raises(AuthorizationFailed, match="begun by another user"):
        world.finished(answer, started, user="sam")
    assert [] == world.sql("SELECT * FROM credentials")


# --- names ----------------------------------------------------------------------------


def test_I6_ones_own_connection_wins(world):
    """The colleague's is reached by its owner's name."""
    world.broker("priya").create(draft())
    sam = world.broker("sam")
    assert "priya" == sam.connection("expenses").owner
    made = sam.create(draft())
    assert (
        "'expenses' means your own connection from now on. What priya shared by this "
        "name is called priya/expenses." == made.notice
    )
    assert "sam" == sam.connection("expenses").owner
    assert "priya" == sam.connection("priya/expenses").owner
    assert "sam" == sam.connection("sam/expenses").owner
    assert "priya" == world.broker("priya").connection("expenses").owner


def test_I6_ones_own_display_name_wins_over_somebody_elses_link_name(world):
    """Nobody takes a name over by sharing one that is spelled like it."""
    sam = world.broker("sam")
    sam.create(draft(name="reports", link_name="mine"))
    world.broker("mallory").create(draft(name="Reports"))
    assert "mine" == sam.connection("reports").link_name
    assert "mine" == sam.connection("Reports").link_name
    assert "mallory" == sam.connection("mallory/reports").owner


def test_I9_a_name_in_a_notebook_means_what_its_reader_has(world):
    """Somebody else's notebook makes nothing, and uses nothing they did not mean."""
    world.connected("Crm", person="priya", shared_with=())
    sam = world.broker("sam")
    with pytest.raises(ConnectionNotFound, match="no connection called 'crm'"):
        sam.access_token("crm")
    assert 0 == sam.connections().total
    sam.create(draft(name="Crm"))
    assert "sam" == sam.connection("crm").owner


@pytest.mark.parametrize("name", ["expenses", "EXPENSES"])
def test_I7_a_name_that_two_others_share_is_not_guessed(world, name):
    """Both are named, as they can be written; whole names work in every verb."""
    world.connected(person="priya")
    world.broker("ada").create(draft())
    sam = world.broker("sam")
    with pytest.raises(AmbiguousName) as caught:
        sam.access_token(name)
    assert (
        f"Two people here share a connection called '{name}': ada and priya. "
        "Write ada/expenses or priya/expenses" == str(caught.value)
    )
    sam.accept("priya/expenses")
    assert sam.access_token("priya/expenses")
    assert sam.test("priya/expenses").ok
    assert sam.refresh("priya/expenses").owner == "priya"
    assert sam.events("priya/expenses")
    assert 1 == len(sam.uses("priya/expenses"))


def test_many_who_share_a_name_are_not_all_listed(world):
    """Three are enough to see what to write."""
    for person in ("ada", "bo", "cy", "di"):
        world.broker(person).create(draft())
    with pytest.raises(AmbiguousName) as caught:
        world.broker("sam").connection("expenses")
    assert caught.value.message.startswith("Several people here share")
    assert "Write ada/expenses or bo/expenses or cy/expenses" == caught.value.hint


@pytest.mark.parametrize(
    "name",
    [
        "nobody/expenses",
        "/expenses",
        "priya/",
        "priya/other",
        "x/priya/expenses",
        "a/b",
    ],
)
def test_a_whole_name_that_is_wrong_finds_nothing(world, name):
    """Nor does it find something else."""
    world.broker("priya").create(draft())
    with pytest.raises(ConnectionNotFound):
        world.broker("sam").connection(name)


def test_a_display_name_with_a_stroke_is_found(world):
    """It is no owner's name before it."""
    world.broker().create(draft(name="in/out", link_name="both"))
    assert "both" == world.broker().connection("In/Out").link_name


def test_what_is_meant_is_guessed_among_all_that_one_sees(world):
    """And among nothing else."""
    world.broker("priya").create(draft())
    world.broker("priya").create(draft(name="expensez", shared_with=()))
    with pytest.raises(ConnectionNotFound, match="Did you mean 'expenses'"):
        world.broker("sam").connection("expensez")


def test_whole_names_are_what_commands_say_when_they_were_asked_for(world):
    """One's own of the same link name would be another connection."""
    world.broker("priya").create(draft(use_login_user_credentials=True))
    sam = world.broker("sam")
    sam.create(draft())
    with pytest.raises(
        Exception, match="'priya/expenses' uses each person's"
    ) as caught:
        sam.access_token("priya/expenses")
    assert "Run %conn authorize priya/expenses" == caught.value.hint


def test_nobody_is_shared_with_by_a_name_that_is_none(world):
    """``user:`` or ``group:`` and something after it, or everybody."""
    for principal in (
        "sam",
        "user:",
        "group:",
        "group:a  b",
        "role:x",
        "user:a\tb",
        "**",
    ):
        with pytest.raises(ValueError, match="shared_with"):
            draft(shared_with=(principal,))
