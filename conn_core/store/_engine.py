"""Opening the database: permissions first, then SQLite, then the schema."""

import contextlib
import errno
import os
import sqlite3
import stat
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from .._failpoints import reach
from ..errors import StoreUnavailable
from ._postgres import (
    AGAIN_IN,
    all_in_use,
    alone,
    postgres_engine,
    shown_address,
    wait_less,
    will_pass,
)
from ._sqlite import (
    SameFile,
    back_up,
    is_damage,
    journal_mode_for,
    refuse_orphaned_log,
    refuse_without_locks,
)

_BUSY_TIMEOUT_MS = 10_000
#: The newest migration; a test keeps it true. Comparing with it spares every start
#: the import of Alembic.
HEAD = "0007"
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
        _create_unreadable_to_others(path)
        refuse_without_locks(path.parent)
        engine = sa.create_engine(
            sa.URL.create("sqlite", database=str(path)),
            hide_parameters=True,
            connect_args={"timeout": _BUSY_TIMEOUT_MS / 1000},
        )
        journal = journal_mode_for(path)

        def prepare(connection: sqlite3.Connection, _record: object) -> None:
            _prepare_sqlite(connection, journal)

        sa.event.listen(engine, "connect", prepare)
        sa.event.listen(engine, "begin", _begin_sqlite)
        store = cls(engine, location=str(path), file=SameFile(path))
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
            current = _current_revision(connection)
        if current == HEAD:
            return
        if current is not None and self._file is not None:
            with _said_plainly(self.location):
                back_up(self._file.path, current)
        options: Any = {"immediate": True, "migrates": True}
        engine = self._engine.execution_options(**options)
        with _said_plainly(self.location), engine.begin() as connection:
            alone(connection)
            if _current_revision(connection) != HEAD:  # nobody was faster
                _migrate(connection)
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
            return _current_revision(connection)
    finally:
        engine.dispose()


def prepare_folder(folder: Path) -> None:
    """Make a folder that only its owner can enter, or check that it is one.

    Raises:
        StoreUnavailable: If it cannot be made, or is somebody else's.
    """
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        found = folder.stat()
        if hasattr(os, "getuid") and found.st_uid != os.getuid():
            raise StoreUnavailable(f"The folder {folder} belongs to somebody else")
        if stat.S_IMODE(found.st_mode) & 0o077 and os.name == "posix":
            # Not mended here: it may be a folder that others need, such as /tmp.
            raise StoreUnavailable(
                f"Other people can enter the folder {folder}",
                f"Run chmod 700 {folder}, or name another folder in "
                "JUPYTER_CONNECTIONS_DATA_DIR",
            )
    except OSError as error:
        raise StoreUnavailable(
            f"The folder {folder} cannot be used ({error.strerror})",
            "Make it writable, or name another in JUPYTER_CONNECTIONS_DATA_DIR",
        ) from error


def _create_unreadable_to_others(path: Path) -> None:
    """Create the file 0600 before SQLite does it with the umask; never follow a link.

    SQLite gives its ``-wal`` and ``-shm`` files the mode of the database.
    """
    # One that is there is never opened here: to close it again would let go of every
    # lock that SQLite has on it in this process, such as for a store that is open, and
    # another process could take its log away under it.
    flags = os.O_CREAT | os.O_EXCL | os.O_RDWR
    try:
        if not os.path.lexists(path):
            with contextlib.suppress(FileExistsError):
                os.close(os.open(path, flags, 0o600))
        mode = _mode_of_own(path)
    except OSError as error:
        raise StoreUnavailable(
            f"The database {path} cannot be written ({error.strerror})",
            "Make it writable for you, or name another folder in "
            "JUPYTER_CONNECTIONS_DATA_DIR",
        ) from error
    if mode & 0o077 and os.name == "posix":
        raise StoreUnavailable(
            f"Other people can read the database {path}", f"Run chmod 600 {path}"
        )


def _mode_of_own(path: Path) -> int:
    """Return the permissions of a file that is none else, and that we may write."""
    found, problem = path.lstat(), 0
    if stat.S_ISLNK(found.st_mode):
        problem = errno.ELOOP
    elif stat.S_ISDIR(found.st_mode):
        problem = errno.EISDIR
    elif not os.access(path, os.R_OK | os.W_OK):
        is_read_only = os.name == "posix" and os.statvfs(path).f_flag & os.ST_RDONLY
        problem = errno.EROFS if is_read_only else errno.EACCES
    if problem:
        raise OSError(problem, os.strerror(problem))
    return stat.S_IMODE(found.st_mode)


def _prepare_sqlite(connection: sqlite3.Connection, journal: str) -> None:
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


def _begin_sqlite(connection: sa.Connection) -> None:
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


def _current_revision(connection: sa.Connection) -> str | None:
    if not sa.inspect(connection).has_table("alembic_version"):
        return None
    statement = sa.text("SELECT version_num FROM alembic_version")
    return connection.execute(statement).scalar()


def _migrate(connection: sa.Connection) -> None:
    from alembic import command  # noqa: PLC0415 - 100 ms, needed once per version
    from alembic.config import Config  # noqa: PLC0415 - as above
    from alembic.util import CommandError  # noqa: PLC0415 - as above

    config: Any = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes["connection"] = connection
    try:
        command.upgrade(config, "head")
    except CommandError as error:
        raise StoreUnavailable(
            "The database was written by a newer version of this program",
            "Run pip install --upgrade jupyter-connections",
        ) from error
