"""Tables, statements and migrations. Opens SQLite and PostgreSQL; knows no secret."""

from . import _ailing as ailing
from . import _audit as audit_rows
from . import _leases as leases
from . import _notices as notice_rows
from . import _rows as rows
from . import _sealed as sealed_rows
from ._backup import Contents, back_up_to, contents_of, damage_of, put_in_place
from ._engine import Store, revision_of
from ._keys import (
    deployment_id,
    forget_key_check,
    has_sealed_rows,
    keys_noted_at,
    known_deployment,
    put_key_checks,
    stored_key_checks,
    take_identity,
)
from ._own_files import prepare_folder
from ._postgres import address_of, alone
from ._revision import HEAD
from ._salvage import Salvaged, salvage
from ._sqlite import copy_database, journal_mode_for, refuse_without_locks

__all__ = [
    "HEAD",
    "Contents",
    "Salvaged",
    "Store",
    "address_of",
    "ailing",
    "alone",
    "audit_rows",
    "back_up_to",
    "contents_of",
    "copy_database",
    "damage_of",
    "deployment_id",
    "forget_key_check",
    "has_sealed_rows",
    "journal_mode_for",
    "keys_noted_at",
    "known_deployment",
    "leases",
    "notice_rows",
    "prepare_folder",
    "put_in_place",
    "put_key_checks",
    "refuse_without_locks",
    "revision_of",
    "rows",
    "salvage",
    "sealed_rows",
    "stored_key_checks",
    "take_identity",
]
