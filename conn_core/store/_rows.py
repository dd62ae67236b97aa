"""Rows as the broker reads them, and the statements that bring and change them.

Functions take an open transaction and never commit: the caller knows what belongs
together. Every statement is bound; nothing is ever pasted into SQL.
"""

import json
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from ..errors import ConnectionNotFound, NameTaken
from ._postgres import alone
from ._tables import connections, credentials, events, flows, registrations, secrets

Row = Any  # a row of a join: its columns are known by name only


def dump(value: Any) -> str:
    """Write a list or map as the JSON text that a column holds."""
    return json.dumps(value, separators=(",", ":"), sort_keys=True)


def load_tuple(text: str) -> tuple[str, ...]:
    """Read a column's JSON list."""
    return tuple(json.loads(text))


def load_map(text: str) -> dict[str, str]:
    """Read a column's JSON map."""
    return dict(json.loads(text))


# --- what every use of a connection reads: built once, because building takes longer
#     than reading ---------------------------------------------------------------------

_CREDENTIAL_COLUMNS = [
    column.label("credential_id" if column.name == "id" else column.name)
    for column in credentials.c
    if column.name != "connection_id"
]
_PERSON = sa.bindparam("person", type_=sa.String)
#: The creator's credentials, or the person's own where each person uses their own.
#: Nobody falls back to the creator's.
_HOLDER = sa.case(
    (connections.c.use_login_user_credentials, _PERSON), else_=connections.c.owner
)
_VISIBLE = (
    sa.select(*connections.c, *_CREDENTIAL_COLUMNS)
    .select_from(
        connections.outerjoin(
            credentials,
            (credentials.c.connection_id == connections.c.id)
            & (credentials.c.holder == _HOLDER),
        )
    )
    .where(connections.c.owner == _PERSON)
)
_ALL_VISIBLE = _VISIBLE.order_by(
    sa.func.lower(connections.c.name), connections.c.link_name
)
_ONE_VISIBLE = _VISIBLE.where(connections.c.link_name == sa.bindparam("link_name"))
_CREDENTIAL = (
    sa.select(*credentials.c, secrets.c.sealed)
    .join_from(credentials, secrets)
    .where(credentials.c.id == sa.bindparam("credential_id"))
)

# --- connections ---------------------------------------------------------------------


def insert_connection(tx: sa.Connection, **values: Any) -> None:
    """Add a connection.

    Raises:
        NameTaken: If its owner has one of this link name.
    """
    try:
        tx.execute(connections.insert().values(**values))
    except sa.exc.IntegrityError as error:
        raise NameTaken(
            f"You already have a connection called '{values['link_name']}'",
            "Choose another name",
            fields={"name": "is taken: you already have a connection of this name"},
        ) from error


def update_connection(
    tx: sa.Connection, connection_id: str, *, version: int | None = None, **values: Any
) -> bool:
    """Change a connection; with a version, only if it is still that one."""
    statement = connections.update().where(connections.c.id == connection_id)
    if version is not None:
        statement = statement.where(connections.c.version == version)
    values["version"] = connections.c.version + 1
    return tx.execute(statement.values(**values)).rowcount == 1


def mark_used(tx: sa.Connection, connection_id: str, *, at: float) -> None:
    """Note that a connection was used; no new version."""
    tx.execute(
        connections.update()
        .where(connections.c.id == connection_id)
        .values(last_used_at=at)
    )


def delete_connection(tx: sa.Connection, connection_id: str) -> None:
    """Delete a connection with its credentials, secrets, flows and history."""
    tx.execute(events.delete().where(events.c.connection_id == connection_id))
    tx.execute(connections.delete().where(connections.c.id == connection_id))


def connection_rows(tx: sa.Connection, *, visible_to: str) -> Sequence[Row]:
    """Return the connections that a person may see, with that person's credentials.

    The credential columns (``holder`` … ``ended_because``) are None where the person
    whose credentials count has none.
    """
    if _is_nobodys_name(visible_to):
        return ()
    return tx.execute(_ALL_VISIBLE, {"person": visible_to}).all()


def connection_row(tx: sa.Connection, link_name: str, *, visible_to: str) -> Row | None:
    """Return one connection by link name, with the credentials that count."""
    if _is_nobodys_name(link_name):
        return None
    asked = {"person": visible_to, "link_name": link_name}
    return tx.execute(_ONE_VISIBLE, asked).one_or_none()


def _is_nobodys_name(text: str) -> bool:
    """Tell whether no row can have such a text: PostgreSQL refuses the question."""
    return "\0" in text


def connection_by_id(tx: sa.Connection, connection_id: str) -> Row:
    """Return a connection alone, by its id.

    Raises:
        ConnectionNotFound: If somebody deleted it in the meantime.
    """
    row = tx.execute(
        sa.select(connections).where(connections.c.id == connection_id)
    ).one_or_none()
    if row is None:
        raise ConnectionNotFound("The connection was deleted", "See %conn list")
    return row


def _hold_connection(tx: sa.Connection, connection_id: str) -> None:
    """Keep a connection from being deleted or authorized by others until we are done.

    Raises:
        ConnectionNotFound: If it is not there.
    """
    mine = connections.c.id == connection_id
    # SQLite's writers are alone anyway, and it is left out there.
    statement = sa.select(connections.c.id).where(mine).with_for_update()
    if tx.execute(statement).first() is None:
        raise ConnectionNotFound("The connection was deleted", "See %conn list")


# --- credentials and their secrets ---------------------------------------------------


def credential_row(tx: sa.Connection, credential_id: str) -> Row | None:
    """Return a credential with what is sealed of it."""
    return tx.execute(_CREDENTIAL, {"credential_id": credential_id}).one_or_none()


def put_credential(tx: sa.Connection, *, sealed: bytes, **values: Any) -> None:
    """Store what an authorization produced, in the place of what was there."""
    _hold_connection(tx, values["connection_id"])  # two consents may end at once
    tx.execute(
        credentials.delete().where(
            (credentials.c.connection_id == values["connection_id"])
            & (credentials.c.holder == values["holder"])
        )
    )
    tx.execute(credentials.insert().values(**values))
    tx.execute(
        secrets.insert().values(
            credential_id=values["id"], generation=values["generation"], sealed=sealed
        )
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
    ).all()


# --- client registrations ------------------------------------------------------------


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


def put_registration(tx: sa.Connection, **values: Any) -> None:
    """Store a client registration in the place of what was there."""
    alone(tx)
    tx.execute(
        registrations.delete().where(registrations.c.service_id == values["service_id"])
    )
    tx.execute(registrations.insert().values(**values))


# --- authorizations in progress ------------------------------------------------------


def insert_flow(tx: sa.Connection, **values: Any) -> None:
    """Add an authorization in progress.

    Raises:
        ConnectionNotFound: If somebody deleted its connection in the meantime.
    """
    _hold_connection(tx, values["connection_id"])
    tx.execute(flows.insert().values(**values))


def flow_row(tx: sa.Connection, flow: str) -> Row | None:
    """Return an authorization in progress."""
    if _is_nobodys_name(flow):
        return None
    return tx.execute(sa.select(flows).where(flows.c.id == flow)).one_or_none()


def flow_by_state(tx: sa.Connection, state_hash: str) -> Row | None:
    """Return the authorization that a state value belongs to."""
    return tx.execute(
        sa.select(flows).where(flows.c.state_hash == state_hash)
    ).one_or_none()


def update_flow(tx: sa.Connection, flow: str, *, seen: str, **values: Any) -> bool:
    """Change an authorization if its progress is still what the caller saw."""
    statement = flows.update().where((flows.c.id == flow) & (flows.c.progress == seen))
    return tx.execute(statement.values(**values)).rowcount == 1


def trim_flows(tx: sa.Connection, person: str, *, keep: int, ended_by: float) -> None:
    """Forget flows that ended long ago, and a person's oldest beyond ``keep``."""
    tx.execute(flows.delete().where(flows.c.expires_at < ended_by))
    oldest = (
        sa.select(flows.c.id)
        .where((flows.c.person == person) & (flows.c.progress == "pending"))
        .order_by(flows.c.created_at.desc())
        .offset(keep)
    )
    tx.execute(flows.delete().where(flows.c.id.in_(tx.execute(oldest).scalars().all())))


# --- history -------------------------------------------------------------------------


def insert_event(tx: sa.Connection, **values: Any) -> None:
    """Write one line of history."""
    tx.execute(events.insert().values(**values))


def event_rows(tx: sa.Connection, connection_id: str, *, limit: int) -> Sequence[Row]:
    """Return a connection's latest events, newest first."""
    return tx.execute(
        sa.select(events)
        .where(events.c.connection_id == connection_id)
        .order_by(events.c.seq.desc())
        .limit(limit)
    ).all()
