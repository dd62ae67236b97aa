"""The store: a database that was opened, its transactions, and its errors in words."""

import os
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from .._failpoints import reach
from ..errors import StoreUnavailable
from ._own_files import create_unreadable_to_others, prepare_folder
from ._postgres import (
    AGAIN_IN,
    all_in_use,
    alone,
    postgres_engine,
    shown_address,
    wait_less,
    will_pass,
)
from ._revision import HEAD, current_revision, migrate
from ._sqlite import (
    SameFile,
    back_up,
    is_damage,
    refuse_orphaned_log,
    refuse_without_locks,
)
from ._sqlite_engine import sqlite_engine

_MEND_DAMAGE = (
    "Nothing was changed or deleted. Keep the file, and put a backup in its place"
)


class _OpenHere(threading.local):
    """The transaction that a thread has open."""

    connection: sa.Connection | None = None


class Store:
    """A database with our tables, opened and brought up to date.

    Args:
        engine: Where the tables are, or will be.
        location: The database in words for people.
        file: Where it is a file: watched, so that nobody writes into a deleted one.
    """

    def __init__(
        self, engine: sa.Engine, *, location: str, file: SameFile | None = None
    ) -> None:
        self._engine = engine
        # PostgreSQL shows each statement what is committed then, in a transaction or
        # not: readers spare it two messages each. SQLite's would lose their snapshot.
        options = {} if file else {"isolation_level": "AUTOCOMMIT"}
        self._reader = engine.execution_options(**options)
        self._file = file
        self._process = os.getpid()
        self._open_here = _OpenHere()
        self.location = location

    @classmethod
    def sqlite(cls, path: Path) -> "Store":
        """Open, or create, a SQLite database that only its owner can read.

        Args:
            path: The file; its folder is created with mode 0700.

        Raises:
            StoreUnavailable: If it cannot be opened, written or trusted.
        """
        prepare_folder(path.parent)
        refuse_orphaned_log(path)
        create_unreadable_to_others(path)
        refuse_without_locks(path.parent)
        store = cls(sqlite_engine(path), location=str(path), file=SameFile(path))
        store._bring_up_to_date()
        return store

    @classmethod
    def postgresql(cls, url: str) -> "Store":
        """Open a PostgreSQL database, and make our tables if they are not there.

        Args:
            url: ``postgresql://user:password@host/database``.

        Raises:
            StoreUnavailable: If it cannot be reached or is not ours to write.
            MissingPackage: If its driver is not installed.
        """
        engine = postgres_engine(url)
        store = cls(engine, location=shown_address(engine))
        try:
            store._bring_up_to_date()
        except BaseException:
            store.close()
            raise
        return store

    @property
    def is_file(self) -> bool:
        """Whether the database is a file on this machine."""
        return self._file is not None

    @contextmanager
    def read(self) -> Iterator[sa.Connection]:
        """Open a transaction that only reads.

        On PostgreSQL a thread that has one open reads in that: whoever held one
        connection of the pool and waited for a second might wait for others who do the
        same.
        """
        self._forget_parent()
        open_here = None if self.is_file else self._open_here.connection
        if open_here is not None:
            with _said_plainly(self.location):
                yield open_here
            return
        with (
            _said_plainly(self.location),
            self._reader.begin() as connection,
            self._noted(connection),
        ):
            yield connection

    @contextmanager
    def write(self, *, patience: float | None = None) -> Iterator[sa.Connection]:
        """Open a transaction that writes.

        SQLite's holds the write lock from its first moment: it cannot turn a reader
        into a writer when somebody else has written. PostgreSQL's locks rows as it
        changes them.

        Args:
            patience: Seconds to wait for a lock, when not as long as usual.

        Raises:
            StoreUnavailable: If it cannot be written, or is locked for too long.
        """
        self._forget_parent()
        engine = self._engine.execution_options(immediate=True, patience=patience)
        with _said_plainly(self.location), engine.begin() as connection:
            if self._file is not None:
                self._file.check()
            elif patience is not None:
                wait_less(connection, patience)
            with self._noted(connection):
                yield connection

    @contextmanager
    def write_at_once(self) -> Iterator[sa.Connection]:
        """Open what writes one statement, which is kept as soon as it is done.

        A process that is stopped in its middle leaves no row locked in PostgreSQL.

        Raises:
            StoreUnavailable: If it cannot be written, or is locked for too long.
        """
        if self._file is not None:
            with self.write() as connection:
                yield connection
            return
        with self.read() as connection:  # without a transaction: see above
            yield connection

    @contextmanager
    def _noted(self, connection: sa.Connection) -> Iterator[None]:
        before = self._open_here.connection
        self._open_here.connection = connection
        try:
            yield
        finally:
            self._open_here.connection = before

    def close(self) -> None:
        """Close all connections to the database."""
        self._engine.dispose()

    def _forget_parent(self) -> None:
        """Open connections anew after a fork: two processes cannot share one."""
        if self._process != os.getpid():
            self._engine.dispose(close=False)
            self._open_here = _OpenHere()
            self._process = os.getpid()

    def _bring_up_to_date(self) -> None:
        with self.read() as connection:
            current = current_revision(connection)
        if current == HEAD:
            return
        if current is not None and self._file is not None:
            with _said_plainly(self.location):
                back_up(self._file.path, current)
        options: Any = {"immediate": True, "migrates": True}
        engine = self._engine.execution_options(**options)
        with _said_plainly(self.location), engine.begin() as connection:
            alone(connection)
            if current_revision(connection) != HEAD:  # nobody was faster
                migrate(connection)
                reach("store.inside-migration")
        self._engine.dispose()  # connections that check foreign keys take its place


def revision_of(url: str) -> str | None:
    """Return the version of the tables of a PostgreSQL database; None without any.

    Raises:
        StoreUnavailable: If it cannot be reached.
    """
    engine = postgres_engine(url)
    try:
        with _said_plainly(shown_address(engine)), engine.connect() as connection:
            return current_revision(connection)
    finally:
        engine.dispose()


@contextmanager
def _said_plainly(location: str) -> Iterator[None]:
    """Turn the database's errors into ours, without its statements."""
    try:
        yield
    except sa.exc.IntegrityError:
        raise  # the queries know what it means
    except sa.exc.TimeoutError as error:
        raise all_in_use(location) from error
    except (sa.exc.DBAPIError, sqlite3.Error) as error:
        lines = str(getattr(error, "orig", error)).strip().splitlines()
        reason = lines[0] if lines else type(error).__name__
        refused = StoreUnavailable(
            f"The database {location} did not do what was asked ({reason})",
            _MEND_DAMAGE if is_damage(reason) else "Run %conn env",
        )
        refused.retry_after = AGAIN_IN if will_pass(error) else None
        raise refused from error
