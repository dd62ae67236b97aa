"""Which connections a notebook uses, found without running it."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from conn_core import Need
from conn_core._tasks import TASKS

from ._calls import Reader
from ._python import cell_magic_of, is_python, parsed
from ._reading import Cell, code_cells, order_in
from ._secrets import secret_looking


@dataclass(slots=True, kw_only=True)
class NotebookNeeds:
    """What a notebook uses.

    Attributes:
        needs: The connections and tasks, each once, with all scopes asked for.
        undecided: Where a name is made only when it runs: a sentence each.
        secret_looking: Parameters that look as if they held a secret.
    """

    needs: tuple[Need, ...]
    undecided: tuple[str, ...] = ()
    secret_looking: tuple[str, ...] = ()


def needs_of(path: Path) -> NotebookNeeds:
    """Find what a notebook uses.

    Args:
        path: The notebook.

    Raises:
        InvalidInput: If there is none, or it cannot be read.
        UsageError: If the first line of a ``%%connection`` cell is mistyped.
    """
    cells = code_cells(path)
    found = _Found()
    reader = Reader()
    trees = []
    for cell in cells:
        magic, line, body = cell_magic_of(cell.source)
        if magic == "connection":
            found.add_line(line, cell)
        if is_python(magic):
            tree = parsed(body, cell=cell.number)
            reader.learn_names(tree)
            trees.append((cell, tree))
    # Names are known only now: a cell may use what one above it imported.
    for cell, tree in trees:
        calls = reader.calls(tree)
        for need in calls.needs:
            found.add(need)
        found.undecided += [f"Cell {cell.number}: {text}" for text in calls.undecided]
    return NotebookNeeds(
        needs=tuple(found.needs.values()),
        undecided=tuple(dict.fromkeys(found.undecided)),
        secret_looking=_secrets_in(cells),
    )


def _secrets_in(cells: Iterable[Cell]) -> tuple[str, ...]:
    return tuple(
        name
        for cell in cells
        if "parameters" in cell.tags
        for name in secret_looking(parsed(cell.source, cell=cell.number))
    )


@dataclass(slots=True)
class _Found:
    needs: dict[tuple[str, str], Need] = field(default_factory=dict)
    undecided: list[str] = field(default_factory=list)

    def add_line(self, line: str, cell: Cell) -> None:
        order = order_in(cell, line)
        for use in order.uses:
            self.add(Need(name=use.name, scopes=order.require))

    def add(self, need: Need) -> None:
        """Add a need, or its scopes to the one that is there."""
        key = (need.name, need.task and TASKS[need.task].service)
        known = self.needs.get(key, need)
        scopes = tuple(dict.fromkeys((*known.scopes, *need.scopes)))
        self.needs[key] = Need(name=known.name, scopes=scopes, task=known.task)
