"""A patient: a store with a connection in a fresh folder, and whatever is done to it."""

import json
import sqlite3
from dataclasses import replace
from pathlib import Path

import pytest

from conn_core import ClientRegistration, ConnectionDraft, Settings
from conn_core.broker import open_core
from conn_core.doctor import Patient, examine

CATALOG = Path(__file__).parents[1] / "core" / "services.toml"
NOW = 1_795_000_000.0


class Place:
    """A deployment and what its doctor says."""

    def __init__(self, settings, secret):
        self.settings = settings
        self.file = settings.data_dir / "connections.db"
        with_key = ClientRegistration(client_id="desk-client", client_secret=secret)
        core = open_core(settings, clock=lambda: NOW)
        sam = core.acting_as("sam")
        sam.register_client("expenses", with_key)
        sam.create(ConnectionDraft(service="key-desk", name="Keyed"))
        sam.authorize("keyed", secret={"api_key": secret})
        core.close()

    def says(self, *, now=NOW, environ=None, **changes):
        """Return what is found, by name; every problem has a command."""
        settings = replace(self.settings, **changes.pop("settings", {}))
        patient = Patient(settings=settings, environ=environ or {}, now=now, **changes)
        found = examine(patient)
        for finding in found:
            assert finding.text
            assert not finding.text.endswith(".") or "’" in finding.text
            assert (finding.state != "problem") or finding.command
            json.dumps(finding.to_json())
        return found

    def problems(self, **changes):
        """Return the problems as pairs of a name and a text."""
        return [(f.name, f.text) for f in self.says(**changes) if f.state == "problem"]

    def sql(self, statement, *values):
        """Do what somebody with the database file can do."""
        with sqlite3.connect(self.file) as database:
            found = database.execute(statement, values).fetchall()
        database.close()
        return found


@pytest.fixture
def place(tmp_path, canary):
    settings = Settings(
        data_dir=tmp_path / "data",
        runtime_dir=tmp_path / "run",
        user="sam",
        use_keyring=False,
        catalog_paths=(CATALOG,),
    )
    return Place(settings, canary("secret"))
