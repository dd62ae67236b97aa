"""All about one connection: facts, code to copy, who uses it, history."""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final, Literal

from tornado import web

import conn_core
from conn_core import look

from .._handler import may
from ._screen import ScreenHandler

if TYPE_CHECKING:
    from conn_core import Connection, Service
    from conn_core.broker import Broker

_EVENTS: Final = 10
_ALL_EVENTS: Final = 200
_USES: Final = 50
_EXPOSURE: Final = {
    "direct": "Direct: a short-lived token reaches the notebook",
    "sealed": "Sealed: the token stays with the broker, and requests go through it",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """One thing worth knowing.

    Attributes:
        name: What it is about.
        text: What it is.
        kind: How it is written.
        words: For names of code: what they are in words.
    """

    name: str
    text: str
    kind: Literal["text", "code", "codes"] = "text"
    words: dict[str, str] | None = None


class DetailsScreen(ScreenHandler):
    """``connection/{name}``."""

    @web.authenticated
    @may("read")
    async def get(self, name: str) -> None:
        """Show a connection."""
        library = self.get_query_argument("for", "")
        every = bool(self.get_query_argument("history", ""))
        facts = await self.ask(
            lambda broker: _all_about(broker, name, library=library, every=every)
        )
        self.show_screen("details.html", title=facts["connection"].name, **facts)


def _all_about(
    broker: "Broker", name: str, *, library: str, every: bool
) -> dict[str, Any]:
    connection = broker.connection(name)
    service = broker.service(connection.service)
    status, at = broker.status(), look.now()
    user = status.user
    known = conn_core.libraries_for(service, exposure=connection.exposure)
    chosen = library if library in known else known[0]
    events = broker.events(
        connection.full_name, limit=_ALL_EVENTS if every else _EVENTS
    )
    uses = broker.uses(connection.full_name, limit=_USES)
    return {
        "connection": connection,
        "service": service,
        "may_stop": connection.owner == user or status.is_administrator,
        "facts": facts_of(connection, service, user=user, at=at),
        "libraries": known,
        "library": chosen,
        "code": conn_core.snippet(connection, library=chosen, service=service),
        "history": look.history_rows(events, at=at),
        "more_history": not every and len(events) == _EVENTS,
        "uses": [
            (look.briefly(use.place), use.person, look.ago(use.last_at, at=at))
            for use in uses
        ],
    }


def facts_of(
    connection: "Connection", service: "Service", *, user: str, at: datetime
) -> list[Fact]:
    """Return what there is to know, beside the status, the most important first.

    Args:
        connection: The connection.
        service: What it is to.
        user: Who asks.
        at: The moment.
    """
    words = {s.name: s.display_name for s in service.scopes if s.display_name}
    made = "predefined" if service.predefined else f"custom, by {service.owner}"
    account = f", account {connection.account}" if connection.account else ""
    created, last = connection.created_at, connection.last_used_at
    granted = connection.granted_scopes
    differs = granted and set(granted) != set(connection.scopes)
    facts = [
        Fact(name="Service", text=f"{service.name}, {made}"),
        Fact(
            name="Whose credentials", text=look.whose(connection, user=user) + account
        ),
        Fact(name="Who may use it", text=_who_may(connection)),
        _scopes("Scopes", connection.scopes, words),
        _scopes("Granted", granted if differs else (), words),
        *(Fact(name=n, text=v, kind="code") for n, v in connection.parameters.items()),
        _scopes("Allowed hosts", _hosts(connection, service), {}),
        Fact(name="Exposure", text=_EXPOSURE[connection.exposure]),
        Fact(name="Requests", text=_requests(connection)),
        Fact(name="Valid until", text=look.valid_until(connection)),
        Fact(name="Created", text=look.day(created) if created else ""),
        Fact(name="Last used", text=look.ago(last, at=at) if last else "never"),
    ]
    return [fact for fact in facts if fact.text]


def _requests(connection: "Connection") -> str:
    return f"Only {connection.rules.in_words()}" if connection.rules else ""


def _scopes(name: str, codes: tuple[str, ...], words: dict[str, str]) -> Fact:
    return Fact(name=name, text="\n".join(codes), kind="codes", words=words)


def _who_may(connection: "Connection") -> str:
    if connection.group == "internal":
        return ""
    said = conn_core.audience(connection.shared_with, owner=connection.owner)
    return "Everybody here" if "*" in connection.shared_with else said


def _hosts(connection: "Connection", service: "Service") -> tuple[str, ...]:
    try:
        return service.filled(connection.parameters).api_hosts
    except ValueError:
        return service.api_hosts
