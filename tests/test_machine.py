"""What is missing on a machine is named, with the command that brings it."""

import machine
import pytest


@pytest.fixture
def bare_machine(monkeypatch):
    """A machine without any part, where nothing may be installed."""
    monkeypatch.setattr(machine.shutil, "which", lambda name: None)
    monkeypatch.setattr(machine, "POSTGRES_FOLDERS", ())
    monkeypatch.setattr(machine, "_chromium_of_playwright", lambda: None)
    monkeypatch.setattr(machine, "_run", lambda *command: None)
    monkeypatch.delenv("CHROMIUM", raising=False)
    monkeypatch.setattr(machine, "find_glewlwyd", lambda: None)
    monkeypatch.setattr(machine, "find_nginx", lambda: None)


@pytest.mark.parametrize(
    ("part", "words"),
    [
        ("node", "Missing: Node 20 or newer with npm"),
        ("chromium", "make CHROMIUM=/path/to/it"),
        ("postgres", "apt-get install postgresql"),
        ("glewlwyd", "apt-get install glewlwyd"),
        ("nginx", "apt-get install nginx"),
    ],
)
def test_a_missing_part_is_named_and_fails(bare_machine, capsys, part, words):
    """The set-up stops before the tests, with a sentence and not a skip."""
    assert 1 == machine.main([part])
    assert words in capsys.readouterr().err


def test_all_missing_parts_are_named_at_once(bare_machine, capsys):
    """Nobody wants to learn of them one by one."""
    assert 1 == machine.main(["node", "chromium", "postgres", "glewlwyd", "nginx"])
    assert 5 == capsys.readouterr().err.count("Missing: ")


def test_a_browser_that_was_named_but_is_not_there_is_not_replaced(monkeypatch, capsys):
    """Whoever names one wants that one."""
    monkeypatch.setenv("CHROMIUM", "/nowhere/chromium")

    assert 1 == machine.main(["chromium"])
    assert "CHROMIUM names a browser that is not there" in capsys.readouterr().err


def test_what_is_there_is_left_alone(monkeypatch):
    """The suite runs, so every part is there, and no installer is called."""
    monkeypatch.setattr(machine, "_apt", lambda *packages: pytest.fail("installed"))
    monkeypatch.setattr(machine, "_unpack", lambda *rest: pytest.fail("unpacked"))

    assert 0 == machine.main(list(machine.PARTS))
