"""``jupyter connections key``, ``backup``, ``restore``, ``migrate``, ``doctor``: drills.

Real processes; what they are given and what they say is swept for key material.
"""

import base64
import json
import os
import pty
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = str(Path(sys.executable).with_name("jupyter-connections"))


@pytest.fixture
def data(tmp_path):
    return tmp_path / "data"


@pytest.fixture
def command(run, data):
    """Runs a command: what it said; ``piped`` is its standard input."""

    def go(*words, piped=None, code=0, **more):
        here = {
            "JUPYTER_CONNECTIONS_KEYRING": "0",
            "JUPYTER_CONNECTIONS_DATA_DIR": str(data),
        }
        found = run(*words, piped=piped or "", **here | more)
        assert code == found.returncode, found.stderr or found.stdout
        assert "Traceback" not in found.stderr
        return found

    return go


@pytest.fixture
def key_file(data):
    return data / "keys" / "master.key"


@pytest.fixture
def store(command, data):
    """A store with somebody's API key."""
    command(
        "service", "new", "--name", "Acme", "--auth-type", "bearer",
        "--base-url", "https://api.acme.example",
    )  # fmt: skip
    command(
        "new", "acme", "--name", "Acme", "--secret-stdin", "--private",
        piped=json.dumps({"token": "CNRY-acme-token"}),
    )  # fmt: skip
    return data / "connections.db"


def rows(store, statement):
    with sqlite3.connect(store) as database:
        found = database.execute(statement).fetchall()
    database.close()
    return found


def shows_no_key(key_file, *said):
    """Tell that no key, in no spelling, is in what was said."""
    for line in key_file.read_bytes().split():
        material = base64.b64decode(line)
        spellings = (line.decode(), material.hex(), base64.b32encode(material).decode())
        for text in said:
            assert not [each for each in spellings if each[:20] in text]
    return True


def test_Q27_Q28_rotate_status_retire(command, store, key_file):
    """The whole life of a key; the store works all along."""
    before = json.loads(command("key", "status", "--json").stdout)
    [old] = before["keys"]
    rotated = command("key", "rotate")
    after = json.loads(command("key", "status", "--json").stdout)
    newest = after["keys"][0]
    assert (True, True, old["rows"]) == (
        newest["newest"],
        newest["here"],
        newest["rows"],
    )
    assert f"A new key {newest['id']} seals everything" in rotated.stdout
    assert f"key retire {old['id']}" in rotated.stdout
    young = command("key", "retire", old["id"], code=1)
    assert "or with --at-once where nothing else runs" in young.stderr
    assert "is the newest" in command("key", "retire", newest["id"], code=1).stderr
    gone = command("key", "retire", old["id"], "--at-once")
    assert f"The key {old['id']} is gone" in gone.stdout
    shown = command("key", "status").stdout
    assert old["id"] not in shown
    assert newest["id"] in shown
    assert "Keys are in the generated key file" in shown
    assert shows_no_key(key_file, rotated.stdout, young.stderr, gone.stdout, shown)
    assert "nothing is wrong here" in command("doctor").stdout.lower()
    answer = json.loads(command("key", "rotate", "--json").stdout)
    assert (True, []) == (answer["added"], answer["left"])


def test_Q8_a_row_that_does_not_open_is_an_exit_code(command, store):
    """Rotation and doctor both name it."""
    rows(store, "UPDATE credentials SET holder = 'mallory'")
    said = command("key", "rotate", code=1).stdout
    assert "This row does not open and stays as it is: secrets " in said
    assert "jupyter connections authorize acme" in command("doctor", code=1).stdout
    found = json.loads(command("doctor", "--json", code=1).stdout)
    assert ["sealed rows", "rows by key"] == [
        each["name"] for each in found["items"] if each["state"] == "problem"
    ] or found["problems"] == 2


def test_F63_the_recovery_code_brings_a_lost_key_back(command, store, key_file):
    """From standard input, never from an argument; a wrong code is said plainly."""
    shown = command("key", "recovery-code")
    code = shown.stdout.strip()
    key_file.unlink()
    lost = command("key", "status", code=1)
    assert "is not here" in lost.stderr
    assert "not here" in lost.stdout
    wrong = ("B" if code[0] == "A" else "A") + code[1:]
    refused = command("key", "recover", piped=wrong, code=1)
    assert "The checksum of this recovery code is wrong" in refused.stderr
    back = command("key", "recover", piped=f"{code.lower()}\n")
    assert "is back, in the generated key file" in back.stdout
    assert shows_no_key(
        key_file, refused.stderr, back.stdout, lost.stderr, shown.stderr
    )
    assert code not in refused.stderr + back.stdout
    command("doctor")
    again = command("key", "recover", piped=code, code=1)
    assert "already" in again.stderr
    command("key", "recover", code, code=2)


def test_F63_at_a_terminal_the_code_is_typed_unseen(
    command, store, key_file, environ, data
):
    """What is typed is not echoed."""
    code = command("key", "recovery-code").stdout.strip()
    key_file.unlink()
    mine, theirs = pty.openpty()
    with subprocess.Popen(
        [SCRIPT, "key", "recover"],
        env=environ
        | {
            "JUPYTER_CONNECTIONS_KEYRING": "0",
            "JUPYTER_CONNECTIONS_DATA_DIR": str(data),
        },
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
    ) as process:
        os.close(theirs)
        seen = b""
        while b"Recovery code: " not in seen:
            seen += os.read(mine, 1000)
        os.write(mine, code.encode() + b"\n")
        try:
            while chunk := os.read(mine, 1000):
                seen += chunk
        except OSError:
            pass  # the other end is closed
        process.wait(60)
    os.close(mine)
    assert b"is back" in seen
    assert code.encode() not in seen
    assert key_file.exists()


def test_F63_the_code_of_another_store_is_refused(command, store, tmp_path):
    """It is whole, and opens nothing here."""
    other = {"JUPYTER_CONNECTIONS_DATA_DIR": str(tmp_path / "other")}
    command("list", **other)
    code = command("key", "recovery-code", **other).stdout
    said = command("key", "recover", piped=code, code=1).stderr
    assert "is the code of another store" in said


def test_the_code_is_of_everything_or_not_shown(command, store, key_file):
    """One code is one key."""
    first = key_file.read_text()
    command("key", "rotate")
    second = key_file.read_text().splitlines()[0]
    key_file.write_text(first + second + "\n")  # the old one seals again
    command("new", "acme", "--name", "Late", "--secret-stdin", "--private",
            piped=json.dumps({"token": "CNRY-late-token"}))  # fmt: skip
    assert "Run jupyter connections key rotate" in (
        command("key", "recovery-code", code=1).stderr
    )
    assert "The rotation that had begun is done" in command("key", "rotate").stdout
    command("key", "recovery-code")


def test_Q30_the_drill_backup_loss_restore(command, store, key_file, tmp_path):
    """What an operator should have done once before it matters."""
    copy = tmp_path / "backup.db"
    said = command("backup", str(copy)).stdout
    assert "The key is not in it" in said
    assert "is there already" in command("backup", str(copy), code=1).stderr
    kept = key_file.read_text()
    for file in (*store.parent.glob("connections.db*"), key_file):
        file.unlink()
    restored = command("restore", str(copy), code=1)
    assert f"{copy} is the store now" in restored.stdout
    assert "is not here" in restored.stderr
    key_file.parent.mkdir(mode=0o700, exist_ok=True)
    key_file.write_text(kept)
    key_file.chmod(0o600)
    command("doctor")
    assert "--replace" in command("restore", str(copy), code=1).stderr
    said = command("restore", str(copy), "--replace").stdout
    assert "What was there before is in" in said
    assert "acme" in command("list").stdout


def test_Q31_another_deployments_backup(command, store, key_file, tmp_path):
    """Refused, then adopted with its key file."""
    copy = tmp_path / "backup.db"
    command("backup", str(copy))
    other = {"JUPYTER_CONNECTIONS_DATA_DIR": str(tmp_path / "other")}
    command("service", "new", "--name", "Own", "--auth-type", "bearer",
            "--base-url", "https://own.example", **other)  # fmt: skip
    refused = command("restore", str(copy), "--replace", code=1, **other)
    assert "Add --adopt" in refused.stderr
    words = ("--replace", "--adopt", "--their-key", str(key_file))
    said = command("restore", str(copy), *words, **other).stdout
    assert "Sealed anew for this deployment: " in said
    command("doctor", **other)
    assert "connected" in command("list", **other).stdout


def test_F15_migrate_says_versions_and_makes_a_copy_first(command, data, tmp_path):
    """Nothing to do is said as well."""
    assert "There is no database" in command("migrate").stdout
    old = old_store(data)
    check = command("migrate", "--check", code=1).stdout
    assert "The tables are of version 0001, 0007 is needed" in check
    assert [("0001",)] == rows(old, "SELECT version_num FROM alembic_version")
    assert "Run jupyter connections migrate" in command("doctor", code=1).stdout
    assert [("0001",)] == rows(old, "SELECT version_num FROM alembic_version")
    said = command("migrate").stdout
    assert "The tables were of version 0001 and are of 0007" in said
    copy = data / "connections.db.0001.bak"
    assert f"A copy from before is in {copy}" in said
    assert [("0001",)] == rows(copy, "SELECT version_num FROM alembic_version")
    assert "up to date" in command("migrate").stdout


def old_store(data):
    """Make a database as the first version made it."""
    import sqlalchemy as sa
    from alembic import command as alembic
    from alembic.config import Config

    import conn_core.store as room

    data.mkdir(mode=0o700)
    file = data / "connections.db"
    file.touch(0o600)
    engine = sa.create_engine(f"sqlite:///{file}")
    config = Config()
    folder = Path(room.__file__).parent / "migrations"
    config.set_main_option("script_location", str(folder))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        alembic.upgrade(config, "0001")
    engine.dispose()
    return file


def test_on_postgresql_the_commands_of_postgresql_are_shown(
    command, new_database, tmp_path
):
    """Without the password, and so that they work when they are pasted."""
    address = tmp_path / "address"
    url = new_database()
    address.write_text(url)
    there = {"JUPYTER_CONNECTIONS_DATABASE_URL_FILE": str(address)}
    assert "No key is there yet" in command("key", "status", **there).stdout
    command("key", "rotate", **there)
    said = command("backup", str(tmp_path / "b.dump"), **there).stdout
    assert "The key is not in it" in said
    [line] = [line for line in said.splitlines() if line.startswith("pg_dump")]
    subprocess.run(line, shell=True, check=True, timeout=60)
    restore = command("restore", str(tmp_path / "b.dump"), **there).stdout
    [line] = [line for line in restore.splitlines() if line.startswith("pg_restore")]
    subprocess.run(line, shell=True, check=True, timeout=60)
    command("doctor", **there)
    assert "up to date" in command("migrate", **there).stdout
    address.write_text("postgresql://sam:CNRY-word@127.0.0.1:1/none")
    shown = command("backup", "x.dump", **there).stdout
    assert "CNRY" not in shown
    assert "postgresql://sam@127.0.0.1:1/none" in shown


def test_an_address_that_cannot_be_read_is_said(command, tmp_path):
    """By every command alike."""
    nowhere = {"JUPYTER_CONNECTIONS_DATABASE_URL_FILE": str(tmp_path / "no")}
    for words in (["key", "status"], ["backup", "x"], ["doctor"]):
        assert "cannot be read" in command(*words, code=1, **nowhere).stderr


def test_F55_doctor_salvages(command, store, tmp_path):
    """What can be read is in a new file, which restore takes."""
    rows(store, "PRAGMA wal_checkpoint(TRUNCATE)")
    copy = tmp_path / "salvaged.db"
    said = command("doctor", "--salvage", str(copy)).stdout
    assert f"rows are copied to {copy}" in said
    assert f"Then run jupyter connections restore {copy} --replace" in said
    command("restore", str(copy), "--replace")
    assert "acme" in command("list").stdout


def test_the_groups_of_commands_have_help(command):
    """``key --help`` and what it lists."""
    said = command("key", "--help").stdout
    for name in ("status", "rotate", "retire", "recovery-code", "recover"):
        assert name in said
    assert "key rotate" in command("--help").stdout
