"""Grants: permissions for jobs that run where their person is not."""

import hashlib
import inspect

import pytest
from grants_drafted import draft

from conn_core import ConnectionDraft, Need
from conn_core.broker import Broker
from conn_core.broker._granted import ALLOWED
from conn_core.errors import (
    AuthorizationRequired,
    ConnectionNotFound,
    ConnectionRevoked,
    InvalidInput,
    NotAllowed,
)

MONTH = 30 * 86_400


def test_a_grant_says_what_it_allows(world, sam, clock):
    """For thirty days and sealed, unless somebody says otherwise."""
    made = sam.grant(draft("Expenses"))

    grant = made.grant
    assert ("nightly report", ("expenses",), "sam", "sealed") == (
        grant.name,
        grant.connections,
        grant.owner,
        grant.exposure,
    )
    assert clock() + MONTH == grant.expires_at.timestamp()
    assert (grant,) == sam.grants()
    assert world.settings.public_url == made.endpoint
    assert (None, None, "") == (
        grant.revoked_at,
        grant.last_used_at,
        grant.last_used_from,
    )


def test_the_bearer_is_long_and_stored_as_a_digest_only(world, sam, canary):
    """256 random bits; whoever has the database has no bearer."""
    made = [sam.grant(draft("expenses")).bearer for _ in range(2)]

    assert made[0] != made[1]
    for bearer in made:
        text = bearer.reveal()
        assert text.startswith("jcg_")
        assert 43 == len(text) - len("jcg_")
        canary.watch(text, "bearer of a grant")
        canary.watch(text.removeprefix("jcg_"), "what is secret of it")
    digests = {hashlib.sha256(b.reveal().encode()).hexdigest() for b in made}
    assert digests == {row[0] for row in world.sql("SELECT digest FROM grants")}
    assert "<secret>" in repr(sam.grant(draft("expenses")))
    world.close()
    canary.sweep([world.settings.data_dir])


def test_the_newest_grant_comes_first(sam, clock):
    """The one that somebody looks for."""
    sam.grant(draft("expenses", name="old"))
    clock.advance(1)
    sam.grant(draft("expenses", name="new"))

    assert ["new", "old"] == [grant.name for grant in sam.grants()]


def test_U2_a_job_uses_what_its_grant_names(world, job, issued):
    """As its owner, with a token where the grant is direct."""
    broker = job()

    assert ("sam", "") == (broker.status().user, broker.status().location)
    token = broker.access_token("expenses")
    assert "direct" == token.exposure
    assert world.provider.is_alive(token.access_token.reveal())
    assert ["expenses"] == [c.link_name for c in broker.connections().items]
    assert "expenses" == broker.connection("Expenses").link_name
    assert "expenses" == broker.connection("sam/expenses").link_name
    assert "Expense Desk" == broker.service("expenses").name
    assert "jcg_" not in repr(broker)


def test_U2_a_sealed_grant_gives_no_token(world, sam):
    """Also where the connection is its owner's own, and lends it otherwise."""
    bearer = sam.grant(draft("expenses")).bearer.reveal()

    broker = world.core.acting_for_grant(bearer)
    token = broker.access_token("expenses")

    assert "sealed" == token.exposure == broker.connection("expenses").exposure
    assert {} == token.secrets_to_json()
    assert "direct" == sam.connection("expenses").exposure


def test_U2_nothing_else_exists_for_a_job(world, sam, job):
    """By no name, and not as a suggestion or in a list."""
    sam.create(ConnectionDraft(service="expenses", name="Expenses Two"))
    broker = job()

    for name in ("expenses-two", "sam/expenses-two", "Expenses Two", "expenses-tw"):
        for ask in (broker.connection, broker.access_token):
            with pytest.raises(ConnectionNotFound) as caught:
                ask(name)
            assert "expenses-two'" not in caught.value.message.replace(f"'{name}'", "")
    assert ["expenses"] == [c.link_name for c in broker.connections("exp").items]
    (one,) = broker.check([Need(name="expenses-two")])
    assert not one.ready
    with pytest.raises(ConnectionNotFound, match="Did you mean 'expenses'"):
        broker.connection("expense")
    for wanted in (
        {"query": "something else"},
        {"group": "organisation"},
        {"service": "other"},
        {"status": "revoked"},
    ):
        assert 0 == broker.connections(**wanted).total
    with pytest.raises(NotAllowed):
        broker.service("github")


def arguments_of(method):
    """Return something for each argument that a method must have."""
    return {
        name: "expenses"
        for name, parameter in inspect.signature(method).parameters.items()
        if name != "self" and parameter.default is parameter.empty
    }


PORT = sorted(name for name in dir(Broker) if not name.startswith("_"))


@pytest.mark.parametrize("name", [name for name in PORT if name not in ALLOWED])
def test_U2_everything_else_of_the_port_is_refused(world, job, name):
    """Whatever a broker learns later is refused until somebody decides otherwise."""
    before = world.sql("SELECT * FROM connections")

    with pytest.raises(NotAllowed, match="A job's grant is for using") as caught:
        getattr(job(), name)(**arguments_of(getattr(Broker, name)))

    assert "Do this in a notebook of sam" == caught.value.hint
    assert before == world.sql("SELECT * FROM connections")


def test_U2_what_is_allowed_is_part_of_the_port():
    """The list names nothing that is not there, and everything dangerous is missing.

    ``lend`` is what the server's relay asks: it is no part of what others can reach.
    """
    assert ALLOWED - {"lend"} <= set(PORT)
    assert not ALLOWED & {"create", "delete", "revoke", "grant", "services", "events"}


def test_U14_each_persons_own_credentials_are_the_owners(world, canary):
    """A job uses those of whoever made its grant, never somebody else's."""
    world.connected(use_login_user_credentials=True, shared_with=("*",))
    world.authorized(person="kim")
    kims = world.broker("kim").grant(draft("sam/expenses"))

    token = world.core.acting_for_grant(kims.bearer.reveal()).access_token("expenses")
    own = world.broker("kim").access_token("sam/expenses")
    sams = world.broker("sam").access_token("expenses")

    assert own.access_token == token.access_token
    assert sams.access_token != token.access_token
    assert ("sam/expenses",) == kims.grant.connections


def test_U1_only_what_a_person_may_use_now_can_be_granted(world, sam):
    """A job that could not begin is better told of today."""
    sam.create(ConnectionDraft(service="expenses", name="Not yet", shared_with=()))

    with pytest.raises(AuthorizationRequired):
        sam.grant(draft("expenses", "not-yet"))
    with pytest.raises(ConnectionNotFound):
        world.broker("kim").grant(draft("not-yet"))
    assert () == sam.grants()


def test_a_direct_grant_is_for_ones_own_connections(world):
    """Somebody else's token is not the job's to have."""
    world.connected(shared_with=("*",))
    kim = world.broker("kim")
    kim.accept("expenses")

    with pytest.raises(InvalidInput, match="'expenses' belongs to sam") as caught:
        kim.grant(draft("expenses", exposure="direct"))

    assert {"exposure"} == caught.value.fields.keys()
    assert () == kim.grants()
    assert "sealed" == kim.grant(draft("expenses")).grant.exposure


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"connections": []}, "connections"),
        ({"name": ""}, "name"),
        ({"name": "a\x1b[2J"}, "name"),
        ({"ttl": 0}, "ttl"),
        ({"ttl": 400 * 86_400}, "ttl"),
        ({"exposure": "open"}, "exposure"),
        ({"owner": "ada"}, "owner"),
    ],
)
def test_U12_a_wrong_grant_is_named(change, field):
    """Also one that would name its own owner."""
    with pytest.raises(InvalidInput) as caught:
        draft("expenses", **change)
    assert [field] == list(caught.value.fields)


def test_U9_a_share_that_is_withdrawn_ends_the_jobs_use(world):
    """At the next call."""
    world.connected(shared_with=("*",))
    kim = world.broker("kim")
    kim.accept("expenses")
    bearer = kim.grant(draft("expenses")).bearer.reveal()
    assert world.core.acting_for_grant(bearer).access_token("expenses")

    world.sql("DELETE FROM shares")

    with pytest.raises(ConnectionNotFound, match="This job's grant names no"):
        world.core.acting_for_grant(bearer).access_token("expenses")


def test_U5_a_revoked_connection_stops_its_jobs(sam, job):
    """At the next call, in the words that a notebook sees."""
    sam.revoke("expenses")

    with pytest.raises(ConnectionRevoked, match="was revoked by sam"):
        job().access_token("expenses")


def test_a_deleted_connection_leaves_its_grant(sam, job):
    """The grant is there to be seen, and is for nothing."""
    sam.delete("expenses")

    with pytest.raises(ConnectionNotFound):
        job().access_token("expenses")
    assert [()] == [grant.connections for grant in sam.grants()]


def test_a_name_means_what_was_granted(world):
    """A connection of one's own with the name of somebody else's takes nothing over."""
    world.connected(shared_with=("*",))
    kim = world.broker("kim")
    kim.accept("expenses")
    bearer = kim.grant(draft("expenses")).bearer.reveal()
    kim.create(ConnectionDraft(service="expenses", name="Expenses"))

    assert "sam" == world.core.acting_for_grant(bearer).connection("expenses").owner
