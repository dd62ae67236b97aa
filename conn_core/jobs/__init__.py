"""Notebooks as jobs: what they need, found without running them. Nothing of Jupyter's."""

from ._first_line import USAGE, Mistyped, Use, names_and_options
from ._naming import notebook_and_function
from ._needs import DEFINES, NotebookNeeds, needs_of
from ._python import cell_magic_of, is_python, parsed
from ._reading import Cell, code_cells
from ._secrets import looks_secret

__all__ = [
    "DEFINES",
    "USAGE",
    "Cell",
    "Mistyped",
    "NotebookNeeds",
    "Use",
    "cell_magic_of",
    "code_cells",
    "is_python",
    "looks_secret",
    "names_and_options",
    "needs_of",
    "notebook_and_function",
    "parsed",
]
