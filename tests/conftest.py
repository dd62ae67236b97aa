"""What all rooms share: the canary, the certified server, PostgreSQL, a clean environment."""

import certified
import machine
import postgres
import pytest
from canary import Canary

#: What an operator may set; a test begins without any of it.
_OURS = "JUPYTER_CONN"


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch):
    """A test sees no setting of the person who runs it."""
    import os

    for name in list(os.environ):
        if name.startswith(_OURS):
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
