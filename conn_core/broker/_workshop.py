"""The workshop behind every local broker: store, vault, catalogue and the way out."""

import secrets as randomness
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Protocol, TypeVar
from urllib.parse import urlsplit

import sqlalchemy as sa

from .. import auth
from .._names import closest
from .._secret import Secret
from .._services import Service
from .._settings import Settings
from .._urls import is_loopback, split_host_pattern
from ..catalog import Catalog
from ..errors import (
    InvalidInput,
    RegistrationRequired,
    ServiceNotFound,
)
from ..store import Store, rows
from ..vault import Vault
from ._auditing import NOBODY, Acting, Auditing, about
from ._described import described_by
from ._gates import Gates
from ._line_texts import with_marks
from ._noting import Noting
from ._people import EverybodyHere, People
from ._rates import Rates
from ._releases import Releases
from ._request_log import RequestLog
from ._scheduler import Scheduler
from ._status import day
from ._upkeep import Upkeep

Clock = Callable[[], float]
T = TypeVar("T")
#: Authentication types that need a client registration.
_WITH_CLIENT = frozenset({"oauth1", "oauth2"})
_USUAL_ADDRESS = "http://127.0.0.1:8888/connections/"


class CredentialPlace(NamedTuple):
    """Where a credential's secrets belong; sealed in one place, they open in no other."""

    connection_id: str
    credential_id: str
    holder: str
    generation: int


class Provider(Protocol):
    """The way out: what the core needs of ``conn_core.http``."""

    def post_form(
        self, url: str, fields: Mapping[str, str], *, headers: Mapping[str, str]
    ) -> Any:
        """Send a form and return ``status``, ``headers`` and ``body``."""
        ...

    def get(
        self, url: str, *, headers: Mapping[str, str], timeout: float | None = None
    ) -> Any:
        """Fetch an address and return ``status``, ``headers`` and ``body``."""
        ...

    def send(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str],
        content: bytes,
        timeout: float | None = None,
    ) -> Any:
        """Send any request and return ``status``, ``headers`` and ``body``."""
        ...

    def close(self) -> None:
        """Close what is open."""
        ...


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

    # --- services ---------------------------------------------------------------------

    def service(self, service_id: str) -> Service:
        """Return a service by id.

        Raises:
            ServiceNotFound: If there is none.
        """
        found = self.known_service(service_id)
        if found is None:
            raise self._no_service(service_id)
        return found

    def known_service(self, service_id: str) -> Service | None:
        """Return a service by id, None where there is none.

        One that people described here wins over one that ships: connections to it are
        older than the release that brought another of the same id.
        """
        with self.store.read() as tx:
            row = rows.service_row(tx, service_id)
        return self.catalog.get(service_id) if row is None else described_by(row)

    def _no_service(self, service_id: str) -> ServiceNotFound:
        with self.store.read() as tx:
            described = rows.service_names(tx)
        shown = service_id[:80]
        like = closest(shown, [*described, *self.catalog.ids()])
        guess = f". Did you mean '{like}'?" if like else ""
        return ServiceNotFound(
            f"There is no service called '{shown}'{guess}", "See %conn services"
        )

    def service_name(self, service_id: str) -> str:
        """Return a service's display name; its id where it is gone."""
        return self.service_names([service_id])[service_id]

    def service_names(self, service_ids: Collection[str]) -> dict[str, str]:
        """Return services' display names by id; the id where one is gone."""
        with self.store.read() as tx:
            described = rows.service_names(tx, service_ids)
        return {s: described.get(s) or self._shipped_name(s) for s in service_ids}

    def _shipped_name(self, service_id: str) -> str:
        found = self.catalog.get(service_id)
        return service_id if found is None else found.name

    def filled_service(self, service_id: str, parameters: dict[str, str]) -> Service:
        """Return a service with its blanks filled, if it may be used here.

        Raises:
            InvalidInput: If a blank cannot be filled so, or the service lives on this
                machine and the operator does not allow that.
        """
        try:
            service = self._as_registered(self.service(service_id)).filled(parameters)
        except ValueError as error:
            if isinstance(error, InvalidInput):
                raise
            reason = str(error)
            raise InvalidInput(
                f"Nothing was stored: {reason}", fields={"parameters": reason}
            ) from None
        if not self.settings.allow_loopback:
            _refuse_this_machine(service)
        return service

    def _as_registered(self, service: Service) -> Service:
        """Return a service as its client was registered.

        A server that makes registrations may choose how it wants to see the client
        (RFC 7591 3.2.1).
        """
        with self.store.read() as tx:
            row = rows.registration_row(tx, service.id)
        if row is None or row.token_endpoint_auth_method is None:
            return service
        chosen = {"token_endpoint_auth_method": row.token_endpoint_auth_method}
        return service.model_copy(update=chosen)

    def redirect_uri(self, service_id: str) -> str:
        """Return what must be registered with a service, and is sent to it.

        Where no server says its own address it is that of most: nothing need answer
        there, for its address is what is pasted.
        """
        base = self.settings.public_url or _USUAL_ADDRESS
        return f"{base}callback/{service_id}"

    # --- sealing ----------------------------------------------------------------------

    def binding_of_credential(
        self, service: Service, place: CredentialPlace
    ) -> Sequence[str]:
        """Return what a credential's secrets are bound to: its row and its endpoints."""
        row = (str(part) for part in place)
        return ("secrets", "sealed", *row, *service.security_facts())

    def client_for(self, service: Service) -> auth.Client:
        """Return the client registration with a service.

        Raises:
            RegistrationRequired: If there is none yet, or none any more.
        """
        with self.store.read() as tx:
            row = rows.registration_row(tx, service.id)
        if row is None:
            raise RegistrationRequired(
                f"There is no client registration with {service.name} yet",
                f"Run %conn new {service.id} and enter the client id",
            )
        ends = row.secret_expires_at
        if ends is not None and self.clock() >= ends:
            raise RegistrationRequired(
                f"The client secret that {service.name} made for us ended on {day(ends)}",
                f"Run %conn service register {service.id}",
            )
        secret = None
        if row.sealed_secret is not None:
            described = self.known_service(service.id) or service  # its blanks are open
            binding = self.binding_of_registration(described, row.client_id)
            secret = Secret(
                self.vault.open(row.sealed_secret, binding=binding).decode()
            )
        return auth.Client(client_id=row.client_id, client_secret=secret)

    def client_if_used(self, service: Service) -> auth.Client | None:
        """Return the client registration where the authentication type uses one.

        Raises:
            RegistrationRequired: If there is none yet.
        """
        if service.auth_type not in _WITH_CLIENT:
            return None
        return self.client_for(service)

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

    def binding_of_registration(
        self, service: Service, client_id: str
    ) -> Sequence[str]:
        """Return what a client secret is bound to.

        Where people described the service also to where it is sent: whoever edits that
        in the database has it sent nowhere.
        """
        facts = service.client_facts() if service.owner else ()
        return ("registrations", "sealed_secret", service.id, client_id, *facts)

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


def _refuse_this_machine(service: Service) -> None:
    hosts = [split_host_pattern(pattern)[0] for pattern in service.api_hosts]
    hosts += [urlsplit(url).hostname or "" for url in service.endpoints]
    if any(is_loopback(host) for host in hosts):
        raise InvalidInput(
            f"{service.name} lives on this machine, and that is not allowed here",
            "An operator allows it with c.Connections.allow_loopback = True",
            fields={"service": "lives on this machine, and that is not allowed here"},
        )
