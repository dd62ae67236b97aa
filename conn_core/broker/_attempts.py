"""Attempts to authorize: whose they are, how far they are, and how they are recognised."""

import hashlib

from .._values import FlowState
from ..errors import AuthorizationFailed, AuthorizationNotFound
from ..store import rows
from ._workshop import Workshop

_INTERRUPTED = (
    "The server stopped while it obtained the access. The provider may list one that "
    "nobody has: end it on the provider's own page, then start again."
)


def own_flow(workshop: Workshop, flow: str, person: str) -> rows.Row:
    """Return an attempt of a person; other people's do not exist."""
    with workshop.store.read() as tx:
        row = rows.flow_row(tx, flow)
    if row is None or row.person != person:
        raise unknown_flow()
    return row


def pending_flow(workshop: Workshop, flow: str, person: str) -> rows.Row:
    """Return an attempt of a person that can still go on.

    Raises:
        AuthorizationNotFound: If it is nobody's, or somebody else's.
        AuthorizationFailed: If it is over.
    """
    row = own_flow(workshop, flow, person)
    state, _ = state_of(workshop, row)
    if row.progress != "pending" or state != "pending":
        raise AuthorizationFailed("This authorization is over", again(workshop, row))
    return row


def state_of(workshop: Workshop, row: rows.Row) -> tuple[FlowState, str | None]:
    """Return how far an attempt is, and why not further."""
    is_late = row.expires_at < workshop.clock()
    match row.progress:
        case "pending":
            late = "Nobody granted access in time."
            return ("expired", late) if is_late else ("pending", None)
        case "exchanging":
            return ("failed", _INTERRUPTED) if is_late else ("pending", None)
    return row.progress, row.error


def unknown_flow() -> AuthorizationNotFound:
    """Return the error for an attempt that is nobody's, or somebody else's."""
    return AuthorizationNotFound(
        "There is no such authorization in progress", "Start with %conn authorize"
    )


def again(workshop: Workshop, row: rows.Row) -> str:
    """Return the command that begins once more."""
    with workshop.store.read() as tx:
        connection = rows.connection_by_id(tx, row.connection_id)
    return f"Start again with %conn authorize {connection.link_name}"


def digest(text: str) -> str:
    """Return what is stored of a text that is only ever compared."""
    # surrogatepass: what a browser sends need not be text.
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
