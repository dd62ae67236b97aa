"""Services that people describe, on both databases."""

import pytest
from stored import put_connection, put_credential

from conn_core.errors import NameTaken
from conn_core.store import rows

SAM = rows.Onlooker(person="sam", principals=("*", "user:sam"))


def describe(tx, name, **changes):
    """Store a service."""
    usual = {
        "id": name.lower().replace(" ", "-"),
        "definition": "{}",
        "name": name,
        "category": "Sales",
        "searched": f"{name.lower()} sales",
        "owner": "sam",
        "version": 1,
        "created_at": 0.0,
        "changed_at": 0.0,
    }
    rows.insert_service(tx, **usual | changes)


def connect(tx, name, *, service="acme", ended_at=None, **changes):
    """Store a connection with a credential and its secret."""
    usual = {"link_name": name, "name": name, "service_id": service}
    put_connection(tx, f"connection-{name}", **usual | changes)
    put_credential(
        tx,
        f"credential-{name}",
        f"connection-{name}",
        ended_at=ended_at,
        ended_because=None if ended_at is None else "invalid_grant.",
    )


def found(tx, query="", *, category=None, offset=0, limit=10):
    """Search; return names and how many there are."""
    page, total = rows.matching_services(
        tx, query, category=category, offset=offset, limit=limit
    )
    return [row.name for row in page], total


def test_services_are_found_by_words_and_pages(tx):
    """Every word counts, signs of a pattern are letters, and names sort as read."""
    for name in ("beta", "Alpha 100%", "Gamma"):
        describe(tx, name)
    describe(tx, "Other", category="HR", searched="other hr")
    assert (["Alpha 100%", "beta", "Gamma", "Other"], 4) == found(tx)
    assert (["beta"], 4) == found(tx, offset=1, limit=1)
    assert (["Alpha 100%"], 1) == found(tx, "SALES 100%")
    assert ([], 0) == found(tx, "10%0")
    assert ([], 0) == found(tx, "_eta")
    assert (["Other"], 1) == found(tx, category="HR")
    assert {"Sales", "HR"} == rows.service_categories(tx)


@pytest.mark.parametrize("text", ["a\0b", "\ud800"], ids=ascii)
def test_O1_what_no_database_takes_is_found_nowhere(tx, text):
    """And asked of none."""
    describe(tx, "Acme")
    assert ([], 0) == found(tx, text)
    assert ([], 0) == found(tx, category=text)
    assert rows.service_row(tx, text) is None


def test_an_id_is_given_once(any_store):
    """Also where two ask at once: the database decides."""
    with any_store.write() as tx:
        describe(tx, "Acme")
    with pytest.raises(NameTaken) as caught, any_store.write() as tx:
        describe(tx, "Acme")
    assert {"name"} == set(caught.value.fields)


def test_a_version_is_changed_once(tx):
    """The second who saw it is told."""
    describe(tx, "Acme")
    assert rows.update_service(tx, "acme", seen=1, name="Acme CRM")
    assert not rows.update_service(tx, "acme", seen=1, name="Other")
    row = rows.service_row(tx, "acme")
    assert (2, "Acme CRM") == (row.version, row.name)


def test_names_of_all_or_of_some(tx):
    """In one question."""
    for name in ("Acme", "Beta"):
        describe(tx, name)
    assert {"acme": "Acme", "beta": "Beta"} == rows.service_names(tx)
    assert {"beta": "Beta"} == rows.service_names(tx, ["beta", "gone"])
    assert {} == rows.service_names(tx, [])


def test_connections_are_counted_as_the_person_sees_them(tx):
    """One question for a page of services."""
    connect(tx, "one")
    connect(tx, "two")
    connect(tx, "other", service="beta")
    connect(tx, "hidden", owner="priya")
    counted = rows.connection_counts(tx, ["acme", "beta", "none"], seen_by=SAM)
    assert {"acme": 2, "beta": 1} == counted
    assert {} == rows.connection_counts(tx, [], seen_by=SAM)


def test_G1_wiping_leaves_who_and_why_and_nothing_sealed(tx):
    """What ended before keeps its own reason, and other services their credentials."""
    connect(tx, "live")
    connect(tx, "failed", ended_at=5.0)
    connect(tx, "just-told", ended_at=20.0)
    connect(tx, "other", service="beta")
    assert ["live"] == [r.link_name for r in rows.live_connections(tx, "acme")]
    rows.wipe_credentials(tx, "acme", since=10.0, at=21.0, by="sam", because="Changed")
    assert [] == rows.live_connections(tx, "acme")
    assert ["other"] == [r.link_name for r in rows.live_connections(tx, "beta")]
    wanted = rows.Wanted()
    page = rows.page_of_rows(tx, wanted, seen_by=SAM, after=None, limit=10)
    assert {
        "live": (2, "Changed"),
        "failed": (1, "invalid_grant."),
        "just-told": (2, "Changed"),
        "other": (1, None),
    } == {row.link_name: (row.generation, row.ended_because) for row in page}
    for name in ("live", "failed", "just-told"):
        assert rows.credential_row(tx, f"credential-{name}") is None
    assert rows.credential_row(tx, "credential-other") is not None


def test_a_deleted_service_takes_its_registration_along(tx):
    """Nothing of it stays."""
    describe(tx, "Acme")
    rows.put_registration(
        tx, service_id="acme", client_id="a", entered_by="sam", entered_at=0.0
    )
    rows.delete_service(tx, "acme")
    assert rows.service_row(tx, "acme") is None
    assert frozenset() == rows.registered_services(tx)
