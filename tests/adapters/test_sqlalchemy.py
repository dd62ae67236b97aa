"""SQLAlchemy: a real database that wants the token of the moment as password."""

import base64
import traceback
from pathlib import Path

import pytest
import sqlalchemy as sa
from socket_door import SocketDoor

import conn_magics as cm
from conn_core import Secret
from conn_core.errors import ConnectionRevoked, HostNotAllowed, InvalidInput

USER = "desk_clerk"


class Database:
    """PostgreSQL behind a port, with one user who has a password."""

    def __init__(self, address):
        url = sa.make_url(address)
        self._admin = sa.create_engine(url, isolation_level="AUTOCOMMIT")
        self._ask_for_a_password()
        self._door = SocketDoor(Path(url.query["host"]) / ".s.PGSQL.5432")
        self.host = self._door.host
        self.url = f"postgresql+psycopg://{USER}@{self.host}/postgres"

    def _ask_for_a_password(self):
        self.run(f"CREATE ROLE {USER} LOGIN")
        with self._admin.connect() as connection:
            rules = Path(connection.scalar(sa.text("SHOW hba_file")))
        self._rules, self._before = rules, rules.read_text()
        rules.write_text(f"local all {USER} password\n{self._before}")
        self.run("SELECT pg_reload_conf()")

    def run(self, statement):
        with self._admin.connect() as connection:
            connection.execute(sa.text(statement))

    def wants(self, password):
        """Change the password, as a database does whose passwords are tokens."""
        self.run(f"ALTER ROLE {USER} PASSWORD '{password}'")

    def close(self):
        self._door.close()
        self._rules.write_text(self._before)
        self.run("SELECT pg_reload_conf()")
        self.run(f"DROP ROLE {USER}")
        self._admin.dispose()


@pytest.fixture
def database(postgres_url):
    """The database."""
    database = Database(postgres_url)
    yield database
    database.close()


@pytest.fixture
def more_hosts(database):
    """The connection may be used with the database."""
    return (database.host,)


@pytest.fixture
def wants_token(database, desk):
    """Lets the database want the token that the desk has now; returns it."""

    def want():
        token = desk.broker.access_token("desk").access_token.reveal()
        database.wants(token)
        return token

    return want


def who(engine):
    with engine.connect() as connection:
        return connection.scalar(sa.text("SELECT current_user"))


def test_each_new_connection_has_the_token_of_the_moment(desk, database, wants_token):
    """The engine is made once; the database has forgotten the first token."""
    engine = cm.get("desk").sqlalchemy_engine(database.url)
    first = wants_token()
    assert USER == who(engine)

    desk.later()
    engine.dispose()
    second = wants_token()

    assert USER == who(engine)
    assert first != second
    engine.dispose()


def test_a_revocation_stops_new_connections(desk, database, wants_token, clock):
    """Those that are open are the database's business."""
    engine = cm.get("desk").sqlalchemy_engine(database.url, poolclass=sa.NullPool)
    wants_token()
    assert USER == who(engine)
    desk.broker.revoke("desk")
    clock[0] += 1

    with pytest.raises(ConnectionRevoked):
        who(engine)


@pytest.mark.usefixtures("desk")
def test_K_a_refused_password_is_not_in_the_error(database, canary):
    """Nor in the locals of its frames, which debuggers and reporters show."""
    database.wants("another")
    engine = cm.get("desk").sqlalchemy_engine(database.url)

    with pytest.raises(
        sa.exc.OperationalError, match="password authentication"
    ) as caught:
        who(engine)

    told = traceback.TracebackException.from_exception(
        caught.value, capture_locals=True
    )
    canary.sweep(texts={"traceback": "".join(told.format())})


def test_K_the_engine_does_not_show_the_token(desk, database, wants_token, canary):
    """Neither its address, nor what is logged."""
    wants_token()
    engine = cm.get("desk").sqlalchemy_engine(database.url, echo=False)
    who(engine)

    canary.sweep(texts={"shown": f"{engine!r} {engine.url} {vars(engine)}"})
    engine.dispose()


def test_user_and_password_of_a_connection_are_both_used(lent, database, canary):
    """The address need not name the user; a colon may be part of the password."""
    password = canary("pass:word")
    database.wants(password)
    pair = base64.b64encode(f"{USER}:{password}".encode()).decode()
    found = lent(
        access_token=Secret(pair), param_prefix="Basic ", api_hosts=(database.host,)
    )
    engine = found.sqlalchemy_engine(
        f"postgresql+psycopg://{database.host}/postgres",
        connect_args={"connect_timeout": 30},
    )

    assert USER == who(engine)
    engine.dispose()


@pytest.mark.parametrize(
    ("url", "options", "why"),
    [
        ("postgresql+psycopg://sam@db.evil.example/x", {}, "not db.evil.example:5432"),
        ("postgresql+psycopg://sam@127.0.0.1:1/x", {}, "not 127.0.0.1:1"),
        ("postgresql+psycopg:///x", {}, "needs the host"),
        ("mysql+pymysql://sam@db.example.com/x", {}, "not db.example.com:3306"),
        ("nothing://sam@127.0.0.1/x", {}, "not 127.0.0.1"),
        ("postgresql+psycopg://sam@[::1]:5/x", {}, "not ::1:5"),
        (
            "postgresql+psycopg://sam@{host}/x?host=evil.example",
            {},
            "host would lead elsewhere",
        ),
        (
            "postgresql+psycopg://sam@{host}/x",
            {"connect_args": {"hostaddr": "192.0.2.1"}},
            "hostaddr would lead elsewhere",
        ),
        (
            "postgresql+psycopg://sam@{host}/x",
            {"creator": print},
            "creator would lead elsewhere",
        ),
    ],
)
@pytest.mark.usefixtures("desk")
def test_F1_another_database_gets_nothing(database, url, options, why):
    """Nor one that an option leads to."""
    with pytest.raises(HostNotAllowed, match=why):
        cm.get("desk").sqlalchemy_engine(url.format(host=database.host), **options)


@pytest.mark.usefixtures("desk")
def test_a_password_in_the_address_is_refused(database):
    """It is in the notebook then, and would be used by nobody."""
    address = sa.make_url(database.url).set(password="x")

    with pytest.raises(InvalidInput, match="must not hold one"):
        cm.get("desk").sqlalchemy_engine(address)


def test_F_far_away_the_password_is_sent_encrypted_only(lent, monkeypatch):
    """The driver would also talk in clear, where the server wants that."""
    given = []
    far = "postgresql+psycopg://sam@db.example.com/x"
    engine = lent(api_hosts=("db.example.com:5432",)).sqlalchemy_engine(far)

    class Enough(Exception):
        """Nobody is called."""

    def connect(*positional, **named):
        given.append(named)
        raise Enough

    monkeypatch.setattr(engine.dialect, "connect", connect)
    with pytest.raises(Enough):
        engine.connect()

    assert "require" == given[0]["sslmode"]
    assert "db.example.com" == given[0]["host"]
    with pytest.raises(HostNotAllowed, match="encrypted connection only"):
        cm.get("desk").sqlalchemy_engine(f"{far}?sslmode=prefer")
    with pytest.raises(HostNotAllowed, match="encrypted connection only"):
        cm.get("desk").sqlalchemy_engine(far, connect_args={"sslmode": "disable"})
    strict = cm.get("desk").sqlalchemy_engine(f"{far}?sslmode=verify-full")
    monkeypatch.setattr(strict.dialect, "connect", connect)
    with pytest.raises(Enough):
        strict.connect()
    assert "verify-full" == given[1]["sslmode"]
