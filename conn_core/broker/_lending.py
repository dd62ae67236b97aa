"""What the relay is lent: the credential, and all that must not be done with it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from .. import auth
from .._rules import Rules
from .._services import Service
from .._values import AccessToken
from ..http import Loan, needles_of
from ..store import rows
from ._credentials import access_token_from, definition_of, held_tokens
from ._line_texts import path_template
from ._policy import Actor, is_borrowed
from ._request_log import request_noted
from ._signing import signer_of
from ._workshop import Workshop

if TYPE_CHECKING:
    from concurrent.futures import Future

#: Of a service's addresses those that are part of its API, or may be.
_OPEN = frozenset({"api_base_url", "issuer"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Lending:
    """A loan, and whose it is.

    Attributes:
        loan: What the relay needs.
        workshop: Where the use of it is written down.
        connection: The connection's row.
        actor: Who uses it.
        place: From where: the notebook or job.
    """

    loan: Loan = field(repr=False)
    workshop: Workshop = field(repr=False)
    connection: rows.Row = field(repr=False)
    actor: Actor
    place: str = ""

    @property
    def is_borrowed(self) -> bool:
        """The credential is somebody else's, or a job uses it for its owner."""
        return is_borrowed(self.actor, self.connection) or bool(self.actor.grant)


@dataclass(frozen=True, slots=True, kw_only=True)
class Carried:
    """One request that was carried, or refused, for the audit log.

    Attributes:
        lending: With what.
        host: Where it went.
        method: Its method.
        path: Its path without a query.
        status: What the service answered, None where it did not.
        size: Bytes of the answer's body, None where they are not known yet.
        milliseconds: Until the service answered.
        result: ``ok``, ``refused`` or ``failed``.
        times: How many of the same kind this is about.
    """

    lending: Lending
    host: str = ""
    method: str
    path: str
    status: int | None = None
    size: int | None = None
    milliseconds: int = 0
    result: str = "ok"
    times: int = 1

    @property
    def kind(self) -> tuple[object, ...]:
        """What those have in common that one line can be about."""
        lending = self.lending
        who = (lending.actor.name, lending.connection.id, lending.place)
        path = path_template(self.path)
        return (*who, self.host, self.method, path, self.status, self.result)

    def with_another(self, other: "Carried") -> "Carried":
        """Return what one line says of this and another one of its kind."""
        return replace(
            other,
            size=(self.size or 0) + (other.size or 0),
            milliseconds=max(self.milliseconds, other.milliseconds),
            times=self.times + other.times,
        )


def lending_of(
    workshop: Workshop, row: rows.Row, fresh: rows.Row, *, actor: Actor, place: str
) -> Lending:
    """Return what the relay is lent.

    Args:
        workshop: Whose vault holds the secrets.
        row: The connection.
        fresh: The credential, good now.
        actor: Who uses it.
        place: From where.
    """
    token = access_token_from(workshop, fresh, link_name=row.link_name)
    service = definition_of(fresh)
    typed = held_tokens(workshop, fresh)
    loan = Loan(
        token=token,
        sign=signer_of(workshop, fresh, link_name=row.link_name),
        rules=Rules.load(row.rules),
        closed=tuple(url for n, url in service.addresses.items() if n not in _OPEN),
        needles=needles_of(set(_secrets(token, typed, service))),
    )
    return Lending(
        loan=loan, workshop=workshop, connection=row, actor=actor, place=place
    )


def _secrets(
    token: AccessToken, held: auth.TokenSet, service: Service
) -> Iterator[str]:
    """Return what a service is sent, or can make of it, and must not send back."""
    fields = auth.auth_type(service.auth_type).asks_for(service)
    harmless = {field.name for field in fields if not field.secret}
    typed = {field.name for field in fields if field.secret}
    yield token.access_token.reveal()
    yield from (s for n, s in auth.unpacked(token).items() if n not in harmless)
    yield from (s.reveal() for n, s in held.further.items() if n in typed)


def note_requests(workshop: Workshop, carried: Sequence[Carried]) -> None:
    """Write down what was done, in one transaction.

    Args:
        workshop: Whose store to write to.
        carried: The requests.

    Raises:
        AuditUnavailable: If it cannot be written.
    """
    written = [_noted(workshop, one) for one in carried]
    for one in written:
        one.result()


def _noted(workshop: Workshop, one: Carried) -> "Future[None]":
    lending = one.lending
    return request_noted(
        workshop,
        lending.actor,
        lending.connection,
        place=lending.place,
        host=one.host,
        method=one.method,
        path=one.path,
        status=one.status,
        bytes=one.size,
        milliseconds=one.milliseconds,
        result=one.result,
        detail=f"{one.times} requests" if one.times > 1 else "",
    )


def note_reflection(lending: Lending, *, host: str) -> None:
    """Write down that a service sent a credential back, and that nobody saw it.

    Raises:
        StoreUnavailable: If it cannot be written.
    """
    with lending.workshop.store.write() as tx:
        lending.workshop.record(
            tx,
            "token.reflected",
            actor=lending.actor.name,
            connection_id=lending.connection.id,
            result="redacted",
            detail=f"{host} sent the credential back in an answer; it was taken out",
        )
