"""What every task does first and last: get a client, and read the answer."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from conn_core._tasks import TASKS
from conn_core.errors import ProviderError

from .._desk import Desk
from .._opening import open_client

if TYPE_CHECKING:
    from conn_core import Connection

#: The statuses from which a person at hand can get on.
_NEEDS_CONSENT = ("needs authorization", "failed")


def client_for(
    task: str,
    *,
    connection: str | None,
    parameters: Mapping[str, str] | None = None,
    desk: Desk | None = None,
) -> Any:
    """Return a client for a task.

    Args:
        task: Which task, as in ``TASKS``.
        connection: A named connection to use in the place of the internal one.
        parameters: Values for the service's blanks, where an internal connection is made.
        desk: How to ask a person; that of this process when absent.

    Raises:
        InteractionRequired: In a job, if nobody has authorized it before.
        ConnectionsError: If the connection cannot be used now.
    """
    needs, desk = TASKS[task], desk or Desk()
    if connection is not None:
        return open_client(connection, require=needs.scopes, holder=desk.holder)
    internal = desk.broker.internal_connection(
        needs.service, scopes=needs.scopes, parameters=parameters
    )
    if internal.status in _NEEDS_CONSENT and desk.around.person:
        _ask_for_authorization(desk, internal)
    return open_client(internal.link_name, holder=desk.holder)


def _ask_for_authorization(desk: Desk, internal: "Connection") -> None:
    """Ask whoever is there, and wait: the call that needs it goes on afterwards."""
    from .._verbs._making import authorize

    authorize(desk.without_widgets(), name=internal.link_name, wait=True)


def answer_of(response: Any, *, doing: str, ok: str = "") -> dict[str, Any]:
    """Return what an API answered.

    Args:
        response: The response.
        doing: What was asked for, such as ``post the message``.
        ok: The member that says whether it was done, where the status does not.

    Raises:
        ProviderError: If it was not done; with the API's own short reason.
    """
    try:
        body = response.json()
    except ValueError:
        body = {}
    members = body if isinstance(body, dict) else {}
    refused = not response.is_success or (ok and members.get(ok) is not True)
    if refused:
        reason = _reason_in(members) or f"status {response.status_code}"
        raise ProviderError(
            f"{response.url.host} did not {doing} ({reason})",
            "Look at the arguments, and at what the connection may do: %conn list",
        )
    return members


def _reason_in(members: Mapping[str, Any]) -> str:
    """Return an API's short reason, from the places where APIs put it."""
    found = members.get("error") or members.get("message") or ""
    if isinstance(found, dict):
        found = found.get("message") or found.get("type") or ""
    plain = "".join(c for c in str(found) if c.isprintable())
    return plain[:200]
