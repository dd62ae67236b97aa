"""Counting through a broker, a page at a time, never without an end."""

from collections.abc import Callable, Iterator
from typing import TypeVar

from conn_core import Connection, Page, link_name_from
from conn_core.broker import Broker

_PAGE = 100
_MOST_PAGES = 10
Item = TypeVar("Item")


def services_in_use(broker: Broker) -> list[tuple[str, str]]:
    """Return id and name of every service that a connection uses, by name."""
    found = {
        c.service: c.service_name for c in _all(lambda at: _connections(broker, at))
    }
    return sorted(found.items(), key=lambda pair: pair[1].casefold())


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
