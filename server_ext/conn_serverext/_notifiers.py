"""Which notifiers an operator's options describe."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from conn_core import Secret

from ._addresses import LOOPBACK_HOSTS

if TYPE_CHECKING:
    from conn_core.broker import Core

    from ._notify import Notifier

_NEEDED: Final = ("host", "from", "to")
_KNOWN: Final = frozenset({*_NEEDED, "port", "user", "password_file", "starttls"})


def problem_of_webhook(url: str) -> str:
    """Say why an address cannot be a webhook; empty where it can. It is not repeated."""
    parts = urlsplit(url)
    if parts.scheme != "https" or not parts.hostname or "@" in parts.netloc:
        return "Connections.notify_webhook must be an https address"
    return ""


def problem_of_smtp(found: Mapping[str, Any]) -> str:
    """Say what is wrong with the options of e-mail; empty where nothing is."""
    missing = [name for name in _NEEDED if not found.get(name)]
    strange = sorted(set(found) - _KNOWN)
    if missing:
        return f"Connections.notify_smtp lacks {', '.join(missing)}"
    if strange:
        return f"Connections.notify_smtp has no {', '.join(strange)}"
    if not isinstance(found.get("port", 587), int):
        return "Connections.notify_smtp: port is a number"
    if not found.get("starttls", True) and found["host"] not in LOOPBACK_HOSTS:
        return "Connections.notify_smtp: only a mail server here goes without starttls"
    return ""


def notifiers_from(
    url: str, smtp: Mapping[str, Any]
) -> "Callable[[Core], Sequence[Notifier]] | None":
    """Return what makes the notifiers; None where the operator wants none.

    Args:
        url: The webhook; empty for none.
        smtp: The options of e-mail; empty for none.
    """
    if not url and not smtp:
        return None

    def make(core: "Core") -> "Sequence[Notifier]":
        from ._notify import Webhook  # noqa: PLC0415 - servers start without it

        made: list[Notifier] = []
        if url:
            made.append(Webhook(url=Secret(url), way_out=core.provider))
        if smtp:
            made.append(_mail(smtp))
        return made

    return make


def _mail(smtp: Mapping[str, Any]) -> "Notifier":
    from ._notify import Mail  # noqa: PLC0415 - as above
    from ._smtp import deliver  # noqa: PLC0415 - as above

    file = smtp.get("password_file")
    return Mail(
        host=smtp["host"],
        port=smtp.get("port", 587),
        sender=smtp["from"],
        to=smtp["to"],
        user=smtp.get("user", ""),
        password_file=Path(file).expanduser() if file else None,
        starttls=smtp.get("starttls", True),
        deliver=deliver,
    )
