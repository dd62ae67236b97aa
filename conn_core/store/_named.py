"""One connection, by a name that a person knows it by.

The statements are built once: building takes longer than reading.
"""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from ._tables import connections, uses
from ._texts import Row, folded, is_nobodys
from ._visible import IS_LENT, IS_OWN, IS_VISIBLE, PERSON, VISIBLE, Onlooker

#: So many owners of one name are named, and then it is enough.
_MOST_OWNERS = 3

_LINK_NAME = sa.bindparam("link_name", type_=sa.String)
_FOLDED = sa.bindparam("folded", type_=sa.String)
_PLACE = sa.bindparam("place", type_=sa.String)
_OWN = connections.alias("own")
_HAS_OWN = sa.or_(
    sa.exists().where((_OWN.c.owner == PERSON) & (_OWN.c.link_name == _LINK_NAME)),
    sa.exists().where((_OWN.c.owner == PERSON) & (_OWN.c.folded == _FOLDED)),
)
#: When it was last noted that the person used it from here.
NOTED_AT = (
    sa.select(uses.c.last_at)
    .where(
        (uses.c.connection_id == connections.c.id)
        & (uses.c.person == PERSON)
        & (uses.c.place == _PLACE)
    )
    .scalar_subquery()
    .label("noted_at")
)
_NAMED = VISIBLE.add_columns(NOTED_AT).order_by(connections.c.owner).limit(_MOST_OWNERS)
#: One's own goes before all others', by whichever of its names.
_BY_LINK_NAME = _NAMED.where(
    connections.c.link_name == _LINK_NAME, IS_OWN | (sa.not_(_HAS_OWN) & IS_LENT)
)
_BY_NAME = _NAMED.where(
    connections.c.folded == _FOLDED, IS_OWN | (sa.not_(_HAS_OWN) & IS_LENT)
)
_OF_OWNER = _NAMED.where(
    connections.c.owner == sa.bindparam("owner", type_=sa.String),
    connections.c.link_name == _LINK_NAME,
)
_BY_OWNER = _OF_OWNER.where(IS_VISIBLE)
_SHARERS = (
    sa.select(connections.c.owner)
    .where(connections.c.link_name == _LINK_NAME, sa.not_(IS_OWN), IS_LENT)
    .order_by(connections.c.owner)
    .limit(_MOST_OWNERS)
)


def rows_of_link_name(
    tx: sa.Connection, link_name: str, *, seen_by: Onlooker
) -> Sequence[Row]:
    """Return the connections that a link name can mean; one's own is the only one."""
    names = {"link_name": link_name, "folded": folded(link_name)}
    return _named(tx, _BY_LINK_NAME, seen_by, names)


def rows_of_name(tx: sa.Connection, name: str, *, seen_by: Onlooker) -> Sequence[Row]:
    """Return the connections that a display name can mean."""
    names = {"link_name": "", "folded": folded(name)}
    return _named(tx, _BY_NAME, seen_by, names)


def row_of_owner(
    tx: sa.Connection, owner: str, link_name: str, *, seen_by: Onlooker
) -> Row | None:
    """Return one connection by its owner and link name."""
    names = {"owner": owner, "link_name": link_name}
    statement = _OF_OWNER if seen_by.sees_all else _BY_OWNER
    return next(iter(_named(tx, statement, seen_by, names)), None)


def owners_who_share(
    tx: sa.Connection, link_name: str, *, seen_by: Onlooker
) -> list[str]:
    """Return who else shares a connection of this link name with a person."""
    return list(tx.execute(_SHARERS, seen_by.bound(link_name=link_name)).scalars())


def _named(
    tx: sa.Connection,
    statement: sa.Select[Any],
    seen_by: Onlooker,
    names: dict[str, str],
) -> Sequence[Row]:
    if any(is_nobodys(text) for text in names.values()):
        return ()
    return tx.execute(statement, seen_by.bound(place=seen_by.place, **names)).all()
