"""Telling people of alerts: by a webhook, by e-mail, or both."""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Protocol

from conn_core import Secret
from conn_core.errors import InvalidInput, ProviderUnavailable

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from conn_core.broker import Alert

_PATIENCE: Final = 15.0
_OK: Final = range(200, 300)


class WayOut(Protocol):
    """What sends a request: the guarded client of ``conn_core.http``."""

    def send(
        self,
        method: str,
        url: str,
        *,
        headers: dict[str, str],
        content: bytes,
        timeout: float | None = None,
    ) -> Any:
        """Send a request and return ``status``, ``headers`` and ``body``."""
        ...


class Notifier(Protocol):
    """Tells of alerts; raises ``ConnectionsError`` where that did not work."""

    def tell(self, alerts: "Sequence[Alert]") -> None:
        """Tell of all of them."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Webhook:
    """Posts alerts as JSON to an address that the operator chose.

    Attributes:
        url: The address; what is secret in it stays here.
        way_out: Sends the request.
    """

    url: Secret
    way_out: WayOut

    def tell(self, alerts: "Sequence[Alert]") -> None:
        """Post one document with all of them.

        Raises:
            ProviderUnavailable: If it was not taken.
        """
        document = {"text": _text_of(alerts), "alerts": [told(a) for a in alerts]}
        answer = self.way_out.send(
            "POST",
            self.url.reveal(),
            headers={"Content-Type": "application/json"},
            content=json.dumps(document).encode(),
            timeout=_PATIENCE,
        )
        if answer.status not in _OK:
            raise ProviderUnavailable(
                f"The webhook for alerts answered {answer.status}",
                "Check c.Connections.notify_webhook",
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """Sends alerts by SMTP.

    Attributes:
        host: The mail server.
        port: Its port.
        sender: From whom.
        to: To whom; ``{person}`` in it is whose authorization it is.
        user: As whom to log in; empty where nobody does.
        password_file: The file that holds the password; read when it is needed.
        starttls: Ask for TLS first; only a mail server on this machine goes without.
        deliver: Sends one message.
    """

    host: str
    sender: str
    to: str
    deliver: "Callable[[Mail, str, str, str], None]" = field(repr=False)
    port: int = 587
    user: str = ""
    password_file: Path | None = None
    starttls: bool = True

    def tell(self, alerts: "Sequence[Alert]") -> None:
        """Send one message to each who is concerned.

        Raises:
            ProviderUnavailable: If one was not taken.
        """
        by_receiver: dict[str, list[Alert]] = {}
        for alert in alerts:
            receiver = self.to.replace("{person}", _local_part(alert.person))
            by_receiver.setdefault(receiver, []).append(alert)
        for receiver, theirs in by_receiver.items():
            self.deliver(self, receiver, _subject_of(theirs), _text_of(theirs))

    def password(self) -> Secret | None:
        """Read the password; None where there is none.

        Raises:
            InvalidInput: If the file cannot be read.
        """
        if self.password_file is None:
            return None
        try:
            text = self.password_file.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise InvalidInput(
                f"The password for e-mail cannot be read ({type(error).__name__})",
                "Check password_file in c.Connections.notify_smtp",
            ) from None
        return Secret(text.strip())


def told(alert: "Alert") -> dict[str, Any]:
    """Return an alert as others read it; ids of ours stay here."""
    return {n: v for n, v in alert.to_json().items() if n != "credential"}


def _local_part(person: str) -> str:
    """Return a name as the part of an address; nothing that ends one or adds one."""
    return "".join(c for c in person if c.isalnum() or c in "._+-")


def _subject_of(alerts: "Sequence[Alert]") -> str:
    if len(alerts) == 1:
        return f"{alerts[0].connection} needs to be authorized again"
    return f"{len(alerts)} connections need to be authorized again"


def _text_of(alerts: "Sequence[Alert]") -> str:
    return "\n".join(f"{a.connection}: {a.message}.\n  {a.hint}" for a in alerts)
