"""What a person sees: their own connections, and those that are shared with them.

Each row comes with the credentials that count for the person who asks: their columns,
from ``credential_id`` on, are None where there are none. ``shared_with`` holds the
principals, ``status`` one of the four words.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

import sqlalchemy as sa

from .._values import Group, Status
from ._tables import connections, credentials, shares, uses
from ._texts import Row, folded, is_nobodys

#: So many owners of one name are named, and then it is enough.
MOST_OWNERS = 3

_PERSON = sa.bindparam("person", type_=sa.String)
_PRINCIPALS = sa.bindparam("principals", type_=sa.String, expanding=True)
_LINK_NAME = sa.bindparam("link_name", type_=sa.String)
_FOLDED = sa.bindparam("folded", type_=sa.String)
_PLACE = sa.bindparam("place", type_=sa.String)

_IS_OWN = connections.c.owner == _PERSON
#: What a built-in task made is nobody else's, whatever the table says.
_IS_LENT = sa.not_(connections.c.internal) & sa.exists().where(
    (shares.c.connection_id == connections.c.id) & shares.c.principal.in_(_PRINCIPALS)
)
_IS_VISIBLE = _IS_OWN | _IS_LENT

#: The creator's credentials, or the person's own where each person uses their own.
#: Nobody falls back to the creator's.
_HOLDER = sa.case(
    (connections.c.use_login_user_credentials, _PERSON), else_=connections.c.owner
)
_WITH_CREDENTIALS = connections.outerjoin(
    credentials,
    (credentials.c.connection_id == connections.c.id)
    & (credentials.c.holder == _HOLDER),
)
#: What people see of them and what decides whether they can be used; no more, for a
#: long list's sake.
_CREDENTIAL_COLUMNS = (
    credentials.c.id.label("credential_id"),
    credentials.c.generation,
    credentials.c.granted_scopes,
    credentials.c.missing_scopes,
    credentials.c.account,
    credentials.c.expires_at,
    credentials.c.refreshable,
    credentials.c.ended_at,
    credentials.c.ended_because,
    credentials.c.ended_by,
)
#: Parted by blanks, which no principal has.
_SHARED_WITH = (
    sa.select(sa.func.aggregate_strings(shares.c.principal, " "))
    .where(shares.c.connection_id == connections.c.id)
    .scalar_subquery()
    .label("shared_with")
)
_STATUS: sa.ColumnElement[str] = sa.case(
    (connections.c.revoked_at.is_not(None), "revoked"),
    (credentials.c.id.is_(None), "needs authorization"),
    # Who ended it here knows that; what the provider ended has failed.
    (
        credentials.c.ended_at.is_not(None),
        sa.case(
            (credentials.c.ended_by.is_(None), "failed"), else_="needs authorization"
        ),
    ),
    (credentials.c.missing_scopes.is_not(None), "needs authorization"),
    else_="connected",
)
_VISIBLE = sa.select(
    *connections.c, *_CREDENTIAL_COLUMNS, _SHARED_WITH, _STATUS.label("status")
).select_from(_WITH_CREDENTIALS)

# --- one, by name: built once, because building takes longer than reading ---------------

_OWN = connections.alias("own")
_HAS_OWN = sa.or_(
    sa.exists().where((_OWN.c.owner == _PERSON) & (_OWN.c.link_name == _LINK_NAME)),
    sa.exists().where((_OWN.c.owner == _PERSON) & (_OWN.c.folded == _FOLDED)),
)
#: When it was last noted that the person used it from here.
_NOTED_AT = (
    sa.select(uses.c.last_at)
    .where(
        (uses.c.connection_id == connections.c.id)
        & (uses.c.person == _PERSON)
        & (uses.c.place == _PLACE)
    )
    .scalar_subquery()
    .label("noted_at")
)
_NAMED = (
    _VISIBLE.add_columns(_NOTED_AT).order_by(connections.c.owner).limit(MOST_OWNERS)
)
#: One's own goes before all others', by whichever of its names.
_BY_LINK_NAME = _NAMED.where(
    connections.c.link_name == _LINK_NAME, _IS_OWN | (sa.not_(_HAS_OWN) & _IS_LENT)
)
_BY_NAME = _NAMED.where(
    connections.c.folded == _FOLDED, _IS_OWN | (sa.not_(_HAS_OWN) & _IS_LENT)
)
_BY_OWNER = _NAMED.where(
    connections.c.owner == sa.bindparam("owner", type_=sa.String),
    connections.c.link_name == _LINK_NAME,
    _IS_VISIBLE,
)
_SHARERS = (
    sa.select(connections.c.owner)
    .where(connections.c.link_name == _LINK_NAME, sa.not_(_IS_OWN), _IS_LENT)
    .order_by(connections.c.owner)
    .limit(MOST_OWNERS)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Onlooker:
    """Who looks, and from where.

    Attributes:
        person: The person.
        principals: What they are known as to those who share: never their own name
            alone.
        place: The notebook or job.
    """

    person: str
    principals: tuple[str, ...] = ()
    place: str = ""

    def bound(self, **more: Any) -> dict[str, Any]:
        """Return what every statement here has to be told."""
        return {"person": self.person, "principals": self.principals, **more}


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
    return next(iter(_named(tx, _BY_OWNER, seen_by, names)), None)


def _named(
    tx: sa.Connection,
    statement: sa.Select[Any],
    seen_by: Onlooker,
    names: dict[str, str],
) -> Sequence[Row]:
    if any(is_nobodys(text) for text in names.values()):
        return ()
    return tx.execute(statement, seen_by.bound(place=seen_by.place, **names)).all()


# --- many, page by page ------------------------------------------------------------------


class _Kind(NamedTuple):
    """What a question is made of: for each there is one statement."""

    has_words: bool
    has_service: bool
    group: Group | None
    status: Status | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which connections are looked for.

    Attributes:
        words: What the name, link name or service's name holds.
        services_of_words: The services whose names hold the words.
        group: One of the three groups.
        service: One service.
        status: One status.
    """

    words: str = ""
    services_of_words: tuple[str, ...] = ()
    group: Group | None = None
    service: str | None = None
    status: Status | None = None

    @property
    def kind(self) -> _Kind:
        """What the question is made of."""
        return _Kind(
            bool(self.words), self.service is not None, self.group, self.status
        )


class Bookmark(NamedTuple):
    """Where a page ended: the order of the list, by its last entry."""

    folded: str
    link_name: str
    owner: str


def page_of_rows(
    tx: sa.Connection,
    wanted: Wanted,
    *,
    seen_by: Onlooker,
    after: Bookmark | None = None,
    limit: int,
) -> Sequence[Row]:
    """Return a part of what a person sees, by name.

    Args:
        tx: A transaction that reads.
        wanted: Which ones.
        seen_by: Who looks.
        after: Where the page before ended.
        limit: How many at most.
    """
    asked = _asked(wanted, seen_by, after)
    if asked is None:
        return ()
    return tx.execute(_page_of(wanted.kind, after is not None), asked | {"most": limit}).all()


def count_of_rows(tx: sa.Connection, wanted: Wanted, *, seen_by: Onlooker) -> int:
    """Return how many a person sees."""
    asked = _asked(wanted, seen_by, None)
    if asked is None:
        return 0
    return int(tx.execute(_count_of(wanted.kind), asked).scalar_one())


def _asked(
    wanted: Wanted, seen_by: Onlooker, after: Bookmark | None
) -> dict[str, Any] | None:
    """Return what the statements are told; None where nobody has such names."""
    texts = (seen_by.person, wanted.words, wanted.service or "", *(after or ()))
    if any(is_nobodys(text) for text in texts):
        return None
    return seen_by.bound(
        pattern=_pattern(wanted.words),
        services_of_words=wanted.services_of_words,
        service=wanted.service,
        **({f"after_{n}": text for n, text in after._asdict().items()} if after else {}),
    )


def owners_who_share(
    tx: sa.Connection, link_name: str, *, seen_by: Onlooker
) -> list[str]:
    """Return who else shares a connection of this link name with a person."""
    return list(tx.execute(_SHARERS, seen_by.bound(link_name=link_name)).scalars())


def services_seen(tx: sa.Connection, *, seen_by: Onlooker) -> list[str]:
    """Return the services of all that a person sees."""
    statement = sa.select(connections.c.service_id).where(_IS_VISIBLE).distinct()
    return list(tx.execute(statement, seen_by.bound()).scalars())


def link_names_seen(tx: sa.Connection, *, seen_by: Onlooker) -> list[str]:
    """Return the link names of all that a person sees."""
    statement = sa.select(connections.c.link_name).where(_IS_VISIBLE).distinct()
    return list(tx.execute(statement, seen_by.bound()).scalars())


_ORDER = (connections.c.folded, connections.c.link_name, connections.c.owner)


@lru_cache(maxsize=256)
def _page_of(kind: _Kind, is_further: bool) -> sa.Select[Any]:  # noqa: FBT001 - cached
    page = _VISIBLE.where(*_conditions(kind)).order_by(*_ORDER)
    if is_further:
        bookmark = (
            sa.bindparam(f"after_{name}", type_=sa.String) for name in Bookmark._fields
        )
        page = page.where(sa.tuple_(*_ORDER) > sa.tuple_(*bookmark))
    return page.limit(sa.bindparam("most", type_=sa.Integer))


@lru_cache(maxsize=128)
def _count_of(kind: _Kind) -> sa.Select[Any]:
    source = connections if kind.status is None else _WITH_CREDENTIALS
    counted = sa.select(sa.func.count()).select_from(source)
    return counted.where(*_conditions(kind))


def _conditions(kind: _Kind) -> list[sa.ColumnElement[bool]]:
    conditions = [_of_group(kind.group)]
    if kind.has_words:
        conditions.append(_holds_words())
    if kind.has_service:
        conditions.append(connections.c.service_id == sa.bindparam("service"))
    if kind.status is not None:
        conditions.append(_STATUS == kind.status)
    return conditions


def _of_group(group: Group | None) -> sa.ColumnElement[bool]:
    match group:
        case "my":
            return _IS_OWN & sa.not_(connections.c.internal)
        case "organisation":
            return sa.not_(_IS_OWN) & _IS_LENT
        case "internal":
            return _IS_OWN & connections.c.internal
    return _IS_VISIBLE


def _holds_words() -> sa.ColumnElement[bool]:
    pattern = sa.bindparam("pattern", type_=sa.String)
    services = sa.bindparam("services_of_words", type_=sa.String, expanding=True)
    return sa.or_(
        connections.c.folded.like(pattern, escape="\\"),
        connections.c.link_name.like(pattern, escape="\\"),
        connections.c.service_id.in_(services),
    )


def _pattern(words: str) -> str:
    """Return what LIKE is asked: the words as they are, anywhere."""
    for character in "\\%_":
        words = words.replace(character, f"\\{character}")
    return f"%{words}%"
