"""Copying what can be read of a damaged SQLite file; the file itself is not touched."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

from ..errors import InvalidInput, StoreUnavailable
from ._engine import HEAD
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
            kept, is_whole = _copy(old, new, table.name)
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
    old: sqlite3.Connection, new: sqlite3.Connection, table: str
) -> tuple[int, bool]:
    """Copy a table; return how many rows, and whether it seems to be all of them."""
    kept, is_whole = 0, True
    try:
        columns = [name for _, name, *_ in old.execute(f"PRAGMA table_info({table})")]
        for row in _rows(old, table):
            if row is None:
                is_whole = False
                continue
            with suppress(sqlite3.IntegrityError):
                _insert(new, table, columns, row)
                kept += 1
    except sqlite3.Error:
        is_whole = False
    return kept, is_whole


def _insert(
    new: sqlite3.Connection, table: str, columns: list[str], row: tuple[object, ...]
) -> None:
    names = ", ".join(f'"{name}"' for name in columns)
    marks = ", ".join("?" for _ in columns)
    new.execute(f"INSERT INTO {table} ({names}) VALUES ({marks})", row)  # noqa: S608 - our own names


def _rows(old: sqlite3.Connection, table: str) -> Iterator[tuple[object, ...] | None]:
    """Yield the rows from both ends of a table, up to where it is torn.

    None stands for a gap whose rows nobody can read.
    """
    seen: set[int] = set()
    for order in ("ASC", "DESC"):
        try:
            found = old.execute(f"SELECT rowid, * FROM {table} ORDER BY rowid {order}")  # noqa: S608 - our own names
            for number, *row in found:
                if number in seen:
                    return
                seen.add(number)
                yield tuple(row)
        except sqlite3.DatabaseError:
            yield None
        else:
            return


def _drop_orphans(new: sqlite3.Connection) -> None:
    """Drop rows whose parents were not to be read, as a delete would have."""
    while broken := new.execute("PRAGMA foreign_key_check").fetchall():
        for table, number, *_ in broken:
            new.execute(f"DELETE FROM {table} WHERE rowid = ?", (number,))  # noqa: S608 - our own names
