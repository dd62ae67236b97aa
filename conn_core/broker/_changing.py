"""What an owner does with a connection: edit, revoke, enable and delete it."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from .._failpoints import reach
from ..errors import VersionConflict
from ..store import rows
from . import _goodbye
from ._known_services import name_of_service
from ._naming import Names
from ._workshop import Workshop

if TYPE_CHECKING:
    from .._drafts import ConnectionEdit


def edit(
    workshop: Workshop, row: rows.Row, change: "ConnectionEdit", *, version: int | None
) -> str:
    """Change name or scopes.

    Args:
        workshop: Whose store to change.
        row: The connection.
        change: What to change.
        version: The version that was read; None changes whatever is there.

    Returns:
        What the owner should know besides; a sentence, else empty.

    Raises:
        ConnectionNotFound: If somebody deleted it in the meantime.
        NameTaken: If another connection of the owner has the name.
        VersionConflict: If somebody else changed it after it was read.
    """
    with workshop.store.write() as tx:
        rows.hold_connection(tx, row.id)
        now = rows.connection_by_id(tx, row.id)
        if version not in {None, now.version}:
            raise VersionConflict(
                f"'{row.link_name}' was changed by somebody else in the meantime",
                "Look at it again, then change it",
            )
        values: dict[str, Any] = {}
        if change.name not in {None, now.name}:
            names = Names(tx, row.owner)
            names.refuse_taken(str(change.name), besides=row.link_name)
            values["name"] = change.name
        if change.scopes is not None:
            values["scopes"] = tuple(dict.fromkeys(change.scopes))
        told = _told(now, values)
        if told:
            _put(tx, row.id, values)
            _record(workshop, tx, row, "edit", detail="; ".join(told))
    return _what_stays_granted(row, change)


def _told(now: rows.Row, values: dict[str, Any]) -> list[str]:
    """Return what a change changes, for the history; nothing where it changes nothing."""
    before = rows.load_tuple(now.scopes)
    after = values.get("scopes", before)
    changes = {
        "renamed to": [values["name"]] if "name" in values else [],
        "added": [scope for scope in after if scope not in before],
        "dropped": [scope for scope in before if scope not in after],
    }
    return [f"{what} {', '.join(which)}" for what, which in changes.items() if which]


def add_scopes(
    workshop: Workshop, tx: sa.Connection, row: rows.Row, added: Sequence[str]
) -> None:
    """Let a connection ask for more; nothing is dropped."""
    _put(tx, row.id, {"scopes": (*rows.load_tuple(row.scopes), *added)})
    _record(workshop, tx, row, "edit", detail=f"added {', '.join(added)}")


def _put(tx: sa.Connection, connection_id: str, values: dict[str, Any]) -> None:
    if "scopes" in values:
        values = values | {"scopes": rows.dump(values["scopes"])}
    rows.update_connection(tx, connection_id, **values)
    if "scopes" in values:
        rows.note_missing_scopes(tx, connection_id, values["scopes"])


def _what_stays_granted(row: rows.Row, change: "ConnectionEdit") -> str:
    """Say that a token covers more than is asked for now.

    It is kept: no provider has to give one that covers less, and asking for one may
    end the one there is (RFC 6749 6).
    """
    if change.scopes is None or row.credential_id is None:
        return ""
    granted = rows.load_tuple(row.granted_scopes)
    dropped = [s for s in rows.load_tuple(row.scopes) if s not in change.scopes]
    kept = [scope for scope in dropped if scope in granted]
    if not kept:
        return ""
    return (
        f"The authorization still covers {', '.join(kept)}. "
        f"Run %conn authorize {row.link_name} for one that does not."
    )


def revoke(workshop: Workshop, row: rows.Row, *, person: str, at_provider: bool) -> str:
    """Suspend a connection, and end its grants at the provider if that is wanted.

    Returns:
        What the provider answered, in sentences; empty where it was not asked.
    """
    _suspend(workshop, row, person)
    if not at_provider:
        return ""
    reach("revoke.before-provider")
    name = name_of_service(workshop, row.service_id)
    told = _goodbye.end_grants(workshop, row, by=person)
    told = told or f"There was no authorization to end at {name}."
    with workshop.store.write() as tx:
        _record(workshop, tx, row, "revoke at provider", by=person, detail=told)
    return told


def _suspend(workshop: Workshop, row: rows.Row, person: str) -> None:
    if row.revoked_at is None:
        now = workshop.clock()
        changes = {"revoked_at": now, "revoked_by": person}
        _change(workshop, row, "revoke", person, **changes)


def enable(workshop: Workshop, row: rows.Row, *, person: str) -> None:
    """Undo ``revoke``."""
    if row.revoked_at is not None:
        changes = {"revoked_at": None, "revoked_by": None}
        _change(workshop, row, "enable", person, **changes)


def delete(workshop: Workshop, row: rows.Row, *, person: str, keep_grant: bool) -> str:
    """Delete a connection with everybody's credentials of it.

    It is suspended first: nobody uses it while the provider is told. That the provider
    does not answer is no reason to keep the credentials.

    Returns:
        What the provider answered, in sentences; empty where it was not asked.
    """
    told = ""
    if not keep_grant:
        _suspend(workshop, row, person)
        told = _goodbye.end_grants(workshop, row, by=person)
    reach("delete.provider-told")
    with workshop.store.write() as tx:
        held = rows.sealed_of_connection(tx, row.id)
        rows.delete_connection(tx, row.id)
        detail = f"{row.link_name}. {told}".strip(". ")
        workshop.record(tx, "delete", actor=person, detail=detail, gone=row)
    for credential in held:
        workshop.upkeep.spill.drop(credential.id)
    return told


def _change(
    workshop: Workshop, row: rows.Row, action: str, person: str, **values: Any
) -> None:
    with workshop.store.write() as tx:
        rows.update_connection(tx, row.id, **values)
        _record(workshop, tx, row, action, by=person)


def _record(
    workshop: Workshop,
    tx: sa.Connection,
    row: rows.Row,
    action: str,
    *,
    by: str = "",
    detail: str = "",
) -> None:
    """Write a line of history; what nobody else may do its owner did."""
    actor = by or row.owner
    workshop.record(tx, action, actor=actor, connection_id=row.id, detail=detail)
