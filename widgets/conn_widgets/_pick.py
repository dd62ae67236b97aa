"""Pick your service: search over the whole catalogue, 24 cards at a time."""

from collections.abc import Callable
from typing import Any

import ipywidgets
from traitlets import Unicode

from conn_core import Page, Service
from conn_core.broker import Broker
from conn_core.errors import ConnectionsError
from conn_core.look import counted, hue, monogram, spoken

from . import _html
from ._part import Part, loader
from ._registration import RegistrationFields
from ._stage import Screen, boxed, button, head_of, way_back_to

_CARDS = 24
_ABOUT = 120
_ACTIONS = ["edit", "export", "delete"]


class ServicePicker(Part):
    """Search, categories and cards. Holds no services: it asks, the kernel searches.

    Args:
        broker: Whom to ask.
        on_pick: Gets the id of the picked service.
        on_action: Gets what to do with a service of one's own (``edit``, ``export``,
            ``delete``) and its id; None offers nothing of the kind.
        kind: ``predefined`` or ``custom``: the tab to begin with.

    Attributes:
        kind: The tab to begin with.
    """

    _esm = loader("service_picker")
    kind = Unicode("predefined").tag(sync=True)

    def __init__(
        self,
        broker: Broker,
        *,
        on_pick: Callable[[str], None],
        on_action: Callable[[str, str], None] | None = None,
        kind: str = "predefined",
    ) -> None:
        super().__init__(kind=kind)
        self._broker = broker
        self._on_pick = on_pick
        self._on_action = on_action
        self._user: str | None = None
        self.on_msg(self._received)

    def _received(self, _widget: Any, content: Any, _buffers: Any) -> None:
        try:
            match content.get("do"):
                case "kinds":
                    self.send(self._kinds())
                case "search":
                    self.send(self._cards(content))
                case "pick":
                    self._on_pick(str(content["id"]))
                case "act" if self._on_action is not None:
                    self._on_action(str(content["action"]), str(content["id"]))
        except ConnectionsError as error:
            said, then = spoken(error)
            self.send({"do": "trouble", "said": said, "then": then})

    def _kinds(self) -> dict[str, Any]:
        return {
            "do": "kinds",
            "predefined": self._broker.services(predefined=True, limit=1).total,
            "custom": self._broker.services(predefined=False, limit=1).total,
            "categories": list(self._broker.categories()),
        }

    def _cards(self, asked: dict[str, Any]) -> dict[str, Any]:
        query, cursor = str(asked.get("query", "")), asked.get("cursor")
        kind = "custom" if asked.get("kind") == "custom" else "predefined"
        found = self._search(query, kind, asked.get("category"), cursor)
        said, then = "", ""
        if found.total == 0:
            other = "predefined" if kind == "custom" else "custom"
            elsewhere = self._search(query, other, None, None) if query else found
            said, then = _no_hit(query, kind, elsewhere.total)
            found = elsewhere
        return {
            "do": "cards",
            "number": asked.get("number"),
            "cards": [self._card(service) for service in found.items],
            "more": cursor is not None,
            "next": found.next_cursor if not said else None,
            "total": found.total,
            "said": said,
            "then": then,
        }

    def _search(
        self, query: str, kind: str, category: Any, cursor: Any
    ) -> Page[Service]:
        return self._broker.services(
            query,
            predefined=kind == "predefined",
            category=None if category is None else str(category),
            cursor=None if cursor is None else str(cursor),
            limit=_CARDS,
        )

    def _card(self, service: Service) -> dict[str, Any]:
        if self._user is None:
            self._user = self._broker.status().user
        is_own = not service.predefined and service.owner == self._user
        about = service.description
        if not service.predefined and service.owner:
            about = f"Custom service by {service.owner}. {about}".strip()
        return {
            "id": service.id,
            "name": service.name,
            "about": about[:_ABOUT],
            "monogram": monogram(service.name),
            "hue": hue(service.id),
            "connected": service.connection_count,
            "registered": not RegistrationFields.is_missing(service),
            "actions": _ACTIONS if is_own and self._on_action else [],
        }


def _no_hit(query: str, kind: str, elsewhere: int) -> tuple[str, str]:
    word = "predefined" if kind == "predefined" else "custom"
    other = "custom" if kind == "predefined" else "predefined"
    if not query:
        return f"There are no {word} services here yet.", ""
    said = f"No {word} service matches “{query}”."
    if not elsewhere:
        return said, "Try a shorter word, or what the service is for."
    does = "does" if elsewhere == 1 else "do"
    return said, f"{counted(elsewhere, f'{other} service').capitalize()} {does}:"


class PickScreen(Screen):
    """Pick your service.

    Args:
        broker: Whom to ask.
        on_pick: Gets the id of the picked service.
        on_create: Opens *Create new service*.
        on_action: Gets what to do with a service of one's own, and its id.
        on_back: Goes back to the list; None where there is none.
        kind: The tab to begin with.
    """

    focus = "input[type=search]"

    def __init__(
        self,
        broker: Broker,
        *,
        on_pick: Callable[[str], None],
        on_create: Callable[[], None],
        on_action: Callable[[str, str], None],
        on_back: Callable[[], None] | None = None,
        kind: str = "predefined",
    ) -> None:
        self._broker = broker
        title = ipywidgets.HTML(
            _html.title_line(
                "Pick your service",
                lede="Step 1 of 3. What do you want to reach from your notebooks?",
            )
        )
        way_back = way_back_to("Connections", on_back)
        self.picker = ServicePicker(
            broker, on_pick=on_pick, on_action=on_action, kind=kind
        )
        create = button("+ Create new service", on_create)
        head = head_of([*way_back, title], beside=[create])
        self.panel = boxed([head, self.picker], "conn-panel")

    def text(self) -> str:
        """Say how to do the same without widgets."""
        return (
            "Pick your service\n"
            "  This form needs a notebook. Without one: %conn services [QUERY] lists the "
            "services,\n  %conn new SERVICE --name NAME creates a connection,\n"
            "  %conn service import FILE creates a service of your own."
        )
