"""One's own connections with their credentials, many at once; on both databases."""

import pytest
from stored import put_connection, put_credential

from conn_core.store import rows


def connect(tx, number, *, owner, link_name, holder=None):
    """Store a connection, with a credential where there is a holder."""
    put_connection(
        tx,
        f"c{number}",
        owner=owner,
        link_name=link_name,
        name=link_name,
        use_login_user_credentials=True,
    )
    if holder is None:
        return
    put_credential(
        tx,
        f"k{number}",
        f"c{number}",
        holder=holder,
        sealed=b"sealed %d" % number,
        generation=number,
    )


@pytest.mark.parametrize("many", [1, 2, 3, 300])
def test_each_name_gets_its_own(tx, many):
    """However many are asked for at once, and by the same name."""
    for number in range(1, many + 1):
        connect(tx, number, owner=f"p{number}", link_name="a", holder=f"p{number}")
    names = [rows.OwnName(f"p{number}", "a") for number in range(1, many + 1)]

    found = rows.owned_rows(tx, names)

    assert {*names} == found.keys()
    assert [
        (f"c{n}", "connected", f"k{n}", n, b"sealed %d" % n) for n in range(1, many + 1)
    ] == [
        (
            one.connection.id,
            one.connection.status,
            one.credential.id,
            one.credential.generation,
            bytes(one.credential.sealed),
        )
        for one in (found[name] for name in names)
    ]


def test_they_say_what_the_other_statements_say(tx):
    """Each column is the same as where one is looked for alone."""
    connect(tx, 1, owner="sam", link_name="a", holder="sam")
    [one] = rows.owned_rows(tx, [rows.OwnName("sam", "a")]).values()
    seen_by = rows.Onlooker(person="sam")
    [alone] = rows.rows_of_link_name(tx, "a", seen_by=seen_by)

    whole = {n: getattr(alone, n) for n in one.connection._fields}
    assert whole == one.connection._asdict()
    assert rows.credential_row(tx, "k1")._asdict() == one.credential._asdict()


def test_what_is_not_there_or_anothers_is_not_returned(tx):
    """No credential, another's credential, another's connection, no name at all."""
    connect(tx, 1, owner="sam", link_name="none")
    connect(tx, 2, owner="sam", link_name="lent", holder="ada")
    connect(tx, 3, owner="ada", link_name="hers", holder="ada")

    names = ["none", "lent", "hers", "nothing", "\0", "\ud800"]
    assert {} == rows.owned_rows(tx, [rows.OwnName("sam", name) for name in names])
    assert {} == rows.owned_rows(tx, [])
