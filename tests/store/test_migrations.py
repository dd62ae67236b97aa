"""The schema: what the migrations make is what the tables say."""

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from conn_core import store as store_package
from conn_core.errors import StoreUnavailable
from conn_core.store import Store
from conn_core.store._engine import HEAD
from conn_core.store._tables import metadata

MIGRATIONS = Path(store_package.__file__).parent / "migrations"


@pytest.fixture
def config():
    made = Config()
    made.set_main_option("script_location", str(MIGRATIONS))
    return made


def test_the_newest_migration_is_the_one_we_compare_with(config):
    """A start spares itself the import of Alembic because of it."""
    assert [HEAD] == ScriptDirectory.from_config(config).get_heads()


def test_the_migrations_make_the_tables(store):
    """No table, column, key or index is missing or too many."""
    with store.read() as tx:
        context = MigrationContext.configure(
            tx, opts={"compare_type": True, "compare_server_default": True}
        )
        assert [] == compare_metadata(context, metadata)


def test_constraints_are_made_as_they_are_named(store):
    """What Alembic does not compare: names of keys, and what they cascade to."""
    with store.read() as tx:
        found = sa.inspect(tx)
        assert {
            (table, tuple(key["constrained_columns"]), key["options"].get("ondelete"))
            for table in metadata.tables
            for key in found.get_foreign_keys(table)
        } == {
            ("credentials", ("connection_id",), "CASCADE"),
            ("flows", ("connection_id",), "CASCADE"),
            ("secrets", ("credential_id",), "CASCADE"),
            ("shares", ("connection_id",), "CASCADE"),
            ("uses", ("connection_id",), "CASCADE"),
        }
        for table in metadata.tables.values():
            made = found.get_pk_constraint(table.name)
            assert f"pk_{table.name}" == made["name"]


def test_a_migration_can_be_undone(store, config):
    """Down to nothing and up again."""
    with store.write() as tx:
        config.attributes["connection"] = tx
        command.downgrade(config, "base")
        assert ["alembic_version"] == sa.inspect(tx).get_table_names()
    store._bring_up_to_date()
    with store.read() as tx:
        assert metadata.tables.keys() <= set(sa.inspect(tx).get_table_names())


def test_a_database_that_is_up_to_date_is_not_migrated(path, store, monkeypatch):
    """Nor is Alembic imported for it."""
    from conn_core.store import _engine

    def migrate(_connection):
        raise AssertionError

    monkeypatch.setattr(_engine, "_migrate", migrate)
    Store.sqlite(path).close()


def test_many_who_open_a_new_database_at_once_migrate_it_once(path):
    """The others wait, then find it done."""
    with ThreadPoolExecutor(6) as pool:
        stores = list(pool.map(lambda _: Store.sqlite(path), range(6)))
    with stores[0].read() as tx:
        versions = tx.execute(sa.text("SELECT version_num FROM alembic_version")).all()
    assert [(HEAD,)] == versions
    for store in stores:
        store.close()


def test_F15_a_migration_that_fails_leaves_nothing_behind(path, monkeypatch):
    """It is one transaction; the next start does it again."""
    from conn_core.store import _engine

    migrate = _engine._migrate

    def fail_at_the_end(connection):
        migrate(connection)
        raise KeyboardInterrupt

    monkeypatch.setattr(_engine, "_migrate", fail_at_the_end)
    with pytest.raises(KeyboardInterrupt):
        Store.sqlite(path)
    with sqlite3.connect(path) as database:
        assert [] == database.execute("SELECT name FROM sqlite_master").fetchall()
    database.close()
    monkeypatch.undo()
    Store.sqlite(path).close()


def test_F73_a_newer_database_is_refused(path, store):
    """And not touched."""
    with store.write() as tx:
        tx.execute(sa.text("UPDATE alembic_version SET version_num = 'later'"))
    with pytest.raises(StoreUnavailable, match="newer version"):
        Store.sqlite(path)
    with store.read() as tx:
        version = sa.text("SELECT version_num FROM alembic_version")
        assert "later" == tx.execute(version).scalar()
