"""The browser's part: state, PKCE verifier and binding, made when the link is opened."""

import secrets as randomness
from dataclasses import dataclass, field
from datetime import datetime

from .. import auth
from .._secret import Secret
from .._services import Service
from ..errors import AuthorizationFailed
from ..store import rows
from ._attempts import again, digest, pending_flow
from ._clients import client_if_used
from ._confirming import unconfirmed
from ._credentials import definition_of
from ._known_services import filled_service
from ._obtaining import of_type, open_flow, seal_flow
from ._status import moment
from ._workshop import Workshop


@dataclass(frozen=True, slots=True, kw_only=True)
class Started:
    """Where to send the browser, and what ties it to this attempt.

    Attributes:
        state: What the provider's answer will name it by.
    """

    authorization_url: str = field(repr=False)  # it holds the state
    state: str = field(repr=False)
    binding: Secret
    expires_at: datetime


def start(workshop: Workshop, flow: str, *, person: str, hopped: bool) -> Started:
    """Make state, PKCE verifier and binding; return the provider's address.

    RFC 6749 10.12 (state), RFC 7636 (PKCE S256). A second click makes all three anew
    and so ends what the first began.

    Raises:
        AuthorizationNotFound: If it is nobody's, or somebody else's.
        AuthorizationFailed: If it is over.
    """
    row = pending_flow(workshop, flow, person)
    service = _unchanged_service(workshop, row)
    state, binding = randomness.token_urlsafe(32), randomness.token_urlsafe(32)
    verifier = randomness.token_urlsafe(64)
    known = open_flow(workshop, row, service) if row.sealed else {}
    attempt = auth.Attempt(
        scopes=rows.load_tuple(row.scopes),
        now=workshop.clock(),
        typed=of_type(known),
        redirect_uri=row.redirect_uri,
        state=state,
        verifier=Secret(verifier),
    )
    consent = _consent(workshop, row, service, attempt)
    kept = {name: secret.reveal() for name, secret in consent.keep.items()}
    sealed = seal_flow(workshop, row, service, {"verifier": verifier, **kept})
    known_by = consent.state or state
    with workshop.store.write() as tx:
        rows.update_flow(
            tx,
            flow,
            seen="pending",
            state_hash=digest(known_by),
            binding_hash=digest(binding),
            sealed=sealed,
            device=rows.dump(unconfirmed(rows.load_map(row.device))),
            hopped=hopped,
        )
    expires_at = moment(row.expires_at)
    assert expires_at is not None  # noqa: S101 - the column is not null
    return Started(
        authorization_url=consent.url,
        state=known_by,
        binding=Secret(binding),
        expires_at=expires_at,
    )


def _consent(
    workshop: Workshop, row: rows.Row, service: Service, attempt: auth.Attempt
) -> auth.Consent:
    """Return where a person says yes; some providers are told beforehand what for."""
    steps = auth.auth_type(service.auth_type).begin(
        service, client_if_used(workshop, service), attempt
    )
    try:
        made = workshop.drive(steps)
    except auth.GrantEnded as error:
        raise AuthorizationFailed(
            f"{service.name} refused ({error.code})", again(workshop, row)
        ) from None
    if not isinstance(made, auth.Consent):
        raise AuthorizationFailed(
            f"{service.name} has no page to grant access at", again(workshop, row)
        )
    return made


def _unchanged_service(workshop: Workshop, row: rows.Row) -> Service:
    """Return the service of an attempt; the database alone must not say where it is."""
    service = definition_of(row)
    with workshop.store.read() as tx:
        connection = rows.connection_by_id(tx, row.connection_id)
    known = filled_service(
        workshop, connection.service_id, rows.load_map(connection.parameters)
    )
    if known.security_facts() != service.security_facts():
        raise AuthorizationFailed(
            f"{known.name} was changed since this authorization began",
            again(workshop, row),
        )
    return service
