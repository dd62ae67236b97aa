"""``jupyter connections audit``: read, verified and trimmed at a terminal."""

import json
import sqlite3
import sys
from pathlib import Path

import pytest

SCRIPT = str(Path(sys.executable).with_name("jupyter-connections"))
CATALOGUE = """
[[service]]
id = "herbs"
name = "Herbs"
auth_type = "api_key"
api_base_url = "https://api.herbs.example"
api_hosts = ["api.herbs.example"]
"""


@pytest.fixture
def environ(environ, tmp_path):
    """A terminal whose store is its own."""
    (tmp_path / "shops.toml").write_text(CATALOGUE)
    return environ | {
        "JUPYTER_CONNECTIONS_KEYRING": "0",
        "JUPYTER_CONNECTIONS_CATALOG": str(tmp_path / "shops.toml"),
        "JUPYTER_CONNECTIONS_DATA_DIR": str(tmp_path / "store"),
    }


@pytest.fixture
def pipe(run):
    """Runs a command; returns what it said."""

    def go(*words, piped="", code=0):
        done = run(*words, piped=piped)
        assert code == done.returncode, done.stderr
        return done.stdout + done.stderr

    return go


@pytest.fixture
def happened(pipe, canary):
    """A connection that was made and suspended."""
    secret = canary("api-key")
    piped = json.dumps({"api_key": secret})
    pipe("new", "herbs", "--name", "Garden", "--secret-stdin", piped=piped)
    pipe("revoke", "garden", "-y")
    return secret


def test_the_log_is_listed_verified_and_trimmed(pipe, happened, tmp_path):
    """Exit code 1 where somebody changed it; no secret anywhere."""
    listed = pipe("audit", "list")
    assert "revoke" in listed.splitlines()[0]
    assert "/garden" in listed
    assert happened not in listed
    found = json.loads(pipe("audit", "list", "--action", "create", "--json"))
    assert ["create"] == [line["action"] for line in found["items"]]
    assert "Nothing has happened yet" in pipe("audit", "list", "nothing-like-it")

    assert "all as they were written" in pipe("audit", "verify")
    assert json.loads(pipe("audit", "verify", "--json"))["whole"]

    assert "0 lines were deleted" in pipe("audit", "trim", "--before", "2001-01-01")
    with sqlite3.connect(tmp_path / "store" / "connections.db") as database:
        database.execute("UPDATE audit SET actor = 'ada' WHERE action = 'revoke'")
    database.close()
    said = pipe("audit", "verify", code=1)
    assert "is not as it was written" in said
    assert "Nothing was trimmed" in pipe(
        "audit", "trim", "--before", "2101-01-01", code=1
    )
    trimmed = pipe("audit", "trim", "--before", "2101-01-01", "--even-broken")
    assert "lines were deleted" in trimmed


def test_M16_a_leaked_secret_is_traced(pipe, happened, canary):
    """It is piped in, never an argument; what is said does not hold it."""
    said = pipe("audit", "search", piped=f"{happened}\n")
    first, *rest = said.splitlines()
    assert "/garden (herbs), obtained" in first
    assert "the latest one" in first
    assert any("revoke" in line and "--at-provider" in line for line in rest)
    found = json.loads(pipe("audit", "search", "--json", piped=f"{happened}\n"))
    assert ["authorize"] == [one["obtained"]["action"] for one in found["items"]]
    canary.sweep(texts={"said": said, "json": json.dumps(found)})


def test_M16_a_token_that_never_came_is_told_by_the_exit_code(pipe, happened, canary):
    """And what was typed is not repeated."""
    other = canary("other-token")
    said = pipe("audit", "search", piped=f"{other}\n", code=1)
    assert "The log knows nothing of this token" in said
    canary.sweep(texts={"said": said})
    assert "There is no token to look for" in pipe("audit", "search", code=1)
