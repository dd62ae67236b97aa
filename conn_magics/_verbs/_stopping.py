"""Verbs that stop a connection, and the one that undoes it: revoke, enable, delete."""

from typing import TYPE_CHECKING

from .. import _words
from .._blocks import Block, Note, Sentence
from .._confirm import Question, confirmed, unchanged
from .._desk import Desk
from .._verb import NAME, YES, argument, verb
from .._views import View

if TYPE_CHECKING:
    import conn_core

_LOOKED_AT = 100


@verb(
    "revoke",
    NAME,
    YES,
    argument(
        "--at-provider",
        action="store_true",
        help="also end the authorization at the service",
    ),
)
def revoke(
    desk: Desk, *, name: str, yes: bool = False, at_provider: bool = False
) -> View | None:
    """Stop its use at once, everywhere; it can be enabled again."""
    connection = desk.broker.connection(name)
    asked = _about_revoking(connection, name, at_provider=at_provider)
    agreed = yes or confirmed(desk, asked, connection)
    if agreed is None:
        return None
    if not agreed:
        return unchanged()
    revoked = desk.broker.revoke(_words.key_of(connection), at_provider=at_provider)
    called = _words.called(revoked, name)
    return View(
        Sentence(f"'{called}' is revoked and can no longer be used", "off"),
        *_notice(revoked),
        Note(f"Run %conn enable {called} to undo it"),
        data=revoked.to_json(),
    )


def _about_revoking(
    connection: "conn_core.Connection", name: str, *, at_provider: bool
) -> Question:
    called = _words.called(connection, name)
    later = (
        f"The authorization at {connection.service_name} ends too: to use it again, "
        "you enable it and authorize it."
        if at_provider
        else "You can enable it again."
    )
    return Question(
        title=f"Revoke '{called}'?",
        consequence=f"It stops working at once, in every notebook and job. {later}",
        doing=f"revoking '{called}'",
        command=f"%conn revoke {called}" + (" --at-provider" if at_provider else ""),
        # The form revokes here; what also ends the grant is asked in words.
        form="" if at_provider else "revoke",
    )


@verb("enable", NAME)
def enable(desk: Desk, *, name: str) -> View:
    """Undo a revocation; it authorizes again only where the grant is gone."""
    connection = desk.broker.enable(name)
    called = _words.called(connection, name)
    if connection.status == "connected":
        return View(
            Sentence(f"'{called}' can be used again", "ok"),
            *_notice(connection),
            data=connection.to_json(),
        )
    return View(
        Sentence(f"'{called}' is enabled and needs authorization", "todo"),
        *_notice(connection),
        Note(f"Run %conn authorize {called}"),
        data=connection.to_json(),
        outcome="needs person",
    )


@verb(
    "delete",
    NAME,
    YES,
    argument(
        "--keep-grant",
        action="store_true",
        help="leave the authorization at the service as it is",
    ),
)
def delete(
    desk: Desk, *, name: str, yes: bool = False, keep_grant: bool = False
) -> View | None:
    """Delete it and its credentials; this cannot be undone."""
    connection = desk.broker.connection(name)
    places = _places(desk, connection)
    asked = _about_deleting(connection, name, places, keep_grant=keep_grant)
    agreed = yes or confirmed(desk, asked, connection)
    if agreed is None:
        return None
    if not agreed:
        return unchanged()
    gone = desk.broker.delete(_words.key_of(connection), keep_grant=keep_grant)
    # Whoever was asked has read it already.
    was = [Note("It was used in:"), *map(Note, places)] if places and yes else []
    return View(
        Sentence(f"'{_words.called(gone, name)}' is deleted", "off"),
        *_notice(gone),
        *was,
        data=gone.to_json(),
    )


def _places(desk: Desk, connection: "conn_core.Connection") -> list[str]:
    uses = desk.broker.uses(_words.key_of(connection), limit=_LOOKED_AT)
    user = desk.broker.status().user
    return _words.places(uses, user=user, now=desk.now())


def _about_deleting(
    connection: "conn_core.Connection",
    name: str,
    places: list[str],
    *,
    keep_grant: bool,
) -> Question:
    called, service = _words.called(connection, name), connection.service_name
    grant = f"the authorization at {service} " + ("stays" if keep_grant else "ends")
    return Question(
        title=f"Delete '{called}'?",
        consequence=(
            f"This cannot be undone. The credentials are destroyed and {grant}."
        ),
        doing=f"deleting '{called}'",
        command=f"%conn delete {called}" + (" --keep-grant" if keep_grant else ""),
        places=places,
        form="" if keep_grant else "delete",
    )


def _notice(connection: "conn_core.Connection") -> tuple[Block, ...]:
    return (Note(connection.notice),) if connection.notice else ()
