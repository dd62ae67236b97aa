"""A pytest plugin that switches one defence off: ``-p switched_off --switched-off NAME``.

The modules that hold the defence are loaded with a few words of their source changed; the
files stay as they are. What the tests of that run start as other programs is not changed.
"""

import contextlib
import importlib.abc
import importlib.machinery
import importlib.util
import io
import os
import sys
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Self

ROOT = Path(__file__).resolve().parents[2]
TABLE = ROOT / "tests" / "defences" / "defences.toml"
#: Where the packages are that are not at the root.
_FOLDERS = ("server_ext/", "widgets/")


@dataclass(frozen=True)
class Change:
    """One place of a defence.

    Attributes:
        file: The file that holds it, from the root.
        cut: The words that are the defence; they are in the file once.
        put: What stands there when it is off.
    """

    file: str
    cut: str
    put: str

    @property
    def module(self) -> str:
        """The name that the file is imported by."""
        path = self.file
        for folder in _FOLDERS:
            path = path.removeprefix(folder)
        return path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")

    def made_in(self, source: str) -> str:
        """Return the source with this place changed."""
        assert source.count(self.cut) == 1, f"not there once: {self.cut}"
        return source.replace(self.cut, self.put)


@dataclass(frozen=True)
class Defence:
    """One defence.

    Attributes:
        name: What it sees to, as a sentence that is true while it is on.
        test: The test that fails when it is off, as pytest names it.
        changes: Where it is. Several places where one makes good for another.
    """

    name: str
    test: str
    changes: tuple[Change, ...]

    @classmethod
    def from_row(cls, row) -> Self:
        """Read a row of the table; ``also`` names further places, in its file or another."""
        first = {"file": row["file"], "cut": row["cut"], "put": row["put"]}
        places = [first, *({"file": row["file"]} | one for one in row.get("also", ()))]
        changes = tuple(Change(**one) for one in places)
        return cls(row["name"], row["test"], changes)

    @property
    def files(self) -> dict[str, str]:
        """The files that hold it, by the names that they are imported by."""
        return {one.module: one.file for one in self.changes}

    def without(self, file: str) -> str:
        """Return the source of one of its files with the defence off."""
        source = (ROOT / file).read_text()
        for one in self.changes:
            if one.file == file:
                source = one.made_in(source)
        return source


def all_defences() -> list[Defence]:
    """Return the table."""
    rows = tomllib.loads(TABLE.read_text())["defence"]
    return [Defence.from_row(row) for row in rows]


class _Loader(importlib.machinery.SourceFileLoader):
    def __init__(self, defence: Defence, module: str) -> None:
        super().__init__(module, str(ROOT / defence.files[module]))
        self._defence = defence

    def get_code(self, fullname):
        source = self._defence.without(self._defence.files[fullname])
        return self.source_to_code(source.encode(), self.path)


class _Finder(importlib.abc.MetaPathFinder):
    def __init__(self, defence: Defence) -> None:
        self._defence = defence

    def find_spec(self, fullname, path=None, target=None):
        if fullname not in self._defence.files:
            return None
        file = ROOT / self._defence.files[fullname]
        inner = [str(file.parent)] if file.name == "__init__.py" else None
        return importlib.util.spec_from_file_location(
            fullname,
            file,
            loader=_Loader(self._defence, fullname),
            submodule_search_locations=inner,
        )


def pytest_addoption(parser):
    """Say how the defence is named."""
    parser.addoption("--switched-off", metavar="NAME", help="the defence that is off")


def pytest_load_initial_conftests(early_config):
    """Change the module before any test can have imported it."""
    name = early_config.known_args_namespace.switched_off
    if name is None:
        return
    (defence,) = [one for one in all_defences() if one.name == name]
    loaded = sorted(defence.files.keys() & sys.modules.keys())
    assert not loaded, f"loaded already: {loaded}"
    sys.meta_path.insert(0, _Finder(defence))


def fails_without(name, test, folder, answers):
    """Run a test without a defence, in a process of its own that was forked for it.

    Args:
        name: The defence.
        test: The test.
        folder: Where its files go.
        answers: A queue for the exit code and what pytest printed.
    """
    import patience
    import pytest

    patience.SECONDS = 10.0
    os.chdir(ROOT)
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed):
        code = pytest.main(
            [
                *("-p", "switched_off", "--switched-off", name),
                # The libraries are there already: they have no asserts of interest.
                *("-W", "ignore::pytest.PytestAssertRewriteWarning"),
                *("-p", "no:cacheprovider", "--capture=no", "--no-header", "--quiet"),
                *("--exitfirst", "--tb=line", "-rf", "--basetemp", str(folder), test),
            ]
        )
    answers.put((int(code), printed.getvalue()))
