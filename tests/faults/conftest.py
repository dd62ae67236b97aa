"""Deployments on SQLite and on PostgreSQL, a provider that keeps count, and processes."""

import os

import pytest
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
