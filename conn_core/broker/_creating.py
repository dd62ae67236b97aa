"""How connections come to be: what a person filled in, and what a task needs."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from .._services import Service
from ..store import alone, rows
from ._at_most import refuse_more_connections
from ._changing import add_scopes
from ._checks import (
    refuse_nobodys_own_credentials,
    refuse_unknown_parameters,
    usual_scopes,
)
from ._known_services import filled_service, service_of
from ._naming import Names
from ._policy import Actor
from ._sharing_out import shared_by
from ._workshop import Workshop, new_id

if TYPE_CHECKING:
    from .._drafts import ConnectionDraft


def create(workshop: Workshop, draft: "ConnectionDraft", *, actor: Actor) -> rows.Row:
    """Store what a person filled in; return the connection's row.

    Raises:
        InvalidInput: If something of it cannot be.
        LimitReached: If the person has as many as they may.
        NameTaken: If the person has a connection of this name.
        NotAllowed: If they may not share with everybody, and said so.
    """
    owner = actor.name
    service = _usable_service(workshop, draft.service, draft.parameters)
    refuse_nobodys_own_credentials(service, draft)
    scopes = draft.scopes if draft.scopes is not None else usual_scopes(service)
    shared_with = shared_by(workshop, draft, actor=actor)
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
            **_exposed(draft),
        )


def _exposed(draft: "ConnectionDraft") -> dict[str, Any]:
    """Return what a draft says of who sends the requests, and which."""
    rules = draft.given_rules
    return {
        "exposure": draft.exposure or ("sealed" if rules else "direct"),
        "lends_token": draft.lend_token,
        "rules": rules.dump(),
    }


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
    draft = _draft_of_task(service_id, scopes, parameters)
    filled = None if parameters is None else rows.dump(draft.parameters)
    with workshop.store.read() as tx:
        row = _fitting(tx, owner, service_id, filled)
    if row is not None and not _not_asked_for(row, draft):
        return row  # as nearly always
    with workshop.store.write() as tx:
        alone(tx)  # two tasks at once make one
        row = _fitting(tx, owner, service_id, filled)
        if row is None:
            return _made_for_task(workshop, tx, draft, owner)
        added = _not_asked_for(row, draft)
        if added:
            add_scopes(workshop, tx, row, added)
    return row


def _draft_of_task(
    service_id: str, scopes: Sequence[str], parameters: Mapping[str, str] | None
) -> "ConnectionDraft":
    """Check what a task asks for as what a person fills in."""
    asked = {"scopes": list(scopes), "parameters": dict(parameters or {})}
    from .._drafts import ConnectionDraft, read_draft  # noqa: PLC0415 - vends do without

    return read_draft(ConnectionDraft, {"service": service_id, **asked})


def _fitting(
    tx: sa.Connection, owner: str, service_id: str, parameters: str | None
) -> rows.Row | None:
    found = rows.internal_connections(tx, owner, service_id)
    fits = (r for r in found if parameters is None or r.parameters == parameters)
    return next(fits, None)


def _not_asked_for(row: rows.Row, draft: "ConnectionDraft") -> list[str]:
    known = rows.load_tuple(row.scopes)
    return [scope for scope in dict.fromkeys(draft.scopes or ()) if scope not in known]


def _made_for_task(
    workshop: Workshop, tx: sa.Connection, draft: "ConnectionDraft", owner: str
) -> rows.Row:
    service = _usable_service(workshop, draft.service, draft.parameters)
    name, link_name = Names(tx, owner).given_to_task(service)
    return _stored(
        workshop,
        tx,
        owner=owner,
        name=name,
        link_name=link_name,
        service_id=service.id,
        scopes=rows.dump(list(dict.fromkeys(draft.scopes or usual_scopes(service)))),
        parameters=rows.dump(draft.parameters),
        use_login_user_credentials=False,
        internal=True,
        exposure="direct",
    )


def _usable_service(
    workshop: Workshop, service_id: str, parameters: dict[str, str]
) -> Service:
    refuse_unknown_parameters(service_of(workshop, service_id), parameters)
    return filled_service(workshop, service_id, parameters)


def _stored(
    workshop: Workshop, tx: sa.Connection, *, owner: str, **values: Any
) -> rows.Row:
    """Store a new connection and say so; return its row."""
    refuse_more_connections(workshop, tx, owner)
    connection_id = new_id()
    rows.insert_connection(
        tx,
        id=connection_id,
        owner=owner,
        created_at=workshop.clock(),
        version=1,
        **values,
    )
    workshop.record(tx, "create", actor=owner, connection_id=connection_id)
    return rows.connection_by_id(tx, connection_id)
