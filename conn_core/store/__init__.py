"""Tables, statements and migrations. Opens SQLite and PostgreSQL; knows no secret."""

from . import _leases as leases
from . import _rows as rows
from ._engine import Store, prepare_folder
from ._keys import (
    deployment_id,
    has_sealed_rows,
    put_key_checks,
    stored_key_checks,
)
from ._postgres import alone

__all__ = [
    "Store",
    "alone",
    "deployment_id",
    "has_sealed_rows",
    "leases",
    "prepare_folder",
    "put_key_checks",
    "rows",
    "stored_key_checks",
]
