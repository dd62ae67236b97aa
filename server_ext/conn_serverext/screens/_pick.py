"""Pick your service: the catalogue, and the services that people here described."""

from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlencode

from tornado import web

from conn_core import look

from .._handler import may
from ._screen import ScreenHandler

if TYPE_CHECKING:
    from conn_core.broker import Broker

CARDS: Final = 24
#: More categories than a row shows; the rest are behind *More*.
FIRST_CATEGORIES: Final = 8


class PickScreen(ScreenHandler):
    """``new``."""

    @web.authenticated
    @may("read")
    async def get(self) -> None:
        """Show services."""
        custom = self.get_query_argument("kind", "") == "custom"
        q = self.get_query_argument("q", "")
        category = self.get_query_argument("category", "")
        cursor = self.get_query_argument("cursor", "")
        facts = await self.ask(
            lambda broker: _services(
                broker, q=q, custom=custom, category=category, cursor=cursor
            )
        )

        def address(**more: str) -> str:
            asked = {"kind": "custom" if custom else "", "q": q, "category": category}
            query = {name: text for name, text in (asked | more).items() if text}
            return f"{self.root}new?{urlencode(query)}"

        self.show_screen(
            "pick.html",
            title="Pick your service",
            custom=custom,
            q=q,
            category=category,
            cursor=cursor,
            address=address,
            first_categories=FIRST_CATEGORIES,
            **facts,
        )


def _services(
    broker: "Broker", *, q: str, custom: bool, category: str, cursor: str
) -> dict[str, Any]:
    page = broker.services(
        q,
        predefined=not custom,
        category=category or None,
        cursor=cursor or None,
        limit=CARDS,
    )
    counts = {
        kind: broker.services(predefined=kind == "predefined", limit=1).total
        for kind in ("predefined", "custom")
    }
    return {
        "page": page,
        "counts": counts,
        "categories": () if custom else broker.categories(),
        "shown": f"{look.counted(page.total, 'service')}"
        + (f" for ‘{q[:60]}’" if q else ""),
    }
