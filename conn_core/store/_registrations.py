"""The statements of client registrations."""

from typing import Any

import sqlalchemy as sa

from ._postgres import alone
from ._tables import connections, credentials, registrations
from ._texts import Row


def registration_row(tx: sa.Connection, service_id: str) -> Row | None:
    """Return the client registration with a service."""
    return tx.execute(
        sa.select(registrations).where(registrations.c.service_id == service_id)
    ).one_or_none()


def registered_services(tx: sa.Connection) -> frozenset[str]:
    """Return the ids of all services with a client registration."""
    return frozenset(tx.execute(sa.select(registrations.c.service_id)).scalars())


def forget_back_off(tx: sa.Connection, service_id: str) -> None:
    """Let all credentials of a service be refreshed at once again."""
    of_service = sa.select(connections.c.id).where(
        connections.c.service_id == service_id
    )
    tx.execute(
        credentials.update()
        .where(credentials.c.connection_id.in_(of_service))
        .values(failures=0, retry_at=None)
    )


def delete_registration(tx: sa.Connection, service_id: str) -> None:
    """Forget the client registration with a service."""
    mine = registrations.c.service_id == service_id
    tx.execute(registrations.delete().where(mine))


def put_registration(tx: sa.Connection, **values: Any) -> None:
    """Store a client registration in the place of what was there."""
    alone(tx)
    tx.execute(
        registrations.delete().where(registrations.c.service_id == values["service_id"])
    )
    tx.execute(registrations.insert().values(**values))
