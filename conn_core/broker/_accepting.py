"""Before the first use of what somebody else shares: where it goes, and who says yes.

Whoever shares a connection could lend one that reads along: what a colleague sends
through it reaches the owner's account, at hosts that the owner chose.
"""

from .._values import Connection
from ..errors import AcceptanceRequired
from ..store import rows
from ._workshop import Workshop


def is_accepted(row: rows.Row, *, person: str) -> bool:
    """Tell whether a person has agreed to what they would use.

    One's own needs nobody's word, and neither do credentials of one's own: consenting
    to them was one. Fewer scopes or hosts than were agreed to are agreed to.

    Args:
        row: The connection, as the person sees it.
        person: Who would use it.
    """
    if row.owner == person or row.use_login_user_credentials:
        return True
    if row.accepted_hosts is None:
        return False
    return _lies_within(row.hosts, row.accepted_hosts) and _lies_within(
        row.scopes, row.accepted_scopes
    )


def _lies_within(now: str | None, agreed: str) -> bool:
    return {*rows.load_tuple(now or "[]")} <= {*rows.load_tuple(agreed)}


def not_accepted(row: rows.Row, *, called: str) -> AcceptanceRequired:
    """Return what is said to whoever would use it without having agreed.

    Args:
        row: The connection, as the person sees it.
        called: By which name; the command names it so.
    """
    scopes = ", ".join(rows.load_tuple(row.scopes))
    rights = f", with the scopes {scopes}" if scopes else ""
    before = "you have not accepted that yet"
    if row.accepted_hosts is not None:
        before = "that is more than you accepted"
    return AcceptanceRequired(
        f"'{called}' is shared by {row.owner}: what you send goes to "
        f"{' and '.join(rows.load_tuple(row.hosts or '[]'))} in the name of {row.owner}{rights}, "
        f"and {before}",
        f"Run %conn accept {called}",
    )


def accept(
    workshop: Workshop, row: rows.Row, shown: Connection, *, person: str
) -> None:
    """Keep that a person agrees to what they were shown.

    Args:
        workshop: Store and history.
        row: The connection, as the person sees it.
        shown: What they see of it.
        person: Who agrees.
    """
    if is_accepted(row, person=person):
        return
    told = f"{', '.join(shown.api_hosts)}; {', '.join(shown.scopes) or 'no scopes'}"
    with workshop.store.write() as tx:
        rows.put_acceptance(
            tx,
            row.id,
            person=person,
            scopes=row.scopes,
            hosts=row.hosts or "[]",
            now=workshop.clock(),
        )
        workshop.record(
            tx, "accept", actor=person, connection_id=row.id, detail=told[:700]
        )
