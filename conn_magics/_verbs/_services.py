"""The verb about what one can connect to: services."""

from typing import TYPE_CHECKING

from .._blocks import Cell, Note, Table
from .._desk import Desk
from .._verb import argument, verb
from .._views import ListView, page_of

if TYPE_CHECKING:
    import conn_core

_SHOWN = 50


@verb(
    "services",
    argument("query", nargs="*", metavar="QUERY", help="part of a name or category"),
    argument(
        "--predefined",
        dest="predefined",
        action="store_const",
        const=True,
        help="only those that ship",
    ),
    argument(
        "--custom",
        dest="predefined",
        action="store_const",
        const=False,
        help="only those people made here",
    ),
    argument("--category", metavar="C", help="only of this category"),
    reading=True,
)
def services(
    desk: Desk,
    *,
    query: list[str] | str = "",
    predefined: bool | None = None,
    category: str | None = None,
) -> "ListView[conn_core.Service]":
    """Search the services one can connect to."""
    wanted = query if isinstance(query, str) else " ".join(query)
    page = desk.broker.services(
        wanted, predefined=predefined, category=category, limit=_SHOWN
    )
    data = page_of(
        page.items,
        write=lambda s: s.model_dump(mode="json"),
        next_cursor=page.next_cursor,
        total=page.total,
    )
    if not page.items:
        return ListView(
            (), Note("No service is like that. See %conn services"), data=data
        )
    rows = tuple(
        (
            Cell(s.name, "strong", note=s.id, plain=s.id),
            Cell(s.category),
            Cell(s.description),
        )
        for s in page.items
    )
    more = (
        [
            Note(
                f"{len(page.items)} of {page.total} services. Narrow it: %conn services QUERY"
            )
        ]
        if page.next_cursor
        else []
    )
    table = Table(
        ("Service", "Category", "What it is for"), rows, elastic="What it is for"
    )
    return ListView(page.items, table, *more, data=data)
