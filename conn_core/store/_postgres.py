"""PostgreSQL: how it is connected to, and what it does other than SQLite."""

import select
import time
from typing import Any, Final

import sqlalchemy as sa

from ..errors import MissingPackage, StoreUnavailable

#: Nobody waits longer than that for a lock, or for an answer.
_LOCK_TIMEOUT_MS: Final = 10_000
_STATEMENT_TIMEOUT_MS: Final = 30_000
#: Nothing of ours is open that long: a process that stopped in the middle of a
#: transaction must not hold its rows for ever.
_IDLE_TIMEOUT_MS: Final = 60_000
#: When the network is gone, nobody says so: what was sent and not taken, or a server that
#: stays mute, ends a connection after that time and not after a quarter of an hour.
_NETWORK: Final = {
    "tcp_user_timeout": 10_000,  # milliseconds
    "keepalives_idle": 5,
    "keepalives_interval": 5,
    "keepalives_count": 2,
}
#: A connection that was silent for longer is asked whether it still lives, seconds.
_SILENCE: Final = 5.0
#: The key of the lock that serialises what must happen once in a deployment.
_ALONE: Final = 0x6A7570636F6E6E


def postgres_engine(url: str) -> sa.Engine:
    """Make an engine with a pool that notices when the server was restarted.

    Args:
        url: ``postgresql://user:password@host/database``.

    Raises:
        MissingPackage: If psycopg is not installed.
        StoreUnavailable: If this is no address of a PostgreSQL database.
    """
    address = _address_of(url)
    limits = {
        "lock_timeout": _LOCK_TIMEOUT_MS,
        "statement_timeout": _STATEMENT_TIMEOUT_MS,
        "idle_in_transaction_session_timeout": _IDLE_TIMEOUT_MS,
    }
    options = " ".join(f"-c {name}={value}" for name, value in limits.items())
    try:
        engine = sa.create_engine(
            address,
            hide_parameters=True,
            pool_size=10,
            max_overflow=10,
            pool_timeout=10,
            connect_args={"connect_timeout": 10, "options": options, **_NETWORK},
        )
    except ImportError as error:
        raise MissingPackage(
            "PostgreSQL needs a package that is not installed",
            "Run pip install 'jupyter-connections[postgres]'",
        ) from error
    _watch(engine)
    return engine


def _watch(engine: sa.Engine) -> None:
    """Let the pool hand out no connection that a restarted server has closed.

    The socket says so by itself: there is nothing to read on a quiet connection that
    lives. Only what was silent for long is asked, and costs a way there and back.
    """

    def note(_: Any, record: Any) -> None:
        record.info["silent_since"] = time.monotonic()

    def look(connection: Any, record: Any, _: Any) -> None:
        now = time.monotonic()
        silence = now - record.info.get("silent_since", now)
        if silence < _SILENCE and not _has_news(connection):
            return
        try:
            engine.dialect.do_ping(connection)
        except engine.dialect.loaded_dbapi.Error:
            raise sa.exc.DisconnectionError from None

    sa.event.listen(engine, "checkin", note)
    sa.event.listen(engine, "checkout", look)


def _has_news(connection: Any) -> bool:
    try:
        readable, _, _ = select.select([connection.fileno()], [], [], 0)
    except (OSError, ValueError):  # closed, or more sockets than this can look at
        return True
    return bool(readable)


def _address_of(url: str) -> sa.URL:
    try:
        address = sa.make_url(url)
    except sa.exc.ArgumentError:
        address = None
    if address is None or address.get_backend_name() != "postgresql":
        # The address itself is not shown: it may hold the password.
        raise StoreUnavailable(
            "The address of the database is not one of PostgreSQL",
            "Write postgresql://user@host/database",
        )
    return address.set(drivername="postgresql+psycopg")


def shown_address(engine: sa.Engine) -> str:
    """Return a database's address for people: without its password and options."""
    url = engine.url
    host = url.host or url.query.get("host", "")
    return f"postgresql://{host}/{url.database or ''}"


def wait_less(connection: sa.Connection, seconds: float) -> None:
    """Let this transaction give up on locks earlier than usual."""
    limit = max(1, round(seconds * 1000))
    connection.execute(
        sa.select(sa.func.set_config("lock_timeout", f"{limit}ms", sa.true()))
    )


def alone(connection: sa.Connection) -> None:
    """Wait until no other transaction of the deployment is in such a place.

    SQLite's writers are alone anyway.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_ALONE)))
