"""What can be done with a connection, as its status and the policy allow it."""

from typing import Final

from conn_core import Connection, is_among
from conn_core.look import is_offered

#: What the buttons of a screen say; the list has the same words in its script.
WORDS: Final = {
    "accept": "Accept",
    "authorize": "Authorize",
    "delete": "Delete",
    "edit": "Edit",
    "enable": "Enable",
    "revoke": "Revoke",
    "seal": "Seal",
    "share": "Share",
    "test": "Test",
    "transfer": "Give away",
    "unseal": "Unseal",
}
Deeds = tuple[list[str], list[str]]


def deeds_of(
    connection: Connection, *, user: str, looks_after: bool = False, all_: bool = False
) -> Deeds:
    """Return what is done with a connection first, and what ⋯ shows.

    Args:
        connection: The connection.
        user: Who does it.
        looks_after: They look after this deployment: stop, seal and hand on anything.
        all_: Also what is rarely done with one's own.
    """
    match connection.group:
        case "internal":
            return ["code", _turn(connection)], []
        case "organisation":
            usual = _deeds_of_others(connection, user)
            return _with_stopping(usual, connection) if looks_after else usual
    return _deeds_of_owner(connection, all_=all_)


def _deeds_of_owner(connection: Connection, *, all_: bool) -> Deeds:
    match connection.status:
        case "needs authorization" | "failed":
            first = "authorize"
        case "revoked":
            first = "enable"
        case _:
            first = "code"
    rare = ["unseal" if connection.exposure == "sealed" else "seal", "transfer"]
    more = ["test", "edit", "share", "code", _turn(connection)]
    more += [*(rare if all_ else []), "delete"]
    return [first], [deed for deed in more if deed != first]


def _deeds_of_others(connection: Connection, user: str) -> Deeds:
    """Return what somebody may do with whom it is shared."""
    if not is_among(connection.shared_with, user):
        return [], []  # administrators see it, and use nothing by that
    if is_offered(connection, user=user):
        return ["accept"], ["code"]
    own = connection.use_login_user_credentials
    if own and connection.status in {"needs authorization", "failed"}:
        return ["authorize"], ["test", "code"]
    return ["code"], ["test"]


def _with_stopping(usual: Deeds, connection: Connection) -> Deeds:
    """Add what administrators may; it comes first where they may do nothing else."""
    first, more = usual
    stops = [_turn(connection), "seal", "transfer", "delete"]
    if connection.is_suspended:  # what mends it comes first
        stops = ["transfer", "revoke", "seal", "delete"]
    if first:
        return first, [*more, *stops]
    return stops[:1], stops[1:]


def _turn(connection: Connection) -> str:
    is_stopped = connection.status == "revoked" and not connection.is_suspended
    return "enable" if is_stopped else "revoke"
