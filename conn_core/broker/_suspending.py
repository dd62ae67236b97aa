"""What is used in the name of somebody whose account is not active any more.

It rests by itself, and works again by itself once the account is back: nothing is
written down, and the organisation is asked at each use.
"""

import dataclasses
from collections.abc import Iterable

from .._values import SUSPENDED, Connection, Status
from ..errors import ConnectionSuspended
from ..store import rows
from ._workshop import Workshop


def is_suspended(workshop: Workshop, row: rows.Row, *, person: str) -> bool:
    """Tell whether a connection uses the credentials of somebody who is gone.

    Where each person uses their own, nobody else's account matters.

    Args:
        workshop: What knows the people.
        row: The connection.
        person: Who asks; they are active, or would not be here.

    Raises:
        BrokerUnavailable: If it cannot be found out.
    """
    if row.owner == person or row.use_login_user_credentials:
        return False
    return not workshop.people.is_active(row.owner)


def suspended(row: rows.Row, *, called: str) -> ConnectionSuspended:
    """Return the error for who would use it."""
    return ConnectionSuspended(
        f"Connection '{called}' is suspended: the account of {row.owner}, whose "
        "credentials it uses, is not active",
        "An administrator can hand it on: "
        f"%conn transfer {row.owner}/{row.link_name} --to PERSON",
    )


def shown_suspended(connection: Connection) -> Connection:
    """Return a connection as it is shown while its owner's account is not active."""
    if connection.status == "revoked":
        return connection
    return dataclasses.replace(
        connection,
        status="revoked",
        status_reason=f"{SUSPENDED}the account of {connection.owner} is not active.",
    )


def is_shown_as(connection: Connection, status: Status | None) -> bool:
    """Tell whether a connection is among those that a status asks for.

    Args:
        connection: As it is shown.
        status: What is asked for; None for any.
    """
    if status == "suspended":
        return connection.is_suspended
    return status in {None, connection.status}


def gone_among(workshop: Workshop, people: Iterable[str]) -> tuple[str, ...]:
    """Return those whose account is not active.

    Raises:
        BrokerUnavailable: If it cannot be found out.
    """
    return tuple(name for name in people if not workshop.people.is_active(name))
