"""What a person sees, page by page, as it was asked for.

The database filters, sorts and counts: of ten thousand connections a page of a hundred
is read.
"""

from collections import namedtuple
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

import sqlalchemy as sa

from .._values import Group, Status
from ._tables import connections
from ._texts import Row, is_nobodys
from ._visible import (
    IS_LENT,
    IS_OWN,
    IS_VISIBLE,
    RESTS,
    STATUS,
    USES_ANOTHERS,
    VISIBLE,
    WITH_CREDENTIALS,
    Onlooker,
)

#: The same columns by name. In a long list it is felt that they are found eight times
#: faster than in a row of SQLAlchemy's.
_Seen: Any = namedtuple(  # type: ignore[misc]  # noqa: PYI024 - the columns are the table's
    "_Seen", VISIBLE.selected_columns.keys()
)


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
        group: One of the three groups; ``all`` is everything, whoever looks.
        service: One service.
        status: One status; what uses the credentials of somebody who is gone is among
            the revoked, and alone the suspended.
        gone: The owners whose accounts are not active.
    """

    words: str = ""
    services_of_words: tuple[str, ...] = ()
    group: Group | None = None
    service: str | None = None
    status: Status | None = None
    gone: tuple[str, ...] = ()

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
    page = tx.execute(_page_of(wanted.kind, after is not None), asked | {"most": limit})
    return list(map(_Seen._make, page.all()))


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
        gone=wanted.gone,
        **(
            {f"after_{n}": text for n, text in after._asdict().items()} if after else {}
        ),
    )


def owners_used(
    tx: sa.Connection, wanted: Wanted, *, seen_by: Onlooker
) -> Sequence[str]:
    """Return the others whose credentials are used by what a person sees of these."""
    asked = _asked(wanted, seen_by, None)
    if asked is None:
        return ()
    return tx.execute(_owners_of(wanted.kind), asked).scalars().all()


def services_seen(tx: sa.Connection, *, seen_by: Onlooker) -> list[str]:
    """Return the services of all that a person sees."""
    seen = sa.true() if seen_by.sees_all else IS_VISIBLE
    statement = sa.select(connections.c.service_id).where(seen).distinct()
    return list(tx.execute(statement, seen_by.bound()).scalars())


def link_names_seen(tx: sa.Connection, *, seen_by: Onlooker) -> list[str]:
    """Return the link names of all that a person sees."""
    statement = sa.select(connections.c.link_name).where(IS_VISIBLE).distinct()
    return list(tx.execute(statement, seen_by.bound()).scalars())


_ORDER = (connections.c.folded, connections.c.link_name, connections.c.owner)


@lru_cache(maxsize=256)
def _page_of(kind: _Kind, is_further: bool) -> sa.Select[Any]:  # noqa: FBT001 - cached
    page = VISIBLE.where(*_conditions(kind)).order_by(*_ORDER)
    if is_further:
        bookmark = (
            sa.bindparam(f"after_{name}", type_=sa.String) for name in Bookmark._fields
        )
        page = page.where(sa.tuple_(*_ORDER) > sa.tuple_(*bookmark))
    return page.limit(sa.bindparam("most", type_=sa.Integer))


@lru_cache(maxsize=128)
def _count_of(kind: _Kind) -> sa.Select[Any]:
    source = connections if kind.status is None else WITH_CREDENTIALS
    counted = sa.select(sa.func.count()).select_from(source)
    return counted.where(*_conditions(kind))


@lru_cache(maxsize=64)
def _owners_of(kind: _Kind) -> sa.Select[Any]:
    owners = sa.select(connections.c.owner).where(USES_ANOTHERS, *_conditions(kind))
    return owners.distinct()


def _conditions(kind: _Kind) -> list[sa.ColumnElement[bool]]:
    conditions = [_of_group(kind.group)]
    if kind.has_words:
        conditions.append(_holds_words())
    if kind.has_service:
        conditions.append(connections.c.service_id == sa.bindparam("service"))
    if kind.status is not None:
        conditions.append(_has_status(kind.status))
    return conditions


def _has_status(status: Status) -> sa.ColumnElement[bool]:
    match status:
        case "suspended":
            return RESTS & connections.c.revoked_at.is_(None)
        case "revoked":
            return RESTS | connections.c.revoked_at.is_not(None)
    return sa.not_(RESTS) & (sa.literal(status) == STATUS)


def _of_group(group: Group | None) -> sa.ColumnElement[bool]:
    match group:
        case "my":
            return IS_OWN & sa.not_(connections.c.internal)
        case "organisation":
            return sa.not_(IS_OWN) & IS_LENT
        case "internal":
            return IS_OWN & connections.c.internal
        case "all":
            return sa.true()
    return IS_VISIBLE


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
