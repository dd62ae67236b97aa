"""The list of connections: groups, search, filters, and what can be done with each."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlencode

from tornado import web

from conn_core import look

from .._handler import may
from ._screen import ScreenHandler

if TYPE_CHECKING:
    from conn_core.broker import Broker

ROWS: Final = 25
#: More services than anybody has in use; they fill a list to choose from.
_LOOKED_AT: Final = 1000
GROUPS: Final = (
    ("my", "My"),
    ("organisation", "Organisation"),
    ("internal", "Internal"),
)
#: What administrators see besides.
EVERYBODYS: Final = ("all", "All")
STATUSES: Final = (
    ("connected", "Connected"),
    ("needs authorization", "Needs authorization"),
    ("revoked", "Revoked"),
    ("suspended", "Suspended"),
    ("failed", "Failed"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Which part of the list somebody wants to see; it stands in the address."""

    group: str = "my"
    q: str = ""
    service: str = ""
    status: str = ""
    cursor: str = ""

    @property
    def is_narrowed(self) -> bool:
        """Something is searched for, or filtered by."""
        return bool(self.q or self.service or self.status)

    def address(self, **changes: str) -> str:
        """Return the query of another part of the list; it starts at its beginning."""
        wanted = replace(self, cursor="")
        other = replace(wanted, **changes)
        found = {name: getattr(other, name) for name in self.__dataclass_fields__}
        if found["group"] == "my":
            del found["group"]
        query = urlencode({name: text for name, text in found.items() if text})
        return f"?{query}" if query else "?"


class ListScreen(ScreenHandler):
    """``./``: the connections."""

    @web.authenticated
    @may("read")
    async def get(self) -> None:
        """Show a part of the list."""
        asked = self._asked()
        facts = await self.ask(lambda broker: list_of(broker, asked))
        self.show_screen(
            "list.html",
            title="Connections",
            asked=asked,
            statuses=STATUSES,
            **facts,
        )

    def _asked(self) -> Asked:
        """Read the address; what is none of ours means nothing."""
        found = Asked(
            **{
                name: self.get_query_argument(name, "")
                for name in Asked.__dataclass_fields__
            }
        )
        if found.group not in dict((*GROUPS, EVERYBODYS)):
            found = replace(found, group="my")
        if found.status not in dict(STATUSES):
            found = replace(found, status="")
        return found


def list_of(broker: "Broker", asked: Asked) -> dict[str, Any]:
    """Return what the list shows.

    Args:
        broker: Whom to ask.
        asked: Which part of it.

    Raises:
        NotAllowed: If it is everybody's, and they do not look after the deployment.
    """
    looks_after = broker.status().is_administrator
    groups = (*GROUPS, EVERYBODYS) if looks_after else GROUPS
    page = broker.connections(
        asked.q,
        group=asked.group,  # type: ignore[arg-type]  # one of GROUPS
        service=asked.service or None,
        status=asked.status or None,  # type: ignore[arg-type]  # one of STATUSES
        cursor=asked.cursor or None,
        limit=ROWS,
    )
    everything = broker.connections(limit=_LOOKED_AT).items
    services = {c.service: c.service_name for c in everything}
    return {
        "page": page,
        "groups": groups,
        "counts": {
            group: broker.connections(group=group, limit=1).total  # type: ignore[arg-type]  # as above
            for group, _ in groups
        },
        "services": sorted(services.items(), key=lambda pair: pair[1].casefold()),
        "shown": look.counted(page.total, "connection"),
    }
