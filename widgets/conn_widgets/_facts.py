"""What there is to know about a connection, as names and values."""

from dataclasses import dataclass
from datetime import datetime

from conn_core import Connection, Service, audience
from conn_core.look import ago, day, pill_of, valid_until, whose

from . import _html


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """One thing to know.

    Attributes:
        name: What it is about.
        text: For places without HTML.
        html: The same, marked up.
    """

    name: str
    text: str
    html: str


def facts_of(
    connection: Connection, service: Service | None, *, user: str, at: datetime
) -> list[Fact]:
    """Return what there is to know, the most important first.

    Args:
        connection: The connection.
        service: What it is to, where that can be learned.
        user: Who asks.
        at: The moment.
    """
    facts = [
        _status(connection, at),
        _plain("Service", _service(connection, service)),
        _plain("Whose credentials", _whose(connection, user)),
        _plain("Who may use it", _who_may(connection)),
        *_scopes(connection, service),
        *(_coded(n, v) for n, v in connection.parameters.items()),
        _coded("Allowed hosts", ", ".join(_hosts(connection, service))),
        _plain("Exposure", _EXPOSURE[connection.exposure]),
        _plain("Requests", _requests(connection)),
        _plain("Valid until", valid_until(connection)),
        _plain("Created", day(connection.created_at) if connection.created_at else ""),
        _plain("Last used", _last_used(connection, at)),
    ]
    return [fact for fact in facts if fact.text]


_EXPOSURE = {
    "direct": "Direct: a short-lived token reaches the notebook",
    "sealed": "Sealed: the token stays with the broker, and requests go through it",
}


def _requests(connection: Connection) -> str:
    return f"Only {connection.rules.in_words()}" if connection.rules else ""


def _plain(name: str, text: str) -> Fact:
    return Fact(name=name, text=text, html=_html.escaped(text))


def _coded(name: str, text: str) -> Fact:
    return Fact(name=name, text=text, html=_html.codes([text]))


def _status(connection: Connection, at: datetime) -> Fact:
    pill = pill_of(connection, at=at)
    why = f" {connection.status_reason}" if connection.status_reason else ""
    shown = _html.pill(pill.label, shape=pill.icon, tone=pill.tone)
    return Fact(
        name="Status",
        text=f"{pill.label}.{why}" if why else pill.label,
        html=shown + (f"<br>{_html.small(why.strip())}" if why else ""),
    )


def _service(connection: Connection, service: Service | None) -> str:
    if service is None:
        return connection.service_name
    made = "predefined" if service.predefined else f"custom, by {service.owner}"
    return f"{service.name}, {made}"


def _whose(connection: Connection, user: str) -> str:
    account = f", account {connection.account}" if connection.account else ""
    return whose(connection, user=user) + account


def _who_may(connection: Connection) -> str:
    if connection.group == "internal":
        return ""
    said = audience(connection.shared_with, owner=connection.owner)
    return "Everybody here" if "*" in connection.shared_with else said


def _scopes(connection: Connection, service: Service | None) -> list[Fact]:
    """Return the scopes asked for and, where they differ, those granted."""
    words = {s.name: s.display_name for s in service.scopes} if service else {}
    asked, granted = connection.scopes, connection.granted_scopes
    facts = [_named("Scopes", asked, words)]
    if granted and set(granted) != set(asked):
        facts.append(_named("Granted", granted, words))
    return facts


def _named(name: str, scopes: tuple[str, ...], words: dict[str, str]) -> Fact:
    return Fact(
        name=name, text=", ".join(scopes), html=_html.codes(scopes, words=words)
    )


def offer_of(connection: Connection) -> tuple[str, str]:
    """Say what somebody agrees to who uses what another person shares."""
    hosts = " and ".join(connection.api_hosts) or connection.service_name
    why = (
        f"What you send goes to {hosts} in the name of {connection.owner}. Before you "
        "use it the first time, you say that you want that."
    )
    return f"{connection.owner} shares this connection.", why


def _hosts(connection: Connection, service: Service | None) -> tuple[str, ...]:
    if connection.api_hosts:
        return connection.api_hosts
    if service is None:
        return ()
    try:
        return service.filled(connection.parameters).api_hosts
    except ValueError:
        return service.api_hosts


def _last_used(connection: Connection, at: datetime) -> str:
    used = connection.last_used_at
    return "never" if used is None else ago(used, at=at)
