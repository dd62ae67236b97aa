"""Whom a connection is shared with: what is refused, what is said, what is kept."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from .._values import Connection
from ..errors import BrokerUnavailable, NotAllowed
from ..store import rows
from ._policy import EVERYBODY, Actor
from ._suspending import gone_among
from ._workshop import Workshop

if TYPE_CHECKING:
    from .._drafts import ConnectionDraft


def shared_by(
    workshop: Workshop, draft: "ConnectionDraft", *, actor: Actor
) -> tuple[str, ...]:
    """Return whom a new connection is shared with.

    Where its maker did not say, everybody here; nobody, where the operator keeps that
    to administrators.

    Raises:
        NotAllowed: If they may not share with everybody, and said so.
    """
    if "shared_with" in draft.model_fields_set:
        return _allowed(workshop, draft.shared_with, actor=actor)
    may = may_share_with_everybody(workshop, actor)
    return draft.shared_with if may else ()


def share(
    workshop: Workshop, row: rows.Row, principals: Iterable[str], *, actor: Actor
) -> None:
    """Share a connection with these, and nobody else from now on.

    Raises:
        ConnectionNotFound: If somebody deleted it in the meantime.
        InvalidInput: If a principal is none.
        NotAllowed: If the person may not share with everybody.
    """
    from .._drafts import ShareDraft, read_draft  # noqa: PLC0415 - vends do without

    draft = read_draft(ShareDraft, {"shared_with": list(principals)})
    wanted = _allowed(workshop, draft.shared_with, actor=actor)
    with workshop.store.write() as tx:
        rows.hold_connection(tx, row.id)
        rows.put_shares(tx, row.id, wanted)
        told = ", ".join(wanted) or "nobody"
        workshop.record(
            tx, "share", actor=actor.name, connection_id=row.id, detail=f"with {told}"
        )


def said_of(workshop: Workshop, shared: Connection) -> str:
    """Return what an owner should know of whom they share with: how far that goes."""
    return f"{_said_of_everybody(shared)} {_said_of_nobody(workshop, shared)}".strip()


def _said_of_nobody(workshop: Workshop, shared: Connection) -> str:
    """Say which names are nobody's here: a group may be meant, or who comes later."""
    named = [p.removeprefix("user:") for p in shared.shared_with if _is_person(p)]
    try:
        gone = gone_among(workshop, named)
    except BrokerUnavailable:  # it is shared all the same
        return ""
    if not gone:
        return ""
    names = " or ".join(f"'{name}'" for name in gone)
    return f"Nobody here is called {names}; a group is written group:{gone[0]}."


def _is_person(principal: str) -> bool:
    return principal.startswith("user:")


def _said_of_everybody(shared: Connection) -> str:
    if EVERYBODY not in shared.shared_with or shared.use_login_user_credentials:
        return ""
    hosts = " and ".join(shared.api_hosts) or "the hosts of its service"
    scopes = f", with the scopes {', '.join(shared.scopes)}" if shared.scopes else ""
    return (
        f"Everybody here may send requests to {hosts} in the name of {shared.owner}"
        f"{scopes}."
    )


def _allowed(
    workshop: Workshop, principals: Iterable[str], *, actor: Actor
) -> tuple[str, ...]:
    wanted = tuple(p for p in principals if p != f"user:{actor.name}")
    if EVERYBODY in wanted and not may_share_with_everybody(workshop, actor):
        raise NotAllowed(
            "Only administrators may share with everybody here",
            "Name people and groups instead, such as --share grace,group:finance",
        )
    return wanted


def may_share_with_everybody(workshop: Workshop, actor: Actor) -> bool:
    """Tell whether somebody may share with everybody here at once."""
    return workshop.settings.share_with_everybody or actor.is_administrator
