"""The verbs about what one can connect to: services, and their client registrations."""

from typing import TYPE_CHECKING

from .._asking import ask_registration
from .._blocks import Cell, Note, Sentence, Table
from .._desk import Desk
from .._verb import argument, verb
from .._views import ListView, View, page_of

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


@verb(
    "service",
    argument("action", choices=("register",), help="register: client id and secret"),
    argument("service_id", metavar="ID", help="the service", completes="service"),
)
def service(desk: Desk, *, action: str, service_id: str) -> View:
    """Enter the client id and secret of a service, for everybody here."""
    del action  # there is one so far, and the parser has checked it
    from conn_core.errors import InteractionRequired

    found = desk.broker.service(service_id)
    if not desk.around.person:
        raise InteractionRequired(
            f"This notebook runs without a user, and the client registration with "
            f"{found.name} has to be typed",
            f"Open a notebook and run %conn service register {found.id}",
        )
    registration = ask_registration(desk, found)
    if registration is None:
        return View(Sentence("Nothing was entered, and nothing was changed", "off"))
    desk.broker.register_client(found.id, registration)
    return View(
        Sentence(f"{found.name} can be connected to now", "ok"),
        Note(f"Run %conn new {found.id}"),
    )
