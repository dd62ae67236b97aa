"""Verbs that stop a connection, and the one that undoes it: revoke, enable, delete."""

from .._blocks import Note, Sentence
from .._confirm import Question, confirmed
from .._desk import Desk
from .._verb import NAME, YES, verb
from .._views import View


@verb("revoke", NAME, YES)
def revoke(desk: Desk, *, name: str, yes: bool = False) -> View | None:
    """Stop its use at once, everywhere; it can be enabled again."""
    connection = desk.broker.connection(name)
    question = Question(
        action="revoke",
        title=f"Revoke '{connection.link_name}'?",
        consequence="It stops working at once, in every notebook and job. You can enable it again.",
        doing=f"revoking '{connection.link_name}'",
        command=f"%conn revoke {connection.link_name}",
    )
    agreed = yes or confirmed(desk, question, connection)
    if agreed is None:
        return None
    if not agreed:
        return View(Note("Nothing was changed"))
    revoked = desk.broker.revoke(connection.link_name)
    return View(
        Sentence(f"'{revoked.link_name}' is revoked and can no longer be used", "off"),
        Note(f"Run %conn enable {revoked.link_name} to undo it"),
        data=revoked.to_json(),
    )


@verb("enable", NAME)
def enable(desk: Desk, *, name: str) -> View:
    """Undo a revocation."""
    connection = desk.broker.enable(name)
    if connection.status == "connected":
        return View(
            Sentence(f"'{connection.link_name}' can be used again", "ok"),
            data=connection.to_json(),
        )
    return View(
        Sentence(
            f"'{connection.link_name}' is enabled and needs authorization", "todo"
        ),
        Note(f"Run %conn authorize {connection.link_name}"),
        data=connection.to_json(),
    )


@verb("delete", NAME, YES)
def delete(desk: Desk, *, name: str, yes: bool = False) -> View | None:
    """Delete it and its credentials; this cannot be undone."""
    connection = desk.broker.connection(name)
    question = Question(
        action="delete",
        title=f"Delete '{connection.link_name}'?",
        consequence=(
            "This cannot be undone. The credentials are destroyed and the "
            f"authorization at {connection.service_name} ends."
        ),
        doing=f"deleting '{connection.link_name}'",
        command=f"%conn delete {connection.link_name}",
    )
    agreed = yes or confirmed(desk, question, connection)
    if agreed is None:
        return None
    if not agreed:
        return View(Note("Nothing was changed"))
    desk.broker.delete(connection.link_name)
    return View(
        Sentence(f"'{connection.link_name}' is deleted", "off"),
        data=connection.to_json(),
    )
