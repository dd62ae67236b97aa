"""Copying what can be read of a damaged SQLite file; the file itself is not touched."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.dialects import sqlite

from ..errors import InvalidInput, StoreUnavailable
from ._revision import HEAD
from ._sqlite import create_private, read_only
from ._tables import metadata


@dataclass(frozen=True, slots=True, kw_only=True)
class Salvaged:
    """What was copied.

    Attributes:
        rows: How many rows, by table.
        torn: Tables of which some rows could not be read or kept.
    """

    rows: dict[str, int]
    torn: tuple[str, ...]


def salvage(path: Path, copy: Path) -> Salvaged:
    """Copy all rows that can be read into a new store.

    Args:
        path: The damaged file; only read.
        copy: The new file.

    Raises:
        InvalidInput: If the new file is there already.
        StoreUnavailable: If nothing can be read at all.
    """
    if copy.exists():
        raise InvalidInput(
            f"{copy} is there already. Nothing was written", "Name another"
        )
    _make_empty(copy)
    rows: dict[str, int] = {}
    torn: list[str] = []
    with closing(read_only(path)) as old, closing(sqlite3.connect(copy)) as new:
        for table in metadata.sorted_tables:
            kept, is_whole = _copy(old, new, table)
            rows[table.name] = kept
            torn += [] if is_whole else [table.name]
        _drop_orphans(new)
        new.commit()
    if not any(rows.values()):
        copy.unlink()
        raise StoreUnavailable(
            f"Nothing of {path} can be read. The file is as it was",
            "Put a backup in its place with jupyter connections restore FILE --replace",
        )
    return Salvaged(rows=rows, torn=tuple(torn))


def _make_empty(copy: Path) -> None:
    create_private(copy)
    engine = sa.create_engine(sa.URL.create("sqlite", database=str(copy)))
    with engine.begin() as tx:
        metadata.create_all(tx)
        tx.execute(
            sa.text(
                "CREATE TABLE alembic_version (version_num VARCHAR(32) PRIMARY KEY)"
            )
        )
        tx.execute(
            sa.text("INSERT INTO alembic_version VALUES (:head)"), {"head": HEAD}
        )
    engine.dispose()


def _copy(
    old: sqlite3.Connection, new: sqlite3.Connection, table: sa.Table
) -> tuple[int, bool]:
    """Copy a table; return how many rows, and whether it seems to be all of them."""
    kept, is_whole = 0, True
    try:
        columns = _columns_of(old, table)
        insert = _in_sql(table.insert().values(dict.fromkeys(columns)))
        for row in _rows(old, table, columns):
            if row is None:
                is_whole = False
                continue
            with suppress(sqlite3.IntegrityError):
                new.execute(insert, row)
                kept += 1
    except sqlite3.Error:
        is_whole = False
    return kept, is_whole


def _columns_of(old: sqlite3.Connection, table: sa.Table) -> list[str]:
    """Return the columns that both have: the file may be of an older version."""
    found = old.execute("SELECT name FROM pragma_table_info(?)", (table.name,))
    there = {name for (name,) in found}
    return [column.name for column in table.columns if column.name in there]


def _rows(
    old: sqlite3.Connection, table: sa.Table, columns: list[str]
) -> Iterator[tuple[object, ...] | None]:
    """Yield the rows from both ends of a table, up to where it is torn.

    None stands for a gap whose rows nobody can read.
    """
    number: sa.ColumnClause[int] = sa.literal_column("rowid")
    every = sa.select(number, *(table.c[name] for name in columns))
    seen: set[int] = set()
    for order in (number.asc(), number.desc()):
        try:
            for at, *row in old.execute(_in_sql(every.order_by(order))):
                if at in seen:
                    return
                seen.add(at)
                yield tuple(row)
        except sqlite3.DatabaseError:
            yield None
        else:
            return


def _drop_orphans(new: sqlite3.Connection) -> None:
    """Drop rows whose parents were not to be read, as a delete would have."""
    while broken := new.execute("PRAGMA foreign_key_check").fetchall():
        for name, number, *_ in broken:
            mine = sa.literal_column("rowid") == sa.bindparam("number")
            new.execute(_in_sql(metadata.tables[name].delete().where(mine)), (number,))


def _in_sql(statement: sa.ClauseElement) -> str:
    return str(statement.compile(dialect=sqlite.dialect()))
