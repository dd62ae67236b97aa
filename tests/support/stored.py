"""Rows of the store as short as a test can say them: what it does not name is as usual."""

from typing import Any

import sqlalchemy as sa

from conn_core.store import rows


def put_connection(tx: sa.Connection, connection_id: str, **changes: Any) -> None:
    """Store a connection of sam's.

    Args:
        tx: A transaction that writes.
        connection_id: Its id.
        changes: Columns that are not as usual.
    """
    usual: dict[str, Any] = {
        "id": connection_id,
        "owner": "sam",
        "link_name": "a",
        "name": "A",
        "service_id": "s",
        "scopes": "[]",
        "parameters": "{}",
        "use_login_user_credentials": False,
        "exposure": "direct",
        "internal": False,
        "created_at": 0,
        "version": 1,
    }
    rows.insert_connection(tx, **usual | changes)


def put_credential(
    tx: sa.Connection, credential_id: str, connection_id: str, **changes: Any
) -> None:
    """Store a credential of sam's, and its secret.

    Args:
        tx: A transaction that writes.
        credential_id: Its id.
        connection_id: Of which connection.
        changes: Columns that are not as usual.
    """
    usual: dict[str, Any] = {
        "id": credential_id,
        "connection_id": connection_id,
        "sealed": b"1",
        "holder": "sam",
        "definition": "{}",
        "generation": 1,
        "token_type": "Bearer",
        "asked_scopes": "[]",
        "granted_scopes": "[]",
        "obtained_at": 0,
        "refreshable": True,
        "failures": 0,
    }
    rows.put_credential(tx, **usual | changes)
