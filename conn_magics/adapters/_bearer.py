"""For libraries that write ``Authorization: Bearer`` themselves, and nothing else."""

from typing import TYPE_CHECKING

from ._context import Context

if TYPE_CHECKING:
    import conn_core


def bearer(
    context: Context, *, adapter: str, rejected: int | None = None
) -> "conn_core.AccessToken":
    """Return the token of a connection that sends it as a bearer token (RFC 6750 2.1).

    Args:
        context: The connection.
        adapter: Who wants it, for the error.
        rejected: The generation that was answered 401.

    Raises:
        InvalidInput: If the service wants its credential in another place.
        ConnectionsError: If there is none to hand out.
    """
    token = context.token(rejected=rejected)
    place = (token.param_type, token.param_name.lower(), token.param_prefix.lower())
    if place != ("header", "authorization", "bearer "):
        raise context.unfit(adapter, "its credential is no bearer token in a header")
    return token
