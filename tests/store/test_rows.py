"""Statements that must hold on their own: keys, leases and generations."""

import pytest
import sqlalchemy as sa
from stored import put_connection, put_credential

from conn_core.errors import ConnectionNotFound
from conn_core.store import (
    deployment_id,
    has_sealed_rows,
    leases,
    put_key_checks,
    rows,
    stored_key_checks,
)

SAM = rows.Onlooker(person="sam", principals=("*", "user:sam"))


def page_of(tx, seen_by, wanted, *, limit=100):
    """Return the link names of the first page, and how many there are."""
    found = rows.page_of_rows(tx, wanted, seen_by=seen_by, limit=limit)
    total = rows.count_of_rows(tx, wanted, seen_by=seen_by)
    return [row.link_name for row in found], total


@pytest.fixture
def store(any_store):
    """The statements are the same on both databases, and mean the same."""
    return any_store


@pytest.fixture
def credential(store):
    """A connection with a credential of generation 1."""
    with store.write() as tx:
        put_connection(tx, "c")
        put_credential(tx, "k", "c")
    with store.read() as tx:
        return rows.credential_row(tx, "k")


def lease(store, credential, me, *, now):
    with store.write() as tx:
        return leases.take_lease(tx, credential, me=me, now=now, until=now + 90)


def test_the_deployments_id_is_made_once(store):
    """And stays."""
    with store.write() as tx:
        first = deployment_id(tx, now=0)
        assert first == deployment_id(tx, now=1)
    with store.write() as tx:
        assert first == deployment_id(tx, now=2)
    assert 32 == len(first)


def test_a_key_check_is_never_overwritten(store):
    """New keys get theirs beside it."""
    with store.write() as tx:
        put_key_checks(tx, {"a": b"1"})
        put_key_checks(tx, {"a": b"2", "b": b"3"})
        assert {"a": b"1", "b": b"3"} == stored_key_checks(tx)


def test_Q19_sealed_rows_are_seen(store, credential):
    """Tokens count, and so do client secrets; an id alone does not."""
    with store.write() as tx:
        assert has_sealed_rows(tx)
        rows.delete_connection(tx, "c")
        assert not has_sealed_rows(tx)
        entry = {
            "service_id": "s",
            "client_id": "i",
            "entered_by": "ada",
            "entered_at": 0,
        }
        rows.put_registration(tx, **entry, sealed_secret=None)
        assert not has_sealed_rows(tx)
        rows.put_registration(tx, **entry, sealed_secret=b"x")
        assert has_sealed_rows(tx)


def test_one_process_gets_the_lease(store, credential):
    """Until it ends; the holder itself may take it again."""
    assert lease(store, credential, "me", now=0)
    assert not lease(store, credential, "other", now=89)
    assert lease(store, credential, "me", now=89)
    assert not lease(store, credential, "other", now=179)
    assert lease(store, credential, "other", now=180)


@pytest.mark.parametrize("skew", [-60, 60])
def test_clocks_a_minute_apart_respect_each_others_leases(store, credential, skew):
    """Two machines are never quite together."""
    assert lease(store, credential, "me", now=1000)
    assert not lease(store, credential, "other", now=1000 + skew)


def test_F44_a_lease_of_the_far_future_is_none(store, credential):
    """The clock was put back since."""
    assert lease(store, credential, "me", now=86_400)
    assert lease(store, credential, "other", now=0)


def test_a_generation_is_stored_once(store, credential):
    """The second writer changes nothing, and learns that it did not."""
    assert lease(store, credential, "me", now=0)
    with store.write() as tx:
        assert leases.put_generation(tx, credential, sealed=b"2", obtained_at=1)
        assert not leases.put_generation(tx, credential, sealed=b"3", obtained_at=2)
        found = rows.credential_row(tx, "k")
    assert (2, b"2", 1, None, None) == (
        found.generation,
        found.sealed,
        found.obtained_at,
        found.lease_owner,
        found.lease_until,
    )
    assert not lease(store, credential, "me", now=0)


def test_a_note_is_written_by_the_holder_of_the_lease_only(store, credential):
    """Who lost it does not end what another is refreshing."""
    assert lease(store, credential, "me", now=0)
    with store.write() as tx:
        leases.note_on_credential(tx, credential, me="other", ended_at=5)
        assert rows.credential_row(tx, "k").ended_at is None
        leases.note_on_credential(tx, credential, me="me", ended_at=5)
        found = rows.credential_row(tx, "k")
    assert (5, None, b"1") == (found.ended_at, found.lease_owner, found.sealed)


def test_a_change_of_another_version_changes_nothing(store, credential):
    """Unless no version was asked for."""
    with store.write() as tx:
        assert not rows.update_connection(tx, "c", version=2, name="B")
        assert rows.update_connection(tx, "c", version=1, name="B")
        assert rows.update_connection(tx, "c", name="C")
        found = rows.connection_by_id(tx, "c")
    assert ("C", 3) == (found.name, found.version)


def test_a_connection_that_is_gone_is_not_found(store):
    """Not None: whoever asks by id knew that it was there."""
    with pytest.raises(ConnectionNotFound, match="was deleted"), store.read() as tx:
        rows.connection_by_id(tx, "c")


def test_O1_names_are_bound_and_never_pasted(store, credential):
    """SQL in a name finds nothing and breaks nothing."""
    with store.read() as tx:
        for name in ("' OR 1=1--", "%", "_", "a\x00", "a'; DROP TABLE secrets;--"):
            assert not rows.rows_of_link_name(tx, name, seen_by=SAM)
            assert not rows.rows_of_name(tx, name, seen_by=SAM)
            assert rows.row_of_owner(tx, name, name, seen_by=SAM) is None
            other, wanted = rows.Onlooker(person=name), rows.Wanted(words=name)
            for seen_by, asked in ((SAM, wanted), (other, rows.Wanted())):
                assert ([], 0) == page_of(tx, seen_by, asked)
    with store.read() as tx:
        assert 1 == tx.execute(sa.text("SELECT count(*) FROM secrets")).scalar()


def test_lists_and_maps_are_read_as_they_were_written():
    """In any script."""
    assert ("é", "b") == rows.load_tuple(rows.dump(["é", "b"]))
    assert {"ü": "1"} == rows.load_map(rows.dump({"ü": "1"}))
