"""What a row of the store means to people: status, reasons and the errors they give."""

from datetime import UTC, datetime

from .._values import Connection, Group, Status
from ..errors import (
    AuthorizationEnded,
    AuthorizationRequired,
    ConnectionRevoked,
    ConnectionsError,
    LoginUserRequired,
)
from ..store import rows


def moment(seconds: float | None) -> datetime | None:
    """Read a column's moment."""
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)


def day(seconds: float | None) -> str:
    """Write a moment as the day people read in a sentence."""
    return "never" if seconds is None else f"{moment(seconds):%Y-%m-%d}"


def status_of(row: rows.Row) -> tuple[Status, str]:
    """Return a connection's status and, where there is one, the reason."""
    if row.revoked_at is not None:
        return "revoked", f"Revoked by {row.revoked_by} on {day(row.revoked_at)}."
    if row.credential_id is None:
        return "needs authorization", ""
    if row.ended_at is not None:
        return "failed", f"{row.ended_because} Ended {day(row.ended_at)}."
    missing = missing_consent(row)
    if missing:
        return "needs authorization", f"Consent is missing for {', '.join(missing)}."
    return "connected", ""


def missing_consent(row: rows.Row) -> list[str]:
    """Return the scopes that were added after the last consent."""
    consented = {
        *rows.load_tuple(row.asked_scopes),
        *rows.load_tuple(row.granted_scopes),
    }
    return [s for s in rows.load_tuple(row.scopes) if s not in consented]


def connection_from(row: rows.Row, *, person: str, service_name: str) -> Connection:
    """Make the value that a person sees of a row."""
    status, reason = status_of(row)
    authorized = row.credential_id is not None
    return Connection(
        link_name=row.link_name,
        name=row.name,
        service=row.service_id,
        service_name=service_name,
        scopes=rows.load_tuple(row.scopes),
        granted_scopes=rows.load_tuple(row.granted_scopes) if authorized else (),
        use_login_user_credentials=row.use_login_user_credentials,
        parameters=rows.load_map(row.parameters),
        exposure=row.exposure,
        group=_group_of(row, person),
        owner=row.owner,
        status=status,
        status_reason=reason,
        account=row.account,
        expires_at=None
        if not authorized or row.refreshable
        else moment(row.expires_at),
        created_at=moment(row.created_at),
        last_used_at=moment(row.last_used_at),
        version=row.version,
    )


def _group_of(row: rows.Row, person: str) -> Group:
    if row.internal:
        return "internal"
    return "my" if row.owner == person else "organisation"


def why_unusable(
    row: rows.Row, *, person: str, service_name: str
) -> ConnectionsError | None:
    """Return the error for a connection that cannot be used now, None if it can."""
    status, _ = status_of(row)
    name = row.link_name
    if status == "connected":
        return None
    if status == "revoked":
        ask = "" if row.owner == person else f", or ask {row.owner}"
        return ConnectionRevoked(
            f"Connection '{name}' was revoked by {row.revoked_by} on {day(row.revoked_at)}",
            f"Run %conn enable {name}{ask}",
        )
    command = f"Run %conn authorize {name}"
    if status == "failed":
        last = day(row.last_used_at)
        return AuthorizationEnded(
            f"{service_name} no longer accepts the authorization of '{name}' "
            f"({row.ended_because.rstrip('.')}, last good use {last})",
            command,
        )
    if row.credential_id is not None:
        scopes = ", ".join(missing_consent(row))
        return AuthorizationRequired(
            f"Connection '{name}' needs consent for the scopes that were added ({scopes})",
            command,
        )
    if row.use_login_user_credentials:
        return LoginUserRequired(
            f"'{name}' uses each person's own credentials, and you ({person}) have none yet",
            command,
        )
    return AuthorizationRequired(
        f"Connection '{name}' has not been authorized yet", command
    )
