"""Counting through a broker, a page at a time, never without an end."""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import NamedTuple, TypeVar

from conn_core import Connection, Page, link_name_from
from conn_core.broker import Broker
from conn_core.look import needs_attention

_PAGE = 100
_MOST_PAGES = 10
Item = TypeVar("Item")


class Census(NamedTuple):
    """What a list says beside its rows.

    Attributes:
        services: Id and name of every service that a connection uses, by name.
        ailing: How many of one's own ended, or end soon.
    """

    services: list[tuple[str, str]]
    ailing: int


def census_of(broker: Broker, *, at: datetime) -> Census:
    """Count through all connections.

    Args:
        broker: Whom to ask.
        at: The moment.
    """
    every = list(_all(lambda cursor: _connections(broker, cursor)))
    services = {c.service: c.service_name for c in every}
    by_name = sorted(services.items(), key=lambda pair: pair[1].casefold())
    own = (c for c in every if c.group != "organisation")
    return Census(by_name, sum(needs_attention(c, at=at) for c in own))


def free_name(broker: Broker, wanted: str) -> str:
    """Return ``wanted``, with a number when one of one's own has this name."""
    found = _own_like(broker, wanted)
    numbered = (f"{wanted} {n}" for n in range(2, _PAGE))
    free = (n for n in (wanted, *numbered) if not any(_has(c, n) for c in found))
    return next(free, wanted)


def taken_by(broker: Broker, wanted: str) -> Connection | None:
    """Return the connection of one's own that has a name already, if one has."""
    return next((c for c in _own_like(broker, wanted) if _has(c, wanted)), None)


def _own_like(broker: Broker, wanted: str) -> tuple[Connection, ...]:
    return broker.connections(wanted, group="my").items


def _has(connection: Connection, name: str) -> bool:
    """Tell whether code or people would take a name for this connection's."""
    same = connection.name.casefold() == name.casefold()
    return same or connection.link_name == link_name_from(name)


def _connections(broker: Broker, cursor: str | None) -> Page[Connection]:
    return broker.connections(cursor=cursor, limit=_PAGE)


def _all(page_at: Callable[[str | None], Page[Item]]) -> Iterator[Item]:
    cursor: str | None = None
    for _ in range(_MOST_PAGES):
        page = page_at(cursor)
        yield from page.items
        cursor = page.next_cursor
        if cursor is None:
            return
