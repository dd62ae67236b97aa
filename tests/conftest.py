"""What all rooms share: the canary, the certified server, PostgreSQL, a clean environment."""

import signal

import certified
import coverage
import hypothesis
import machine
import postgres
import pytest
from canary import Canary

#: What an operator may set; a test begins without any of it.
_OURS = "JUPYTER_CONN"


def pytest_configure(config):
    """Leave nothing to chance."""
    _take_ctrl_c()
    _try_the_same_examples(config)


def _take_ctrl_c():
    """Take Ctrl-C as a person's terminal sends it.

    A shell in the background lets its children ignore it, and they theirs: the commands
    that are tested would never hear of it.
    """
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def _try_the_same_examples(config):
    """Let hypothesis find tomorrow what it finds today, and be no judge of speed.

    ``--hypothesis-profile=default`` tries others.
    """
    if config.getoption("hypothesis_profile", None):
        return
    hypothesis.settings.register_profile(
        "gate",
        derandomize=True,
        database=None,
        deadline=None,
        suppress_health_check=[hypothesis.HealthCheck.too_slow],
    )
    hypothesis.settings.load_profile("gate")


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session):
    """Keep what a worker has measured: it may be ended before it does so itself."""
    if hasattr(session.config, "workerinput"):
        measuring = coverage.Coverage.current()
        if measuring is not None:
            measuring.save()


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch):
    """A test sees no setting of the person who runs it, nor the width of their window."""
    import os

    for name in list(os.environ):
        if name.startswith(_OURS) or name in {"COLUMNS", "LINES"}:
            monkeypatch.delenv(name)


@pytest.fixture
def canary():
    """Makes unique secrets, and finds them where they must not be."""
    return Canary()


@pytest.fixture
def start_certified_server(canary):
    """Starts certified authorization servers: ``start(ttl={"AccessToken": 5}, …)``."""
    import contextlib

    with contextlib.ExitStack() as stack:

        def start(**options):
            client = {
                "client_id": "coffee-client",
                "client_secret": canary("client-secret"),
            }
            return stack.enter_context(certified.running(**(client | options)))

        yield start


@pytest.fixture
def certified_server(start_certified_server):
    """A certified authorization server with its API."""
    return start_certified_server()


@pytest.fixture(scope="session")
def postgres_url():
    """The address of an empty PostgreSQL database."""
    programs = machine.find_postgres()
    assert programs, "PostgreSQL is missing: make parts"
    with postgres.running(programs) as url:
        yield url


@pytest.fixture(scope="session")
def postgres_template(postgres_url):
    """A database with our tables, which others are copied from."""
    import sqlalchemy as sa

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
    import secrets

    import sqlalchemy as sa

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
    from sqlalchemy import make_url

    address = make_url(url).set(database=name)
    return address.render_as_string(hide_password=False)
