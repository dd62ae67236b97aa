"""The verb that agrees to use what somebody else shares: accept."""

from typing import TYPE_CHECKING

from .. import _words
from .._blocks import Sentence
from .._confirm import Question, confirmed, unchanged
from .._desk import Desk
from .._verb import NAME, YES, verb
from .._views import View

if TYPE_CHECKING:
    import conn_core


@verb("accept", NAME, YES)
def accept(desk: Desk, *, name: str, yes: bool = False) -> View:
    """Agree to use what somebody else shares, once its hosts and scopes were shown."""
    connection = desk.broker.connection(name)
    called = _words.called(connection, name)
    if connection.accepted:
        told = f"'{called}' needs no acceptance: {_because(connection)}"
        return View(Sentence(told, "ok"), data=connection.to_json())
    # What cannot be used is not asked about: the broker says why.
    asks = connection.status == "connected" and not yes
    if asks and not confirmed(desk, _about(connection, called)):
        return unchanged()
    accepted = desk.broker.accept(_words.key_of(connection))
    said = f"You can use '{called}' of {accepted.owner} now"
    return View(Sentence(said, "ok"), data=accepted.to_json())


def _because(connection: "conn_core.Connection") -> str:
    if connection.group != "organisation":
        return "it is yours"
    if connection.use_login_user_credentials:
        return "you use credentials of your own"
    return "you may use it already"


def _about(connection: "conn_core.Connection", called: str) -> Question:
    owner = connection.owner
    return Question(
        title=f"Use '{called}', which {owner} shares?",
        consequence=f"What you send with it is sent in the name of {owner}.",
        doing=f"using '{called}'",
        command=f"%conn accept {called}",
        places=(
            f"Service: {connection.service_name}",
            f"Hosts: {', '.join(connection.api_hosts)}",
            f"Scopes: {', '.join(connection.scopes) or 'none'}",
        ),
        head=f"{owner} shares '{called}':",
    )
