"""What is refused, and what is said, at the door of a local broker."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from .._services import Service
from .._values import TestResult
from ..errors import (
    Conflict,
    ConnectionsError,
    InternalConnection,
    InvalidInput,
    ProviderUnavailable,
    ScopeMissing,
)
from ..store import rows
from ._obtaining import account_in

if TYPE_CHECKING:
    from .._drafts import ConnectionDraft


def refuse_unknown_parameters(service: Service, values: dict[str, str]) -> None:
    """Raise InvalidInput if a value is for a blank that the service does not have."""
    known = {p.name for p in service.parameters if p.filled_by == "person"}
    unknown = sorted(values.keys() - known)
    if unknown:
        raise InvalidInput(
            f"Nothing was stored: {service.name} has no parameter '{unknown[0]}'",
            f"See %conn services {service.id}",
            fields={f"parameters.{name}": "is not known here" for name in unknown},
        )


def refuse_nobodys_own_credentials(service: Service, draft: "ConnectionDraft") -> None:
    """Raise InvalidInput if each person should use credentials that nobody has."""
    is_of_client = service.auth_type == "oauth2" and (
        service.grant_type == "client_credentials"
    )
    if draft.use_login_user_credentials and is_of_client:
        reason = "is not possible: this service knows the client only, and no person"
        raise InvalidInput(
            f"Nothing was stored: use_login_user_credentials {reason}",
            f"See %conn services {service.id}",
            fields={"use_login_user_credentials": reason},
        )


def usual_scopes(service: Service) -> tuple[str, ...]:
    """Return what to ask for when nobody chose: the usual ones, else read-only ones."""
    if service.default_scopes:
        return service.default_scopes
    return tuple(s.name for s in service.scopes if s.read_only)


def not_renewed(
    service: Service, link_name: str, credential: rows.Row
) -> ConnectionsError:
    """Return the error for an access that could not be renewed now."""
    if not credential.refreshable:
        return Conflict(
            f"{service.name} gave '{link_name}' an access that cannot be renewed",
            f"It is used until it ends. Run %conn authorize {link_name} then",
        )
    return ProviderUnavailable(
        f"{service.name} did not renew the access of '{link_name}' now",
        "The access that is there is still used. Try again in a minute",
    )


def refuse_internal(row: rows.Row) -> None:
    """Raise InternalConnection for what a built-in task made."""
    if row.internal:
        raise InternalConnection(
            f"'{row.link_name}' was made by a built-in task and cannot be edited or deleted",
            f"You can revoke it: %conn revoke {row.link_name}",
        )


def refuse_missing_scopes(
    row: rows.Row, require: Sequence[str], *, person: str, called: str
) -> None:
    """Raise ScopeMissing if a scope was not granted.

    Args:
        row: The connection's row.
        require: The scopes.
        person: Who wants to use them.
        called: By which name; commands name it so.
    """
    granted = rows.load_tuple(row.granted_scopes)
    for scope in require:
        if scope not in granted:
            has = ", ".join(granted) or "none"
            raise ScopeMissing(
                f"'{called}' lacks the scope '{scope}' (it has: {has})",
                _how_to_get(scope, row, person=person, called=called),
            )


def _how_to_get(scope: str, row: rows.Row, *, person: str, called: str) -> str:
    is_owner = row.owner == person
    if scope not in rows.load_tuple(row.scopes):
        command = f"Run %conn edit {called} --add-scope {scope}"
        return command if is_owner else f"Ask {row.owner} to add it"
    if is_owner or row.use_login_user_credentials:
        return f"Run %conn authorize {called}, and grant it"
    return f"Ask {row.owner} to authorize it again, and grant it"


def tested(row: rows.Row, service: Service, answer: Any, latency_ms: int) -> TestResult:
    """Return the outcome of a harmless call, in words."""
    ok = 200 <= answer.status < 300
    account = account_in(service, answer.body) if ok else None
    who = f" as {account}" if account else ""
    message = (
        f"{service.name} answered{who} in {latency_ms} ms"
        if ok
        else f"{service.name} answered {answer.status}"
    )
    return TestResult(
        link_name=row.link_name,
        ok=ok,
        message=message,
        http_status=answer.status,
        latency_ms=latency_ms,
        account=account,
    )
