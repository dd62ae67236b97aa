"""``cm.functions``: named functions whose connections are checked and opened per call.

A ``%%connection … --function NAME`` cell makes one, ``@cm.uses(…)`` another, and
``load`` brings them from a notebook without running it. Loaded when first used.
"""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ._loading import NotebookFunctions, load
    from ._uses import Wanted, uses

_HOME = {
    "NotebookFunctions": "_loading",
    "Wanted": "_uses",
    "load": "_loading",
    "uses": "_uses",
}

__all__ = ["NotebookFunctions", "Wanted", "load", "uses"]


def __getattr__(name: str) -> Any:
    if name in _HOME:
        return getattr(importlib.import_module(f".{_HOME[name]}", __name__), name)
    msg = f"module {__name__!r} has no attribute {name!r}"
    raise AttributeError(msg)


def __dir__() -> Any:
    return __all__
