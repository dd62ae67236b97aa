"""Keeping a connection's credential with the broker, and lending it again."""

from .._rules import Rules
from ..errors import NotAllowed
from ..store import rows
from ._policy import Actor
from ._workshop import Workshop


def seal(workshop: Workshop, row: rows.Row, *, actor: Actor, sealed: bool) -> None:
    """Seal a connection, or lend its owner's kernels the token again.

    Args:
        workshop: Whose store to change.
        row: The connection, which the person may change.
        actor: Who wants it.
        sealed: False lends it again.

    Raises:
        NotAllowed: If it stays sealed, because of whose it is, the operator, or rules.
    """
    if not sealed:
        _refuse_to_lend(workshop, row, actor)
    wanted = "sealed" if sealed else "direct"
    if row.exposure == wanted:
        return
    with workshop.store.write() as tx:
        rows.update_connection(tx, row.id, exposure=wanted)
        workshop.record(
            tx, "seal" if sealed else "unseal", actor=actor.name, connection_id=row.id
        )


def _refuse_to_lend(workshop: Workshop, row: rows.Row, actor: Actor) -> None:
    name, rules = row.link_name, Rules.load(row.rules)
    if row.owner != actor.name:
        raise NotAllowed(
            f"'{name}' belongs to {row.owner}, and only {row.owner} can unseal it",
            f"Ask {row.owner}",
        )
    if workshop.settings.sealed_only:
        raise NotAllowed(
            f"'{name}' stays sealed: here every connection is",
            "An operator decides it with c.Connections.sealed_only",
        )
    if rules:
        raise NotAllowed(
            f"'{name}' stays sealed: its rules (only {rules.in_words()}) hold where the "
            "broker sends the requests",
            "To use it without rules, run %conn new",
        )
