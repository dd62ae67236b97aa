"""``import conn_magics as cm``: who may use a connection, and whether anybody may."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ._connection import Connection, handle_of
from ._holder import HOLDER

if TYPE_CHECKING:
    import conn_core


def accept(name: str) -> Connection:
    """Agree to use what somebody else shares: its hosts and scopes. Asks nothing.

    Args:
        name: Link name or display name.
    """
    return handle_of(HOLDER.broker.accept(name))


def share(name: str, shared_with: Sequence[str]) -> Connection:
    """Say anew who else may use one of your connections. Asks nothing.

    Args:
        name: Link name or display name.
        shared_with: ``*`` (everybody here), ``user:NAME`` or ``group:NAME`` each;
            nobody when empty.

    Raises:
        NotAllowed: If it is somebody else's.
    """
    return handle_of(HOLDER.broker.share(name, shared_with))


def transfer(name: str, to: str) -> "conn_core.Connection":
    """Make somebody else the owner of a connection. Asks nothing.

    Nobody's credentials go with it: they authorize it anew.

    Args:
        name: Link name or display name.
        to: Whose it becomes.

    Returns:
        What it is by now; ``notice`` says what the service answered.
    """
    return HOLDER.broker.transfer(name, to)


def seal(name: str) -> Connection:
    """Keep a connection's token with the broker: requests go through it from now on.

    Args:
        name: Link name or display name.
    """
    return handle_of(HOLDER.broker.seal(name))


def unseal(name: str) -> Connection:
    """Undo ``seal``: your own kernels are lent the token again.

    Args:
        name: Link name or display name.

    Raises:
        NotAllowed: If it stays sealed; says why.
    """
    return handle_of(HOLDER.broker.seal(name, sealed=False))


def revoke(name: str, *, at_provider: bool = False) -> Connection:
    """Stop a connection at once, everywhere, reversibly. Asks nothing.

    Args:
        name: Link name or display name.
        at_provider: Also end the authorization at the service; ``facts.notice`` says
            what it answered.
    """
    return handle_of(HOLDER.broker.revoke(name, at_provider=at_provider))


def enable(name: str) -> Connection:
    """Undo ``revoke``; it needs authorization only where the grant is gone.

    Args:
        name: Link name or display name.
    """
    return handle_of(HOLDER.broker.enable(name))


def delete(name: str, *, keep_grant: bool = False) -> "conn_core.Connection":
    """Delete a connection and its credentials. Asks nothing, cannot be undone.

    Args:
        name: Link name or display name.
        keep_grant: Leave the authorization at the service as it is.

    Returns:
        What it was; ``notice`` says what the service answered.
    """
    return HOLDER.broker.delete(name, keep_grant=keep_grant)
