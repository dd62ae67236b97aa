"""The predefined services: data files, their loader, and what checks and proves records.

Checking and proving are loaded when first used: kernels only look services up.
"""

import importlib
from typing import TYPE_CHECKING, Any

from ._catalog import Catalog

if TYPE_CHECKING:
    from ._check import problems_by_field, problems_in, problems_of
    from ._files import read_records
    from ._proof import prove

_HOME = {
    "problems_by_field": "_check",
    "problems_in": "_check",
    "problems_of": "_check",
    "prove": "_proof",
    "read_records": "_files",
}

__all__ = [
    "Catalog",
    "problems_by_field",
    "problems_in",
    "problems_of",
    "prove",
    "read_records",
]


def __getattr__(name: str) -> Any:
    if name in _HOME:
        return getattr(importlib.import_module(f".{_HOME[name]}", __name__), name)
    msg = f"module {__name__!r} has no attribute {name!r}"
    raise AttributeError(msg)
