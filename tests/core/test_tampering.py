"""Whoever can write the database gains nothing: what was moved or edited does not open."""

import json
import shutil

import pytest

from conn_core.broker._clients import client_for
from conn_core.broker._known_services import service_of
from conn_core.errors import (
    AuthorizationFailed,
    ConnectionsError,
    ProviderError,
    Tampered,
)


@pytest.fixture
def sam(world):
    """Somebody with a connection and a token that must be renewed."""
    broker = world.connected()
    world.clock.advance(3600)
    return broker


def does_not_open(world, broker, name="expenses"):
    """Tell that a connection cannot be used, and that nothing was sent anywhere."""
    before = len(world.provider.token_requests), len(world.provider.api_requests)
    with pytest.raises(Tampered) as caught:
        broker.access_token(name)
    after = len(world.provider.token_requests), len(world.provider.api_requests)
    assert before == after
    assert "CNRY" not in str(caught.value)
    return True


def edit_definition(world, **changes):
    """Edit the service that a credential was authorized with."""
    [(definition,)] = world.sql("SELECT definition FROM credentials")
    edited = json.dumps(json.loads(definition) | changes)
    world.sql("UPDATE credentials SET definition = ?", edited)


@pytest.mark.parametrize(
    "changes",
    [
        {"token_endpoint": "https://evil.example/token"},
        {"refresh_endpoint": "https://evil.example/token"},
        {"revocation_endpoint": "https://evil.example/revoke"},
        {"authorization_endpoint": "https://evil.example/authorize"},
        {"api_base_url": "https://evil.example"},
        {"api_hosts": ["api.expenses.example", "evil.example"]},
        {"token_endpoint_auth_method": "client_secret_post"},
        {"id": "plain-desk"},
        {"param_type": "query"},
        {"param_name": "X-Token"},
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_Q8_G1_G2_an_edited_service_does_not_open_the_credential(world, sam, changes):
    """T-12: a token goes where it was meant to go, or nowhere."""
    edit_definition(world, **changes)
    assert does_not_open(world, sam)


@pytest.mark.parametrize(
    "definition",
    ["", "{", "null", '{"id": "x"}', '{"id": "expenses", "evil": 1}'],
    ids=range(5),
)
def test_Q11_a_service_that_is_none_does_not_open_it(world, sam, definition):
    """A typed error, whatever stands there."""
    world.sql("UPDATE credentials SET definition = ?", definition)
    assert does_not_open(world, sam)


def test_Q8_the_harmless_call_is_no_way_out(world):
    """`test` sends a token too: nothing goes to an edited address."""
    broker = world.connected()
    sent = len(world.provider.api_requests)
    edit_definition(world, api_base_url="https://evil.example")
    with pytest.raises(Tampered):
        broker.test("expenses")
    assert sent == len(world.provider.api_requests)


def test_Q8_delete_does_not_send_a_token_to_an_edited_address(world, sam):
    """The grant is not ended then, and the row goes all the same."""
    edit_definition(world, revocation_endpoint="https://evil.example/revoke")
    sam.delete("expenses")
    assert [] == world.provider.revocations
    assert [] == world.sql("SELECT * FROM secrets")


@pytest.mark.parametrize(
    ("column", "value"),
    [("holder", "mallory"), ("generation", 7), ("id", "other"), ("connection_id", "x")],
)
def test_Q8_Q9_a_row_that_was_moved_does_not_open(world, sam, column, value):
    """To another person, generation, row or connection."""
    from conn_core.broker._credentials import held_tokens
    from conn_core.store import rows

    [(credential_id,)] = world.sql("SELECT id FROM credentials")
    with world.core.store.read() as tx:
        row = rows.credential_row(tx, credential_id)
    moved = type("Row", (), dict(row._mapping) | {column: value})
    with pytest.raises(Tampered):
        held_tokens(world.core, moved)
    assert held_tokens(world.core, row).access_token


def test_Q8_mallory_does_not_get_sams_tokens_by_renaming_the_owner(world, sam):
    """Owner of the connection and holder of the credential, both edited."""
    world.sql("UPDATE connections SET owner = 'mallory'")
    world.sql("UPDATE credentials SET holder = 'mallory'")
    assert does_not_open(world, world.broker("mallory"))


def test_Q1_another_persons_ciphertext_does_not_open(world, sam):
    """Mallory copies Sam's sealed tokens into her own row."""
    mallory = world.connected(person="mallory")
    world.sql(
        "UPDATE secrets SET sealed = (SELECT s.sealed FROM secrets s JOIN credentials c"
        " ON c.id = s.credential_id WHERE c.holder = 'sam')"
    )
    assert does_not_open(world, mallory)


def test_Q3_another_connections_ciphertext_does_not_open(world, sam):
    """Of the same person and service; the other rows are fine."""
    world.connected("Second")
    world.sql(
        "UPDATE secrets SET sealed = (SELECT s.sealed FROM secrets s JOIN credentials c"
        " ON c.id = s.credential_id JOIN connections n ON n.id = c.connection_id"
        " WHERE n.link_name = 'second')"
    )
    assert does_not_open(world, sam)
    assert sam.access_token("second")


def test_Q2_another_columns_ciphertext_does_not_open(world, sam):
    """The sealed client secret in the place of tokens, and the reverse."""
    world.sql("UPDATE secrets SET sealed = (SELECT sealed_secret FROM registrations)")
    assert does_not_open(world, sam)


def test_Q2_tokens_in_the_place_of_a_client_secret_do_not_open(world, sam):
    """Nothing is sent with them."""
    world.sql("UPDATE registrations SET sealed_secret = (SELECT sealed FROM secrets)")
    sent = len(world.provider.token_requests)
    with pytest.raises(Tampered):
        sam.access_token("expenses")
    assert sent == len(world.provider.token_requests)


def test_Q1_a_client_secret_does_not_open_for_another_service(world, sam):
    """Or for another client id."""
    world.connected("Plain", service="plain-desk")
    world.sql(
        "UPDATE registrations SET sealed_secret = (SELECT sealed_secret FROM"
        " registrations WHERE service_id = 'plain-desk')"
    )
    with pytest.raises(Tampered):
        sam.access_token("expenses")
    world.sql("UPDATE registrations SET client_id = 'other'")
    with pytest.raises(Tampered):
        client_for(world.core, service_of(world.core, "plain-desk"))


def test_Q7_an_old_generations_ciphertext_does_not_open(world, sam):
    """Copied back after a refresh."""
    [(old,)] = world.sql("SELECT sealed FROM secrets")
    sam.access_token("expenses")
    world.sql("UPDATE secrets SET sealed = ?", old)
    assert does_not_open(world, sam)


def test_Q4_another_deployments_database_does_not_open(world, sam, tmp_path):
    """Its key is another one, and the error says so before anything is used."""
    import dataclasses

    elsewhere = dataclasses.replace(world.settings, data_dir=tmp_path / "elsewhere")
    world.open(settings=elsewhere).close()
    world.close()
    shutil.copy(
        world.settings.data_dir / "connections.db",
        elsewhere.data_dir / "connections.db",
    )
    for leftover in ("-wal", "-shm"):
        (elsewhere.data_dir / f"connections.db{leftover}").unlink(missing_ok=True)
    with pytest.raises(ConnectionsError) as caught:
        world.open(settings=elsewhere)
    assert "wrong_key" == caught.value.code


@pytest.mark.parametrize(
    "sealed", [b"", b"\x00", b"\x01\x01", b"x" * 200, b"\x00" * 200]
)
def test_Q11_damaged_bytes_are_a_typed_error(world, sam, sealed):
    """Empty, cut, or of a format that never was."""
    world.sql("UPDATE secrets SET sealed = ?", sealed)
    assert does_not_open(world, sam)


@pytest.mark.parametrize("definition", ["", "{}"], ids=["empty", "no service"])
def test_a_damaged_row_can_be_deleted(world, sam, definition):
    """Otherwise it would stay for ever."""
    world.sql("UPDATE credentials SET definition = ?", definition)
    sam.delete("expenses")
    assert [] == world.sql("SELECT * FROM connections")
    assert [] == world.provider.revocations


def test_a_damaged_row_does_not_hurt_the_others(world, sam):
    """The list still shows it, and the others work."""
    world.connected("Second")
    world.sql(
        "UPDATE secrets SET sealed = x'00' WHERE credential_id = (SELECT c.id FROM"
        " credentials c JOIN connections n ON n.id = c.connection_id"
        " WHERE n.link_name = 'expenses')"
    )
    assert does_not_open(world, sam)
    assert 2 == sam.connections().total
    assert sam.access_token("second")


def test_authorizing_again_mends_a_damaged_row(world, sam):
    """As the error says."""
    world.sql("UPDATE secrets SET sealed = x'00'")
    assert does_not_open(world, sam)
    world.authorized()
    assert sam.access_token("expenses")


def test_a_secret_that_does_not_open_is_no_reason_to_forget_the_grant(world, sam):
    """Put back, it works: nothing was deleted or ended in the meantime."""
    [(sealed,)] = world.sql("SELECT sealed FROM secrets")
    world.sql("UPDATE secrets SET sealed = x'00'")
    assert does_not_open(world, sam)
    world.sql("UPDATE secrets SET sealed = ?", sealed)
    assert 2 == sam.access_token("expenses").generation


def test_the_error_of_a_damaged_registration_is_not_the_providers(world, sam):
    """Nobody is told to ask the provider."""
    world.sql("UPDATE registrations SET sealed_secret = x'00'")
    with pytest.raises(Tampered) as caught:
        sam.access_token("expenses")
    assert not isinstance(caught.value, ProviderError)


def test_Q8_an_attempt_whose_service_was_edited_goes_nowhere(world):
    """Before its link is opened nothing is sealed that an edit would spoil."""
    broker = world.created()
    begun = broker.authorize("expenses")
    [(definition,)] = world.sql("SELECT definition FROM flows")
    evil = {"authorization_endpoint": "https://evil.example/authorize"}
    edited = json.dumps(json.loads(definition) | evil)
    world.sql("UPDATE flows SET definition = ?", edited)
    with pytest.raises(AuthorizationFailed, match="was changed since"):
        world.core.start_authorization(begun.flow, user="sam")
