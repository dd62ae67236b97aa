"""Authorizations: from the local start link to sealed credentials.

The order is the defence. The address of the provider exists only from the moment the
browser of the person who began opens the local link; that browser gets a cookie (the
*binding*), and only it can finish. An attempt is used up before its code is spent.
"""

import hashlib
import hmac
import secrets as randomness
from dataclasses import dataclass, field
from datetime import datetime

from .. import auth
from .._secret import Secret
from .._services import Service
from .._values import Authorization, FlowState
from ..errors import (
    AuthorizationFailed,
    AuthorizationNotFound,
    InteractionRequired,
)
from ..store import rows
from ._credentials import definition_of
from ._status import moment
from ._workshop import Workshop

FLOW_SECONDS = 600
_HOP_SECONDS = 60
_MOST_PENDING = 20
_AGAIN = "Start again with %conn authorize {name}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Started:
    """Where to send the browser, and what ties it to this attempt."""

    authorization_url: str = field(repr=False)  # it holds the state
    binding: Secret
    expires_at: datetime


def begin(workshop: Workshop, connection: rows.Row, *, person: str) -> Authorization:
    """Open an attempt; nothing leaves this machine yet.

    Raises:
        InteractionRequired: If no browser can come back to this process.
        RegistrationRequired: If the service has no client registration.
    """
    service = workshop.filled_service(
        connection.service_id, rows.load_map(connection.parameters)
    )
    workshop.client_for(service)  # better now than after the browser has opened
    redirect_uri = workshop.redirect_uri(service.id)
    if redirect_uri is None:
        raise InteractionRequired(
            f"Authorizing '{connection.link_name}' needs a browser, and no Jupyter "
            "server with this extension is reachable from here",
            f"Open a notebook in JupyterLab and run %conn authorize {connection.link_name}",
        )
    now, flow = workshop.clock(), randomness.token_urlsafe(24)
    with workshop.store.write() as tx:
        rows.insert_flow(
            tx,
            id=flow,
            connection_id=connection.id,
            person=person,
            definition=service.model_dump_json(exclude_defaults=True),
            scopes=connection.scopes,
            redirect_uri=redirect_uri,
            progress="pending",
            hopped=False,
            created_at=now,
            expires_at=now + FLOW_SECONDS,
        )
        rows.trim_flows(tx, person, keep=_MOST_PENDING, ended_by=now - FLOW_SECONDS)
    return look(workshop, flow, person=person)


def look(workshop: Workshop, flow: str, *, person: str) -> Authorization:
    """Say how far an attempt is; other people's do not exist."""
    row = _own_flow(workshop, flow, person)
    with workshop.store.read() as tx:
        connection = rows.connection_by_id(tx, row.connection_id)
    service = definition_of(row)
    state, error = _state_of(workshop, row)
    base = workshop.settings.public_url
    return Authorization(
        flow=flow,
        state=state,
        link_name=connection.link_name,
        service=service.id,
        service_name=service.name,
        start_url=f"{base}start/{flow}" if base and state == "pending" else None,
        expires_at=moment(row.expires_at),
        error=error,
        account=row.account,
        granted_scopes=rows.load_tuple(row.granted_scopes or "[]"),
    )


def _state_of(workshop: Workshop, row: rows.Row) -> tuple[FlowState, str | None]:
    if row.progress in {"pending", "exchanging"}:
        if row.expires_at < workshop.clock():
            return "expired", "Nobody granted access in time."
        return "pending", None
    return row.progress, row.error


def cancel(workshop: Workshop, flow: str, *, person: str) -> None:
    """Give an attempt up."""
    _own_flow(workshop, flow, person)
    with workshop.store.write() as tx:
        rows.update_flow(
            tx, flow, seen="pending", progress="denied", error="You cancelled it."
        )


def start(workshop: Workshop, flow: str, *, person: str, hopped: bool) -> Started:
    """Make state, PKCE verifier and binding; return the provider's address.

    RFC 6749 10.12 (state), RFC 7636 (PKCE S256). A second click makes all three anew
    and so ends what the first began.

    Raises:
        AuthorizationNotFound: If it is nobody's, or somebody else's.
        AuthorizationFailed: If it is over.
    """
    row = _pending_flow(workshop, flow, person)
    service = _unchanged_service(workshop, row)
    client = workshop.client_for(service)
    state, binding = randomness.token_urlsafe(32), randomness.token_urlsafe(32)
    verifier = randomness.token_urlsafe(64)
    sealed = workshop.vault.seal(
        verifier.encode(), binding=verifier_binding(row, service)
    )
    with workshop.store.write() as tx:
        rows.update_flow(
            tx,
            flow,
            seen="pending",
            state_hash=digest(state),
            binding_hash=digest(binding),
            sealed_verifier=sealed,
            hopped=hopped,
        )
    url = auth.authorization_url(
        service,
        client,
        redirect_uri=row.redirect_uri,
        scopes=rows.load_tuple(row.scopes),
        state=state,
        verifier=verifier,
    )
    expires_at = moment(row.expires_at)
    assert expires_at is not None  # noqa: S101 - the column is not null
    return Started(
        authorization_url=url, binding=Secret(binding), expires_at=expires_at
    )


def _unchanged_service(workshop: Workshop, row: rows.Row) -> Service:
    """Return the service of an attempt; the database alone must not say where it is."""
    service = definition_of(row)
    with workshop.store.read() as tx:
        connection = rows.connection_by_id(tx, row.connection_id)
    known = workshop.filled_service(
        connection.service_id, rows.load_map(connection.parameters)
    )
    if known.security_facts() != service.security_facts():
        raise AuthorizationFailed(
            f"{known.name} was changed since this authorization began",
            again(workshop, row),
        )
    return service


def issue_hop(workshop: Workshop, flow: str, *, person: str) -> Secret:
    """Make a one-time ticket, good for a minute.

    ``localhost`` and ``127.0.0.1`` are two sites to a browser: a log-in at one is no
    log-in at the other, and redirect URLs use the second (RFC 8252 7.3). The ticket
    carries the person across, once, on their own single-user server.
    """
    _pending_flow(workshop, flow, person)
    ticket = randomness.token_urlsafe(32)
    with workshop.store.write() as tx:
        rows.update_flow(
            tx,
            flow,
            seen="pending",
            hop_hash=digest(ticket),
            hop_until=workshop.clock() + _HOP_SECONDS,
        )
    return Secret(ticket)


def redeem_hop(workshop: Workshop, flow: str, ticket: str) -> str:
    """Return whose ticket it is; it is used up.

    Raises:
        AuthorizationNotFound: If it is no ticket, an old one or a used one.
    """
    with workshop.store.write() as tx:
        row = rows.flow_row(tx, flow)
        good = (
            row is not None
            and row.hop_hash is not None
            and row.hop_until > workshop.clock()
            and hmac.compare_digest(row.hop_hash, digest(ticket))
        )
        if row is None or not good:
            raise _unknown_flow()
        rows.update_flow(tx, flow, seen=row.progress, hop_hash=None, hop_until=None)
    return str(row.person)


def _own_flow(workshop: Workshop, flow: str, person: str) -> rows.Row:
    with workshop.store.read() as tx:
        row = rows.flow_row(tx, flow)
    if row is None or row.person != person:
        raise _unknown_flow()
    return row


def _pending_flow(workshop: Workshop, flow: str, person: str) -> rows.Row:
    row = _own_flow(workshop, flow, person)
    state, _ = _state_of(workshop, row)
    if row.progress != "pending" or state != "pending":
        raise AuthorizationFailed("This authorization is over", again(workshop, row))
    return row


def _unknown_flow() -> AuthorizationNotFound:
    return AuthorizationNotFound(
        "There is no such authorization in progress", "Start with %conn authorize"
    )


def again(workshop: Workshop, row: rows.Row) -> str:
    with workshop.store.read() as tx:
        connection = rows.connection_by_id(tx, row.connection_id)
    return _AGAIN.format(name=connection.link_name)


def verifier_binding(row: rows.Row, service: Service) -> tuple[str, ...]:
    """Return what a PKCE verifier is bound to."""
    place = ("flows", "sealed_verifier", row.id, row.person)
    return (*place, *service.security_facts())


def digest(text: str) -> str:
    # surrogatepass: what a browser sends need not be text.
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def one_line(text: str, most: int) -> str:
    """Return somebody else's text as one short printable line."""
    return "".join(c if c.isprintable() else " " for c in text)[:most]
