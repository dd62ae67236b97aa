"""What a new description of a service means for those who use it."""

import dataclasses

import pytest
from acme_crm import draft

from conn_core import ClientRegistration, ConnectionDraft
from conn_core.broker._known_services import filled_service, names_of_services
from conn_core.errors import (
    AuthorizationRequired,
    ConnectionsError,
    CredentialsAtStake,
    InvalidInput,
    NameTaken,
    RegistrationRequired,
    Tampered,
    VersionConflict,
)
from conn_core.store import rows

MOVED = {"api_base_url": "https://api2.acme.example/v2"}


def stored(world):
    """Return all that is stored of services."""
    tables = ("services", "registrations", "credentials", "secrets", "events")
    return {t: world.sql(f"SELECT * FROM {t}") for t in tables}


# --- credentials that end -------------------------------------------------------------


def test_G1_the_connection_says_who_ended_its_credentials_and_why(world, acme):
    """Honest, and with the way on."""
    acme.edit_service("acme-crm", draft(**MOVED), wipe_credentials=True)
    found = acme.connection("acme")
    assert "needs authorization" == found.status
    day = found.created_at.date()
    assert f"Ended by a change of Acme CRM by sam on {day}." == found.status_reason
    with pytest.raises(AuthorizationRequired) as caught:
        acme.access_token("acme")
    assert (
        "The authorization of 'acme' was ended by a change of Acme CRM by sam "
        f"on {day}" == caught.value.message
    )
    assert "Run %conn authorize acme" == caught.value.hint
    event = acme.events("acme")[0]
    assert ("wipe", "sam") == (event.action, event.actor)


def test_G1_everybody_s_credentials_end_and_the_provider_is_told(world, acme):
    """Where each person uses their own, everybody's."""
    own = ConnectionDraft(
        service="acme-crm", name="Own", use_login_user_credentials=True
    )
    acme.create(own)
    for person in ("sam", "priya"):
        world.authorized("Own", person=person, service="acme-crm")
    with pytest.raises(CredentialsAtStake, match="those of 'acme', 'own'"):
        acme.edit_service("acme-crm", draft(**MOVED))
    assert [] == world.provider.revocations

    acme.edit_service("acme-crm", draft(**MOVED), wipe_credentials=True)
    assert 3 == len(world.provider.revocations)
    assert [] == world.sql("SELECT * FROM secrets")
    for person in ("sam", "priya"):
        found = world.broker(person).connection("own")
        assert "Ended by a change of Acme CRM by sam" in found.status_reason


def test_G1_a_provider_that_is_silent_stops_nobody(world, acme, answer):
    """What it does not end now nobody here can use any more."""
    world.provider.script.append(answer(503))
    acme.edit_service("acme-crm", draft(**MOVED), wipe_credentials=True)
    assert "needs authorization" == acme.connection("acme").status
    assert [] == world.sql("SELECT * FROM secrets")


def test_a_second_change_asks_no_more(world, acme):
    """Nothing is alive that it could end."""
    acme.edit_service("acme-crm", draft(**MOVED), wipe_credentials=True)
    changed = acme.edit_service("acme-crm", draft())
    assert 3 == changed.version


def test_F26_a_refresh_under_way_is_too_late(world, acme):
    """What the provider answers then is nobody's: it is not stored."""

    def changed_meanwhile():
        acme.edit_service("acme-crm", draft(**MOVED), wipe_credentials=True)

    world.provider.script.append(changed_meanwhile)
    with pytest.raises(ConnectionsError):
        world.open().acting_as("sam").refresh("acme")
    assert [] == world.sql("SELECT * FROM secrets")
    assert "needs authorization" == acme.connection("acme").status


def test_G1_another_one_authorized_in_the_meantime_is_not_ended_unasked(
    world, acme, monkeypatch
):
    """Between the question and the change somebody may come back from the provider."""
    live = rows.live_connections
    asked = []

    def nobody_yet(tx, service_id):
        asked.append(service_id)
        return [] if len(asked) == 1 else live(tx, service_id)

    monkeypatch.setattr(rows, "live_connections", nobody_yet)
    with pytest.raises(CredentialsAtStake):
        acme.edit_service("acme-crm", draft(**MOVED))
    assert "connected" == acme.connection("acme").status


# --- all or nothing -------------------------------------------------------------------


@pytest.mark.parametrize("agreed", [False, True])
def test_a_refused_edit_changes_nothing(world, acme, agreed):
    """Another client id needs its own secret, and that is said before anything ends."""
    before = stored(world)
    with pytest.raises(InvalidInput) as caught:
        acme.edit_service(
            "acme-crm",
            draft(**MOVED, client_id="another-client"),
            wipe_credentials=agreed,
        )
    assert {"client_secret"} == set(caught.value.fields)
    assert before == stored(world)
    assert [] == world.provider.revocations


def test_a_service_that_cannot_keep_its_secret_is_not_there(world, monkeypatch):
    """Description and registration are one."""
    broker = world.broker("sam")
    monkeypatch.setattr(rows, "put_registration", lambda *_, **__: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        broker.create_service(draft(client_id="a", client_secret="CNRY-secret-6a"))
    assert [] == world.sql("SELECT * FROM services")


def test_hosts_change_and_the_secret_is_kept(world, acme):
    """It is bound to where it is sent, and that is not an API's host."""
    acme.edit_service(
        "acme-crm", draft(**MOVED, client_id="desk-client"), wipe_credentials=True
    )
    world.authorized("Acme", service="acme-crm")
    assert "https://api2.acme.example/v2" == acme.access_token("acme").api_base_url


def test_an_edit_keeps_how_a_server_wants_to_see_the_client(world, acme):
    """It chose that when it made the registration (RFC 7591 3.2.1)."""
    world.sql("UPDATE registrations SET token_endpoint_auth_method = 'none'")
    acme.edit_service("acme-crm", draft(name="Acme", client_id="desk-client"))
    found = filled_service(world.core, "acme-crm", {})
    assert "none" == found.token_endpoint_auth_method


def test_a_secret_that_ended_is_not_sent(world, acme):
    """The server that made it said until when; what is alive stays so."""
    ends = world.clock() + 3600
    world.sql("UPDATE registrations SET secret_expires_at = ?", ends)
    acme.refresh("acme")
    world.clock.advance(3601)
    with pytest.raises(RegistrationRequired) as caught:
        acme.access_token("acme")
    assert "Run %conn service register acme-crm" == caught.value.hint
    assert "connected" == acme.connection("acme").status
    acme.register_client(
        "acme-crm",
        ClientRegistration(client_id="desk-client", client_secret=world.client_secret),
    )
    assert world.provider.is_alive(acme.access_token("acme").access_token.reveal())


def test_G8_an_edit_that_was_overtaken_is_told(world, acme):
    """While the provider was told, somebody stored another description."""

    def overtaken():
        acme.edit_service("acme-crm", draft(description="First."))

    world.provider.script.append(overtaken)
    revoke = world.provider._revoke

    def told(fields, headers):
        if world.provider.script:
            world.provider.script.popleft()()
        return revoke(fields, headers)

    world.provider._revoke = told
    with pytest.raises(VersionConflict):
        acme.edit_service("acme-crm", draft(**MOVED), wipe_credentials=True)
    assert "First." == acme.service("acme-crm").description
    assert "Ended at Acme CRM by sam" in acme.connection("acme").status_reason


def test_a_registration_without_a_secret_has_none_to_enter_again(world):
    """A public client, or none yet."""
    broker = world.broker("sam")
    broker.create_service(draft())
    moved = "https://tokens.acme.example/token"
    broker.edit_service("acme-crm", draft(token_endpoint=moved))
    broker.register_client("acme-crm", ClientRegistration(client_id="public"))
    changed = broker.edit_service("acme-crm", draft(), version=2)
    assert (3, True) == (changed.version, changed.registered)


# --- ids and names --------------------------------------------------------------------


def test_the_id_of_a_service_that_is_gone_is_taken_as_long_as_it_is_used(world):
    """Whoever authorizes anew must not come to somebody else's page."""
    world.connected()
    bare = world.open(settings=dataclasses.replace(world.settings, catalog_paths=()))
    eve = bare.acting_as("eve")
    with pytest.raises(NameTaken, match="connections use a service 'expenses'"):
        eve.create_service(draft(id="expenses"))
    world.broker().delete("expenses")
    made = eve.create_service(draft(id="expenses"))
    assert not made.registered  # the registration was of the other one


def test_a_described_service_keeps_its_name_beside_one_that_ships_later(
    world, acme, tmp_path
):
    """In lists and in searches; and it is there once."""
    later = tmp_path / "later.toml"
    later.write_text(
        '[[service]]\nid = "acme-crm"\nname = "Acme Later"\nauth_type = "bearer"\n'
        'api_base_url = "https://later.example"\napi_hosts = ["later.example"]\n'
    )
    paths = (*world.settings.catalog_paths, later)
    core = world.open(settings=dataclasses.replace(world.settings, catalog_paths=paths))
    sam = core.acting_as("sam")
    assert "Acme CRM" == sam.connection("acme").service_name
    assert ["Acme CRM"] == [c.service_name for c in sam.connections().items]
    assert ["Acme CRM"] == [s.name for s in sam.services("acme").items]
    assert 1 == sam.services("acme").total
    assert [] == list(sam.connections("later").items)
    assert 1 == sam.connections("acme crm").total


def test_pages_go_over_both_kinds(world):
    """Nothing is left out or shown twice, wherever a page ends."""
    broker = world.broker()
    for number in ("one", "two", "three"):
        broker.create_service(draft(name=f"Acme {number}"))
    everything = [s.id for s in broker.services("", limit=1000).items]
    for limit in (1, 2, 3, 4, 7):
        cursor, found = None, []
        for _ in range(4):
            page = broker.services("", cursor=cursor, limit=limit)
            found += [s.id for s in page.items]
            cursor = page.next_cursor
        assert everything[: len(found)] == found
        assert 4 * limit == len(found)


def test_one_that_somebody_spoiled_hides_no_other(world, acme):
    """It is named when it is asked for, and left out of lists."""
    acme.create_service(draft(name="Acme HR"))
    world.sql("UPDATE services SET definition = '{}' WHERE id = 'acme-crm'")
    assert ["acme-hr"] == [s.id for s in acme.services("", predefined=False).items]
    with pytest.raises(Tampered, match="acme-crm"):
        acme.service("acme-crm")


def test_one_that_somebody_spoiled_is_described_again_or_deleted(world, acme):
    """By its owner; what it was bound to nobody knows, so all of it is asked again."""
    acme.create_service(draft(name="Acme HR"))
    world.sql("UPDATE services SET definition = '{}'")
    anew = draft(client_id="desk-client", client_secret=world.client_secret)
    with pytest.raises(InvalidInput, match="must be entered again"):
        acme.edit_service("acme-crm", draft(), wipe_credentials=True)
    with pytest.raises(CredentialsAtStake):
        acme.edit_service("acme-crm", anew)
    assert 2 == acme.edit_service("acme-crm", anew, wipe_credentials=True).version
    world.authorized("Acme", service="acme-crm")
    acme.delete_service("acme-hr")
    assert ["acme-crm"] == [s.id for s in acme.services("", predefined=False).items]


def test_names_are_asked_for_together(world, acme):
    """However long a list is."""
    names = names_of_services(world.core, ["acme-crm", "expenses", "gone"])
    assert {"acme-crm": "Acme CRM", "expenses": "Expense Desk", "gone": "gone"} == names


def test_a_described_service_of_the_older_oauth_comes_back_by_its_own_names(world):
    """A callback of OAuth 1.0a has other parameters, whoever described the service."""
    request = "https://login.acme.example/request"
    made = world.broker().create_service(
        draft(auth_type="oauth1", request_token_endpoint=request)
    )
    names = world.core.callback_names(made.id)
    assert names != world.core.callback_names("expenses")
    assert names != world.core.callback_names("nothing")
