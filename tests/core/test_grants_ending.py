"""How a grant ends, and what is written down while it lives."""

from datetime import UTC, datetime, timedelta

import pytest
from grants_drafted import People, draft

from conn_core import Need
from conn_core.errors import (
    BrokerUnavailable,
    GrantEnded,
    GrantNotFound,
    StoreUnavailable,
)

MONTH = 30 * 86_400


def test_a_revoked_grant_ends_at_once(sam, job, issued, clock):
    """Also for a job that has begun; it says who, and when."""
    broker = job()
    broker.access_token("expenses")

    ended = sam.revoke_grant(issued.grant.id)

    assert clock() == ended.revoked_at.timestamp()
    with pytest.raises(GrantEnded, match="'nightly report' was revoked by sam on 20"):
        job()
    clock.advance(60)
    assert ended == sam.revoke_grant(issued.grant.id)
    assert "connected" == sam.connection("expenses").status


def test_U13_an_expired_grant_opens_nothing(job, clock):
    """To the second; the broker's clock decides, not the job's (U13)."""
    clock.advance(MONTH - 1)
    job()
    clock.advance(1)

    with pytest.raises(GrantEnded, match="expired on 20") as caught:
        job()
    assert 401 == caught.value.status


@pytest.mark.parametrize("bearer", ["", "jcg_", "jcg_" + "a" * 43, "jcg_" + "é" * 9999])
def test_an_unknown_bearer_opens_nothing(world, issued, bearer):
    """Nor does one that is nearly right."""
    for tried in (bearer, issued.bearer.reveal()[:-1], issued.bearer.reveal() + "x"):
        with pytest.raises(GrantEnded, match="is not known here"):
            world.core.acting_for_grant(tried)


def test_somebody_elses_grant_is_not_there(world, issued):
    """Neither seen nor revoked."""
    kim = world.broker("kim")

    assert () == kim.grants()
    with pytest.raises(GrantNotFound):
        kim.revoke_grant(issued.grant.id)
    assert world.core.acting_for_grant(issued.bearer.reveal())


def test_U8_a_person_who_is_gone_has_no_jobs(world):
    """Their grants rest; of an administrator's rights a job has none."""
    people = People()
    core = world.open(people=people)
    sam = world.connected()
    bearer = sam.grant(draft("expenses")).bearer.reveal()
    assert "sam" == core.acting_for_grant(bearer).status().user

    people.gone.add("sam")
    world.clock.advance(60)
    with pytest.raises(GrantEnded, match="has ended: the account 'sam' is not active"):
        core.acting_for_grant(bearer)

    people.silent = True
    world.clock.advance(60)
    with pytest.raises(BrokerUnavailable):
        core.acting_for_grant(bearer)


def test_a_job_of_an_administrator_is_none(world):
    """It sees and stops nothing of others."""
    core = world.open(people=People())
    world.connected()
    world.created("Adas", person="ada", shared_with=())
    world.authorized("Adas", person="ada")
    bearer = core.acting_as("ada").grant(draft("adas")).bearer.reveal()

    broker = core.acting_for_grant(bearer)

    assert not broker._actor.is_administrator
    assert ["adas"] == [c.link_name for c in broker.connections().items]


def test_use_is_noted_to_the_minute(sam, job, clock):
    """When it was last, and what the job calls itself."""
    began = clock()
    job("argo/nightly-7f2")
    clock.advance(30)
    job("argo/nightly-7f2")
    assert (began, "argo/nightly-7f2") == last_use(sam)

    clock.advance(61)
    job("argo/nightly-7f2")
    assert (began + 91, "argo/nightly-7f2") == last_use(sam)


def last_use(person):
    (grant,) = person.grants()
    return grant.last_used_at.timestamp(), grant.last_used_from


def test_a_full_disk_does_not_stop_a_job(world, job, monkeypatch):
    """Noting is for people; the next use tries again."""

    def full(*_, **__):
        raise StoreUnavailable("The disk is full", "")

    with monkeypatch.context() as patched:
        patched.setattr(world.core.store, "write", full)
        assert job("a")
    assert [(None,)] == world.sql("SELECT last_used_at FROM grants")
    job("a")
    assert [(world.clock(),)] == world.sql("SELECT last_used_at FROM grants")


def test_what_happens_to_a_grant_is_in_the_history(sam, job, issued):
    """Made and revoked: in that of its connections."""
    job()
    sam.revoke_grant(issued.grant.id)

    told = {(e.action, e.actor): e.detail for e in sam.events("expenses")}
    assert "nightly report; direct, until 20" in told["grant.create", "sam"]
    assert "nightly report" == told["grant.revoke", "sam"]


def test_its_use_is_in_the_history(world, job):
    """With the name that the job gave itself."""
    job("cron")

    found = world.sql("SELECT actor, detail FROM events WHERE action = 'grant.use'")
    assert [("sam", "nightly report: cron")] == found


def test_the_audit_log_says_which_grant_it_was(world, job, issued):
    """As its owner, by the grant, from the place that the job names; each use too."""
    job("cron").access_token("expenses")

    found = world.sql(
        "SELECT action, actor, \"by\", place FROM audit WHERE place = 'cron'"
    )
    assert ("grant.use", "sam", f"grant:{issued.grant.id}", "cron") in found
    assert {("sam", f"grant:{issued.grant.id}")} == {row[1:3] for row in found}
    assert {"grant.use"} < {row[0] for row in found}


def test_readiness_ends_with_the_grant(world, job, clock):
    """A job that has to work longer is told so beforehand."""
    broker = job()
    ends = datetime.fromtimestamp(clock() + MONTH, UTC)

    (now,) = broker.check([Need(name="expenses")])
    assert (True, ends) == (now.ready, now.until)
    (late,) = broker.check([Need(name="expenses")], until=ends + timedelta(days=1))
    assert (False, ends) == (late.ready, late.until)
    assert "This job's grant 'nightly report' ends on 20" in late.problem


def test_readiness_of_what_ends_before_the_grant(world, sam, clock):
    """The earlier end counts."""
    made = sam.grant(draft("expenses", ttl=366 * 86_400))
    ends = clock() + 86_400
    world.sql("UPDATE credentials SET grant_dies_at = ?", ends)

    (one,) = world.core.acting_for_grant(made.bearer.reveal()).check(
        [Need(name="expenses")]
    )

    assert ends == one.until.timestamp()
