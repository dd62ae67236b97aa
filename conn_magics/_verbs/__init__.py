"""The verbs of ``%conn``. Importing this fills the table of verbs."""

import importlib

from .._verb import VERBS

#: Where verbs are, in the order people read them. A new file of verbs is named here.
_FILES = (
    "_listing",
    "_details",
    "_using",
    "_checking",
    "_scheduling",
    "_services",
    "_describing",
    "_exchanging",
    "_moving",
    "_registering",
    "_making",
    "_editing",
    "_stopping",
    "_sealing",
    "_sharing",
    "_accepting",
    "_granting",
    "_functions",
    "_jobs",
    "_about",
    "_doctor",
)

for _file in _FILES:
    importlib.import_module(f".{_file}", __name__)

__all__ = ["VERBS"]
