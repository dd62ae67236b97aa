"""A test that failed beside others is run again alone, and never in silence."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).resolve().parents[1] / "scripts" / "once_more.py"


@pytest.fixture
def again(tmp_path):
    """Runs the script where so many tests failed, all of them this one."""

    def go(body, times=1):
        (tmp_path / "test_it.py").write_text(f"def test_it():\n    {body}\n")
        cache = tmp_path / ".pytest_cache" / "v" / "cache"
        cache.mkdir(parents=True)
        names = ["test_it.py::test_it", *(f"test_{n}.py" for n in range(1, times))]
        (cache / "lastfailed").write_text(json.dumps(dict.fromkeys(names, True)))
        return _once_more(tmp_path)

    return go


def _once_more(folder, code="1"):
    return subprocess.run(
        [sys.executable, SCRIPT, code],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )


def test_what_passes_alone_is_named_last(again):
    """The gate goes on, and says what wants to be mended."""
    done = again("pass")
    assert 0 == done.returncode, done.stderr
    last = "PASSED ALONE, so it wants to be mended:\n  test_it.py::test_it\n"
    assert done.stdout.endswith(last)


def test_what_fails_again_is_a_failure(again):
    """With the exit code of pytest."""
    assert 1 == again("assert False").returncode


def test_many_failures_are_no_accident(again):
    """None of them is run again."""
    done = again("pass", times=4)
    assert 1 == done.returncode
    assert "4 tests failed: none is run again" in done.stderr


def test_a_failure_without_a_failed_test_is_a_failure(tmp_path):
    """There is nothing to run again."""
    done = _once_more(tmp_path)
    assert 1 == done.returncode
    assert "No tests failed: none is run again" in done.stderr


@pytest.mark.parametrize("code", ["2", "3", "137"])
def test_a_run_that_was_broken_off_is_a_failure(again, tmp_path, code):
    """One test failed in it and would pass alone, but others have not run at all."""
    again("pass")
    done = _once_more(tmp_path, code)
    assert 1 == done.returncode
    assert "did not run to their end" in done.stderr
