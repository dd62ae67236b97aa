"""The statements of grants: a job's permissions, and what they may use."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from ._named import NOTED_AT
from ._tables import connections, granted_connections, grants
from ._texts import Row
from ._visible import IS_VISIBLE, VISIBLE, Onlooker

#: Of one person; nobody reads further.
_MOST_SHOWN = 500

_GRANT = sa.bindparam("grant_id", type_=sa.String)
_NAMED_BY_GRANT = sa.select(granted_connections.c.connection_id).where(
    granted_connections.c.grant_id == _GRANT
)
_OF_GRANT = (
    VISIBLE.add_columns(NOTED_AT)
    .where(connections.c.id.in_(_NAMED_BY_GRANT), IS_VISIBLE)
    .order_by(connections.c.folded, connections.c.link_name, connections.c.owner)
)
_BY_DIGEST = sa.select(grants).where(
    grants.c.digest == sa.bindparam("digest", type_=sa.String)
)


def insert_grant(
    tx: sa.Connection, *, connection_ids: Sequence[str], **values: Any
) -> None:
    """Make a grant, and write down what it may use."""
    tx.execute(grants.insert().values(**values))
    tx.execute(
        granted_connections.insert(),
        [
            {"grant_id": values["id"], "connection_id": connection_id}
            for connection_id in connection_ids
        ],
    )


def grant_by_digest(tx: sa.Connection, digest: str) -> Row | None:
    """Return the grant whose bearer has this SHA-256."""
    return tx.execute(_BY_DIGEST, {"digest": digest}).one_or_none()


def grant_of_owner(tx: sa.Connection, grant_id: str, *, owner: str) -> Row | None:
    """Return one of a person's grants."""
    mine = (grants.c.id == grant_id) & (grants.c.owner == owner)
    return tx.execute(sa.select(grants).where(mine)).one_or_none()


def grants_of_owner(tx: sa.Connection, owner: str) -> Sequence[Row]:
    """Return a person's grants, the newest first."""
    mine = sa.select(grants).where(grants.c.owner == owner)
    latest = mine.order_by(grants.c.created_at.desc(), grants.c.id)
    return tx.execute(latest.limit(_MOST_SHOWN)).all()


def names_granted(
    tx: sa.Connection, grant_ids: Sequence[str]
) -> dict[str, tuple[tuple[str, str], ...]]:
    """Return the owner and link name of all that grants may use, by grant."""
    found = tx.execute(
        sa.select(
            granted_connections.c.grant_id, connections.c.owner, connections.c.link_name
        )
        .join(connections, connections.c.id == granted_connections.c.connection_id)
        .where(granted_connections.c.grant_id.in_(grant_ids))
        .order_by(connections.c.link_name, connections.c.owner)
    )
    named: dict[str, tuple[tuple[str, str], ...]] = dict.fromkeys(grant_ids, ())
    for grant_id, owner, link_name in found:
        named[grant_id] += ((owner, link_name),)
    return named


def granted_ids(tx: sa.Connection, grant_id: str) -> frozenset[str]:
    """Return the ids of the connections that a grant names."""
    mine = granted_connections.c.grant_id == grant_id
    found = sa.select(granted_connections.c.connection_id).where(mine)
    return frozenset(tx.execute(found).scalars())


def rows_of_grant(
    tx: sa.Connection, grant_id: str, *, seen_by: Onlooker
) -> Sequence[Row]:
    """Return what a grant names and its owner still sees, by name."""
    bound = seen_by.bound(grant_id=grant_id, place=seen_by.place)
    return tx.execute(_OF_GRANT, bound).all()


def revoke_grant(tx: sa.Connection, grant_id: str, *, at: float) -> bool:
    """End a grant; False where it has been revoked before."""
    live = (grants.c.id == grant_id) & grants.c.revoked_at.is_(None)
    ended = tx.execute(grants.update().where(live).values(revoked_at=at))
    return bool(ended.rowcount)


def note_grant_use(tx: sa.Connection, grant_id: str, *, place: str, at: float) -> None:
    """Note when a grant was used last, and from where."""
    mine = grants.c.id == grant_id
    tx.execute(
        grants.update().where(mine).values(last_used_at=at, last_used_from=place)
    )
