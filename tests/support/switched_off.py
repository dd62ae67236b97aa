"""A pytest plugin that switches one defence off: ``-p switched_off --switched-off NAME``.

The module that holds the defence is loaded with a few words of its source changed; the
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

ROOT = Path(__file__).resolve().parents[2]
TABLE = ROOT / "tests" / "defences" / "defences.toml"
#: Where the packages are that are not at the root.
_FOLDERS = ("server_ext/", "widgets/")


@dataclass(frozen=True)
class Defence:
    """One defence.

    Attributes:
        name: What it sees to, as a sentence that is true while it is on.
        file: The file that holds it, from the root.
        cut: The words that are the defence; they are in the file once.
        put: What stands there when it is off.
        test: The test that fails then, as pytest names it.
    """

    name: str
    file: str
    cut: str
    put: str
    test: str

    @property
    def module(self) -> str:
        """The name that the file is imported by."""
        path = self.file
        for folder in _FOLDERS:
            path = path.removeprefix(folder)
        return path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")

    def without(self, source: str) -> str:
        """Return the source with the defence off."""
        assert source.count(self.cut) == 1, f"not there once: {self.cut}"
        return source.replace(self.cut, self.put)


def all_defences() -> list[Defence]:
    """Return the table."""
    return [Defence(**row) for row in tomllib.loads(TABLE.read_text())["defence"]]


class _Loader(importlib.machinery.SourceFileLoader):
    def __init__(self, defence: Defence) -> None:
        super().__init__(defence.module, str(ROOT / defence.file))
        self._defence = defence

    def get_code(self, fullname):
        source = (ROOT / self._defence.file).read_text()
        return self.source_to_code(self._defence.without(source).encode(), self.path)


class _Finder(importlib.abc.MetaPathFinder):
    def __init__(self, defence: Defence) -> None:
        self._defence = defence

    def find_spec(self, fullname, path=None, target=None):
        if fullname != self._defence.module:
            return None
        file = ROOT / self._defence.file
        inner = [str(file.parent)] if file.name == "__init__.py" else None
        return importlib.util.spec_from_file_location(
            fullname,
            file,
            loader=_Loader(self._defence),
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
    assert defence.module not in sys.modules, f"loaded already: {defence.module}"
    sys.meta_path.insert(0, _Finder(defence))


def fails_without(name, test, folder, answers):
    """Run a test without a defence, in a process of its own that was forked for it.

    Args:
        name: The defence.
        test: The test.
        folder: Where its files go.
        answers: A queue for the exit code and what pytest printed.
    """
    import pytest

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
