"""What of a notebook can be had without running it: what defines, and does nothing else."""

import ast
import linecache
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from conn_core.jobs import DEFINES, Cell, cell_magic_of, code_cells, is_python, parsed

from .._cell_line import CellLine, read_cell_line
from .._usage import UsageError


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """What one cell brings.

    Attributes:
        cell: The cell's number.
        filename: The name tracebacks know it by.
        body: Statements that define; the whole body where ``order`` makes it a function.
        order: The first line of a cell that is a function.
    """

    cell: int
    filename: str
    body: list[ast.stmt]
    order: CellLine | None = None


def pieces_of(path: Path) -> Iterator[Piece]:
    """Read the cells of a notebook, in their order.

    Args:
        path: The file.

    Raises:
        InvalidInput: If there is none, or it cannot be read.
        UsageError: If the first line of a ``%%connection`` cell is mistyped.
    """
    from IPython.core.inputtransformer2 import TransformerManager

    plain = TransformerManager().transform_cell  # what is kept of it will run
    for cell in code_cells(path):
        magic, line, below = cell_magic_of(cell.source)
        if not is_python(magic):
            continue
        # Something stays in the first line's place: line numbers are those of the cell.
        text = f"#\n{below}" if magic else cell.source
        order = _order_in(cell, line) if magic == "connection" else None
        body = parsed(text, cell=cell.number, plain=plain).body
        filename = _remembered(path, cell)
        if order is not None and order.function is not None:
            yield Piece(cell=cell.number, filename=filename, body=body, order=order)
        else:
            kept = [each for each in body if _defines(each)]
            yield Piece(cell=cell.number, filename=filename, body=kept)


def _order_in(cell: Cell, line: str) -> CellLine:
    """Read what follows ``%%connection``; what is wrong with it names the cell."""
    try:
        return read_cell_line(line)
    except UsageError as error:
        raise UsageError(f"Cell {cell.number}: {error}") from None


def _defines(statement: ast.stmt) -> bool:
    """Tell whether a statement makes a name and does nothing else worth naming."""
    match statement:
        case ast.Assign(value=value) | ast.AnnAssign(value=ast.expr() as value):
            return _is_literal(value)
    return isinstance(statement, DEFINES)


def _is_literal(value: ast.expr) -> bool:
    try:
        ast.literal_eval(value)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return False
    return True


def _remembered(path: Path, cell: Cell) -> str:
    """Give the cell's text to tracebacks."""
    name = f"<cell {cell.number} of {path.name}>"
    lines = cell.source.splitlines(keepends=True)
    linecache.cache[name] = (len(cell.source), None, lines, name)
    return name
