"""Services as a broker shows them, and client registrations."""

import dataclasses

import pytest

from conn_core import ClientRegistration, ConnectionDraft
from conn_core.broker import Broker
from conn_core.broker._clients import client_for
from conn_core.broker._known_services import service_of
from conn_core.errors import (
    InvalidInput,
    ServiceNotFound,
)


def draft(**members):
    return ConnectionDraft(**{"service": "expenses"} | members)


def test_a_broker_says_where_it_keeps_things(world, settings):
    """And as whom it acts; its repr says no more than that."""
    status = world.broker().status()
    assert ("local", "sam") == (status.kind, status.user)
    assert str(settings.data_dir / "connections.db") == status.location
    assert settings.public_url == status.redirect_base
    assert "key file" in status.key_source
    assert "<LocalBroker acting as 'sam'>" == repr(world.broker())


def test_the_local_broker_has_every_method_of_the_port(world):
    """Whoever holds a broker does not know which."""
    port = {name for name in dir(Broker) if not name.startswith("_")}
    assert port <= set(dir(world.broker()))


def test_closing_closes_the_way_out(world, provider):
    """What a core was opened with ends with it."""
    world.open().close()
    assert provider.closed


def test_services_are_found_and_shown_with_their_redirect_url(world):
    """What must be registered, and whether it is."""
    broker = world.broker()
    page = broker.services("expense desk")
    assert "expenses" == page.items[0].id
    assert not page.items[0].registered
    uri = "http://127.0.0.1:8888/connections/callback/expenses"
    assert uri == page.items[0].redirect_uri
    assert broker.service("expenses") == page.items[0]
    world.register()
    assert broker.service("expenses").registered
    assert broker.services("expense desk").items[0].registered


def test_services_come_in_pages(world):
    """A cursor leads to the next, until there is none."""
    broker = world.broker()
    first = broker.services("desk", limit=1)
    assert first.total > 1
    second = broker.services("desk", limit=1, cursor=first.next_cursor)
    assert first.items[0].id != second.items[0].id
    assert broker.services("desk", limit=first.total).next_cursor is None


def test_categories_are_those_of_the_services(world, tmp_path, settings):
    """Sorted, an operator's own among them."""
    own = tmp_path / "own.toml"
    own.write_text(
        '[[service]]\nid = "own"\nname = "Own"\ncategory = "Zoology"\n'
        'auth_type = "api_key"\napi_base_url = "https://api.own.example"\n'
        'api_hosts = ["api.own.example"]\n'
    )
    settings = dataclasses.replace(settings, catalog_paths=(own,))
    found = list(world.open(settings=settings).acting_as("sam").categories())
    assert sorted(found) == found
    assert "Zoology" in found


def test_there_are_no_custom_services_yet(world):
    """Asking for them finds nothing."""
    assert ((), 0) == (
        world.broker().services(predefined=False).items,
        world.broker().services(predefined=False).total,
    )


@pytest.mark.parametrize("cursor", ["x", "-1", "1" * 10, ""])
def test_a_cursor_of_somebody_else_is_refused(world, cursor):
    """Nothing is guessed."""
    with pytest.raises(InvalidInput, match="cursor"):
        world.broker().services(cursor=cursor)


def test_an_unknown_service_is_named_with_the_nearest(world):
    """Nothing is created."""
    with pytest.raises(ServiceNotFound) as caught:
        world.broker().create(draft(service="expenzes"))
    assert (
        "There is no service called 'expenzes'. Did you mean 'expenses'? "
        "See %conn services" == str(caught.value)
    )
    with pytest.raises(ServiceNotFound, match=r"called '----'\. See"):
        world.broker().service("----")
    assert () == world.broker().connections().items


def test_a_registration_is_kept_sealed(world, canary, settings):
    """No byte of the secret is in the database."""
    world.register()
    canary.sweep([settings.data_dir])
    client = client_for(world.core, service_of(world.core, "expenses"))
    assert client.client_secret.same_as(world.client_secret)


def test_a_secret_that_is_left_out_is_kept(world):
    """Empty is left out too: a form sends it so."""
    world.register()
    for left_out in (None, ""):
        registration = ClientRegistration(
            client_id="desk-client", client_secret=left_out
        )
        assert world.broker().register_client("expenses", registration).registered
        client = client_for(world.core, service_of(world.core, "expenses"))
        assert client.client_secret.same_as(world.client_secret)


def test_another_client_id_needs_its_own_secret(world):
    """A secret belongs to the id it was issued with."""
    world.register()
    with pytest.raises(InvalidInput) as caught:
        world.broker().register_client("expenses", ClientRegistration(client_id="b"))
    assert "client_secret" in caught.value.fields


def test_a_public_client_has_no_secret(world):
    """Nor does it get one from nowhere."""
    registration = ClientRegistration(client_id="public")
    world.broker().register_client("expenses", registration)
    client = client_for(world.core, service_of(world.core, "expenses"))
    assert client.client_secret is None
