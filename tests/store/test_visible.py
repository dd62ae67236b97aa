"""What a person sees, on both databases: by name, page by page, and with what counts."""

import pytest
from stored import put_connection, put_credential

from conn_core.store import rows

SAM = rows.Onlooker(person="sam", principals=("*", "user:sam"), place="a.ipynb")


def add(tx, name, owner="sam", **changes):
    """Store a connection whose id says whose it is and what it is called."""
    usual = {"owner": owner, "link_name": name.lower(), "name": name}
    put_connection(tx, f"{owner}:{name}", **usual | {"scopes": '["a"]'} | changes)
    return f"{owner}:{name}"


def authorize(tx, connection_id, holder, **changes):
    usual = {"holder": holder, "asked_scopes": '["a"]', "granted_scopes": '["a"]'}
    credential_id = f"{connection_id}/{holder}"[:32]
    put_credential(tx, credential_id, connection_id, **usual | changes)


def ids(found):
    return [row.id for row in found]


def page(tx, *, after=None, limit=100, seen_by=SAM, **wanted):
    return rows.page_of_rows(
        tx, rows.Wanted(**wanted), seen_by=seen_by, after=after, limit=limit
    )


def test_one_sees_ones_own_and_what_is_shared(tx):
    """With everybody or by name; what a task made is never shared."""
    add(tx, "a")
    add(tx, "b", "priya", shared_with=["*", "user:ada"])
    add(tx, "c", "priya", shared_with=["user:sam"])
    add(tx, "d", "priya", shared_with=["user:ada"])
    add(tx, "e", "priya")
    add(tx, "f", "priya", internal=True, shared_with=["*"])
    assert ["sam:a", "priya:b", "priya:c"] == ids(page(tx))
    assert 3 == rows.count_of_rows(tx, rows.Wanted(), seen_by=SAM)
    shared = {row.id: set((row.shared_with or "").split()) for row in page(tx)}
    assert {"sam:a": set(), "priya:b": {"*", "user:ada"}, "priya:c": {"user:sam"}} == (
        shared
    )
    nobody = rows.Onlooker(person="sam")
    assert ["sam:a"] == ids(page(tx, seen_by=nobody))


def test_a_row_comes_with_the_credentials_that_count(tx):
    """The owner's, or one's own where each person uses their own."""
    of_owner = add(tx, "a", "priya", shared_with=["*"])
    of_each = add(tx, "b", "priya", shared_with=["*"], use_login_user_credentials=True)
    for connection_id in (of_owner, of_each):
        authorize(tx, connection_id, "priya", account="priya@x")
    assert [("connected", "priya@x"), ("needs authorization", None)] == [
        (row.status, row.account) for row in page(tx)
    ]
    authorize(tx, of_each, "sam", account="sam@x")
    assert ["priya@x", "sam@x"] == [row.account for row in page(tx)]
    assert ["sam@x"] == [
        row.account for row in rows.rows_of_link_name(tx, "b", seen_by=SAM)
    ]


@pytest.mark.parametrize(
    ("connection", "credential", "status"),
    [
        ({}, None, "needs authorization"),
        ({}, {}, "connected"),
        ({"revoked_at": 1}, {}, "revoked"),
        ({"revoked_at": 1}, None, "revoked"),
        ({}, {"ended_at": 1}, "failed"),
        ({}, {"ended_at": 1, "ended_by": "sam"}, "needs authorization"),
        ({}, {"ended_by": "sam"}, "connected"),
        ({"scopes": '["a","b"]'}, {}, "needs authorization"),
        ({"scopes": '["a","b"]'}, {"granted_scopes": '["b"]'}, "connected"),
        ({"scopes": "[]"}, {}, "connected"),
        ({"scopes": '["a","b"]'}, {"ended_at": 1}, "failed"),
    ],
)
def test_the_status_is_said_and_asked_for_alike(tx, connection, credential, status):
    """In a row, and as what a list is filtered by."""
    added = add(tx, "a", **connection)
    if credential is not None:
        authorize(tx, added, "sam", **credential)
    assert [status] == [row.status for row in page(tx)]
    words = ("connected", "needs authorization", "revoked", "failed")
    assert [status] == [word for word in words if page(tx, status=word)]
    counts = [rows.count_of_rows(tx, rows.Wanted(status=w), seen_by=SAM) for w in words]
    assert [int(w == status) for w in words] == counts


def test_a_list_is_filtered_and_sorted_as_people_read(tx):
    """Capitals do not count; of one name, the owners are in order."""
    add(tx, "beta")
    add(tx, "Alpha", "priya", shared_with=["*"])
    add(tx, "alpha")
    add(tx, "tasks", internal=True, service_id="t")
    everything = ["priya:Alpha", "sam:alpha", "sam:beta", "sam:tasks"]
    assert everything == ids(page(tx))
    assert ["sam:alpha", "sam:beta"] == ids(page(tx, group="my"))
    assert ["priya:Alpha"] == ids(page(tx, group="organisation"))
    assert ["sam:tasks"] == ids(page(tx, group="internal"))
    assert ["sam:tasks"] == ids(page(tx, service="t"))
    assert ["priya:Alpha", "sam:alpha"] == ids(page(tx, words="lph"))
    assert ["sam:beta", "sam:tasks"] == ids(
        page(tx, words="beta", services_of_words=("t",))
    )
    assert ["s", "t"] == sorted(rows.services_seen(tx, seen_by=SAM))
    assert {"alpha", "beta", "tasks"} == set(rows.link_names_seen(tx, seen_by=SAM))


def test_every_page_goes_on_after_the_last_entry(tx):
    """However small the pages, and though names are the same."""
    for owner in ("ada", "priya", "sam"):
        for name in ("a", "b"):
            add(tx, name, owner, shared_with=["*"])
    whole, seen, after = ids(page(tx)), [], None
    while found := page(tx, after=after, limit=1):
        seen += ids(found)
        last = found[-1]
        after = rows.Bookmark(last.folded, last.link_name, last.owner)
    assert whole == seen == [f"{o}:{n}" for n in "ab" for o in ("ada", "priya", "sam")]


def test_a_name_means_ones_own_first(tx):
    """By link name or by display name; others are found by their owner."""
    add(tx, "a", "priya", shared_with=["*"])
    add(tx, "a", "ada", shared_with=["*"])
    assert ["ada:a", "priya:a"] == ids(rows.rows_of_link_name(tx, "a", seen_by=SAM))
    assert ["ada:a", "priya:a"] == ids(rows.rows_of_name(tx, "A", seen_by=SAM))
    assert ["ada", "priya"] == rows.owners_who_share(tx, "a", seen_by=SAM)
    own = add(tx, "A", link_name="other")
    assert [] == ids(rows.rows_of_link_name(tx, "a", seen_by=SAM))
    assert [own] == ids(rows.rows_of_name(tx, "a", seen_by=SAM))
    linked = add(tx, "B", link_name="a")
    assert [linked] == ids(rows.rows_of_link_name(tx, "a", seen_by=SAM))
    assert "priya:a" == rows.row_of_owner(tx, "priya", "a", seen_by=SAM).id
    assert rows.row_of_owner(tx, "priya", "b", seen_by=SAM) is None


def test_when_its_use_was_noted_comes_along(tx):
    """Of this person and place, and of no other."""
    added = add(tx, "a")
    for person, place, at in [("sam", "a.ipynb", 5), ("sam", "b", 7), ("ada", "", 9)]:
        rows.note_use(tx, added, person=person, place=place, at=at)
    (found,) = rows.rows_of_link_name(tx, "a", seen_by=SAM)
    assert (5, 9) == (found.noted_at, found.last_used_at)


def test_a_use_that_is_noted_again_is_one_use(tx):
    """The latest time counts; of what is gone nothing is noted."""
    added = add(tx, "a")
    for at in (1, 2):
        rows.note_use(tx, added, person="sam", place="x", at=at)
    rows.note_use(tx, "gone", person="sam", place="x", at=3)
    found = rows.use_rows(tx, added, by=None, limit=10)
    assert [("x", "sam", 2)] == [(use.place, use.person, use.last_at) for use in found]
    assert [] == list(rows.use_rows(tx, added, by="ada", limit=10))


def test_no_line_is_written_about_what_was_deleted(tx):
    """Nor is anything of it left."""
    added = add(tx, "a", shared_with=["*"])
    authorize(tx, added, "sam")
    rows.note_use(tx, added, person="sam", place="x", at=1)
    line = {"at": 1, "actor": "sam", "action": "x", "result": "ok", "detail": ""}
    rows.insert_event(tx, connection_id=added, **line)
    assert 1 == len(rows.event_rows(tx, added, limit=9))
    rows.delete_connection(tx, added)
    rows.insert_event(tx, connection_id=added, **line)
    assert not rows.event_rows(tx, added, limit=9)
    assert not rows.use_rows(tx, added, by=None, limit=9)
    add(tx, "a")
    assert [None] == [row.shared_with for row in page(tx)]


def test_what_an_edit_adds_is_missing_until_consent(tx):
    """For everybody's credentials alike, and not what they have."""
    added = add(tx, "a", use_login_user_credentials=True, shared_with=["*"])
    authorize(tx, added, "sam")
    authorize(tx, added, "ada", granted_scopes='["a","b"]')
    rows.note_missing_scopes(tx, added, '["a","b","c"]')
    ada = rows.Onlooker(person="ada", principals=("*",))
    assert ['["b","c"]'] == [row.missing_scopes for row in page(tx)]
    assert ['["c"]'] == [row.missing_scopes for row in page(tx, seen_by=ada)]
    rows.note_missing_scopes(tx, added, '["b"]')
    assert ["needs authorization"] == [row.status for row in page(tx)]
    assert ["connected"] == [row.status for row in page(tx, seen_by=ada)]


@pytest.mark.parametrize("name", ["a\0", "\ud800", "\0"])
def test_O1_what_no_database_takes_finds_nothing(tx, name):
    """And breaks nothing."""
    add(tx, "a")
    bookmark = rows.Bookmark(name, name, name)
    assert not rows.rows_of_link_name(tx, name, seen_by=SAM)
    assert not rows.rows_of_name(tx, name, seen_by=SAM)
    assert rows.row_of_owner(tx, name, "a", seen_by=SAM) is None
    assert not page(tx, words=name)
    assert not page(tx, service=name)
    assert not page(tx, after=bookmark)
    assert 0 == rows.count_of_rows(tx, rows.Wanted(words=name), seen_by=SAM)
    assert ["sam:a"] == ids(page(tx))


def test_a_long_name_of_few_letters_fits(tx):
    """One letter may become eighteen when it is taken apart."""
    name = "\N{ARABIC LIGATURE SALLALLAHOU ALAYHE WASALLAM}" * 200
    add(tx, name, id="long", link_name="long")
    assert ["long"] == ids(rows.rows_of_name(tx, name, seen_by=SAM))
