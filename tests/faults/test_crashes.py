"""Killed at any point of a refresh: what is lost, and what is said about it.

Real processes, killed with SIGKILL at a failpoint or by the provider's server.
"""

import pytest

INTERRUPTED = "An earlier refresh was interrupted on "
WHY = "before its answer was kept, and now the provider says invalid_grant"

#: Nothing was asked, or the answer is stored: every provider goes on.
HARMLESS = [
    ("F01", "refresh.before-lease", 1),
    ("F02", "refresh.after-intent", 1),
    ("F09", "refresh.after-commit", 1),
]
#: The provider may have spent the refresh token, and its answer is gone.
LOST_HERE = [
    ("F06", "refresh.answer-in-memory"),
    ("F07", "refresh.before-commit"),
    ("F08", "refresh.inside-commit"),
]
LOST_ON_THE_WAY = [
    ("F03", "processed"),
    ("F04", "headers"),
    ("F05", "half body"),
]
POLICIES = ["no rotation", "grace", "strict"]


def killed(site, *, failpoint=None, stage=None):
    """Let a process begin a refresh that it does not survive."""
    worker = site.worker(failpoint=failpoint)
    if stage:
        site.provider.kill_at(stage, worker.pid)
    worker.go()
    assert worker.wait() is None


def ids(rows):
    return [f"{row[0]}-{row[1].replace(' ', '-')}" for row in rows]


@pytest.mark.parametrize("policy", POLICIES)
@pytest.mark.parametrize("point", HARMLESS, ids=ids(HARMLESS))
def test_F01_F02_F09_a_crash_that_loses_nothing(
    make_site, check_invariants, database, policy, point, repeats
):
    """The next process goes on at once, with one request to the provider in all."""
    _, name, requests = point
    for _ in repeats:
        site = make_site(policy, database)
        site.later()
        killed(site, failpoint=name)
        said = site.use()
        assert 2 == said.get("generation"), said
        assert requests == site.provider.refreshes
        assert "ok" == check_invariants(site)


@pytest.mark.parametrize("policy", POLICIES)
@pytest.mark.parametrize(
    "point", LOST_HERE + LOST_ON_THE_WAY, ids=ids(LOST_HERE + LOST_ON_THE_WAY)
)
def test_F03_F08_a_crash_that_loses_the_answer(
    make_site, check_invariants, database, policy, point, repeats
):
    """A provider that forgives answers again; a strict one makes a consent unavoidable,
    and the status says exactly why.
    """
    for _ in repeats:
        site = make_site(policy, database)
        site.later()
        here = point in LOST_HERE
        killed(site, **({"failpoint": point[1]} if here else {"stage": point[1]}))
        said = site.use()
        assert 2 == site.provider.refreshes
        if policy != "strict":
            assert 2 == said.get("generation"), said
            assert "ok" == check_invariants(site)
            continue
        assert "AuthorizationEnded" == said["error"]
        assert INTERRUPTED in said["text"]
        assert WHY in said["text"]
        assert "needs reauth" == check_invariants(site)
        # No third request: what cannot be repaired is not tried again.
        assert 2 == site.provider.refreshes


def test_F03_a_request_that_never_arrived_costs_nothing(site, check_invariants):
    """Killed before the provider did anything, the strictest one goes on."""
    killed(site, stage="unprocessed")
    assert 2 == site.use()["generation"]
    assert 1 == site.provider.refreshes
    assert "ok" == check_invariants(site)


def test_F03_the_state_between_is_uncertain(site):
    """Until somebody tries again, the row says that an attempt is open, whose and when."""
    from invariants import credential_of, state_of

    killed(site, stage="processed")
    core = site.core()
    row = credential_of(core)
    assert "uncertain" == state_of(core, row)
    assert (1, 2) == (row.generation, row.attempt)
    assert abs(row.attempt_at - core.clock()) < 60
    assert row.attempt_by == row.lease_owner


def test_F03_a_new_consent_mends_what_was_lost(site):
    """And nothing of the interruption is left."""
    from refresh_site import authorize

    killed(site, stage="processed")
    assert "AuthorizationEnded" == site.use()["error"]
    authorize(site.core(), site.provider)
    assert 1 == site.use()["generation"]
    site.later()
    assert 2 == site.use()["generation"]


def test_a_grant_that_ended_by_itself_is_not_called_interrupted(site):
    """The words are kept for what they mean."""
    assert 2 == site.use()["generation"]
    site.later()
    for token in site.provider.refresh_tokens():
        token.grant.alive = False
    said = site.use()
    assert "(invalid_grant, last good use" in said["text"]


# --- the callback --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("failpoint", "stored"),
    [
        ("callback.flow-used-up", False),
        ("callback.answer-in-memory", False),
        ("callback.kept", True),
    ],
    ids=["F11", "F12", "F13"],
)
def test_F11_F13_killed_during_the_callback(
    make_site, check_invariants, database, failpoint, stored
):
    """Before the tokens are stored the person starts again; after that it is connected.
    What was there before is untouched in either case.
    """
    from refresh_site import authorize

    site = make_site("strict", database)
    site.later()
    killed_in_callback(site, failpoint)
    said = site.use()
    assert (1 if stored else 2) == said.get("generation"), said
    if not stored:
        assert "The server stopped while it obtained the access" in what_it_says(site)
    authorize(site.core(), site.provider)
    assert 1 == site.use()["generation"]
    assert "ok" == check_invariants(site)


def what_it_says(site):
    """Return what is said of the attempt that was killed, when its time is over."""
    core = site.core(ahead=site.place.ahead + 601)
    with core.store.read() as tx:
        found = tx.exec_driver_sql("SELECT id FROM flows WHERE progress = 'exchanging'")
        [flow] = found.scalars()
    looked = core.acting_as("sam").authorization(flow)
    assert "failed" == looked.state
    return looked.error


def killed_in_callback(site, failpoint):
    from refresh_site import Attempt, Worker, attempt, begun

    consent = begun(site.core(), site.provider)
    job = Attempt(
        place=site.place, failpoint=failpoint, what="authorize", consent=consent
    )
    worker = Worker(job, target=attempt)
    worker.go()
    assert worker.wait() is None


# --- elsewhere -----------------------------------------------------------------------


def test_F16_F17_killed_between_the_provider_and_the_deletion(site):
    """It is suspended, then the provider is told, then it goes: what is gone here never
    lives on there. Deleting once more finishes it.
    """
    from refresh_site import Attempt, Worker, attempt

    job = Attempt(place=site.place, failpoint="delete.provider-told", what="delete")
    worker = Worker(job, target=attempt)
    worker.go()
    assert worker.wait() is None
    assert 1 == len(site.provider.revocations)
    sam = site.core().acting_as("sam")
    assert "revoked" == sam.connection("expenses").status
    assert "ConnectionRevoked" == site.use()["error"]
    sam.delete("expenses")
    assert 0 == sam.connections().total
