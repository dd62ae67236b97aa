"""Failpoints do nothing without their switch."""

import inspect
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import conn_core
from conn_core import _failpoints

PACKAGE = Path(conn_core.__file__).parent


@pytest.mark.parametrize("name", sorted(_failpoints.NAMES))
def test_without_the_switch_every_place_is_passed(name):
    """One comparison with None, and on."""
    assert _failpoints._armed is None
    assert _failpoints.reach(name) is None
    assert 1 == inspect.getsource(_failpoints.reach).count("is not None")


def test_the_switch_is_read_once(monkeypatch):
    """Whoever can set variables later, from a notebook, cannot arm anything."""
    monkeypatch.setenv(_failpoints.VARIABLE, "refresh.before-lease:raise")
    assert _failpoints.reach("refresh.before-lease") is None


def test_every_place_is_in_the_code_and_has_a_name():
    """A name that nobody reaches tests nothing."""
    reached = {
        name
        for file in PACKAGE.rglob("*.py")
        for name in re.findall(r'\breach\("([^"]+)"\)', file.read_text())
    }
    assert _failpoints.NAMES == reached


def run(switch, name="refresh.before-lease"):
    program = f"from conn_core._failpoints import reach; reach({name!r}); print('on')"
    return subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, _failpoints.VARIABLE: switch},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_the_switch_kills_at_its_place_and_nowhere_else():
    """By SIGKILL, as a power cut would."""
    assert -9 == run("refresh.before-lease").returncode
    assert "on\n" == run("refresh.after-commit").stdout
    assert "on\n" == run("refresh.before-lease:sleep=0.01").stdout
    assert "Reached: refresh.before-lease" in run("refresh.before-lease:raise").stderr


@pytest.mark.parametrize("switch", ["nowhere", "refresh.before-lease:explode"])
def test_a_switch_that_means_nothing_is_an_error(switch):
    """A test that kills nobody proves nothing."""
    assert "names no place or no action" in run(switch).stderr


def test_the_switch_may_wait_for_a_later_time():
    """A row in the middle is reached after those before it."""
    program = (
        "from conn_core._failpoints import reach\n"
        "for n in range(3): print(n, flush=True); reach('rotate.row')"
    )
    found = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, _failpoints.VARIABLE: "rotate.row:kill=2"},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert (-9, "0\n1\n") == (found.returncode, found.stdout)
