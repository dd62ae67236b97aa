"""A token that leaked: whose it is, when it was obtained, and who used it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

import sqlalchemy as sa

from .._audit_values import AuditLine
from .._secret import Secret
from .._value import Value
from ..errors import InvalidInput
from ..store import audit_rows, rows
from ._line_texts import marks_in
from ._local_audit import line_from
from ._noting import NOTED_EVERY
from ._status import moment
from ._workshop import Workshop

#: What begins the use of a credential.
_OBTAINED: Final = ("authorize", "refresh")
#: What ends it beside the next one, whoever does it.
_ENDS: Final = ("delete", "transfer")
_USES: Final = ("use", "request", "test")
_MOST: Final = 1_000
_LONGEST: Final = 16_384


@dataclass(frozen=True, slots=True, kw_only=True)
class Traced(Value):
    """Where a token came from, and what was done while it was the latest one.

    Attributes:
        obtained: The line of the log that says that it came.
        until: When the next one took its place, or it was deleted; None where it is
            still the latest.
        uses: Who used the connection meanwhile, and from where; the latest first.
    """

    obtained: AuditLine
    until: datetime | None
    uses: tuple[AuditLine, ...]


def traced(workshop: Workshop, token: Secret) -> tuple[Traced, ...]:
    """Find a token in the log: for whoever has the store itself.

    Args:
        workshop: Whose log.
        token: An access token, a refresh token, or what a person typed as a key.

    Returns:
        Each time it came; nothing where it never did, or these lines were trimmed.

    Raises:
        AuditUnavailable: If the log's key is gone, or does not open.
        InvalidInput: If it is empty, or longer than any token.
    """
    text = token.reveal()
    if not 0 < len(text) <= _LONGEST:
        raise InvalidInput("There is no token to look for", "Paste it, or pipe it in")
    with workshop.store.read() as tx:
        mark = workshop.auditing.key(tx, workshop.vault).mark_of(text)
        found = audit_rows.lines_with(tx, mark, _OBTAINED)
        return tuple(_traced(tx, row) for row in found if mark in marks_in(row.detail))


def _traced(tx: sa.Connection, row: rows.Row) -> Traced:
    following = audit_rows.line_that_ends(tx, row, _OBTAINED, or_any=_ENDS)
    connection = rows.connection_if_there(tx, row.connection_id)
    is_own = connection is not None and connection.use_login_user_credentials
    used = audit_rows.lines_of_use(
        tx,
        row,
        _USES,
        # A use is noted once a minute, whatever was renewed in that minute.
        since=row.at - NOTED_EVERY,
        until=None if following is None else following.at,
        by=row.actor if is_own else None,
        limit=_MOST,
    )
    return Traced(
        obtained=line_from(row),
        until=None if following is None else moment(following.at),
        uses=tuple(map(line_from, used)),
    )
