"""Creating and editing connections, and the names they get."""

import dataclasses

import pytest

from conn_core import ConnectionDraft, ConnectionEdit
from conn_core.errors import (
    AuthorizationRequired,
    InternalConnection,
    InvalidInput,
    NameTaken,
    ScopeMissing,
    VersionConflict,
)
from conn_core.store import rows


def draft(**members):
    return ConnectionDraft(**{"service": "expenses"} | members)


def test_a_new_connection_needs_authorization(world):
    """It has the service's usual scopes, and a name for people and one for code."""
    made = world.broker().create(draft())
    assert ("Expense Desk", "expense-desk", ("reports.read",)) == (
        made.name,
        made.link_name,
        made.scopes,
    )
    assert ("needs authorization", "my", "sam", 1) == (
        made.status,
        made.group,
        made.owner,
        made.version,
    )
    assert made == world.broker().connection("expense-desk")


def test_without_usual_scopes_the_read_only_ones_are_asked_for(world):
    """Nobody gets more than they chose."""
    assert ("look",) == world.broker().create(draft(service="plain-desk")).scopes


def test_chosen_scopes_are_taken_once_each(world):
    """And none at all if none was chosen."""
    chosen = draft(name="a", scopes=("x", "y", "x"))
    assert ("x", "y") == world.broker().create(chosen).scopes
    assert () == world.broker().create(draft(name="b", scopes=())).scopes


def test_a_second_connection_gets_a_number(world):
    """Its name was not chosen, so it is not taken either."""
    names = [world.broker().create(draft()).name for _ in range(3)]
    assert ["Expense Desk", "Expense Desk 2", "Expense Desk 3"] == names


@pytest.mark.parametrize(
    "name",
    ["Reports", "reports", " REPORTS ", "\N{FULLWIDTH LATIN CAPITAL LETTER R}eports"],
)
def test_I2_a_name_that_is_taken_is_refused(world, name):
    """In any case and width; nothing is changed, and a free name is offered."""
    world.broker().create(draft(name="Reports"))
    with pytest.raises(NameTaken) as caught:
        world.broker().create(draft(name=name, link_name="other"))
    assert "You already have a connection called 'Reports'" == caught.value.message
    assert "Choose another name, for example" in caught.value.hint
    assert "name" in caught.value.fields
    assert 1 == world.broker().connections().total


def test_a_link_name_that_is_taken_is_refused(world):
    """Two names may read differently and give the same code."""
    world.broker().create(draft(name="A b"))
    with pytest.raises(NameTaken):
        world.broker().create(draft(name="A-B"))


def test_H22_two_who_create_at_once_do_not_overwrite(world):
    """The database decides when both found the name free."""
    world.broker().create(draft(name="Reports"))
    row = world.core.acting_as("sam")._directory.row("reports", "see")
    kept = {
        column: getattr(row, column)
        for column in [
            "owner",
            "link_name",
            "name",
            "service_id",
            "scopes",
            "parameters",
            "exposure",
            "internal",
            "use_login_user_credentials",
            "created_at",
            "version",
        ]
    }
    with pytest.raises(NameTaken), world.core.store.write() as tx:
        rows.insert_connection(tx, id="other", **kept)
    assert 1 == world.broker().connections().total


@pytest.mark.parametrize("name", ["分析", "42", "list"])
def test_I10_a_name_that_gives_no_code_is_refused(world, name):
    """Unless a link name is given along with it."""
    with pytest.raises(InvalidInput, match="what code writes is made from them"):
        world.broker().create(draft(name=name))
    made = world.broker().create(draft(name=name, link_name="mine"))
    assert (name, "mine") == (made.name, made.link_name)


def test_a_key_that_is_typed_along_makes_it_connected(world):
    """Nobody has to open a browser for an API key."""
    typed = draft(service="key-desk", secret={"api_key": "CNRY-typed-key"})
    made = world.broker().create(typed)
    assert "connected" == made.status
    vended = world.broker().access_token(made.link_name)
    assert "CNRY-typed-key" == vended.access_token.reveal()


def test_a_key_that_is_missing_leaves_nothing_behind(world):
    """The error stands beside the field, and the name is free again."""
    with pytest.raises(InvalidInput, match="is not known here") as caught:
        world.broker().create(draft(service="key-desk", secret={"other": "CNRY-x"}))
    assert "secret.other" in caught.value.fields
    assert () == world.broker().connections().items


def test_a_services_blanks_are_filled_by_the_connection(world):
    """What is not like it is refused, with what it should be like."""
    made = world.broker().create(
        draft(service="tenant-desk", parameters={"tenant": "acme"})
    )
    assert {"tenant": "acme"} == made.parameters
    with pytest.raises(InvalidInput, match="Tenant must be like acme") as caught:
        world.broker().create(
            draft(service="tenant-desk", name="b", parameters={"tenant": "a.b"})
        )
    assert "parameters" in caught.value.fields
    assert 1 == world.broker().connections().total


def test_a_mistake_in_an_operators_catalogue_is_named(world, settings, tmp_path):
    """With the file and the member; it is not the fault of who asks."""
    mistaken = tmp_path / "mistaken.toml"
    mistaken.write_text('[[service]]\nid = "odd"\nname = "Odd"\napi_hosts = []\n')
    settings = dataclasses.replace(settings, catalog_paths=(mistaken,))
    broker = world.open(settings=settings).acting_as("sam")
    with pytest.raises(InvalidInput, match=r"mistaken\.toml is not usable"):
        broker.create(draft(service="odd"))


def test_a_parameter_nobody_asked_for_is_refused(world):
    """A misspelt one would be lost in silence."""
    with pytest.raises(InvalidInput, match="has no parameter 'tenent'") as caught:
        world.broker().create(
            draft(service="tenant-desk", parameters={"tenent": "acme"})
        )
    assert {"parameters.tenent": "is not known here"} == caught.value.fields


def test_a_service_on_this_machine_needs_the_operators_word(world, settings):
    """By any of its addresses, https or not."""
    with pytest.raises(InvalidInput, match="lives on this machine") as caught:
        world.broker().create(draft(service="loopback-desk"))
    assert "c.Connections.allow_loopback = True" in caught.value.hint
    allowed = world.open(settings=dataclasses.replace(settings, allow_loopback=True))
    made = allowed.acting_as("sam").create(draft(service="loopback-desk"))
    assert "loopback-desk" == made.service


def test_G5_renaming_changes_the_name_only(world):
    """Code keeps working, and no token changes."""
    broker = world.connected()
    before = broker.access_token("expenses")
    edited = broker.edit("expenses", ConnectionEdit(name="Spending"))
    assert ("Spending", "expenses", "connected", 2) == (
        edited.name,
        edited.link_name,
        edited.status,
        edited.version,
    )
    assert before == broker.access_token("expenses")
    assert edited == broker.edit("Spending", ConnectionEdit(name="Spending"))


def test_G4_new_scopes_need_consent_and_old_tokens_stay(world):
    """The connection waits, and says for what; a new consent mends it."""
    broker = world.connected()
    edited = broker.edit(
        "expenses", ConnectionEdit(scopes=("reports.read", "reports.write"))
    )
    assert "needs authorization" == edited.status
    assert (
        "Consent is missing for reports.write (granted so far: reports.read)."
        == edited.status_reason
    )
    with pytest.raises(AuthorizationRequired, match="were added") as caught:
        broker.access_token("expenses")
    assert "(reports.write). Run %conn authorize expenses" in str(caught.value)
    assert 1 == len(world.sql("SELECT * FROM secrets"))
    world.authorized()
    found = broker.access_token("expenses", require=["reports.write"])
    assert ("reports.read", "reports.write") == found.scopes


def test_fewer_scopes_need_no_consent(world):
    """What was given is enough."""
    broker = world.connected(scopes=("reports.read", "reports.write"))
    edited = broker.edit("expenses", ConnectionEdit(scopes=("reports.read",)))
    assert "connected" == edited.status


def test_consent_for_less_is_consent(world):
    """Who unticked a scope was asked for it; whoever needs it is told."""
    broker = world.created(scopes=("reports.read", "reports.write"))
    _, started = world.begun()
    answer = world.provider.consent(started.authorization_url, scopes="reports.read")
    assert ("reports.read",) == world.finished(answer, started).granted_scopes
    assert "connected" == broker.connection("expenses").status
    with pytest.raises(ScopeMissing) as caught:
        broker.access_token("expenses", require=["reports.write"])
    assert (
        "'expenses' lacks the scope 'reports.write' (it has: reports.read). "
        "Run %conn authorize expenses, and grant it" == str(caught.value)
    )


def test_G8_two_editors_do_not_overwrite_each_other(world):
    """The second, who read an older version, is told."""
    broker = world.created()
    broker.edit("expenses", ConnectionEdit(name="First"), version=1)
    with pytest.raises(VersionConflict, match="changed by somebody else"):
        broker.edit("expenses", ConnectionEdit(name="Second"), version=1)
    assert "First" == broker.connection("expenses").name


def test_renaming_to_a_name_that_is_taken_is_refused(world):
    """To its own name in another case it is not."""
    broker = world.created()
    broker.create(draft(name="Other"))
    with pytest.raises(NameTaken):
        broker.edit("expenses", ConnectionEdit(name="OTHER"))
    assert "EXPENSES" == broker.edit("expenses", ConnectionEdit(name="EXPENSES")).name


def test_internal_connections_are_not_edited_or_deleted(world):
    """They can be revoked and enabled, and the error says so."""
    broker = world.connected()
    world.sql("UPDATE connections SET internal = 1")
    for act in (
        lambda: broker.edit("expenses", ConnectionEdit(name="x")),
        lambda: broker.delete("expenses"),
    ):
        with pytest.raises(InternalConnection) as caught:
            act()
        assert (
            "'expenses' was made by a built-in task and cannot be edited or deleted. "
            "You can revoke it: %conn revoke expenses" == str(caught.value)
        )
    assert "internal" == broker.connection("expenses").group
    assert "revoked" == broker.revoke("expenses").status
    assert "connected" == broker.enable("expenses").status
