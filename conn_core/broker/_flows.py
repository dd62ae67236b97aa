"""Authorizations: from the local start link to sealed credentials.

The order is the defence. The address of the provider exists only from the moment the
browser of the person who began opens the local link; that browser gets a cookie (the
*binding*), and only it can finish. An attempt is used up before its code is spent.
"""

import dataclasses
import hashlib
import hmac
import secrets as randomness
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from .. import auth
from .._secret import Secret
from .._services import Service
from .._values import AskedWay, Authorization, FlowState
from ..errors import (
    AuthorizationFailed,
    AuthorizationNotFound,
    ConnectionsError,
    InteractionRequired,
    InvalidInput,
)
from ..store import rows
from . import _devices
from ._credentials import definition_of
from ._obtaining import close, keep, open_flow, seal_flow, use_up
from ._status import moment
from ._workshop import Workshop

FLOW_SECONDS = 600
_HOP_SECONDS = 60
_MOST_PENDING = 20
#: What to register for pasting, where no server says its own address.
_USUAL_ADDRESS = "http://127.0.0.1:8888/connections/"
_AGAIN = "Start again with %conn authorize {name}"


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


def begin(
    workshop: Workshop,
    connection: rows.Row,
    *,
    person: str,
    flow: AskedWay = "auto",
    typed: Mapping[str, Secret] | None = None,
) -> Authorization:
    """Open an attempt; where a browser is needed nothing leaves this machine yet.

    Args:
        workshop: Store, vault and the way out.
        connection: The connection's row.
        person: Who begins.
        flow: How consent is to be obtained; ``auto`` chooses and says why.
        typed: What the person typed, for authentication types that ask for a key.

    Raises:
        InteractionRequired: If no browser can come back to this process.
        RegistrationRequired: If the service has no client registration.
    """
    service = workshop.filled_service(
        connection.service_id, rows.load_map(connection.parameters)
    )
    workshop.client_if_used(service)  # better now than after the browser has opened
    choice = _chosen(workshop, connection, service, flow)
    row = _opened(workshop, connection, service, choice, person=person)
    if typed and choice.flow != "none":
        _keep_typed(workshop, row, service, typed)
    match choice.flow:
        case "none":
            _obtain_now(workshop, row, service, typed or {})
        case "device":
            _devices.begin(workshop, row, service)
        case "paste":
            started = start(workshop, row.id, person=person, hopped=False)
            shown = look(workshop, row.id, person=person)
            return dataclasses.replace(shown, start_url=started.authorization_url)
    return look(workshop, row.id, person=person)


def _keep_typed(
    workshop: Workshop, row: rows.Row, service: Service, typed: Mapping[str, Secret]
) -> None:
    """Seal what was typed until the person has consented, too."""
    secrets = {name: secret.reveal() for name, secret in typed.items()}
    with workshop.store.write() as tx:
        rows.update_flow(
            tx,
            row.id,
            seen="pending",
            sealed=seal_flow(workshop, row, service, secrets),
        )


def _chosen(
    workshop: Workshop, connection: rows.Row, service: Service, flow: AskedWay
) -> auth.Choice:
    """Choose how consent is obtained, as asked for where that is possible."""
    usual = auth.choose_flow(
        service,
        can_come_back=workshop.settings.public_url is not None,
        browser_is_elsewhere=False,
    )
    if flow == "auto" or usual.flow == "none":
        if flow == "auto" and usual.flow == "paste":
            raise _no_way_back(connection)
        return usual
    if flow == "browser" and workshop.settings.public_url is None:
        raise _no_way_back(connection)
    if flow == "device" and service.device_authorization_endpoint is None:
        raise InvalidInput(
            f"{service.name} offers no code to type on another device",
            f"Run %conn authorize {connection.link_name}",
        )
    return auth.Choice(flow, "You asked for it")


def _no_way_back(connection: rows.Row) -> InteractionRequired:
    name = connection.link_name
    return InteractionRequired(
        f"Authorizing '{name}' needs a browser, and no Jupyter server with this "
        "extension is reachable from here",
        f"Open a notebook in JupyterLab and run %conn authorize {name}, or paste the "
        f"address yourself: %conn authorize {name} --flow paste",
    )


def _opened(
    workshop: Workshop,
    connection: rows.Row,
    service: Service,
    choice: auth.Choice,
    *,
    person: str,
) -> rows.Row:
    now, flow = workshop.clock(), randomness.token_urlsafe(24)
    redirect_uri = workshop.redirect_uri(service.id) or (
        f"{_USUAL_ADDRESS}callback/{service.id}"
    )
    with workshop.store.write() as tx:
        rows.insert_flow(
            tx,
            id=flow,
            connection_id=connection.id,
            person=person,
            definition=service.model_dump_json(exclude_defaults=True),
            scopes=connection.scopes,
            redirect_uri=redirect_uri,
            device=rows.dump({"way": choice.flow, "why": f"{choice.reason}."}),
            progress="pending",
            hopped=False,
            created_at=now,
            expires_at=now + FLOW_SECONDS,
        )
        rows.trim_flows(tx, person, keep=_MOST_PENDING, ended_by=now - FLOW_SECONDS)
        return rows.flow_row(tx, flow)


def _obtain_now(
    workshop: Workshop, row: rows.Row, service: Service, typed: Mapping[str, Secret]
) -> None:
    """Obtain a credential that nobody has to consent to."""
    attempt = auth.Attempt(
        scopes=rows.load_tuple(row.scopes), now=workshop.clock(), typed=typed
    )
    use_up(workshop, row)
    steps = auth.auth_type(service.auth_type).begin(
        service, workshop.client_if_used(service), attempt
    )
    try:
        made = workshop.drive(steps)
    except auth.GrantEnded as error:
        close(workshop, row, "failed", f"{service.name} refused ({error.code}).")
        return
    except InvalidInput as error:
        close(workshop, row, "failed", str(error))
        raise
    except ConnectionsError as error:
        close(workshop, row, "failed", str(error))
        return
    if isinstance(made, auth.TokenSet):
        keep(workshop, row, service, made, asked_at=attempt.now)


def look(workshop: Workshop, flow: str, *, person: str) -> Authorization:
    """Say how far an attempt is; other people's do not exist."""
    row = own_flow(workshop, flow, person)
    if row.progress == "pending" and "next_at" in row.device:
        row = _devices.ask_if_due(workshop, row)
    with workshop.store.read() as tx:
        connection = rows.connection_by_id(tx, row.connection_id)
    service = definition_of(row)
    state, error = _state_of(workshop, row)
    base, device = workshop.settings.public_url, rows.load_map(row.device)
    opens = base and state == "pending" and device["way"] == "browser"
    return Authorization(
        flow=flow,
        state=state,
        link_name=connection.link_name,
        service=service.id,
        service_name=service.name,
        start_url=f"{base}start/{flow}" if opens else None,
        user_code=device.get("user_code"),
        verification_uri=device.get("verification_uri"),
        way=device["way"],  # type: ignore[arg-type]  # one of the four words: we wrote it
        why=device["why"],
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
    own_flow(workshop, flow, person)
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
    state, binding = randomness.token_urlsafe(32), randomness.token_urlsafe(32)
    verifier = randomness.token_urlsafe(64)
    known = open_flow(workshop, row, service) if row.sealed else {}
    attempt = auth.Attempt(
        scopes=rows.load_tuple(row.scopes),
        now=workshop.clock(),
        typed={n: Secret(text) for n, text in known.items() if n != "verifier"},
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
        service, workshop.client_if_used(service), attempt
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


def own_flow(workshop: Workshop, flow: str, person: str) -> rows.Row:
    """Return an attempt of a person; other people's do not exist."""
    with workshop.store.read() as tx:
        row = rows.flow_row(tx, flow)
    if row is None or row.person != person:
        raise _unknown_flow()
    return row


def _pending_flow(workshop: Workshop, flow: str, person: str) -> rows.Row:
    row = own_flow(workshop, flow, person)
    state, _ = _state_of(workshop, row)
    if row.progress != "pending" or state != "pending":
        raise AuthorizationFailed("This authorization is over", again(workshop, row))
    return row


def _unknown_flow() -> AuthorizationNotFound:
    return AuthorizationNotFound(
        "There is no such authorization in progress", "Start with %conn authorize"
    )


def again(workshop: Workshop, row: rows.Row) -> str:
    """Return the command that begins once more."""
    with workshop.store.read() as tx:
        connection = rows.connection_by_id(tx, row.connection_id)
    return _AGAIN.format(name=connection.link_name)


def digest(text: str) -> str:
    """Return what is stored of a text that is only ever compared."""
    # surrogatepass: what a browser sends need not be text.
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
