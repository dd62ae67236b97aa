"""The statements of alerts: what ended or ends soon, and who was told already."""

from collections.abc import Sequence

import sqlalchemy as sa

from ._tables import connections, credentials, notices
from ._texts import Row

_KIND = sa.case((credentials.c.ended_at.is_not(None), "ended"), else_="ends")
_ENDS_AT = sa.case(
    (credentials.c.ended_at.is_not(None), credentials.c.ended_at),
    (credentials.c.refreshable, credentials.c.grant_dies_at),
    else_=credentials.c.expires_at,
)


#: What lives for hours only is no news when it ends.
_LIFE = _ENDS_AT - credentials.c.obtained_at


def untold_ends(
    tx: sa.Connection, *, now: float, after: float, until: float, limit: int
) -> Sequence[Row]:
    """Return what ended since a moment, or ends until one, and nobody was told of.

    Not what a person ended, revoked, or authorized anew.

    Args:
        tx: A transaction that reads.
        now: The moment.
        after: What ended earlier is known by now.
        until: What ends later is nobody's concern yet.
        limit: How many at most.
    """
    is_told = sa.exists().where(
        notices.c.credential_id == credentials.c.id,
        notices.c.kind == _KIND,
        notices.c.ends_at == _ENDS_AT,
    )
    found = (
        sa.select(
            credentials.c.id,
            credentials.c.holder,
            credentials.c.ended_because,
            connections.c.link_name,
            connections.c.owner,
            connections.c.service_id,
            _KIND.label("kind"),
            _ENDS_AT.label("ends_at"),
        )
        .join(connections, connections.c.id == credentials.c.connection_id)
        .where(
            connections.c.revoked_at.is_(None),
            credentials.c.ended_by.is_(None),
            _ENDS_AT.between(after, until),
            credentials.c.ended_at.is_not(None) | (until - now < _LIFE),
            ~is_told,
        )
        .order_by(_ENDS_AT, credentials.c.id)
        .limit(limit)
    )
    return tx.execute(found).all()


def put_notice(tx: sa.Connection, row: Row, *, at: float) -> bool:
    """Note that people are told; False where somebody else does."""
    mine = {"credential_id": row.id, "kind": row.kind, "ends_at": row.ends_at}
    same = [notices.c[name] == value for name, value in mine.items()]
    if tx.execute(sa.select(notices.c.kind).where(*same)).first() is not None:
        return False
    tx.execute(notices.insert().values(**mine, told_at=at))
    return True


def drop_notice(
    tx: sa.Connection, credential_id: str, *, kind: str, ends_at: float
) -> None:
    """Forget that people were told: nobody could be."""
    tx.execute(
        notices.delete().where(
            notices.c.credential_id == credential_id,
            notices.c.kind == kind,
            notices.c.ends_at == ends_at,
        )
    )
