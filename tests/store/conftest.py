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
