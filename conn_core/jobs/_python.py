"""The Python of a cell, as IPython would see it, without running it."""

import ast
import re
import warnings
from collections.abc import Callable
from typing import Final

from ..errors import InvalidInput
from ._plain import in_plain_python

#: Cell magics whose body is Python of this kernel.
_AROUND_PYTHON: Final = frozenset({"capture", "prun", "time", "timeit"})
_CELL_MAGIC: Final = re.compile(r"%%(\w+)(.*)")


def cell_magic_of(source: str) -> tuple[str, str, str]:
    """Split a cell into its magic, that magic's line, and the body.

    Args:
        source: The cell's text.

    Returns:
        The magic's name, empty where there is none; what follows it; the rest.
    """
    found = _CELL_MAGIC.match(source.lstrip())
    if found is None:
        return "", "", source
    _, _, body = source.lstrip().partition("\n")
    return found[1], found[2].strip(), body


def is_python(magic: str) -> bool:
    """Tell whether the body below a cell magic is Python that runs here."""
    return magic in {"", "connection"} or magic in _AROUND_PYTHON


def parsed(
    source: str,
    *,
    cell: int,
    notebook: str = "",
    plain: Callable[[str], str] = in_plain_python,
) -> ast.Module:
    """Read the Python of a cell; line magics and commands become calls.

    Args:
        source: The text below a cell magic.
        cell: The cell's number, for the sentence.
        notebook: Whose cell it is, for the sentence; empty for the one in question.
        plain: Rewrites what is not Python. Whoever runs the result passes IPython's own.

    Raises:
        InvalidInput: If it is not Python.
    """
    try:
        with (
            warnings.catch_warnings()
        ):  # about the person's code, and told when it runs
            warnings.simplefilter("ignore")
            return ast.parse(plain(source))
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        line = getattr(error, "lineno", None)
        where = f", line {line}" if line else ""
        of = f" of {notebook}" if notebook else ""
        raise InvalidInput(
            f"Cell {cell}{of}{where} is not Python that can be read",
            "Run the cell in a notebook and see what it says",
        ) from None
