"""Who is lent the token, and whose requests the broker sends itself."""

from types import SimpleNamespace

import pytest

from conn_core import Settings
from conn_core.broker._exposure import exposure_for
from conn_core.broker._policy import Actor


def row(**changes):
    """A connection of priya's, direct, with her credentials."""
    facts = {
        "owner": "priya",
        "exposure": "direct",
        "use_login_user_credentials": False,
        "lends_token": False,
        "rules": None,
    }
    return SimpleNamespace(**facts | changes)


def settings(**changes):
    return Settings(data_dir="d", runtime_dir="r", user="priya", **changes)


PRIYA, SAM = Actor.person("priya"), Actor.person("sam")
ADA = Actor.person("ada", is_administrator=True)


def of_grant(person, exposure):
    return Actor(
        name=person.name,
        principals=person.principals,
        grant="g1",
        granted=frozenset({"c1"}),
        exposure=exposure,
    )


def test_J_ones_own_is_direct_until_somebody_seals_it():
    """Its owner's own kernels are lent the token."""
    assert "direct" == exposure_for(PRIYA, row(), settings())
    assert "sealed" == exposure_for(PRIYA, row(exposure="sealed"), settings())


@pytest.mark.parametrize("actor", [PRIYA, SAM, ADA, of_grant(PRIYA, "direct")])
@pytest.mark.parametrize(
    "facts",
    [{}, {"use_login_user_credentials": True}, {"lends_token": True}],
)
def test_J2_where_everything_is_sealed_nothing_makes_an_exception(actor, facts):
    """Neither owner, nor administrator, nor job, nor whoever lends."""
    told = settings(sealed_only=True, lend_tokens=True)

    assert "sealed" == exposure_for(actor, row(**facts), told)


@pytest.mark.parametrize("actor", [SAM, ADA])
@pytest.mark.parametrize("operator", [True, False])
@pytest.mark.parametrize("owner", [True, False, None])
def test_J1_anothers_credentials_are_lent_where_both_agree(actor, operator, owner):
    """The owner for the connection, the operator for the deployment; nobody alone."""
    found = exposure_for(actor, row(lends_token=owner), settings(lend_tokens=operator))

    assert ("direct" if owner and operator else "sealed") == found


def test_J1_credentials_of_ones_own_are_lent_to_oneself():
    """Where each person uses their own it does not matter who set it up."""
    own = row(use_login_user_credentials=True)

    assert "direct" == exposure_for(SAM, own, settings())
    assert "sealed" == exposure_for(
        SAM, row(use_login_user_credentials=True, exposure="sealed"), settings()
    )


def test_J_rules_hold_only_where_the_broker_sends():
    """Whoever has the token has every request."""
    ruled = row(rules='{"methods": ["GET"], "paths": []}')

    assert "sealed" == exposure_for(PRIYA, ruled, settings())


@pytest.mark.parametrize(
    ("person", "exposure", "expected"),
    [
        (PRIYA, "sealed", "sealed"),
        (PRIYA, "direct", "direct"),
        (SAM, "direct", "sealed"),
    ],
)
def test_J_a_job_is_lent_at_most_what_its_owner_is(person, exposure, expected):
    """And nothing where its grant says so."""
    assert expected == exposure_for(of_grant(person, exposure), row(), settings())


def test_J_a_grant_that_says_nothing_is_sealed():
    """What is forgotten lends nothing."""
    silent = Actor(name="priya", principals=PRIYA.principals, grant="g1")

    assert "sealed" == exposure_for(silent, row(), settings())
