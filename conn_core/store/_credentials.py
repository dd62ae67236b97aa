"""The statements of credentials and their secrets."""

from collections.abc import Iterable, Sequence
from typing import Any

import sqlalchemy as sa

from ._connections import hold_connection
from ._tables import connections, credentials, secrets
from ._texts import Row, dump, load_tuple

#: A credential with what is sealed of it, and when its connection was revoked.
CREDENTIAL_COLUMNS = (
    *credentials.c,
    secrets.c.sealed,
    connections.c.revoked_at.label("connection_revoked_at"),
)
_CREDENTIAL = (  # built once: building takes longer than reading
    sa.select(*CREDENTIAL_COLUMNS)
    .join_from(credentials, secrets)
    .join(connections, connections.c.id == credentials.c.connection_id)
    .where(credentials.c.id == sa.bindparam("credential_id"))
)


def credential_row(tx: sa.Connection, credential_id: str) -> Row | None:
    """Return a credential with what is sealed of it, and when its connection was revoked."""
    return tx.execute(_CREDENTIAL, {"credential_id": credential_id}).one_or_none()


def put_credential(tx: sa.Connection, *, sealed: bytes, **values: Any) -> None:
    """Store what an authorization produced, in the place of what was there.

    Raises:
        ConnectionNotFound: If somebody deleted its connection in the meantime.
    """
    # Two consents may end at once, or scopes be added while somebody consents.
    scopes = hold_connection(tx, values["connection_id"])
    consented = (values["asked_scopes"], values["granted_scopes"])
    tx.execute(
        credentials.delete().where(
            (credentials.c.connection_id == values["connection_id"])
            & (credentials.c.holder == values["holder"])
        )
    )
    missing = {"missing_scopes": missing_scopes(scopes, consented)}
    tx.execute(credentials.insert().values(**missing | values))
    tx.execute(
        secrets.insert().values(
            credential_id=values["id"], generation=values["generation"], sealed=sealed
        )
    )


def missing_scopes(scopes: str, consented: Iterable[str]) -> str | None:
    """Return which scopes nobody has consented to, None where there are none.

    Args:
        scopes: What the connection asks for, as its column holds it.
        consented: What was asked for and granted, as their columns hold it.
    """
    known = {scope for text in consented for scope in load_tuple(text)}
    missing = [scope for scope in load_tuple(scopes) if scope not in known]
    return dump(missing) if missing else None


def note_missing_scopes(tx: sa.Connection, connection_id: str, scopes: str) -> None:
    """Note for every person's credential which of the connection's scopes it lacks."""
    mine = credentials.c.connection_id == connection_id
    columns = (
        credentials.c.id,
        credentials.c.asked_scopes,
        credentials.c.granted_scopes,
    )
    for row in tx.execute(sa.select(*columns).where(mine)).all():
        missing = missing_scopes(scopes, (row.asked_scopes, row.granted_scopes))
        tx.execute(
            credentials.update()
            .where(credentials.c.id == row.id)
            .values(missing_scopes=missing)
        )


def name_account(
    tx: sa.Connection, credential_id: str, account: str | None
) -> str | None:
    """Note whose credential it is at the service; return the scopes it was given."""
    mine = credentials.c.id == credential_id
    tx.execute(credentials.update().where(mine).values(account=account))
    return tx.execute(sa.select(credentials.c.granted_scopes).where(mine)).scalar()


def sealed_of_connection(tx: sa.Connection, connection_id: str) -> Sequence[Row]:
    """Return every person's credential of a connection with what is sealed of it."""
    return tx.execute(
        sa.select(*credentials.c, secrets.c.sealed)
        .join_from(credentials, secrets)
        .where(credentials.c.connection_id == connection_id)
        .order_by(credentials.c.holder)
    ).all()


def end_credential(
    tx: sa.Connection, credential_id: str, *, at: float, by: str, because: str
) -> None:
    """Note that a person ended a grant at the provider; what is sealed stays."""
    tx.execute(
        credentials.update()
        .where(credentials.c.id == credential_id)
        .values(ended_at=at, ended_by=by, ended_because=because[:500])
    )
