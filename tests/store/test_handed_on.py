"""What changes hands, on both databases: owner, shares, and what goes."""

import pytest
import sqlalchemy as sa
from stored import put_connection, put_credential

from conn_core.store import rows


@pytest.fixture
def add(tx):
    """Store a connection with credentials, an attempt and an acceptance."""

    def go(name, owner="sam", **changes):
        connection_id = f"{owner}:{name}"
        usual = {
            "owner": owner,
            "link_name": name,
            "name": name.title(),
            "shared_with": ("user:grace", "group:finance"),
        }
        put_connection(tx, connection_id, **usual | changes)
        put_credential(tx, f"{connection_id}/c", connection_id, holder=owner)
        rows.insert_flow(
            tx,
            id=f"{connection_id}/f",
            connection_id=connection_id,
            person=owner,
            definition="{}",
            scopes="[]",
            redirect_uri="",
            progress="pending",
            hopped=False,
            created_at=0,
            expires_at=1,
        )
        rows.put_acceptance(
            tx, connection_id, person="grace", scopes="[]", hosts="[]", now=0
        )
        return connection_id

    return go


def counted(tx):
    """Return how many rows there are of what was obtained with a connection."""
    tables = ("credentials", "secrets", "flows", "acceptances")
    return {
        table: tx.execute(sa.text(f"SELECT count(*) FROM {table}")).scalar()
        for table in tables
    }


def shares(tx):
    found = tx.execute(sa.text("SELECT principal FROM shares ORDER BY principal"))
    return list(found.scalars())


def test_H15_what_was_obtained_goes_with_its_owner(tx, add):
    """And the new one is no guest in their own house."""
    rows.hand_on(tx, add("a"), to="grace")

    assert {"credentials": 0, "secrets": 0, "flows": 0, "acceptances": 0} == counted(tx)
    row = rows.connection_by_id(tx, "sam:a")
    assert ("grace", 2) == (row.owner, row.version)
    assert ["group:finance"] == shares(tx)


def test_what_each_person_obtained_for_themselves_stays(tx, add):
    """Only what they agreed to of the former owner's goes."""
    rows.hand_on(tx, add("a", use_login_user_credentials=True), to="grace")

    assert {"credentials": 1, "secrets": 1, "flows": 1, "acceptances": 0} == counted(tx)


def test_nothing_of_another_connection_is_touched(tx, add):
    """Whosever it is."""
    add("b")
    add("c", "grace")
    rows.hand_on(tx, add("a"), to="grace")

    assert {"credentials": 2, "secrets": 2, "flows": 2, "acceptances": 2} == counted(tx)
    assert 5 == len(shares(tx))


def test_shares_are_put_in_the_place_of_others(tx, add):
    """Each once; the version tells that something changed."""
    rows.put_shares(tx, add("a"), ["*", "user:ada", "*"])
    assert ["*", "user:ada"] == shares(tx)
    assert 2 == rows.connection_by_id(tx, "sam:a").version


def test_names_and_numbers_are_counted_by_their_owner(tx, add):
    """Either name counts."""
    add("a")
    add("b", "grace")
    asked = [("sam", "a", "x"), ("sam", "x", "a"), ("sam", "b", "b"), ("ada", "a", "a")]
    assert [True, True, False, False] == [rows.is_owned(tx, *each) for each in asked]
    assert [1, 0] == [rows.count_owned(tx, who) for who in ("sam", "ada")]
    assert 0 == rows.count_described(tx, "sam")


def test_an_administrator_finds_what_they_are_not_shared_with(tx, add):
    """By owner and link name, in the list of all, and never otherwise."""
    add("a", shared_with=())
    person = {"person": "ida", "principals": ("*", "user:ida")}
    usual, keeper = (
        rows.Onlooker(**person),
        rows.Onlooker(**person, sees_all=True),
    )
    every = rows.Wanted(group="all")

    assert rows.row_of_owner(tx, "sam", "a", seen_by=usual) is None
    assert "sam" == rows.row_of_owner(tx, "sam", "a", seen_by=keeper).owner
    assert [] == list(rows.rows_of_link_name(tx, "a", seen_by=keeper))
    assert ["sam"] == [
        r.owner for r in rows.page_of_rows(tx, every, seen_by=keeper, limit=9)
    ]
    assert 1 == rows.count_of_rows(tx, every, seen_by=keeper)
    assert 0 == rows.count_of_rows(tx, rows.Wanted(), seen_by=keeper)
    assert (["s"], []) == (
        rows.services_seen(tx, seen_by=keeper),
        rows.services_seen(tx, seen_by=usual),
    )
