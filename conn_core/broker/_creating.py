"""How connections come to be: what a person filled in, and what a task needs."""

from collections.abc import Mapping, Sequence

import sqlalchemy as sa

from .._drafts import ConnectionDraft
from .._services import Service
from ..store import alone, rows
from ._checks import (
    refuse_nobodys_own_credentials,
    refuse_unknown_parameters,
    usual_scopes,
)
from ._naming import Names
from ._workshop import Workshop, new_id


def create(workshop: Workshop, draft: ConnectionDraft, *, owner: str) -> rows.Row:
    """Store what a person filled in; return the connection's row.

    Raises:
        InvalidInput: If something of it cannot be.
        NameTaken: If the person has a connection of this name.
    """
    service = _usable_service(workshop, draft.service, draft.parameters)
    refuse_nobodys_own_credentials(service, draft)
    scopes = draft.scopes if draft.scopes is not None else usual_scopes(service)
    shared_with = [p for p in draft.shared_with if p != f"user:{owner}"]
    with workshop.store.write() as tx:
        name, link_name = Names(tx, owner).given(draft, service)
        return _stored(
            workshop,
            tx,
            shared_with=shared_with,
            owner=owner,
            name=name,
            link_name=link_name,
            service_id=service.id,
            scopes=rows.dump(list(dict.fromkeys(scopes))),
            parameters=rows.dump(draft.parameters),
            use_login_user_credentials=draft.use_login_user_credentials,
            internal=False,
        )


def internal(
    workshop: Workshop,
    service_id: str,
    *,
    scopes: Sequence[str],
    parameters: Mapping[str, str] | None,
    owner: str,
) -> rows.Row:
    """Return the row of a person's internal connection of a service, made if need be.

    Args:
        workshop: Store and catalogue.
        service_id: The service.
        scopes: What the task needs; the connection asks for these, too, from now on.
        parameters: Values for the service's blanks; None takes what is there.
        owner: The person.

    Raises:
        InvalidInput: If the service cannot be used so.
        ServiceNotFound: If there is none.
    """
    filled = None if parameters is None else rows.dump(dict(parameters))
    with workshop.store.write() as tx:
        alone(tx)  # two tasks at once make one
        found = rows.internal_connections(tx, owner, service_id)
        fitting = [r for r in found if filled is None or r.parameters == filled]
        if fitting:
            return _with_scopes(workshop, tx, fitting[0], scopes)
        service = _usable_service(workshop, service_id, dict(parameters or {}))
        name, link_name = Names(tx, owner).given_to_task(service)
        wanted = (*usual_scopes(service), *scopes) if not scopes else scopes
        return _stored(
            workshop,
            tx,
            owner=owner,
            name=name,
            link_name=link_name,
            service_id=service.id,
            scopes=rows.dump(list(dict.fromkeys(wanted))),
            parameters=filled or "{}",
            use_login_user_credentials=False,
            internal=True,
        )


def _with_scopes(
    workshop: Workshop, tx: sa.Connection, row: rows.Row, scopes: Sequence[str]
) -> rows.Row:
    """Add what a task needs beyond what was asked for; nothing is ever dropped."""
    known = rows.load_tuple(row.scopes)
    added = [scope for scope in dict.fromkeys(scopes) if scope not in known]
    if added:
        change_scopes(tx, row.id, (*known, *added))
        workshop.record(
            tx,
            "edit",
            actor=row.owner,
            connection_id=row.id,
            detail=f"added {', '.join(added)}",
        )
    return row
