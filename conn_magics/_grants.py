"""Making a grant and its file: both, or neither."""

from pathlib import Path
from typing import TYPE_CHECKING

from conn_core.errors import InvalidInput

if TYPE_CHECKING:
    from conn_core import GrantDraft, IssuedGrant
    from conn_core.broker import Broker

_ENDING = "/connections/"


def grant_into(
    path: Path,
    broker: "Broker",
    draft: "GrantDraft",
    *,
    endpoint: str = "",
    insecure: bool = False,
) -> "tuple[IssuedGrant, str]":
    """Make a grant and write it into a new file that only this account can read.

    Args:
        path: The file; there must be none of this name.
        broker: Makes the grant.
        draft: What it is for.
        endpoint: Where the job asks; the server's own address when empty.
        insecure: The way there may be in clear.

    Returns:
        The grant, and where the job asks.

    Raises:
        InvalidInput: If the file cannot be written, or the address is none, or not safe.
    """
    from conn_core.broker._grant_file import fill_grant_file, make_grant_file

    if endpoint:
        _checked(endpoint, insecure=insecure)
    descriptor = make_grant_file(path)
    issued = None
    try:
        issued = broker.grant(draft)
        where = endpoint or issued.endpoint or ""
        _checked(where, insecure=insecure)
        fill_grant_file(descriptor, issued, endpoint=where, insecure=insecure)
    except BaseException:
        path.unlink(missing_ok=True)
        if issued is not None:
            broker.revoke_grant(issued.grant.id)
        raise
    return issued, where


def _checked(endpoint: str, *, insecure: bool) -> None:
    from conn_core.broker._grant_file import refuse_clear_way

    if not endpoint:
        raise InvalidInput(
            "No server is running here that a job on another machine could ask",
            "Name its address with --endpoint https://…/connections/",
        )
    refuse_clear_way(endpoint, insecure=insecure)
    if not endpoint.endswith(_ENDING):
        raise InvalidInput(
            f"The server's address ends in {_ENDING}, and this one does not",
            "Name it as `%conn env` shows it",
        )
