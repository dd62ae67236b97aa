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
def tx(request, path):
    """A transaction on a database of either kind."""
    if request.param == "sqlite":
        opened = Store.sqlite(path)
    else:
        opened = Store.postgresql(request.getfixturevalue("new_database")())
    with opened.write() as transaction:
        yield transaction
    opened.close()
