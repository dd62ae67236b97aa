"""``cm.tasks``: what people want done at the end of a notebook, one call each.

A task uses the *internal* connection of its service, made at first use; it never uses
a named connection unless it is told to by ``connection=``. Each service is a module,
loaded when it is first used.
"""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from . import (
        airtable,
        discord,
        dropbox,
        github,
        gitlab,
        google_drive,
        google_sheets,
        slack,
        teams,
        zoho_expense,
    )

__all__ = [
    "airtable",
    "discord",
    "dropbox",
    "github",
    "gitlab",
    "google_drive",
    "google_sheets",
    "slack",
    "teams",
    "zoho_expense",
]


def __getattr__(name: str) -> Any:
    if name in __all__:
        return importlib.import_module(f".{name}", __name__)
    msg = f"module {__name__!r} has no attribute {name!r}"
    raise AttributeError(msg)


def __dir__() -> Any:
    return __all__
