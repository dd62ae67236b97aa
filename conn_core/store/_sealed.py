"""Which rows are sealed under which master key, and their sealing anew.

The key id stands in the open at the beginning of what is sealed.
"""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final

import sqlalchemy as sa

from ._tables import (
    credentials,
    deployment_secrets,
    flows,
    registrations,
    secrets,
)
from ._texts import Row

#: Where in a sealed value the id of its key is, counted from one.
_KEY_ID: Final = (3, 8)
#: Every column with something sealed, by table: its column, and what names the row. The
#: key checks are not here: each belongs to its own key.
SEALED: Final[Mapping[str, tuple[Any, Any]]] = MappingProxyType(
    {
        "secrets": (secrets.c.sealed, secrets.c.credential_id),
        "registrations": (registrations.c.sealed_secret, registrations.c.service_id),
        "flows": (flows.c.sealed, flows.c.id),
        "deployment_secrets": (deployment_secrets.c.sealed, deployment_secrets.c.name),
    }
)
#: What a row's binding is made of; the others have it all in their own row.
_WHOLE: Final = MappingProxyType(
    {
        "secrets": sa.select(*credentials.c, secrets.c.sealed).join_from(
            credentials, secrets
        )
    }
)


def rows_by_key(tx: sa.Connection) -> dict[str, dict[str, int]]:
    """Count what is sealed, by key id in hex and table."""
    found: dict[str, dict[str, int]] = {}
    for table, (column, _) in SEALED.items():
        kid = _key_id(column).label("kid")
        count = sa.select(kid, sa.func.count()).where(column.is_not(None)).group_by(kid)
        for key_id, number in tx.execute(count):
            found.setdefault(bytes(key_id).hex(), {})[table] = number
    return found


def sealed_rows(
    tx: sa.Connection,
    table: str,
    *,
    after: str = "",
    other_than: str | None = None,
    limit: int | None = None,
) -> Sequence[Row]:
    """Return rows with something sealed, in the order of what names them.

    Args:
        tx: An open transaction.
        table: One of `SEALED`.
        after: Only rows that come later.
        other_than: Only rows that another key sealed, by id in hex.
        limit: How many at most.
    """
    column, name = SEALED[table]
    whole = _WHOLE.get(table, sa.select(column.table))
    wanted = whole.where(column.is_not(None), name > after).order_by(name)
    if other_than is not None:
        wanted = wanted.where(_key_id(column) != bytes.fromhex(other_than))
    return tx.execute(wanted.limit(limit)).all()


def name_of(table: str, row: Row) -> str:
    """Return what names a row that `sealed_rows` returned."""
    column = SEALED[table][1]
    return str(row.id if table == "secrets" else getattr(row, column.name))


def sealed_of(table: str, row: Row) -> bytes:
    """Return what is sealed of a row that `sealed_rows` returned."""
    return bytes(getattr(row, SEALED[table][0].name))


def reseal(
    tx: sa.Connection, table: str, name: str, *, seen: bytes, sealed: bytes
) -> bool:
    """Put another sealing in the place of the one that was seen; tell whether it was."""
    column, named = SEALED[table]
    found = tx.execute(
        sa.update(column.table)
        .where(named == name, column == seen)
        .values({column.name: sealed})
    )
    return found.rowcount == 1


def _key_id(column: Any) -> Any:
    return sa.func.substr(column, *_KEY_ID, type_=sa.LargeBinary)
