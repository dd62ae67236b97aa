"""Ending grants at the provider (RFC 7009)."""

from .. import auth
from ..errors import ConnectionsError
from ..store import rows
from ._credentials import definition_of, held_tokens
from ._workshop import Workshop


def end_grants(workshop: Workshop, connection_id: str) -> str:
    """End every person's grant of a connection at the provider, as far as it can be.

    Returns:
        What happened, one line for the history; empty where there was nothing to end.
    """
    with workshop.store.read() as tx:
        credentials = rows.sealed_of_connection(tx, connection_id)
    told = {_end_grant(workshop, row) for row in credentials if row.ended_at is None}
    return ", ".join(sorted(told))


def _end_grant(workshop: Workshop, row: rows.Row) -> str:
    try:
        service = definition_of(row)
        if service.revocation_endpoint is None:
            return f"{service.name} has no way to end a grant from here"
        steps = auth.auth_type(service.auth_type).revoke(
            service,
            workshop.client_if_used(service),
            held_tokens(workshop, row),
            now=workshop.clock(),
        )
        ended = workshop.drive(steps)
    except ConnectionsError as error:
        return error.message
    if ended:
        return f"grant ended at {service.name}"
    return f"{service.name} did not end the grant"
