"""The predefined services: data files, their loader, and what checks and proves records.

Checking and proving are loaded when first used: kernels only look services up.
"""

from typing import TYPE_CHECKING

from .._on_demand import on_demand
from ._catalog import Catalog

if TYPE_CHECKING:
    from ._check import problems_by_field, problems_in, problems_of
    from ._files import read_records
    from ._proof import prove

_HOME = {
    "_check": ("problems_by_field", "problems_in", "problems_of"),
    "_files": ("read_records",),
    "_proof": ("prove",),
}

__all__ = [
    "Catalog",
    "problems_by_field",
    "problems_in",
    "problems_of",
    "prove",
    "read_records",
]
__getattr__ = on_demand(__name__, _HOME)
