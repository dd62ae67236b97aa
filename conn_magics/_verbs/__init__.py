"""The verbs of ``%conn``. Importing this fills the table, in the order people read it."""

from .._verb import VERBS
from . import _reading, _making, _using, _stopping, _about  # noqa: F401, I001 - the order of the table

__all__ = ["VERBS"]
