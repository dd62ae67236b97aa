"""What can be read of a damaged file is copied; the file itself stays as it is."""

import sqlite3

import pytest

from conn_core.errors import InvalidInput, StoreUnavailable
from conn_core.store import contents_of, salvage


@pytest.fixture
def many(place):
    """A store with enough rows that some lie on pages of their own."""
    place.sql(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3000)"
        " INSERT INTO events (at, actor, action, result, detail)"
        " SELECT i, 'sam', 'use', 'ok', printf('%0200d', i) FROM n"
    )
    place.sql("PRAGMA wal_checkpoint(TRUNCATE)")
    return place


def spoil(place, page):
    """Overwrite a page of the file."""
    content = bytearray(place.file.read_bytes())
    content[(page - 1) * 4096 : page * 4096] = b"\xff" * 4096
    place.file.write_bytes(content)
    return bytes(content)


def test_F55_everything_around_a_torn_page_is_copied(many, tmp_path):
    """From both ends of the table; the connections are all there."""
    content = bytearray(many.file.read_bytes())
    at = content.index(b"%0200d" % 1500)
    content[at - at % 4096 : at - at % 4096 + 4096] = b"\xff" * 4096
    many.file.write_bytes(content)
    copy = tmp_path / "salvaged.db"
    found = salvage(many.file, copy)
    assert ("events",) == found.torn
    assert 2900 < found.rows["events"] < 3010
    assert 1 == found.rows["connections"] == found.rows["secrets"]
    assert bytes(content) == many.file.read_bytes()
    assert 0o600 == copy.stat().st_mode & 0o777
    assert contents_of(copy).deployment
    with sqlite3.connect(copy) as database:
        ends = database.execute("SELECT min(at), max(at) FROM events").fetchone()
    database.close()
    assert (1.0, True) == (ends[0], ends[1] >= 3000)


def test_F55_what_was_salvaged_works(many, tmp_path):
    """Put in the place of the damaged file, it opens with the same key."""
    content = many.file.read_bytes()
    at = content.index(b"%0200d" % 1500)
    spoil(many, at // 4096 + 1)
    copy = tmp_path / "salvaged.db"
    salvage(many.file, copy)
    many.file.unlink()
    copy.rename(many.file)
    assert [] == [p for p in many.problems() if p[0] != "audit log"]


def test_rows_without_their_parents_are_left_out(place, tmp_path):
    """A credential of a connection that cannot be read belongs to nobody."""
    place.sql("DELETE FROM connections")
    copy = tmp_path / "salvaged.db"
    assert 1 == salvage(place.file, copy).rows["secrets"]
    with sqlite3.connect(copy) as database:
        assert (0,) == database.execute("SELECT count(*) FROM secrets").fetchone()
    database.close()


def test_where_nothing_can_be_read_nothing_is_made(place, tmp_path):
    """The damaged file is kept, and a backup is the only way."""
    before = b"This is no database. " * 1000
    place.file.write_bytes(before)
    copy = tmp_path / "salvaged.db"
    with pytest.raises(StoreUnavailable, match=r"Nothing of .* can be read"):
        salvage(place.file, copy)
    assert (False, before) == (copy.exists(), place.file.read_bytes())


def test_nothing_is_written_over(place, tmp_path):
    """A name that is taken is refused."""
    taken = tmp_path / "taken"
    taken.write_text("mine")
    with pytest.raises(InvalidInput, match="is there already"):
        salvage(place.file, taken)
    assert "mine" == taken.read_text()


def test_a_file_of_an_older_version_is_salvaged_as_well(place, tmp_path):
    """What it lacks is empty in the new one."""
    place.sql("ALTER TABLE connections DROP COLUMN rules")
    place.sql("UPDATE alembic_version SET version_num = '0006'")
    copy = tmp_path / "salvaged.db"
    assert 1 == salvage(place.file, copy).rows["connections"]
    assert "0007" == contents_of(copy).revision
