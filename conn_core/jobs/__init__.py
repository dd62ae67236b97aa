"""Notebooks as jobs: what they need, found without running them. Nothing of Jupyter's.

Names are loaded when first used: a ``%%connection`` cell only reads its first line.
"""

from typing import TYPE_CHECKING

from .._on_demand import on_demand

if TYPE_CHECKING:
    from ._digest import digest_of, digest_shown, is_digest
    from ._first_line import USAGE, Mistyped, Use, names_and_options
    from ._naming import notebook_and_function
    from ._needs import DEFINES, NotebookNeeds, needs_of
    from ._python import cell_magic_of, is_python, parsed
    from ._reading import Cell, code_cells
    from ._secrets import looks_secret

_HOME = {
    "_digest": ("digest_of", "digest_shown", "is_digest"),
    "_first_line": ("USAGE", "Mistyped", "Use", "names_and_options"),
    "_naming": ("notebook_and_function",),
    "_needs": ("DEFINES", "NotebookNeeds", "needs_of"),
    "_python": ("cell_magic_of", "is_python", "parsed"),
    "_reading": ("Cell", "code_cells"),
    "_secrets": ("looks_secret",),
}

__all__ = [
    "DEFINES",
    "USAGE",
    "Cell",
    "Mistyped",
    "NotebookNeeds",
    "Use",
    "cell_magic_of",
    "code_cells",
    "digest_of",
    "digest_shown",
    "is_digest",
    "is_python",
    "looks_secret",
    "names_and_options",
    "needs_of",
    "notebook_and_function",
    "parsed",
]
__getattr__ = on_demand(__name__, _HOME)
