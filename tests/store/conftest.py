"""A database in a fresh folder."""

import pytest

from conn_core.store import Store


@pytest.fixture
def path(tmp_path):
    """Where the database will be."""
    return tmp_path / "data" / "connections.db"


@pytest.fixture
def store(path):
    opened = Store.sqlite(path)
    yield opened
    opened.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def any_store(request, path):
    """A database of either kind: the statements are the same, and mean the same."""
    if request.param == "sqlite":
        opened = Store.sqlite(path)
    else:
        opened = Store.postgresql(request.getfixturevalue("new_database")())
    yield opened
    opened.close()


@pytest.fixture
def tx(any_store):
    """A transaction on a database of either kind."""
    with any_store.write() as transaction:
        yield transaction
