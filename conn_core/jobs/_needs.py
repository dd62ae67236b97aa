"""Which connections a notebook uses, found without running it."""

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from .._job_values import Need
from .._tasks import TASKS
from ..errors import InvalidInput
from ._calls import Calls, Reader
from ._first_line import Mistyped, names_and_options, option_in
from ._naming import notebook_and_function
from ._python import cell_magic_of, is_python, parsed
from ._reading import Cell, code_cells
from ._secrets import secret_looking

#: Nobody's report takes functions from more.
_MOST_NOTEBOOKS: Final = 100
#: What a notebook brings when another one loads its functions: nothing else of it runs.
DEFINES: Final = (
    ast.AsyncFunctionDef,
    ast.ClassDef,
    ast.FunctionDef,
    ast.Import,
    ast.ImportFrom,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class NotebookNeeds:
    """What a notebook uses.

    Attributes:
        needs: The connections and tasks, each once, with all scopes asked for.
        undecided: Where a name is made only when it runs: a sentence each.
        secret_looking: Parameters that look as if they held a secret.
        borrowed: What functions of other notebooks use: a sentence each.
        notebooks: Those other notebooks.
    """

    needs: tuple[Need, ...]
    undecided: tuple[str, ...] = ()
    secret_looking: tuple[str, ...] = ()
    borrowed: tuple[str, ...] = ()
    notebooks: tuple[Path, ...] = ()


def needs_of(path: Path) -> NotebookNeeds:
    """Find what a notebook uses, and what the functions use that it takes from others.

    Args:
        path: The notebook.

    Raises:
        InvalidInput: If there is none, or it or one that it takes functions from
            cannot be read.
    """
    survey = _Survey()
    survey.read(path)
    return NotebookNeeds(
        needs=tuple(survey.needs.values()),
        undecided=tuple(dict.fromkeys(survey.undecided)),
        secret_looking=tuple(survey.secrets),
        borrowed=tuple(dict.fromkeys(survey.borrowed)),
        notebooks=tuple(survey.others),
    )


@dataclass(slots=True)
class _Survey:
    """What was found so far, in however many notebooks."""

    needs: dict[tuple[str, str], Need] = field(default_factory=dict)
    undecided: list[str] = field(default_factory=list)
    secrets: list[str] = field(default_factory=list)
    borrowed: list[str] = field(default_factory=list)
    others: dict[Path, None] = field(default_factory=dict)
    itself: Path = Path()

    def read(self, path: Path) -> None:
        """Read the notebook that runs, then each that it takes functions from."""
        self.itself = path.resolve()
        cells = code_cells(path)
        self.secrets += _secrets_in(cells)
        self._read_cells(cells, path, other="")
        waiting = list(self.others)
        while waiting:
            other = waiting.pop(0)
            known = len(self.others)
            self._read_cells(code_cells(other), other, other=other.name)
            waiting += list(self.others)[known:]

    def _read_cells(self, cells: Iterable[Cell], path: Path, *, other: str) -> None:
        reader = Reader()
        trees = []
        for cell in cells:
            tree = self._read_cell(cell, other)
            reader.learn_names(tree)
            trees.append((cell, tree))
        # Names are known only now: a cell may use what one above it imported.
        for cell, tree in trees:
            self._take(reader.calls(tree), _place(cell, other), path, other)

    def _read_cell(self, cell: Cell, other: str) -> ast.Module:
        """Note what the first line names, and return the Python that would run."""
        magic, line, body = cell_magic_of(cell.source)
        makes_function = False
        if magic == "connection":
            uses, scopes, makes_function = _order_in(cell, line, other)
            if makes_function or not other:
                for name in uses:
                    self._add(Need(name=name, scopes=scopes), other)
        if not is_python(magic):
            return ast.Module([], [])
        tree = parsed(body, cell=cell.number, notebook=other)
        if other and not makes_function:
            tree.body = [each for each in tree.body if isinstance(each, DEFINES)]
        return tree

    def _take(self, calls: Calls, place: str, path: Path, other: str) -> None:
        for need in calls.needs:
            self._add(need, other)
        self.undecided += [f"{place}: {text}" for text in calls.undecided]
        for source in calls.loads:
            found, _ = notebook_and_function(source, folder=path.parent)
            self._follow(found, place, source)

    def _follow(self, path: Path, place: str, source: str) -> None:
        if not path.is_file():
            raise InvalidInput(
                f"{place} takes functions from '{source}', and there is no such notebook",
                "Look at the name, and at the folder",
            )
        if len(self.others) == _MOST_NOTEBOOKS:
            raise InvalidInput(
                f"Functions are taken from more than {_MOST_NOTEBOOKS} notebooks",
                "Gather them in fewer",
            )
        if path.resolve() != self.itself:
            self.others.setdefault(path.resolve())

    def _add(self, need: Need, other: str) -> None:
        """Add a need, or its scopes to the one that is there."""
        key = (need.name, need.task and TASKS[need.task].service)
        known = self.needs.get(key, need)
        scopes = tuple(dict.fromkeys((*known.scopes, *need.scopes)))
        self.needs[key] = Need(name=known.name, scopes=scopes, task=known.task)
        if other:
            used = f"'{need.name}'" if need.name else f"cm.tasks.{need.task}"
            self.borrowed.append(f"{used} is used by a function of {other}")


def _place(cell: Cell, other: str) -> str:
    return f"Cell {cell.number} of {other}" if other else f"Cell {cell.number}"


def _order_in(
    cell: Cell, line: str, other: str
) -> tuple[list[str], tuple[str, ...], bool]:
    """Return the connections of a first line, their scopes, and whether it is a function."""
    try:
        uses, options = names_and_options(line)
    except Mistyped as error:
        raise InvalidInput(
            f"{_place(cell, other)}: {error}",
            "Run the cell in a notebook and see what it says",
        ) from None
    scopes = tuple(s for s in (option_in(options, "--require") or "").split(",") if s)
    names = [use.name for use in uses]
    return names, scopes, option_in(options, "--function") is not None


def _secrets_in(cells: Iterable[Cell]) -> Iterator[str]:
    for cell in cells:
        if "parameters" in cell.tags:
            yield from secret_looking(parsed(cell.source, cell=cell.number))
