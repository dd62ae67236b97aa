"""Notebooks as jobs: what they need, found without running them. Nothing of Jupyter's.

Names are loaded when first used: a ``%%connection`` cell only reads its first line.
"""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ._first_line import USAGE, Mistyped, Use, names_and_options
    from ._naming import notebook_and_function
    from ._needs import DEFINES, NotebookNeeds, needs_of
    from ._python import cell_magic_of, is_python, parsed
    from ._reading import Cell, code_cells
    from ._secrets import looks_secret

_HOME = {
    "_first_line": ("USAGE", "Mistyped", "Use", "names_and_options"),
    "_naming": ("notebook_and_function",),
    "_needs": ("DEFINES", "NotebookNeeds", "needs_of"),
    "_python": ("cell_magic_of", "is_python", "parsed"),
    "_reading": ("Cell", "code_cells"),
    "_secrets": ("looks_secret",),
}
_MODULE_OF = {name: module for module, names in _HOME.items() for name in names}

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


def __getattr__(name: str) -> Any:
    if name in _MODULE_OF:
        return getattr(importlib.import_module(f".{_MODULE_OF[name]}", __name__), name)
    msg = f"module {__name__!r} has no attribute {name!r}"
    raise AttributeError(msg)
