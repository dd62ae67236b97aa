"""Each problem is found, by name, with the command that mends it."""

from dataclasses import dataclass, field
from importlib import metadata

import pytest
import sqlalchemy as sa

from conn_core import Secret
from conn_core.broker import open_core, rotate, write_handle
from conn_core.doctor import _account, _store, address_in
from conn_core.errors import InvalidInput, ProviderUnavailable
from conn_core.store import Store, _sqlite

DAY = 86_400.0


def only(problems):
    """Return the one problem."""
    assert 1 == len(problems), problems
    return problems[0]


def command_for(place, name, **changes):
    """Return the command for the one problem of a name."""
    [found] = [
        f.command
        for f in place.says(**changes)
        if (f.name, f.state) == (name, "problem")
    ]
    return found


def test_a_healthy_place_has_no_problem(place):
    """And everything that was looked at is said."""
    assert [] == place.problems()
    names = [f.name for f in place.says()]
    assert ["versions", "folder", "locks", "database", "key", "sealed rows"] == names[
        :6
    ]
    assert "audit log" in names


def test_the_doctor_makes_nothing(tmp_path, place):
    """Where nothing is there, nothing is there afterwards."""
    folder = tmp_path / "nowhere"
    assert [] == place.problems(settings={"data_dir": folder})
    assert not folder.exists()


def test_the_doctor_changes_nothing(place):
    """Looking twice finds the same."""
    before = place.sql("SELECT count(*) FROM events"), place.sql("SELECT * FROM audit")
    assert place.says() == place.says()
    assert before == (
        place.sql("SELECT count(*) FROM events"),
        place.sql("SELECT * FROM audit"),
    )


def test_X1_a_package_that_is_too_old_is_named(place, monkeypatch):
    """With the line that installs a newer one."""
    monkeypatch.setattr(_account.metadata, "requires", lambda _: ["httpx>=99", "nix>1"])
    here = metadata.version("httpx")
    assert ("versions", f"httpx {here} is installed, and >=99 is needed") == only(
        place.problems()
    )
    assert "Run %pip install --upgrade 'httpx>=99'" == command_for(place, "versions")


@pytest.mark.parametrize(
    ("what", "mode", "mend"),
    [
        (".", 0o755, "chmod 700"),
        ("connections.db", 0o644, "chmod 600"),
        ("keys", 0o755, "chmod 700"),
        ("keys/master.key", 0o640, "chmod 600"),
    ],
)
def test_Q26_what_others_can_read_is_named(place, what, mode, mend):
    """Folder, database, key folder and key file."""
    path = place.settings.data_dir / what
    path.chmod(mode)
    found = [f for f in place.says() if (f.name, f.state) == ("folder", "problem")]
    assert [f"Run {mend} '{path}'"] == [f.command for f in found]
    assert f"(mode {mode:o})" in found[0].text


def test_U4_what_jobs_leave_for_others_to_read_is_named(place, tmp_path):
    """jupyter-scheduler's own database: it holds the errors of everybody's cells."""
    file = tmp_path / "scheduler.sqlite"
    assert [] == place.problems(scheduler=file)

    file.touch(mode=0o644)
    found = [f for f in place.says(scheduler=file) if f.name == "jobs"]
    assert [("problem", f"Run chmod 600 '{file}'")] == [
        (f.state, f.command) for f in found
    ]
    assert f"Other people can read {file} (mode 644)" == found[0].text

    file.chmod(0o600)
    assert ["ok"] == [f.state for f in place.says(scheduler=file) if f.name == "jobs"]


def test_files_of_somebody_else_are_named(place, monkeypatch):
    """Whoever owns a file reads it whatever its mode is."""
    monkeypatch.setattr(_account.os, "getuid", lambda: 12345)
    found = [text for name, text in place.problems() if name == "folder"]
    assert f"{place.file} belongs to somebody else" in found


def test_F56_a_folder_without_locks_is_named(place, monkeypatch):
    """Refreshes would end each other's authorizations there."""
    monkeypatch.setattr(_sqlite, "_lock", lambda _: True)
    found = [text for name, text in place.problems() if name == "locks"]
    assert found
    assert found[0].startswith("Two can lock the same file")


def test_F56_a_network_file_system_is_noted(place, monkeypatch):
    """It works, slowly, and only as well as its locks."""
    monkeypatch.setattr(_account, "journal_mode_for", lambda _: "DELETE")
    [found] = [f for f in place.says() if f.name == "locks"]
    assert ("note", True) == (found.state, "network file system" in found.text)


def test_F55_a_damaged_database_is_named_and_nothing_else_is_tried(place):
    """With the two commands that bring back what can be read."""
    place.sql("PRAGMA wal_checkpoint(TRUNCATE)")
    content = bytearray(place.file.read_bytes())
    for offset in range(8192, len(content), 4096):
        content[offset : offset + 64] = b"\xff" * 64
    place.file.write_bytes(content)
    name, text = only(place.problems())
    assert ("database", True) == (name, "is damaged" in text)
    assert "--salvage FILE" in command_for(place, "database")
    assert bytes(content) == place.file.read_bytes()


def test_F15_old_tables_are_named(place):
    """Migrating is a command, and makes a copy first."""
    place.sql("UPDATE alembic_version SET version_num = '0006'")
    name, text = only(place.problems())
    assert ("database", "The tables are of version 0006, 0007 is needed") == (
        name,
        text,
    )
    assert "Run jupyter connections migrate" == command_for(place, "database")
    place.sql("UPDATE alembic_version SET version_num = '9999'")
    assert "newer version" in only(place.problems())[1]


def test_F60_Q19_a_missing_key_is_named(place):
    """With what the key source says that helps."""
    (place.settings.data_dir / "keys" / "master.key").unlink()
    name, text = only(place.problems())
    assert ("key", True) == (name, "is not here" in text)


def test_F66_a_rotation_that_was_given_up_is_named(place):
    """With the counts by key."""
    from conn_core.vault import new_key

    core = open_core(place.settings)
    core.vault.add_key(new_key())
    core.close()
    name, text = only(place.problems())
    assert ("rows by key", True) == (name, "a rotation is not at its end" in text)
    core = open_core(place.settings)
    rotate(core, by="ada")
    core.close()
    assert [] == place.problems()


def test_a_key_that_is_gone_while_another_is_here_is_named(place):
    """Such as one that was taken out of the file by hand too early."""
    key_file = place.settings.data_dir / "keys" / "master.key"
    old = key_file.read_text()
    core = open_core(place.settings)
    rotate(core, by="ada")
    core.close()
    key_file.write_text(old)
    found = dict(place.problems())
    assert "which is not here" in found["rows by key"]


def test_Q8_rows_that_do_not_open_are_named_by_what_people_know(place):
    """The connection and the service, with the command for each."""
    place.sql("UPDATE credentials SET holder = 'mallory'")
    place.sql("UPDATE registrations SET client_id = 'other'")
    found = {f.command: f.text for f in place.says() if f.name == "sealed rows"}
    assert {"Run %conn authorize keyed", "Run %conn service register expenses"} == set(
        found
    )
    assert found["Run %conn authorize keyed"].startswith(
        "The credentials of 'keyed' do"
    )


def test_Q5_a_log_that_was_cut_is_named(place):
    """The audit log knows its own end."""
    place.sql("DELETE FROM audit WHERE seq = (SELECT max(seq) FROM audit)")
    assert "audit log" in dict(place.problems())
    place.sql("UPDATE deployment_secrets SET sealed = x'00'")
    found = dict(place.problems())
    assert "The row audit of deployment_secrets does not open" in found["sealed rows"]


def test_refreshes_that_were_interrupted_are_named(place):
    """Some while after they began; one that is under way is none."""
    place.sql("UPDATE credentials SET attempt = generation + 1, attempt_at = ?", 1000.0)
    name, text = only(place.problems())
    assert ("refreshes", True) == (name, "'keyed' was interrupted" in text)
    assert "Run %conn refresh keyed" == command_for(place, "refreshes")
    assert [] == place.problems(now=1100.0)


def test_client_secrets_that_end_are_named(place):
    """Soon is a note, over is a problem, and so is a client that is refused."""
    place.sql("UPDATE registrations SET secret_expires_at = ?", 10 * DAY)
    assert [] == place.problems(now=0.0)
    [soon] = [f for f in place.says(now=0.0) if f.name == "client secrets"]
    assert ("note", "The client secret of expenses ends on 1970-01-11") == (
        soon.state,
        soon.text,
    )
    _, text = only(place.problems(now=11 * DAY))
    assert "The client secret of expenses ended on 1970-01-11" == text
    place.sql("UPDATE registrations SET refused_at = 1, refused_because = 'No client'")
    place.sql("UPDATE registrations SET secret_expires_at = NULL")
    assert ("client secrets", "No client") == only(place.problems())


def test_grants_that_lead_nowhere_are_named(place):
    """A job that shows one gets nothing."""
    place.sql(
        "INSERT INTO grants (id, name, owner, digest, exposure, created_at, expires_at)"
        " VALUES ('g1', 'nightly', 'sam', 'd', 'sealed', 0, 9e9)"
    )
    name, text = only(place.problems())
    assert ("grants", True) == (name, "'nightly' of sam" in text)


def test_answers_that_were_kept_aside_are_noted(place):
    """Nobody needs them, and nobody deleted them."""
    folder = place.settings.data_dir / "spill"
    folder.mkdir(mode=0o700, exist_ok=True)
    (folder / "some.process.orphan").write_bytes(b"{}\n")
    [found] = [f for f in place.says() if f.name == "answers kept aside"]
    assert "note" == found.state


# --- the clock ------------------------------------------------------------------------


@dataclass
class Clocked:
    """A service that says a time, or nothing."""

    date: str | None
    asked: list = field(default_factory=list)

    def get(self, url, *, headers, timeout=None):
        self.asked.append((url, headers))
        if self.date is None:
            raise ProviderUnavailable("It does not answer")
        return type("Answer", (), {"headers": {"date": self.date}})


def test_a_clock_that_is_wrong_is_named(place):
    """A service in use says the time; no credential is shown to it."""
    there = Clocked("Wed, 18 Nov 2026 11:06:40 GMT")
    assert [] == place.problems(way_out=there, now=1_795_000_000.0)
    late = place.problems(way_out=there, now=1_795_000_000.0 + 600)
    early = place.problems(way_out=there, now=1_795_000_000.0 - 600)
    assert "is 600 seconds ahead of that of" in only(late)[1]
    assert "is 600 seconds behind that of" in only(early)[1]
    assert {"{}"} == {str(headers) for _, headers in there.asked}


@pytest.mark.parametrize("date", [None, "yesterday"])
def test_a_service_that_says_no_time_is_no_problem(place, date):
    """It may be down, or a firewall may say something in its place."""
    [found] = [f for f in place.says(way_out=Clocked(date)) if f.name == "clock"]
    assert ("note", "No service that is in use said its time") == (
        found.state,
        found.text,
    )


# --- what is around -------------------------------------------------------------------


def test_D20_a_hub_without_subdomains_is_noted(place):
    """As JupyterHub's own documentation says it."""
    hub = {"JUPYTERHUB_SERVICE_PREFIX": "/user/sam/"}
    [found] = [f for f in place.says(environ=hub) if f.name == "hub"]
    assert ("note", "Set c.JupyterHub.subdomain_host") == (found.state, found.command)
    hub["JUPYTERHUB_HOST"] = "https://sam.hub.example"
    assert "hub" not in [f.name for f in place.says(environ=hub)]


def test_the_handle_of_the_server_is_looked_at(place, canary):
    """Missing, in order, and readable for others."""
    endpoint = "http://127.0.0.1:8888/connections/"
    environ = {"JUPYTER_CONNECTIONS_ENDPOINT": endpoint}
    runtime = place.settings.runtime_dir
    runtime.mkdir()
    assert "left no handle" in only(place.problems(environ=environ))[1]
    file = write_handle(runtime, endpoint=endpoint, bearer=Secret(canary("bearer")))
    assert [] == place.problems(environ=environ)
    file.chmod(0o644)
    name, text = only(place.problems(environ=environ))
    assert ("handle", True) == (name, "is not trusted" in text)
    assert "CNRY" not in str(place.says(environ=environ))


def test_redirect_urls_are_said(place):
    """What must be registered with a service begins with it."""
    url = "https://lab.example/connections/"
    [found] = [
        f for f in place.says(settings={"public_url": url}) if f.name == "redirect URL"
    ]
    assert f"Services send browsers back to {url}callback/…" == found.text


def test_the_database_may_be_elsewhere(place, new_database, tmp_path):
    """PostgreSQL: reached, up to date, and with a clock of its own."""
    import time

    address = tmp_path / "address"
    address.write_text(new_database() + "\n")
    there = address_in({"JUPYTER_CONNECTIONS_DATABASE_URL_FILE": str(address)})
    found = place.says(database=there, now=time.time())
    assert [] == [f for f in found if f.state == "problem"]
    texts = [f.text for f in found]
    assert "The clock here and the database server's agree" in texts
    assert "The database answers, its tables of version 0007" in texts
    assert "There is no key yet: the first use makes it" in texts


def test_F73_a_database_of_a_newer_version_is_named_with_what_helps(
    place, new_database
):
    """A migration would refuse it: the program has to become newer."""
    url = new_database()
    store = Store.postgresql(url)
    with store.write() as tx:
        tx.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    store.close()
    [(name, text)] = place.problems(database=Secret(url))
    assert ("database", True) == (name, "which a newer version" in text)
    assert "Run pip install --upgrade jupyter-connections" in [
        f.command for f in place.says(database=Secret(url))
    ]


def test_a_database_that_does_not_answer_is_named(place):
    """Without its password."""
    there = Secret("postgresql://sam:CNRY-word@127.0.0.1:1/none")
    [(name, text)] = place.problems(database=there)
    assert ("database", False) == (name, "CNRY" in text)


def test_an_empty_database_is_named(place, postgres_url):
    """Tables are made by a command, not by a look."""
    there = Secret(postgres_url)
    [(name, text)] = place.problems(database=there)
    assert ("database", "The tables are of version none, 0007 is needed") == (
        name,
        text,
    )


def test_an_address_that_cannot_be_read_is_said(tmp_path):
    """And none is asked for where none is named."""
    assert address_in({}) is None
    with pytest.raises(InvalidInput, match="cannot be read"):
        address_in({"JUPYTER_CONNECTIONS_DATABASE_URL_FILE": str(tmp_path / "no")})


def test_what_breaks_in_the_middle_is_one_more_problem(place, monkeypatch):
    """The rest was said before."""

    def refuse(*_args, **_rest):
        raise ProviderUnavailable("It broke", "Mend it")

    monkeypatch.setattr(_store, "key_status", refuse)
    assert [("database", "It broke")] == place.problems()
