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
    found = broker.connections(wanted, group="my").items
    taken = {c.name.casefold() for c in found} | {c.link_name for c in found}
    numbered = (f"{wanted} {n}" for n in range(2, _PAGE))
    for name in (wanted, *numbered):
        if not {name.casefold(), link_name_from(name)} & taken:
            return name
    return wanted


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
