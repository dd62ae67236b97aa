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
from conn_core.store import HEAD, Store, rows
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
            ("acceptances", ("connection_id",), "CASCADE"),
            ("credentials", ("connection_id",), "CASCADE"),
            ("flows", ("connection_id",), "CASCADE"),
            ("granted_connections", ("connection_id",), "CASCADE"),
            ("granted_connections", ("grant_id",), "CASCADE"),
            ("notices", ("credential_id",), "CASCADE"),
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

    monkeypatch.setattr(_engine, "migrate", migrate)
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
    from conn_core.store import _engine, _revision

    migrate = _revision.migrate

    def fail_at_the_end(connection):
        migrate(connection)
        raise KeyboardInterrupt

    monkeypatch.setattr(_engine, "migrate", fail_at_the_end)
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


OLD_CONNECTION = """
INSERT INTO connections (id, owner, link_name, name, service_id, scopes, parameters,
  use_login_user_credentials, exposure, internal, created_at, version)
VALUES (:id, 'sam', :id, :name, 's', :scopes, '{}', false, 'direct', false, 0, 1)
"""
OLD_CREDENTIAL = """
INSERT INTO credentials (id, connection_id, holder, definition, generation, token_type,
  asked_scopes, granted_scopes, obtained_at, refreshable, failures)
VALUES (:id, :id, 'sam', '{}', 1, 'Bearer', '["a"]', :granted, 0, true, 0)
"""


def test_what_was_there_before_sharing_stays_its_owners_alone(any_store, config):
    """It is found by its name, and what it lacks consent for is known."""
    with any_store.write() as tx:
        config.attributes["connection"] = tx
        command.downgrade(config, "0003")
        for key, name, scopes, granted in [
            ("one", "STRASSE", '["a"]', '["a"]'),
            ("two", "Two", '["a","b","c"]', '["c"]'),
            ("three", "Three", '["b"]', '["b"]'),
        ]:
            connection = {"id": key, "name": name, "scopes": scopes}
            tx.execute(sa.text(OLD_CONNECTION), connection)
            tx.execute(sa.text(OLD_CREDENTIAL), {"id": key, "granted": granted})
    any_store._bring_up_to_date()
    sam = rows.Onlooker(person="sam", principals=("*", "user:sam"))
    with any_store.read() as tx:
        (found,) = rows.rows_of_name(
            tx, "Stra\N{LATIN SMALL LETTER SHARP S}e", seen_by=sam
        )
        missing = {
            row.id: row.missing_scopes
            for row in rows.page_of_rows(tx, rows.Wanted(), seen_by=sam, limit=9)
        }
        ada = rows.Onlooker(person="ada", principals=("*", "user:ada"))
        assert 0 == rows.count_of_rows(tx, rows.Wanted(), seen_by=ada)
    assert "one" == found.id
    assert {"one": None, "two": '["b"]', "three": None} == missing


def test_I8_who_has_used_what_is_shared_has_accepted_it(any_store, config):
    """Nobody's job stops because of an upgrade; who never used it is asked."""
    hosts = '{"api_hosts": ["api.x.example"]}'
    with any_store.write() as tx:
        config.attributes["connection"] = tx
        command.downgrade(config, "0005")
        connection = {"id": "one", "name": "One", "scopes": '["a"]'}
        tx.execute(sa.text(OLD_CONNECTION), connection)
        tx.execute(sa.text(OLD_CREDENTIAL), {"id": "one", "granted": '["a"]'})
        definition = sa.text("UPDATE credentials SET definition = :hosts")
        tx.execute(definition, {"hosts": hosts})
        share = "INSERT INTO shares (connection_id, principal) VALUES ('one', '*')"
        tx.execute(sa.text(share))
        for person, place in [("sam", ""), ("ada", "a.ipynb"), ("ada", "b.ipynb")]:
            use = "INSERT INTO uses VALUES ('one', :person, :place, 7)"
            tx.execute(sa.text(use), {"person": person, "place": place})
    any_store._bring_up_to_date()
    with any_store.read() as tx:
        found = tx.execute(sa.text("SELECT * FROM acceptances")).all()
        assert [("one", "ada", '["a"]', '["api.x.example"]', 7.0)] == list(
            map(tuple, found)
        )
