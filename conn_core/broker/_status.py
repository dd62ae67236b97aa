"""What a row of the store means to people: status, reasons and the errors they give."""

import dataclasses
from datetime import UTC, datetime

from .._rules import Rules
from .._values import Connection, Exposure, Group
from ..errors import (
    AuthorizationEnded,
    AuthorizationRequired,
    ConnectionRevoked,
    ConnectionsError,
    LoginUserRequired,
)
from ..store import rows
from ._policy import EVERYBODY, Actor


def moment(seconds: float | None) -> datetime | None:
    """Read a column's moment."""
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)


def day(seconds: float | None) -> str:
    """Write a moment as the day people read in a sentence."""
    return "never" if seconds is None else f"{moment(seconds):%Y-%m-%d}"


def reason_of(row: rows.Row) -> str:
    """Return why a connection has the status it has; empty where that needs no words."""
    if row.status == "connected":
        return ""
    if row.status == "revoked":
        return f"Revoked by {row.revoked_by} on {day(row.revoked_at)}."
    if row.status == "failed":
        return f"{row.ended_because} Ended {day(row.ended_at)}."
    if row.credential_id is None:
        return ""
    if row.ended_at is not None:
        return f"{_ended_here(row)}."
    granted = ", ".join(rows.load_tuple(row.granted_scopes)) or "none"
    return f"Consent is missing for {_missing(row)} (granted so far: {granted})."


def _ended_here(row: rows.Row) -> str:
    return f"{row.ended_because} on {day(row.ended_at)}"


def _missing(row: rows.Row) -> str:
    return ", ".join(rows.load_tuple(row.missing_scopes))


def connection_from(
    row: rows.Row,
    *,
    actor: Actor,
    service_name: str,
    accepted: bool,
    exposure: Exposure,
) -> Connection:
    """Make the value that a person sees of a row."""
    authorized = row.credential_id is not None
    ends = authorized and not row.refreshable
    return Connection(
        link_name=row.link_name,
        name=row.name,
        service=row.service_id,
        service_name=service_name,
        scopes=rows.load_tuple(row.scopes),
        granted_scopes=rows.load_tuple(row.granted_scopes) if authorized else (),
        use_login_user_credentials=row.use_login_user_credentials,
        parameters=rows.load_map(row.parameters),
        exposure=exposure,
        group=_group_of(row, actor.name),
        owner=row.owner,
        status=row.status,
        status_reason=reason_of(row),
        account=row.account,
        expires_at=moment(row.expires_at) if ends else None,
        created_at=moment(row.created_at),
        last_used_at=moment(row.last_used_at),
        version=row.version,
        shared_with=_shared_with(row, actor),
        api_hosts=rows.load_tuple(row.hosts or "[]"),
        accepted=accepted,
        rules=Rules.load(row.rules),
    )


def seen_no_more(before: Connection, *, owner: str) -> Connection:
    """Return what is left of a connection for who saw it before it was handed on."""
    return dataclasses.replace(
        before,
        owner=owner,
        group="organisation",
        status="needs authorization",
        status_reason="",
        granted_scopes=(),
        account=None,
        expires_at=None,
        shared_with=(),
        accepted=False,
        version=before.version + 1,
    )


def _group_of(row: rows.Row, person: str) -> Group:
    if row.owner != person:  # what others' tasks made, too: administrators see it
        return "organisation"
    return "internal" if row.internal else "my"


def _shared_with(row: rows.Row, actor: Actor) -> tuple[str, ...]:
    """Return whom it is shared with; who else is nobody's matter but the owner's."""
    if row.shared_with in {None, EVERYBODY}:
        return (EVERYBODY,) if row.shared_with else ()
    principals = sorted(rows.principals_of(row))
    if row.owner == actor.name or actor.is_administrator:
        return tuple(principals)
    return tuple(p for p in principals if p in actor.principals)


def why_unusable(
    row: rows.Row, *, person: str, called: str, service_name: str
) -> ConnectionsError | None:
    """Return the error for a connection that cannot be used now, None if it can.

    Args:
        row: The connection's row.
        person: Who wants to use it.
        called: By which name; commands name it so.
        service_name: The service's display name.
    """
    if row.status == "connected":
        return None
    if row.status == "revoked":
        return ConnectionRevoked(
            f"Connection '{called}' was revoked by {row.revoked_by} "
            f"on {day(row.revoked_at)}",
            _whom_to_ask(row, person, f"Run %conn enable {called}", "enable it"),
        )
    uses_own = row.use_login_user_credentials
    command = f"Run %conn authorize {called}"
    if not uses_own:
        command = _whom_to_ask(row, person, command, "authorize it")
    if row.status == "failed":
        last = day(row.last_used_at)
        return AuthorizationEnded(
            f"{service_name} no longer accepts the authorization of '{called}' "
            f"({row.ended_because.rstrip('.')}, last good use {last})",
            command,
        )
    if row.credential_id is None and uses_own:
        return LoginUserRequired(
            f"'{called}' uses each person's own credentials, "
            f"and you ({person}) have none yet",
            command,
        )
    return AuthorizationRequired(_why_not_authorized(row, called), command)


def _whom_to_ask(row: rows.Row, person: str, command: str, wish: str) -> str:
    """Return the command for who may run it; for others, who that is."""
    return command if row.owner == person else f"Ask {row.owner} to {wish}"


def _why_not_authorized(row: rows.Row, called: str) -> str:
    if row.credential_id is None:
        return f"Connection '{called}' has not been authorized yet"
    if row.ended_at is None:
        return (
            f"Connection '{called}' needs consent for the scopes that were added "
            f"({_missing(row)})"
        )
    ended = _ended_here(row)
    return f"The authorization of '{called}' was {ended[0].lower()}{ended[1:]}"
