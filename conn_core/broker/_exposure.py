"""Whether a kernel is lent the token, or the broker sends the requests itself."""

from .._settings import Settings
from .._values import Exposure
from ..store import rows
from ._policy import Actor


def exposure_for(actor: Actor, row: rows.Row, settings: Settings) -> Exposure:
    """Return how somebody may use a connection; ``sealed`` where anything asks for it.

    Args:
        actor: Who uses it.
        row: The connection.
        settings: What the operator allows.
    """
    is_sealed = (
        settings.sealed_only
        or row.exposure == "sealed"
        or bool(row.rules)  # only the broker can hold a request to them
        or _is_borrowed(actor, row, settings)
        or (bool(actor.grant) and actor.exposure == "sealed")
    )
    return "sealed" if is_sealed else "direct"


def _is_borrowed(actor: Actor, row: rows.Row, settings: Settings) -> bool:
    """Tell whether the credentials are somebody else's who does not lend the token."""
    if row.use_login_user_credentials or row.owner == actor.name:
        return False
    return not (settings.lend_tokens and row.lends_token)
