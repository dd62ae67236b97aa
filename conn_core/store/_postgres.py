"""PostgreSQL: how it is connected to, and what it does other than SQLite."""

import re
import select
import time
from typing import Any, Final

import sqlalchemy as sa

from ..errors import MissingPackage, StoreUnavailable

#: Nobody waits longer than that for a lock, or for an answer.
_LOCK_TIMEOUT_MS: Final = 10_000
_STATEMENT_TIMEOUT_MS: Final = 30_000
#: So many connections one process has …
_CONNECTIONS: Final = 20
#: … for one of which nobody waits longer, seconds.
_TURN: Final = 5
#: So long a server may take to answer at all, seconds …
_ANSWER: Final = 10
#: … where another one of the cluster may answer in its place.
_ANSWER_OF_MANY: Final = 3
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
#: ``postgresql://ada@one:5432,two/db``, as libpq writes several servers of one cluster.
_SEVERAL: Final = re.compile(
    r"^([^:/?#]+://(?:[^@/?#]*@)?)([^@/?#]+,[^@/?#]*)((?:[/?#].*)?)$"
)
_ONE_OF_THEM: Final = re.compile(
    r"^(?P<host>\[[0-9A-Fa-f:.]+\]|[^:\[\]]*)(?::(?P<port>\d*))?$"
)
#: When to ask again what a server refused for a moment, seconds.
AGAIN_IN: Final = 5.0
#: The key of the lock that serialises what must happen once in a deployment.
_ALONE: Final = 0x6A7570636F6E6E


def postgres_engine(url: str) -> sa.Engine:
    """Make an engine with a pool that notices when the server was restarted.

    Args:
        url: ``postgresql://user:password@host/database``; hosts with commas between
            are servers of one cluster, of which the one that takes writes is used.

    Raises:
        MissingPackage: If psycopg is not installed.
        StoreUnavailable: If this is no address of a PostgreSQL database.
    """
    address = address_of(url)
    patience = _ANSWER_OF_MANY if "," in _hosts_of(address) else _ANSWER
    limits = {
        "lock_timeout": _LOCK_TIMEOUT_MS,
        "statement_timeout": _STATEMENT_TIMEOUT_MS,
        "idle_in_transaction_session_timeout": _IDLE_TIMEOUT_MS,
        # What is compared and set relies on it, whatever the database's default is.
        "default_transaction_isolation": r"read\ committed",
    }
    options = " ".join(f"-c {name}={value}" for name, value in limits.items())
    try:
        engine = sa.create_engine(
            address,
            hide_parameters=True,
            pool_size=_CONNECTIONS // 2,
            max_overflow=_CONNECTIONS // 2,
            pool_timeout=_TURN,
            connect_args={"connect_timeout": patience, "options": options, **_NETWORK},
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


def address_of(url: str) -> sa.URL:
    """Read the address of a database, or of several servers of one cluster.

    Args:
        url: As SQLAlchemy or as libpq writes it (PostgreSQL, 34.1.1.3).

    Raises:
        StoreUnavailable: If this is no address of a PostgreSQL database.
    """
    try:
        address = _written_out(url)
    except (sa.exc.ArgumentError, ValueError):  # its words may hold the address
        address = None
    if address is None or address.get_backend_name() != "postgresql":
        # The address itself is not shown: it may hold the password.
        raise StoreUnavailable(
            "The address of the database is not one of PostgreSQL",
            "Write postgresql://user@host/database, or host1:5432,host2:5432 for a "
            "cluster",
        ) from None
    if "," in _hosts_of(address) and "target_session_attrs" not in address.query:
        # A standby takes no writes, and after a failover it is another one.
        address = address.update_query_dict({"target_session_attrs": "read-write"})
    return address.set(drivername="postgresql+psycopg")


def _written_out(url: str) -> sa.URL:
    """Read an address; SQLAlchemy has another spelling than libpq for several hosts."""
    several = _SEVERAL.match(url)
    if several is None:
        return sa.make_url(url)
    found = [_ONE_OF_THEM.match(each) for each in several[2].split(",")]
    places = [each.group("host", "port") for each in found if each is not None]
    if len(places) < len(found):
        raise ValueError
    hosts = ",".join(host.strip("[]") for host, _ in places)
    ports = ",".join(port or "" for _, port in places)
    address = sa.make_url(several[1] + several[3])
    more = {"host": hosts, "port": ports} if ports.strip(",") else {"host": hosts}
    return address.update_query_dict(more)


def _hosts_of(address: sa.URL) -> str:
    named = address.host or address.query.get("host", "")
    return named if isinstance(named, str) else ",".join(named)


def shown_address(engine: sa.Engine) -> str:
    """Return a database's address for people: without its password and options."""
    return f"postgresql://{_hosts_of(engine.url)}/{engine.url.database or ''}"


def all_in_use(location: str) -> StoreUnavailable:
    """Return the error for whoever waited too long for a connection of the pool."""
    error = StoreUnavailable(
        f"All connections of this process to the database {location} are in use",
        f"Run the cell again in {AGAIN_IN:.0f} seconds",
    )
    error.retry_after = AGAIN_IN
    return error


def will_pass(error: BaseException) -> bool:
    """Tell whether a database that refused may do it in a moment, by itself.

    It is restarted or fails over, somebody holds a lock, or two were in each other's
    way: what PostgreSQL calls an operational error is none of what was asked.
    """
    of_server = hasattr(getattr(error, "orig", None), "sqlstate")
    return isinstance(error, sa.exc.OperationalError) and of_server


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
