"""A connection becomes somebody else's. What one person consented to goes to nobody."""

import sqlalchemy as sa

from .._failpoints import reach
from ..errors import InvalidInput, NameTaken
from ..store import alone, rows
from ._at_most import refuse_more_connections
from ._goodbye import end_all
from ._workshop import Workshop

_MOST_CHARACTERS = 256


def transfer(workshop: Workshop, row: rows.Row, *, to: str, person: str) -> str:
    """Make somebody else the owner; they authorize it anew.

    Nobody uses it from the first moment on: the credentials go in the same transaction
    that changes its owner. The provider is told afterwards, as well as it goes.

    Args:
        workshop: Store, vault and the way out.
        row: The connection.
        to: Whose it becomes.
        person: Who hands it on.

    Returns:
        What the provider answered, in sentences; empty where it was not asked.

    Raises:
        ConnectionNotFound: If somebody deleted it in the meantime.
        InvalidInput: If nobody of that name is here, or it is theirs already.
        LimitReached: If they have as many as they may.
        NameTaken: If they have one of this name.
    """
    _refuse_nobody(workshop, row, to)
    with workshop.store.write() as tx:
        alone(tx)
        rows.hold_connection(tx, row.id)
        _refuse_taken(tx, row, to)
        refuse_more_connections(workshop, tx, to, whose=f"{to} has")
        held = [] if row.use_login_user_credentials else _held(tx, row)
        # Before: it is its former owner who reads of it among theirs.
        _record(workshop, tx, row, f"from {row.owner} to {to}", by=person)
        rows.hand_on(tx, row.id, to=to)
    reach("transfer.handed-on")
    for credential in held:
        workshop.upkeep.spill.drop(credential.id)
    told = end_all(workshop, held, by=person)
    if told:
        with workshop.store.write() as tx:
            _record(workshop, tx, row, told, by=person)
    return told


def _held(tx: sa.Connection, row: rows.Row) -> list[rows.Row]:
    return list(rows.sealed_of_connection(tx, row.id))


def _record(
    workshop: Workshop, tx: sa.Connection, row: rows.Row, detail: str, *, by: str
) -> None:
    workshop.record(tx, "transfer", actor=by, connection_id=row.id, detail=detail)


def _refuse_nobody(workshop: Workshop, row: rows.Row, to: str) -> None:
    problem = ""
    if not to.strip() or not to.isprintable() or len(to) > _MOST_CHARACTERS:
        problem = "must be the name of a person"
    elif to == row.owner:
        problem = f"is {to}, whose it is already"
    elif not workshop.people.is_active(to):
        problem = f"is nobody's name here: '{to}' has no active account"
    if problem:
        raise InvalidInput(
            f"'{row.link_name}' was not handed on: to {problem}", fields={"to": problem}
        )


def _refuse_taken(tx: sa.Connection, row: rows.Row, to: str) -> None:
    now = rows.connection_by_id(tx, row.id)
    if rows.is_owned(tx, to, now.link_name, now.folded):
        raise NameTaken(
            f"{to} already has a connection called '{now.link_name}' or '{now.name}'",
            f"Ask {to} to rename or delete theirs first",
            fields={"to": f"has a connection called '{now.link_name}' already"},
        )
