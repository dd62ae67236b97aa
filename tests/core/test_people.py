"""Who acts: active, in which groups, and whether they look after the deployment."""

import dataclasses

import pytest

from conn_core.broker._people import EverybodyHere
from conn_core.errors import BrokerUnavailable, NotAllowed


def test_a_laptop_knows_nobody_and_turns_nobody_away():
    """Everybody is active and in no group; whom the operator named looks after it."""
    people = EverybodyHere(("root",))

    assert people.is_active("anybody")
    assert () == people.groups_of("anybody")
    assert people.is_administrator("root")
    assert not people.is_administrator("sam")
    assert (True, False) == (
        people.has_administrators(),
        EverybodyHere().has_administrators(),
    )


def test_the_owner_of_a_laptops_server_is_no_administrator_unless_named(world):
    """Running a server gives no right over what others keep on it."""
    owner = world.settings.user
    assert not world.core.acting_as(owner).status().is_administrator

    named = dataclasses.replace(world.settings, administrators=(owner,))
    assert world.open(settings=named).acting_as(owner).status().is_administrator


def test_T38_somebody_whose_account_is_not_active_does_nothing(town, people):
    """Their own connections neither."""
    town.connected()
    people.gone.add("sam")

    with pytest.raises(NotAllowed, match="The account 'sam' is not active here"):
        town.broker("sam")
    people.gone.clear()
    assert "connected" == town.broker("sam").connection("expenses").status


def test_T38_an_authorization_ends_with_its_persons_account(town, people):
    """Neither its link opens nor its answer counts."""
    town.created()
    flow, started = town.begun()
    answer = town.provider.consent(started.authorization_url)
    people.gone.add("sam")

    with pytest.raises(NotAllowed):
        town.core.start_authorization(flow, user="sam")
    with pytest.raises(NotAllowed):
        town.finished(answer, started)
    assert [] == town.provider.token_requests
    assert [] == town.sql("SELECT * FROM credentials")


def test_nobody_acts_while_the_organisation_does_not_answer(town, people):
    """Default deny: without their groups what they use every day would be gone."""
    town.connected()
    people.silent = True

    with pytest.raises(BrokerUnavailable):
        town.broker("sam")
