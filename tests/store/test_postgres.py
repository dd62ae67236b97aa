"""Opening PostgreSQL: the same tables, errors in our words, no password in them."""

import socket
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from stored import put_connection, put_credential

from conn_core.errors import MissingPackage, StoreUnavailable
from conn_core.store import HEAD, Store, _postgres, deployment_id
from conn_core.store._tables import metadata


@pytest.fixture
def empty_database(postgres_url):
    """A database without any table."""
    admin = sa.create_engine(postgres_url, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(sa.text("CREATE DATABASE hollow"))
    yield (
        sa.make_url(postgres_url)
        .set(database="hollow")
        .render_as_string(hide_password=False)
    )
    with admin.connect() as connection:
        connection.execute(sa.text("DROP DATABASE hollow WITH (FORCE)"))
    admin.dispose()


def test_the_migrations_make_the_tables_here_too(new_database):
    """No table, column, key or index is missing or too many."""
    store = Store.postgresql(new_database())
    with store.read() as tx:
        context = MigrationContext.configure(
            tx, opts={"compare_type": True, "compare_server_default": True}
        )
        assert [] == compare_metadata(context, metadata)
    store.close()


def test_many_who_open_an_empty_database_at_once_agree(empty_database):
    """One migration, and one deployment."""

    def opened(_):
        store = Store.postgresql(empty_database)
        with store.write() as tx:
            return store, deployment_id(tx, now=0)

    with ThreadPoolExecutor(6) as pool:
        found = list(pool.map(opened, range(6)))
    assert 1 == len({deployment for _, deployment in found})
    with found[0][0].read() as tx:
        version = sa.text("SELECT version_num FROM alembic_version")
        assert [HEAD] == list(tx.execute(version).scalars())
        assert 1 == tx.execute(sa.text("SELECT count(*) FROM deployment")).scalar()
    for store, _ in found:
        store.close()


def test_a_migration_can_be_undone_here_too(new_database):
    """Down to nothing and up again."""
    from pathlib import Path

    from alembic import command
    from alembic.config import Config

    from conn_core import store as package

    store = Store.postgresql(new_database())
    config = Config()
    config.set_main_option(
        "script_location", str(Path(package.__file__).parent / "migrations")
    )
    with store.write() as tx:
        config.attributes["connection"] = tx
        command.downgrade(config, "base")
        assert ["alembic_version"] == sa.inspect(tx).get_table_names()
    store._bring_up_to_date()
    with store.read() as tx:
        assert metadata.tables.keys() <= set(sa.inspect(tx).get_table_names())
    store.close()


def test_F73_a_newer_database_is_refused_here_too(new_database):
    """And not touched."""
    url = new_database()
    store = Store.postgresql(url)
    with store.write() as tx:
        tx.execute(sa.text("UPDATE alembic_version SET version_num = 'later'"))
    store.close()
    with pytest.raises(StoreUnavailable, match="newer version"):
        Store.postgresql(url)


def test_a_server_that_is_not_there_is_an_error_without_its_password(canary):
    """The reason, the host, and no more of the address."""
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
        password = canary("password")
        url = f"postgresql://sam:{password}@127.0.0.1:{port}/ours"
        with pytest.raises(StoreUnavailable) as caught:
            Store.postgresql(url)
    assert "postgresql://127.0.0.1/ours" in caught.value.message
    canary.sweep(texts={"error": repr(caught.value), "text": str(caught.value)})


@pytest.mark.parametrize("url", ["mysql://sam:CNRY-pw@h/d", "no address", ""])
def test_another_address_is_refused_without_being_shown(url):
    """It may hold a password."""
    with pytest.raises(StoreUnavailable, match="not one of PostgreSQL") as caught:
        Store.postgresql(url)
    assert "CNRY" not in str(caught.value)


def test_a_missing_driver_is_named_with_the_command(monkeypatch):
    """PostgreSQL is an extra."""
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(MissingPackage, match=r"jupyter-connections\[postgres\]"):
        Store.postgresql("postgresql://h/d")


def test_a_store_says_whether_it_is_a_file(path, new_database):
    """The refresh engine asks: then the answers of a provider share its disk."""
    for store, is_file in (
        (Store.sqlite(path), True),
        (Store.postgresql(new_database()), False),
    ):
        assert is_file == store.is_file
        store.close()


def test_two_consents_that_end_at_once_leave_one_credential(new_database):
    """The second waits for the first, and takes its place."""
    from conn_core.store import rows

    store = Store.postgresql(new_database())
    with store.write() as tx:
        put_connection(tx, "c")

    def consent(number):
        with store.write() as tx:
            put_credential(tx, f"k{number}", "c")
            rows.put_registration(
                tx, service_id="s", client_id="i", entered_by="ada", entered_at=0
            )

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(consent, range(24)))
    with store.read() as tx:
        assert 1 == len(rows.sealed_of_connection(tx, "c"))
    store.close()


def test_a_connection_that_was_silent_for_long_is_asked_first(
    new_database, monkeypatch
):
    """What was used a moment ago is not: its socket would have said that it ended."""
    store, asked = Store.postgresql(new_database()), []
    dialect, real = store._engine.dialect, store._engine.dialect.do_ping

    def counted(connection):
        asked.append(connection)
        return real(connection)

    monkeypatch.setattr(dialect, "do_ping", counted)
    for silence, most in ((5.0, 0), (0.0, 1)):
        monkeypatch.setattr(_postgres, "_SILENCE", silence)
        with store.read() as tx:
            assert 1 == tx.execute(sa.select(sa.literal(1))).scalar()
        assert most == len(asked)
    store.close()


def test_a_connection_that_the_server_ended_is_noticed_by_its_socket(new_database):
    """The reader gets another one, and no error."""
    url = new_database()
    store, other = Store.postgresql(url), Store.postgresql(url)
    pid = sa.text("SELECT pg_backend_pid()")
    with store.read() as tx:
        first = tx.execute(pid).scalar()
    with other.write() as tx:
        tx.execute(sa.text("SELECT pg_terminate_backend(:pid, 5000)"), {"pid": first})
    with store.read() as tx:
        assert first != tx.execute(pid).scalar()
    for opened in (store, other):
        opened.close()


# --- several servers of one cluster ----------------------------------------------------


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        (
            "postgresql://sam:CNRY-p%40w@one:5433,two/ours?sslmode=require",
            {"host": "one,two", "port": "5433,", "sslmode": "require"},
        ),
        ("postgresql://[::1]:5433,[fe80::2]/ours", {"host": "::1,fe80::2"}),
        ("postgresql://sam@/ours?host=one:5433&host=two:5434", {"host": "one,two"}),
        ("postgresql://sam@/ours?host=/run/a,/run/b", {"host": "/run/a,/run/b"}),
    ],
)
def test_F53_several_servers_are_named_and_the_one_that_takes_writes_is_used(
    url, expected
):
    """As libpq writes them, or as SQLAlchemy does."""
    engine = _postgres.postgres_engine(url)
    _, told = engine.dialect.create_connect_args(engine.url)
    assert expected.items() <= told.items()
    assert ("ours", "read-write") == (told["dbname"], told["target_session_attrs"])
    assert "CNRY" not in _postgres.shown_address(engine)
    assert expected["host"].split(",")[0] in _postgres.shown_address(engine)


def test_F53_who_says_otherwise_has_the_say():
    """And one server alone is asked for nothing."""
    url = "postgresql://one,two/ours?target_session_attrs=any"
    assert "any" == _postgres.address_of(url).query["target_session_attrs"]
    alone = _postgres.address_of("postgresql://sam:CNRY-a,b@one/ours")
    assert ("one", {}) == (alone.host, dict(alone.query))


@pytest.mark.parametrize(
    "url",
    ["postgresql://sam:CNRY-pw@one:port,two/ours", "postgresql://sam:CNRY-pw@one:x/o"],
)
def test_F53_a_port_that_is_none_is_said_without_the_address(url):
    """SQLAlchemy's own error would have part of it."""
    with pytest.raises(StoreUnavailable, match="not one of PostgreSQL") as caught:
        Store.postgresql(url)
    assert "host1:5432,host2:5432" in caught.value.hint
    assert caught.value.__suppress_context__


# --- what a server or a pool refuses for a moment ---------------------------------------


def test_F53_a_pool_that_is_used_up_says_so_and_when_to_come_again(
    new_database, monkeypatch
):
    """After a short wait; it never hangs."""
    monkeypatch.setattr(_postgres, "_CONNECTIONS", 2)
    monkeypatch.setattr(_postgres, "_TURN", 0.1)
    store = Store.postgresql(new_database())
    with (
        store.write(),
        store.write(),
        pytest.raises(StoreUnavailable) as caught,
        store.write(),
    ):
        pass
    assert "All connections of this process to the database" in caught.value.message
    assert "Run the cell again in 5 seconds" == caught.value.hint
    assert 5.0 == caught.value.retry_after
    with store.read() as tx:
        assert 1 == tx.execute(sa.text("SELECT 1")).scalar()
    store.close()


def test_F53_nobody_holds_a_connection_and_waits_for_a_second(
    new_database, monkeypatch
):
    """As many threads as there are connections, each reading while it reads or writes.

    Fails when a thread's second look takes a second connection: they wait for each
    other until all give up.
    """
    monkeypatch.setattr(_postgres, "_CONNECTIONS", 4)
    monkeypatch.setattr(_postgres, "_TURN", 1)
    store = Store.postgresql(new_database())
    together = threading.Barrier(4)

    def look(number):
        opened = store.read if number % 2 else store.write
        with opened() as outer:
            together.wait(20)
            with store.read() as inner:
                assert inner is outer
                return inner.execute(sa.text("SELECT 1")).scalar()

    with ThreadPoolExecutor(4) as pool:
        assert [1, 1, 1, 1] == list(pool.map(look, range(4)))
    with store.read() as tx:
        assert tx is not None
    store.close()


def test_F53_what_passes_by_itself_says_when_to_come_again(new_database):
    """A lock of somebody else, a deadlock; a mistake in a statement never passes."""
    store = Store.postgresql(new_database())
    raised = sa.text("DO $$ BEGIN RAISE EXCEPTION USING ERRCODE = :c; END $$")
    for code, expected in [
        ("40001", 5.0),
        ("40P01", 5.0),
        ("53300", 5.0),
        ("42P01", None),
    ]:
        with pytest.raises(StoreUnavailable) as caught, store.write() as tx:
            tx.exec_driver_sql(raised.text.replace(":c", f"'{code}'"))
        assert expected == caught.value.retry_after, code
    store.close()


def test_F53_what_is_compared_and_set_does_not_depend_on_the_databases_default(
    new_database,
):
    """A database may be serializable for everybody else in it."""
    url = new_database()
    engine = sa.create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        name = sa.make_url(url).database
        connection.exec_driver_sql(
            f"ALTER DATABASE {name} SET default_transaction_isolation = 'serializable'"
        )
    engine.dispose()
    store = Store.postgresql(url)
    for opened in (store.read, store.write):
        with opened() as tx:
            found = tx.execute(sa.text("SHOW transaction_isolation")).scalar()
            assert "read committed" == found
    with store.read() as tx:
        found = tx.execute(sa.text("SHOW idle_in_transaction_session_timeout")).scalar()
        assert "1min" == found
    store.close()
