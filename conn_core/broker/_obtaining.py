"""Keeping what an attempt produced, and saying so. Shared by all ways to authorize."""

import json
from collections.abc import Mapping
from typing import Any

from .. import auth
from .._failpoints import reach
from .._secret import Secret
from .._services import Service
from .._values import FlowState
from ..errors import ConnectionNotFound, ConnectionsError, ProviderError
from ..store import rows
from ._credentials import CredentialPlace, access_token_from, definition_of, seal_tokens
from ._goodbye import give_back
from ._harmless import harmless_call
from ._marks import marks_of
from ._signing import signer_of
from ._workshop import Workshop, new_id

#: What is sealed with an attempt beside what its authentication type keeps.
_OURS = frozenset({"verifier", "answer", "digits"})


def attempt_of(
    workshop: Workshop, row: rows.Row, secrets: Mapping[str, str]
) -> auth.Attempt:
    """Return an attempt as its authentication type knows it."""
    return auth.Attempt(
        scopes=rows.load_tuple(row.scopes),
        now=workshop.clock(),
        redirect_uri=row.redirect_uri,
        verifier=Secret(secrets.get("verifier", "")),
        kept=of_type(secrets),
    )


def of_type(secrets: Mapping[str, str]) -> dict[str, Secret]:
    """Return what is sealed with an attempt for its authentication type, not for us."""
    return {n: Secret(text) for n, text in secrets.items() if n not in _OURS}


def seal_flow(
    workshop: Workshop, row: rows.Row, service: Service, secrets: Mapping[str, str]
) -> bytes:
    """Seal what is needed to finish an attempt."""
    return workshop.vault.seal(
        json.dumps(dict(secrets)).encode(), binding=flow_binding(row, service)
    )


def open_flow(workshop: Workshop, row: rows.Row, service: Service) -> dict[str, str]:
    """Open what is needed to finish an attempt."""
    opened = workshop.vault.open(row.sealed, binding=flow_binding(row, service))
    secrets: dict[str, str] = json.loads(opened)
    return secrets


def flow_binding(row: rows.Row, service: Service) -> tuple[str, ...]:
    """Return what the secrets of an attempt are bound to."""
    return ("flows", "sealed", row.id, row.person, *service.security_facts())


def keep(
    workshop: Workshop,
    row: rows.Row,
    service: Service,
    tokens: auth.TokenSet,
    *,
    asked_at: float,
) -> None:
    """Store a credential, then find out whose it is, then say that it is done.

    In this order: what is lost before it is stored, nobody can bring back.

    Raises:
        ConnectionNotFound: If somebody deleted the connection in the meantime, or
            handed it on; then the grant is ended at the provider.
        ProviderError: If the provider left a blank of its addresses open.
    """
    try:
        service = service.completed(tokens.facts)
    except ValueError as error:
        raise ProviderError(str(error), "Authorize the connection again") from None
    reach("callback.answer-in-memory")
    try:
        credential_id = _store(workshop, row, service, tokens, asked_at=asked_at)
    except ConnectionNotFound:
        give_back(workshop, service, tokens)
        raise
    reach("callback.kept")
    account = find_account(workshop, credential_id)
    _tell(workshop, row, credential_id, account, marks=marks_of(workshop, tokens))


def _store(
    workshop: Workshop,
    row: rows.Row,
    service: Service,
    tokens: auth.TokenSet,
    *,
    asked_at: float,
) -> str:
    credential_id = new_id()
    with workshop.store.write() as tx:
        rows.hold_connection(tx, row.connection_id)
        holder = row.person
        _refuse_another_owners(rows.connection_by_id(tx, row.connection_id), holder)
        sealed = seal_tokens(
            workshop,
            tokens,
            service=service,
            place=CredentialPlace(row.connection_id, credential_id, holder, 1),
        )
        rows.put_credential(
            tx,
            sealed=sealed,
            id=credential_id,
            connection_id=row.connection_id,
            holder=holder,
            generation=1,
            asked_scopes=row.scopes,
            granted_scopes=rows.dump(tokens.scopes or rows.load_tuple(row.scopes)),
            failures=0,
            **_facts_of(service, tokens, asked_at=asked_at),
        )
    return credential_id


def _facts_of(
    service: Service, tokens: auth.TokenSet, *, asked_at: float
) -> dict[str, Any]:
    """Return what a credential's row says of service and tokens that is no secret."""
    lifetime = tokens.expires_in
    return {
        "definition": service.model_dump_json(exclude_defaults=True),
        "hosts": rows.dump(service.api_hosts),
        "token_type": tokens.token_type,
        "obtained_at": asked_at,
        "expires_at": None if lifetime is None else asked_at + lifetime,
        "grant_dies_at": auth.dies_at(
            service,
            renewed_at=asked_at,
            refresh_expires_in=tokens.refresh_expires_in,
        ),
        "refreshable": auth.auth_type(service.auth_type).can_renew(service, tokens),
    }


def _refuse_another_owners(connection: rows.Row, holder: str) -> None:
    """Refuse to give one person what another consented to.

    A connection may have been handed on while its owner was at the provider.
    """
    if not connection.use_login_user_credentials and holder != connection.owner:
        raise ConnectionNotFound(
            f"'{connection.link_name}' belongs to {connection.owner} by now",
            f"Ask {connection.owner} to authorize it",
        )


def _tell(
    workshop: Workshop,
    row: rows.Row,
    credential_id: str,
    account: str | None,
    *,
    marks: str,
) -> None:
    """Say to whoever waits that it is done, and as whom."""
    with workshop.store.write() as tx:
        granted = rows.name_account(tx, credential_id, account)
        rows.update_flow(
            tx,
            row.id,
            seen="exchanging",
            progress="done",
            account=account,
            granted_scopes=granted,
            sealed=None,
        )
        workshop.record(
            tx,
            "authorize",
            actor=row.person,
            connection_id=row.connection_id,
            detail=_told(row, granted, account),
            marks=marks,
        )


def _told(row: rows.Row, granted: str | None, account: str | None) -> str:
    """Return for the history who it is, and what was asked for and not granted."""
    given = rows.load_tuple(granted or row.scopes)
    refused = [scope for scope in rows.load_tuple(row.scopes) if scope not in given]
    told = [
        f"connected as {account}" if account else "",
        f"not granted: {', '.join(refused)}" if refused else "",
    ]
    return "; ".join(filter(None, told))


def close(workshop: Workshop, row: rows.Row, progress: FlowState, why: str) -> None:
    """End an attempt without a credential, and say why."""
    with workshop.store.write() as tx:
        for seen in ("pending", "exchanging"):
            rows.update_flow(
                tx,
                row.id,
                seen=seen,
                progress=progress,
                error=one_line(why, 700),
                sealed=None,
            )
        workshop.record(
            tx,
            "authorize",
            actor=row.person,
            connection_id=row.connection_id,
            result=progress,
            detail=one_line(why, 700),
        )


def use_up(workshop: Workshop, row: rows.Row) -> bool:
    """Take an attempt for oneself, once."""
    with workshop.store.write() as tx:
        return rows.update_flow(tx, row.id, seen="pending", progress="exchanging")


def find_account(workshop: Workshop, credential_id: str) -> str | None:
    """Ask the API who we are. Knowing is nice, not knowing is no failure."""
    with workshop.store.read() as tx:
        row = rows.credential_row(tx, credential_id)
    if row is None:
        return None  # somebody deleted the connection in this very moment
    service = definition_of(row)
    if service.test_path is None or service.account_field is None:
        return None
    try:
        token = access_token_from(workshop, row, link_name="")
        sign = signer_of(workshop, row, link_name="")
        answer = harmless_call(workshop, service, token, sign=sign)
    except ConnectionsError:
        return None
    return account_in(service, answer.body) if answer.status == 200 else None


def account_in(service: Service, body: bytes) -> str | None:
    """Read the account from an answer; ``account_field`` may be a dotted path."""
    try:
        value = json.loads(body)
        for part in (service.account_field or "").split("."):
            value = value[int(part)] if isinstance(value, list) else value[part]
    except (ValueError, LookupError, TypeError, RecursionError):
        return None
    return one_line(str(value), 320) if isinstance(value, str | int) else None


def one_line(text: str, most: int) -> str:
    """Return somebody else's text as one short printable line."""
    return "".join(c if c.isprintable() else " " for c in text)[:most]
