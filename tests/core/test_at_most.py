"""How much one person may have."""

import dataclasses

import pytest

from conn_core import ConnectionDraft, ServiceDraft, Settings
from conn_core.errors import LimitReached


@pytest.fixture
def small(world):
    """A deployment where nobody has more than two of anything."""
    settings = dataclasses.replace(world.settings, most_connections=2, most_services=2)
    world.open(settings=settings)
    return world


def draft(name):
    return ConnectionDraft(service="expenses", name=name)


def described(name):
    return ServiceDraft(
        name=name, auth_type="api_key", api_base_url="https://api.acme.example"
    )


def test_W1_nobody_has_more_connections_than_the_operator_allows(small):
    """Those of tasks count; others' do not."""
    sam = small.broker("sam")
    sam.create(draft("a"))
    sam.internal_connection("expenses")
    with pytest.raises(LimitReached) as caught:
        sam.create(draft("b"))
    assert (
        "You have 2 connections, and nobody may have more here" == caught.value.message
    )
    assert (
        "Delete one, with %conn delete. An operator allows more with "
        "c.Connections.most_connections" == caught.value.hint
    )
    assert 409 == caught.value.status
    assert small.broker("grace").create(draft("b"))
    sam.delete("a")
    assert sam.create(draft("b"))


def test_W1_nobody_is_given_more_either(small):
    """And nothing is ended where it fails."""
    for name in ("a", "b"):
        small.broker("grace").create(draft(name))
    sam = small.connected()
    with pytest.raises(LimitReached, match="grace has 2 connections"):
        sam.transfer("expenses", "grace")
    assert (1, True) == small.use(sam)


def test_W1_nobody_describes_more_services_than_the_operator_allows(small):
    """Others' do not count."""
    sam = small.broker("sam")
    for name in ("Crm", "Depot"):
        sam.create_service(described(name))
    with pytest.raises(LimitReached, match="You have described 2 services"):
        sam.create_service(described("Fleet"))
    assert small.broker("grace").create_service(described("Fleet"))


def test_usually_it_is_more_than_anybody_needs(tmp_path):
    """A thousand and a hundred."""
    usual = Settings(data_dir=tmp_path, runtime_dir=tmp_path, user="sam")
    assert (1_000, 100) == (usual.most_connections, usual.most_services)
