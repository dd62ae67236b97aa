"""How SQLite is talked to: its pragmas, and transactions that begin when we say so."""

import sqlite3
from pathlib import Path

import sqlalchemy as sa

from ._sqlite import journal_mode_for

_BUSY_TIMEOUT_MS = 10_000


def sqlite_engine(path: Path) -> sa.Engine:
    """Return an engine for a database file.

    Its transactions take options: ``immediate`` holds the write lock from the first
    moment, with the ``patience`` in seconds that a lock is waited for; ``migrates``
    looks after no foreign keys.
    """
    engine = sa.create_engine(
        sa.URL.create("sqlite", database=str(path)),
        hide_parameters=True,
        connect_args={"timeout": _BUSY_TIMEOUT_MS / 1000},
    )
    journal = journal_mode_for(path)

    def prepare(connection: sqlite3.Connection, _record: object) -> None:
        _prepare(connection, journal)

    sa.event.listen(engine, "connect", prepare)
    sa.event.listen(engine, "begin", _begin)
    return engine


def _prepare(connection: sqlite3.Connection, journal: str) -> None:
    # We say BEGIN ourselves: the driver would begin late, and never IMMEDIATE.
    connection.isolation_level = None
    for pragma in (
        f"journal_mode={journal}",
        "synchronous=FULL",
        "foreign_keys=ON",
        "secure_delete=ON",
        f"busy_timeout={_BUSY_TIMEOUT_MS}",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _begin(connection: sa.Connection) -> None:
    options = connection.get_execution_options()
    if not options.get("immediate", False):
        connection.exec_driver_sql("BEGIN")
        return
    if options.get("migrates", False):
        # A migration makes tables anew, and dropping the old one would take all that
        # refers to it along.
        connection.exec_driver_sql("PRAGMA foreign_keys=OFF")
    patience = options.get("patience")
    wait = _BUSY_TIMEOUT_MS if patience is None else round(patience * 1000)
    connection.exec_driver_sql(f"PRAGMA busy_timeout={wait}")
    connection.exec_driver_sql("BEGIN IMMEDIATE")
