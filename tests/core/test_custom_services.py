"""Services that people describe: stored, found, described anew, deleted."""

import pytest
from acme_crm import ACME, draft

from conn_core import ClientRegistration, ConnectionDraft, ServiceDraft, read_draft
from conn_core.errors import (
    Conflict,
    CredentialsAtStake,
    InvalidInput,
    NameTaken,
    NotAllowed,
    ServiceNotFound,
    VersionConflict,
)


def test_a_described_service_is_used_like_one_that_ships(world, acme):
    """From the form to the API: authorized, vended, tested."""
    token = acme.access_token("acme")
    assert world.provider.is_alive(token.access_token.reveal())
    assert token.api_base_url == "https://api.acme.example/v2"
    assert token.api_hosts == ("api.acme.example",)
    assert acme.test("acme").account == "sam@acme.example"


def test_it_says_who_described_it_and_how_often_it_is_used(world, acme):
    """Everybody sees it, with its owner; counts are of what the asking person sees."""
    mine = acme.service("acme-crm")
    assert (mine.owner, mine.predefined, mine.version) == ("sam", False, 1)
    assert (mine.registered, mine.connection_count) == (True, 1)
    assert mine.redirect_uri == "http://127.0.0.1:8888/connections/callback/acme-crm"

    private = ConnectionDraft(service="acme-crm", name="Private", shared_with=())
    acme.create(private)
    assert acme.service("acme-crm").connection_count == 2
    assert world.broker("priya").service("acme-crm").connection_count == 1


def test_it_is_found_before_those_that_ship(world, acme):
    """Search and paging go over both kinds; each kind alone can be asked for."""
    found = acme.services("", limit=2)
    assert next(s.id for s in found.items) == "acme-crm"
    everything = acme.services("", limit=1000)
    assert everything.total == found.total == len(everything.items)
    second = acme.services("", cursor=found.next_cursor, limit=2)
    assert [s.id for s in (*found.items, *second.items)] == [
        s.id for s in everything.items[:4]
    ]
    assert [s.id for s in acme.services("customers crm").items] == ["acme-crm"]
    assert [s.id for s in acme.services("", predefined=False).items] == ["acme-crm"]
    shipped = acme.services("", predefined=True, limit=1000)
    assert shipped.total == everything.total - 1
    assert acme.services("100%").items == ()
    assert [s.id for s in acme.services("", category="Sales").items] == ["acme-crm"]
    assert "Sales" in acme.categories()


def test_a_name_is_looked_for_among_them(world, acme):
    """A slip of the finger is guessed; what is no name at all is nothing."""
    with pytest.raises(ServiceNotFound, match="Did you mean 'acme-crm'"):
        acme.service("acme-crn")
    with pytest.raises(ServiceNotFound):
        acme.service("a\0b")


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("Acme CRM", "there is a service 'acme-crm' already"),
        ("ACME-CRM 2", None),
        ("Acme  crm!", "it reads like Acme CRM"),
        ("Expenses", "'expenses' is a service that ships"),
        ("Expense-Desk", "it reads like Expense Desk"),
        ("Expense Oesk", None),
    ],
)
def test_I3_a_name_that_reads_like_another_is_refused(world, acme, name, why):
    """People must not take one service for another."""
    priya = world.broker("priya")
    if why is None:
        assert priya.create_service(draft(name=name)).name == name
        return
    with pytest.raises(NameTaken) as caught:
        priya.create_service(draft(name=name, id="another" if "reads" in why else ""))
    assert why in caught.value.message or why in caught.value.fields["name"]


def test_I3_letters_of_another_alphabet_do_not_help(world, acme):
    """A name written all in Cyrillic that looks like one that ships is taken for it."""
    shipped = "ace"  # as it would read in Cyrillic letters alone
    acme.create_service(draft(name=shipped, id="ace"))
    cyrillic = "\u0430\u0441\u0435"
    with pytest.raises(NameTaken, match="reads like ace"):
        world.broker("priya").create_service(draft(name=cyrillic, id="other"))
    with pytest.raises(InvalidInput, match="must not mix alphabets"):
        draft(name="\u0430ce")


def test_O9_a_service_that_ships_is_not_overridden(world):
    """Its id is taken, whatever the name says."""
    with pytest.raises(NameTaken, match="ships"):
        world.broker().create_service(draft(id="expenses"))


def test_one_that_ships_later_under_its_id_does_not_take_its_place(
    world, acme, tmp_path
):
    """Connections are older than the release: the described one wins."""
    with pytest.raises(NotAllowed):
        acme.delete_service("expenses")
    later = tmp_path / "later.toml"
    later.write_text(
        '[[service]]\nid = "acme-crm"\nname = "Acme"\ndescription = "Other."\n'
        'auth_type = "bearer"\napi_base_url = "https://evil.example"\n'
        'api_hosts = ["evil.example"]\n'
    )
    import dataclasses

    paths = (*world.settings.catalog_paths, later)
    core = world.open(settings=dataclasses.replace(world.settings, catalog_paths=paths))
    found = core.acting_as("sam").service("acme-crm")
    assert found.api_base_url == "https://api.acme.example/v2"


@pytest.mark.parametrize("member", ["owner", "predefined", "registered", "version"])
def test_O8_nobody_says_who_owns_what_they_describe(member):
    """What only we can answer cannot be filled in."""
    with pytest.raises(InvalidInput, match="cannot be set"):
        draft(**{member: "priya"})


def test_E13_this_machine_is_refused_beside_its_field(world):
    """Where the operator does not allow it, no address may lie here."""
    with pytest.raises(InvalidInput) as caught:
        world.broker().create_service(
            draft(
                token_endpoint="http://127.0.0.1:9/token",
                api_base_url="https://localhost/api",
            )
        )
    assert set(caught.value.fields) == {"token_endpoint", "api_base_url", "api_hosts"}
    assert world.broker().services("", predefined=False).total == 0


def test_words_and_scopes_change_and_credentials_stay(world, acme):
    """What decides nothing about where a credential goes ends none."""
    changed = acme.edit_service(
        "acme-crm",
        draft(
            name="Acme Sales",
            scopes=[{"name": "contacts.read"}, {"name": "contacts.write"}],
            test_path="/whoami",
        ),
        version=1,
    )
    assert (changed.id, changed.name, changed.version) == ("acme-crm", "Acme Sales", 2)
    assert acme.connection("acme").status == "connected"
    assert changed.registered


@pytest.mark.parametrize(
    "change",
    [
        {"api_base_url": "https://api2.acme.example/v2"},
        {"api_hosts": ["api.acme.example", "files.acme.example"]},
        {"authorization_endpoint": "https://login2.acme.example/authorize"},
        {"param_prefix": "Token "},
    ],
)
def test_G1_live_credentials_are_asked_about_first(world, acme, change):
    """Nothing changes under them; agreed to, they end and everybody authorizes again."""
    with pytest.raises(CredentialsAtStake) as caught:
        acme.edit_service("acme-crm", draft(**change))
    assert "end those of 'acme'" in caught.value.message
    assert "--wipe-credentials" in caught.value.hint
    assert acme.service("acme-crm").version == 1
    assert acme.connection("acme").status == "connected"

    acme.edit_service("acme-crm", draft(**change), wipe_credentials=True)
    assert acme.connection("acme").status == "needs authorization"
    assert world.sql("SELECT count(*) FROM secrets") == [(0,)]
    assert next(e.action for e in acme.events("acme")) == "wipe"
    world.authorized("Acme", service="acme-crm")
    assert acme.connection("acme").status == "connected"


def test_what_is_refused_ends_nothing_first(world, acme):
    """A grant that the provider ended does not come back with the error."""
    changes = {"name": "Expense-Desk", "api_base_url": "https://api2.acme.example"}
    with pytest.raises(NameTaken):
        acme.edit_service("acme-crm", draft(**changes), wipe_credentials=True)
    assert acme.connection("acme").status == "connected"
    assert world.provider.revocations == []


def test_an_authorization_under_way_ends_with_a_new_description(world, acme):
    """Its answer would be for the old addresses."""
    flow, started = world.begun("Acme")
    acme.edit_service(
        "acme-crm",
        draft(api_base_url="https://api2.acme.example"),
        wipe_credentials=True,
    )
    answer = world.provider.consent(started.authorization_url)
    assert world.refuses(answer, started, "", service="acme-crm")
    assert world.sql("SELECT count(*) FROM flows WHERE id = ?", flow) == [(0,)]


def test_G3_a_secret_left_blank_is_kept(world, acme):
    """It is write-only, and an edit does not ask for it again."""
    acme.edit_service("acme-crm", draft(name="Acme!", client_id="desk-client"))
    acme.refresh("acme")


def test_a_secret_is_typed_again_when_it_would_go_elsewhere(world, acme):
    """Whoever typed it saw where it goes; a new address is not what they saw."""
    elsewhere = "https://tokens.evil.example/token"
    change = {"token_endpoint": elsewhere, "client_id": "desk-client"}
    with pytest.raises(InvalidInput) as caught:
        acme.edit_service("acme-crm", draft(**change), wipe_credentials=True)
    assert caught.value.fields == {
        "client_secret": "must be entered again: where it is sent has changed"
    }
    acme.edit_service(
        "acme-crm",
        draft(**change, client_secret="CNRY-again-81c2"),
        wipe_credentials=True,
    )
    assert acme.service("acme-crm").token_endpoint == elsewhere


def test_an_address_edited_in_the_database_gets_no_secret(world, acme):
    """The secret is bound to where it is sent: it opens for no other address."""
    ((text,),) = world.sql("SELECT definition FROM services")
    moved = text.replace("login.acme.example/token", "login.evil.example/token")
    world.sql("UPDATE services SET definition = ?", moved)
    from conn_core.errors import ConnectionsError

    with pytest.raises(ConnectionsError):
        acme.refresh("acme")
    assert not any("evil" in str(r) for r in world.provider.token_requests)


def test_a_description_that_became_nonsense_is_named(world, acme):
    """Somebody wrote something else in its place."""
    world.sql("UPDATE services SET definition = '{}'")
    from conn_core.errors import Tampered

    with pytest.raises(Tampered, match="acme-crm"):
        acme.service("acme-crm")


def test_G8_two_editors_at_once(world, acme):
    """The second is told, and nothing of the first is lost."""
    acme.edit_service("acme-crm", draft(description="First."), version=1)
    with pytest.raises(VersionConflict):
        acme.edit_service("acme-crm", draft(description="Second."), version=1)
    assert acme.service("acme-crm").description == "First."


def test_G7_only_its_owner_changes_it(world, acme):
    """Others see and use it; what ships is nobody's."""
    priya = world.broker("priya")
    for change in (
        lambda: priya.edit_service("acme-crm", draft()),
        lambda: priya.delete_service("acme-crm"),
    ):
        with pytest.raises(NotAllowed, match="described by sam"):
            change()
    with pytest.raises(NotAllowed, match="ships with this program"):
        priya.edit_service("expenses", draft())
    with pytest.raises(ServiceNotFound):
        priya.delete_service("nothing")


def test_G6_one_in_use_is_not_deleted(world, acme):
    """Whose connections they are is said as far as the person may know."""
    priya = world.broker("priya")
    priya.create(ConnectionDraft(service="acme-crm", name="Hers", shared_with=()))
    with pytest.raises(Conflict) as caught:
        acme.delete_service("acme-crm")
    assert "'acme' and 1 more" in caught.value.message
    assert "hers" not in caught.value.message

    acme.delete("acme")
    with pytest.raises(Conflict, match="used by 1 connection of others"):
        acme.delete_service("acme-crm")
    priya.delete("hers")
    acme.delete_service("acme-crm")
    for table in ("services", "registrations"):
        assert world.sql(f"SELECT count(*) FROM {table}") == [(0,)]


def test_the_first_registration_is_anybodys_and_another_the_owners(world):
    """Whoever has a client enters it; replacing one is the owner's."""
    sam, priya = world.broker("sam"), world.broker("priya")
    sam.create_service(draft())
    first = ClientRegistration(client_id="one", client_secret="CNRY-reg-1f")
    assert priya.register_client("acme-crm", first).registered
    with pytest.raises(NotAllowed, match="described by sam"):
        priya.register_client("acme-crm", first)
    assert sam.register_client("acme-crm", first).registered


@pytest.mark.parametrize(
    ("changes", "secret", "header"),
    [
        (
            {"auth_type": "api_key", "param_name": "X-Api-Key", "param_prefix": ""},
            {"api_key": "CNRY-key-55d1"},
            ("X-Api-Key", "CNRY-key-55d1"),
        ),
        (
            {"auth_type": "bearer"},
            {"token": "CNRY-bearer-9b"},
            ("Authorization", "Bearer CNRY-bearer-9b"),
        ),
        (
            {"auth_type": "basic"},
            {"username": "sam", "password": "CNRY-pw-7c"},
            ("Authorization", "Basic c2FtOkNOUlktcHctN2M="),
        ),
    ],
)
def test_services_with_keys_need_no_further_word(world, changes, secret, header):
    """What is typed follows from the authentication type."""
    plain = {k: v for k, v in ACME.items() if not k.endswith("_endpoint")}
    plain.pop("token_endpoint_auth_method")
    broker = world.broker()
    broker.create_service(read_draft(ServiceDraft, plain | {"scopes": []} | changes))
    made = broker.create(ConnectionDraft(service="acme-crm", name="Key", secret=secret))
    assert made.status == "connected"
    broker.test("key")
    _, headers = world.provider.api_requests[-1]
    assert headers[header[0]] == header[1]
