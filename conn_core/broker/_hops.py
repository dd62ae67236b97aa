"""Tickets from one spelling of this machine to the other."""

import hmac
import secrets as randomness

from .._secret import Secret
from ..store import rows
from ._attempts import digest, pending_flow, unknown_flow
from ._workshop import Workshop

_SECONDS = 60


def issue_hop(workshop: Workshop, flow: str, *, person: str) -> Secret:
    """Make a one-time ticket, good for a minute.

    ``localhost`` and ``127.0.0.1`` are two sites to a browser: a log-in at one is no
    log-in at the other, and redirect URLs use the second (RFC 8252 7.3). The ticket
    carries the person across, once, on their own single-user server.
    """
    pending_flow(workshop, flow, person)
    ticket = randomness.token_urlsafe(32)
    with workshop.store.write() as tx:
        rows.update_flow(
            tx,
            flow,
            seen="pending",
            hop_hash=digest(ticket),
            hop_until=workshop.clock() + _SECONDS,
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
            raise unknown_flow()
        rows.update_flow(tx, flow, seen=row.progress, hop_hash=None, hop_until=None)
    return str(row.person)
