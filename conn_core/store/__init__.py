"""Tables, statements and migrations. Opens SQLite and PostgreSQL; knows no secret."""

from . import _audit as audit_rows
from . import _leases as leases
from . import _rows as rows
from . import _sealed as sealed_rows
from ._engine import Store, prepare_folder
from ._keys import (
    deployment_id,
    forget_key_check,
    has_sealed_rows,
    keys_noted_at,
    put_key_checks,
    stored_key_checks,
)
from ._postgres import alone

__all__ = [
    "Store",
    "alone",
    "audit_rows",
    "deployment_id",
    "forget_key_check",
    "has_sealed_rows",
    "keys_noted_at",
    "leases",
    "prepare_folder",
    "put_key_checks",
    "rows",
    "sealed_rows",
    "stored_key_checks",
]
