"""The chain of the audit log: whoever can write the database is found out."""

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from audit_support import Log

from conn_core.errors import AuditUnavailable, Conflict

_WRITER = Path(__file__).with_name("audit_writer.py")


@pytest.fixture(params=["sqlite", "postgresql"])
def address(request, tmp_path):
    """Where an empty database of ours is."""
    if request.param == "sqlite":
        return str(tmp_path / "data" / "connections.db")
    return request.getfixturevalue("new_database")()


@pytest.fixture
def log(address):
    """A log that was begun."""
    made = Log.at(address)
    made.begin()
    yield made
    made.close()


@pytest.fixture
def written(log):
    """A log of five lines, all in the first chain."""
    for number in range(1, 6):
        log.write(f"line {number}")
    return log


def test_a_log_that_nobody_touched_is_whole(written):
    """Five lines of one writer."""
    report = written.verify()
    assert (True, 5, 1, ()) == (
        report.whole,
        report.lines,
        report.chains,
        report.problems,
    )


def test_a_log_without_a_line_is_whole(log):
    """Its chains were begun."""
    assert (True, 0, 0) == (
        log.verify().whole,
        log.verify().lines,
        log.verify().chains,
    )


@pytest.mark.parametrize(
    ("statement", "found"),
    [
        ("UPDATE audit SET actor = 'ada' WHERE number = 3", "line 3 (entry 3) is not"),
        ("UPDATE audit SET at = at + 1 WHERE number = 3", "line 3 (entry 3) is not"),
        ("UPDATE audit SET status = 200 WHERE number = 1", "line 1 (entry 1) is not"),
        ("UPDATE audit SET result = 'ok' WHERE number = 5", "line 5 (entry 5) is not"),
        ("DELETE FROM audit WHERE number = 3", "lines 3 to 3 are missing"),
        ("DELETE FROM audit WHERE number <= 2", "lines 1 to 2 are missing"),
        ("DELETE FROM audit WHERE number = 5", "its last lines are missing, 5 to 5"),
        ("DELETE FROM audit", "its last lines are missing, 1 to 5"),
        (
            "UPDATE audit SET number = 15 - number WHERE number > 3",
            "lines 4 to 9 are missing",
        ),
        ("DELETE FROM audit_heads WHERE writer = '00'", "it was taken away"),
        (
            "UPDATE audit_heads SET base = 1 WHERE writer = '00'",
            "line 1 was trimmed, and is there",
        ),
        (
            "UPDATE audit SET writer = '01' WHERE number > 4",
            "its last lines are missing, 5 to 5",
        ),
        ("UPDATE audit SET seq = 10 - seq WHERE number IN (1, 2)", "(entry 8) is not"),
    ],
    ids=[
        "actor",
        "time",
        "status",
        "result",
        "one",
        "beginning",
        "tail",
        "all",
        "renumbered",
        "head",
        "base",
        "moved",
        "reordered",
    ],
)
def test_M18_M19_what_was_changed_is_found(written, statement, found):
    """The first broken link is named, and only it."""
    written.sql(statement)
    report = written.verify()
    assert not report.whole
    assert found in report.problems[0]
    named = [problem[:8] for problem in report.problems]
    assert len(set(named)) == len(named)


def test_M19_a_tail_cut_off_with_its_head_turned_back_is_found(written):
    """Who moves the end as well cannot sign it."""
    (digest,) = written.sql("SELECT digest FROM audit WHERE number = 3")[0]
    written.sql("DELETE FROM audit WHERE number > 3")
    written.sql(
        "UPDATE audit_heads SET number = 3, digest = :d WHERE writer = '00'", d=digest
    )
    assert ("Chain 00: where it begins or ends was changed",) == (
        written.verify().problems
    )


def test_an_end_that_was_changed_is_not_healed_by_the_next_line(written):
    """The log goes on, and stays broken."""
    (digest,) = written.sql("SELECT digest FROM audit WHERE number = 3")[0]
    written.sql("DELETE FROM audit WHERE number > 3")
    written.sql(
        "UPDATE audit_heads SET number = 3, digest = :d WHERE writer = '00'", d=digest
    )
    written.write("line 6")
    written.write("line 7")
    report = written.verify()
    assert 5 == report.lines
    assert ("Chain 00: where it begins or ends was changed",) == report.problems


def test_lines_of_a_chain_that_is_none_are_found(written):
    """Somebody who invents a writer."""
    written.sql("UPDATE audit SET writer = '99' WHERE number = 5")
    assert "Lines of a chain '99' that is none" in written.verify().problems


def test_a_log_whose_key_was_taken_away_is_not_begun_anew(written):
    """A new key would make old lines unverifiable, and new ones look whole."""
    written.sql("DELETE FROM deployment_secrets")
    again = Log(written.store)
    again.begin()
    assert ("The audit log cannot be written: its key is gone",) == (
        again.verify().problems
    )
    with pytest.raises(AuditUnavailable):
        again.write("more")


def test_a_log_whose_chains_were_taken_away_cannot_be_written(written):
    """All of them."""
    written.sql("DELETE FROM audit_heads")
    with pytest.raises(AuditUnavailable, match="its chains are gone"):
        written.write("more")
    assert 32 == len(written.verify().problems)


def test_a_key_of_another_row_or_store_does_not_open(written):
    """It is bound to where it belongs."""
    written.sql("UPDATE deployment_secrets SET sealed = :s", s=b"\x01" * 90)
    again = Log(written.store)
    assert ("The audit log cannot be written: its key does not open",) == (
        again.verify().problems
    )


def test_M20_the_numbers_are_the_order_when_the_clock_jumps_back(log):
    """And the list shows them in it."""
    log.write("first", at=2000.0)
    log.write("second", at=1000.0)
    assert log.verify().whole
    shown = log.sql("SELECT detail FROM audit ORDER BY seq")
    assert [("first",), ("second",)] == shown


def test_M21_many_threads_write_at_once(log):
    """Nothing is lost, and no chain is broken."""

    def write(name):
        for number in range(10):
            log.write(f"{name}-{number}", "and another")

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(write, range(6)))
    report = log.verify()
    assert (True, 120) == (report.whole, report.lines)


def test_M21_many_processes_write_at_once(address):
    """Each begins the log; one of them does."""
    support = Path(__file__).parents[1] / "support"
    environ = os.environ | {"PYTHONPATH": str(support)}
    Log.at(address).close()
    writers = [
        subprocess.Popen(
            [sys.executable, str(_WRITER), address, f"p{number}", "10"], env=environ
        )
        for number in range(3)
    ]
    assert [0, 0, 0] == [writer.wait(60) for writer in writers]
    log = Log.at(address)
    report = log.verify()
    log.close()
    assert (True, 30) == (report.whole, report.lines)


def test_what_is_rolled_back_leaves_no_gap(log):
    """The chain is where the database says, not where somebody remembers."""

    def breaks_off():
        with log.store.write() as tx:
            log.auditing.write(tx, log.vault, {"at": 1.0, "actor": "sam"})
            msg = "it was not to be"
            raise RuntimeError(msg)

    with pytest.raises(RuntimeError):
        breaks_off()
    log.write("the first")
    assert (True, 1) == (log.verify().whole, log.verify().lines)


def test_M22_old_lines_go_and_that_they_went_stays(log):
    """Trimmed twice; every time a line says so, and the chain is whole."""
    for at in (100.0, 200.0, 300.0, 400.0):
        log.write(f"at {at}", at=at)
    assert 2 == log.trim(250.0)
    assert log.verify().whole
    actor, action, detail = log.sql(
        "SELECT actor, action, detail FROM audit ORDER BY seq DESC"
    )[0]
    assert ("root", "trim") == (actor, action)
    assert "2 lines from before 1970-01-01 deleted, up to line 2" == detail
    assert 1 == log.trim(350.0)
    assert 0 == log.trim(350.0)
    log.write("more")
    assert (True, 4) == (log.verify().whole, log.verify().lines)


def test_M22_what_is_cut_off_beyond_the_trimming_is_found(log):
    """The beginning is signed."""
    for at in (100.0, 200.0, 300.0, 400.0):
        log.write(f"at {at}", at=at)
    log.trim(150.0)
    log.sql("DELETE FROM audit WHERE number = 2")
    assert "Chain 00: lines 2 to 2 are missing" in log.verify().problems


def test_a_younger_line_is_kept_with_all_that_follows_it(log):
    """A clock that jumped back makes nothing go that a younger line stands before."""
    for at in (100.0, 400.0, 100.0):
        log.write(f"at {at}", at=at)
    assert 1 == log.trim(250.0)
    assert 3 == log.verify().lines


def test_a_broken_log_is_not_trimmed_unless_that_is_meant(written):
    """It would destroy what shows who did it; and trimming heals nothing."""
    written.sql("UPDATE audit_heads SET digest = :d WHERE writer = '00'", d="f" * 64)
    later = written.now + 10
    with pytest.raises(Conflict, match="Nothing was trimmed"):
        written.trim(later)
    assert 5 == written.trim(later, even_broken=True)
    assert not written.verify().whole


def test_long_chains_are_read_in_parts(log, monkeypatch):
    """Memory does not grow with the log."""
    from conn_core.store import audit_rows

    monkeypatch.setattr(audit_rows, "_AT_ONCE", 2)
    for number in range(4):
        log.write(f"{number}")
    assert (True, 4) == (log.verify().whole, log.verify().lines)
