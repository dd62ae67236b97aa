"""A copy of a SQLite store to keep elsewhere, and what can be said of one."""

import os
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

from ..errors import InvalidInput, StoreUnavailable
from ._revision import HEAD
from ._sqlite import copy_database, read_only
from ._tables import connections, registrations, services

#: What a restore would put something else in the place of.
_MADE_BY_PEOPLE = (connections, registrations, services)
_OURS = frozenset({"alembic_version", "deployment", "connections", "secrets"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Contents:
    """What is in a SQLite store, looked at without changing it.

    Attributes:
        revision: The version of its tables.
        deployment: Its identity; None where nobody ever used it.
        made: How many connections, registrations and services people made.
    """

    revision: str
    deployment: str | None
    made: int


def back_up_to(path: Path, copy: Path) -> Contents:
    """Copy a store to a file that is not there yet; servers go on meanwhile.

    Raises:
        InvalidInput: If there is such a file already.
        StoreUnavailable: If there is no store, it is damaged, or it cannot be copied.
    """
    if copy.exists():
        raise InvalidInput(
            f"{copy} is there already. Nothing was written", "Name another"
        )
    if not path.exists():
        raise StoreUnavailable(
            f"There is no database {path} yet, so nothing to back up"
        )
    try:
        copy_database(path, copy)
    except (OSError, sqlite3.Error) as error:
        raise StoreUnavailable(
            f"The database {path} cannot be copied to {copy} ({error})",
            "Run jupyter connections doctor",
        ) from error
    return contents_of(copy)


def contents_of(path: Path) -> Contents:
    """Look into a SQLite store or a backup of one.

    Raises:
        StoreUnavailable: If it is damaged, none of ours, or of a newer version.
    """
    problem = damage_of(path)
    if problem is not None:
        raise StoreUnavailable(
            f"{path} is damaged ({problem})",
            f"Run jupyter connections doctor --salvage {path.name}.salvaged",
        )
    with closing(read_only(path)) as database:
        return _looked_at(path, database)


def _looked_at(path: Path, database: sqlite3.Connection) -> Contents:
    tables = {
        name
        for (name,) in database.execute(
            "SELECT name FROM sqlite_master WHERE type = 'table'"
        )
    }
    if not tables >= _OURS:
        raise StoreUnavailable(f"{path} is no store of connections")
    [(revision,)] = database.execute("SELECT version_num FROM alembic_version")
    if str(revision) > HEAD:
        raise StoreUnavailable(
            f"{path} was written by a newer version of this program",
            "Run pip install --upgrade jupyter-connections",
        )
    found = database.execute("SELECT id FROM deployment").fetchone()
    made = sum(
        database.execute(str(sa.select(sa.func.count()).select_from(table))).fetchone()[
            0
        ]
        for table in _MADE_BY_PEOPLE
        if table.name in tables
    )
    return Contents(
        revision=str(revision), deployment=found[0] if found else None, made=made
    )


def damage_of(path: Path) -> str | None:
    """Return what is wrong inside a SQLite file, in SQLite's words; None if nothing."""
    try:
        with closing(read_only(path)) as database:
            [(verdict,), *_] = database.execute("PRAGMA integrity_check(1)")
    except sqlite3.Error as error:
        return str(error)
    return None if verdict == "ok" else " ".join(str(verdict).split())[:200]


def put_in_place(copy: Path, path: Path, *, stamp: str) -> Path | None:
    """Put a backup in the place of a store; what was there is moved aside, not deleted.

    Processes that have the old file open refuse to write from then on.

    Args:
        copy: The backup; it stays where it is.
        path: The store.
        stamp: Makes the name of what is moved aside.

    Returns:
        Where the old store is now; None where there was none.
    """
    fresh = path.with_name(f"{path.name}.restoring")
    copy_database(copy, fresh)
    aside = None
    if path.exists():
        aside = path.with_name(f"{path.name}.before-{stamp}")
        _keep_aside(path, aside)
    fresh.replace(path)
    return aside


def _keep_aside(path: Path, aside: Path) -> None:
    """Give a store a second name, and its log only that one.

    Whoever is killed now leaves a store here, never none: an empty one would be made.
    Beside another database the log would be taken for that one's.
    """
    os.link(path, aside)
    for end in ("-wal", "-shm"):
        companion = path.with_name(path.name + end)
        if companion.exists():
            companion.replace(aside.with_name(aside.name + end))
