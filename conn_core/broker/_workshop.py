"""The workshop behind every local broker: store, vault, catalogue and the way out."""

import secrets as randomness
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

import sqlalchemy as sa

from .. import auth
from .._settings import Settings
from ..catalog import Catalog
from ..store import Store, rows
from ..vault import Vault
from ._auditing import NOBODY, Acting, Auditing, about
from ._gates import Gates
from ._line_texts import with_marks
from ._noting import Noting
from ._people import EverybodyHere, People
from ._provider import Provider
from ._rates import Rates
from ._releases import Releases
from ._request_log import RequestLog
from ._scheduler import Scheduler
from ._upkeep import Upkeep

Clock = Callable[[], float]
T = TypeVar("T")


@dataclass(slots=True, kw_only=True)
class Workshop:
    """One deployment's store and vault, opened once per process.

    Attributes:
        settings: Where things are and what is allowed.
        store: The database.
        vault: Seals and opens secrets.
        catalog: The predefined services.
        provider: The way out to authorization servers.
        clock: Seconds since 1970.
        gates: One refresh at a time per credential in this process.
        upkeep: What the refresh engine keeps on this machine.
        people: What the organisation knows of people.
        noting: Which uses this process is noting.
        begun: How often people may begin an authorization of a service.
        guessed: How often they may bring an answer that belongs to none.
        scheduler: What runs notebooks by itself; None where no server does.
        auditing: Writes the audit log.
        releases: Which releases of others' credentials are in it already.
        requests: What is written down of requests that the broker sends for others.
        acting: Who works in it now.
    """

    settings: Settings
    store: Store
    vault: Vault
    catalog: Catalog
    provider: Provider
    clock: Clock
    gates: Gates = field(default_factory=Gates)
    upkeep: Upkeep
    people: People = field(default_factory=EverybodyHere)
    noting: Noting = field(default_factory=Noting)
    begun: Rates = field(default_factory=lambda: Rates(60, 600.0))
    guessed: Rates = field(default_factory=lambda: Rates(60, 60.0))
    scheduler: Scheduler | None = None
    auditing: Auditing = field(default_factory=Auditing)
    releases: Releases = field(default_factory=Releases)
    requests: RequestLog = field(default_factory=RequestLog)
    acting: Acting = NOBODY

    def drive(self, steps: auth.Steps[T]) -> T:
        """Send what an authentication type asks to be sent, until it has its result.

        Raises:
            GrantEnded: If the provider said that a grant or code is no longer good.
            ProviderError: If it refused for another reason.
            ProviderUnavailable: If it did not answer, or nothing that means anything.
        """
        return auth.drive(steps, self.send, clock=self.clock)

    def send(self, request: auth.TokenRequest) -> auth.Answer:
        """Send one request to an authorization server."""
        headers = dict(request.headers)
        answer: auth.Answer
        if request.method == "POST" and request.format == "form":
            answer = self.provider.post_form(
                request.url, request.fields, headers=headers
            )
        else:
            if request.content_type:
                headers["Content-Type"] = request.content_type
            answer = self.provider.send(
                request.method,
                request.address,
                headers=headers,
                content=request.content,
            )
        return answer

    def record(
        self,
        tx: sa.Connection,
        action: str,
        *,
        actor: str,
        connection_id: str | None = None,
        service_id: str | None = None,
        result: str = "ok",
        detail: str = "",
        gone: rows.Row | None = None,
        marks: str = "",
    ) -> None:
        """Write one line of history, and one of the audit log in the same transaction.

        Never a secret, never an address's query.

        Args:
            tx: A transaction that writes.
            action: What was done.
            actor: As whom.
            connection_id: With which connection.
            service_id: With which service.
            result: How it ended.
            detail: A sentence.
            gone: The connection, where it is not there any more.
            marks: What the audit log keeps besides, so that a token can be looked for.

        Raises:
            AuditUnavailable: If it cannot be written into the audit log.
        """
        rows.insert_event(
            tx,
            at=self.clock(),
            actor=actor[:256],
            action=action,
            connection_id=connection_id,
            service_id=service_id,
            result=result,
            detail=detail[:700],
        )
        found = gone or rows.connection_if_there(tx, connection_id)
        line = {"result": result, "detail": with_marks(detail, marks)} | about(found)
        if service_id is not None:
            line["service_id"] = service_id
        self.audit(tx, action, actor=actor, **line)

    def audit(self, tx: sa.Connection, action: str, *, actor: str, **line: Any) -> None:
        """Write one line of the audit log only.

        Args:
            tx: A transaction that writes.
            action: What was done.
            actor: As whom.
            line: The rest of it, by column.

        Raises:
            AuditUnavailable: If it cannot be written.
        """
        who = {"actor": actor, "by": self.acting.really(actor)}
        line = {"at": self.clock(), "place": self.acting.place, "result": "ok"} | line
        self.auditing.write(tx, self.vault, line | who | {"action": action})


def new_id() -> str:
    """Return an id that cannot be guessed."""
    return randomness.token_hex(16)
