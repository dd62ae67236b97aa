"""What a process loads that opens the store only to use a connection, as a kernel does."""

import subprocess
import sys

import pytest

from conn_core import ConnectionDraft

PROGRAM = """
import sys
from pathlib import Path

from conn_core import Settings
from conn_core.broker import resolve

data, catalog = map(Path, sys.argv[1:])
settings = Settings(
    data_dir=data, runtime_dir=data, user="sam", use_keyring=False, catalog_paths=(catalog,)
)
found = resolve(settings, {})
assert found.broker.access_token("key-desk").access_token.reveal()
found.close()
print(*sys.modules)
"""
#: Each would be paid for in every kernel.
NOT_FOR_A_VEND = {
    "alembic",
    "authlib",
    "joserfc",
    "keyring",
    "sqlalchemy.dialects.postgresql",
    "conn_core._drafts",
    "conn_core._job_drafts",
    "conn_core._service_draft",
}


@pytest.fixture
def loaded(world, canary):
    """The modules of a process that vended from the store of a person."""
    secret = {"api_key": canary("api-key")}
    draft = ConnectionDraft(service="key-desk", name="Key Desk", secret=secret)
    world.broker().create(draft)
    world.close()
    [catalog] = world.settings.catalog_paths
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, world.settings.data_dir, catalog],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    return set(done.stdout.split())


def test_P17_a_vend_loads_nothing_that_only_changes_connections(loaded):
    """Neither drafts nor migrations, nor the database that it does not use."""
    assert set() == NOT_FOR_A_VEND & loaded
    assert {"conn_core.broker._local", "sqlalchemy.dialects.sqlite"} <= loaded
