"""Deployments on SQLite and on PostgreSQL, a provider that keeps count, and processes."""

import os
import secrets

import pytest
import sqlalchemy as sa
from refresh_site import Place, Site, warm_up
from rotating_provider import RotatingProvider

#: How often each cell of the crash matrix is run: ``CRASH_REPEATS=200 pytest …``.
REPEATS = int(os.environ.get("CRASH_REPEATS", "1"))
#: The size of the crowd: ``CROWD=50x20 pytest …``.
CROWD = tuple(int(n) for n in os.environ.get("CROWD", "8x8").split("x"))


@pytest.fixture(scope="session", autouse=True)
def _forking():
    warm_up()


@pytest.fixture(scope="session")
def repeats():
    return range(REPEATS)


@pytest.fixture(scope="session")
def crowd():
    """How many processes, and threads in each."""
    return CROWD


@pytest.fixture(scope="session")
def postgres_template(postgres_url):
    """A database with our tables, which others are copied from."""
    from conn_core.store import Store

    admin = sa.create_engine(postgres_url, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(sa.text("CREATE DATABASE ours"))
    Store.postgresql(_other(postgres_url, "ours")).close()
    yield admin
    admin.dispose()


@pytest.fixture
def new_database(postgres_template, postgres_url):
    """Makes databases with our tables: ``new_database()`` returns an address."""
    made = []

    def make():
        name = f"t{secrets.token_hex(6)}"
        with postgres_template.connect() as connection:
            connection.execute(sa.text(f"CREATE DATABASE {name} TEMPLATE ours"))
        made.append(name)
        return _other(postgres_url, name)

    yield make
    with postgres_template.connect() as connection:
        for name in made:
            connection.execute(sa.text(f"DROP DATABASE {name} WITH (FORCE)"))


def _other(url, name):
    address = sa.make_url(url).set(database=name)
    return address.render_as_string(hide_password=False)


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request):
    """Which database a test runs on; tests that say nothing run on both."""
    return request.param


@pytest.fixture
def make_site(tmp_path, canary, request):
    """Makes deployments with one authorized connection: ``make_site(policy, database)``."""
    made = []

    def make(policy="strict", database="sqlite", **place):
        provider = RotatingProvider(policy, canary)
        folder = tmp_path / f"site{len(made)}"
        folder.mkdir()
        url = None
        if database == "postgresql":
            url = request.getfixturevalue("new_database")()
        where = Place(
            folder=folder / "data", catalog=folder / "catalog.toml", url=url, **place
        )
        site = Site(where, provider)
        made.append(site)
        site.connect()
        return site

    yield make
    for site in made:
        site.close()
        site.provider.close()


@pytest.fixture
def site(make_site, database):
    """One deployment with a strictly rotating provider, whose token has expired."""
    made = make_site("strict", database)
    made.later()
    return made


@pytest.fixture
def check_invariants(canary):
    """Checks what must hold whatever happened."""
    from invariants import check

    return lambda site: check(site, canary)
