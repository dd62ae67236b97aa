"""Retention of the audit log: old lines go, and that they went stays written."""

import sqlalchemy as sa

from ..errors import Conflict
from ..store import audit_rows, rows
from ._auditing import CHAINS, Columns, append, signed_anew
from ._line_texts import as_columns
from ._status import day
from ._verifying import verify_log
from ._workshop import Workshop


def trim_log(
    workshop: Workshop, *, before: float, person: str, even_broken: bool = False
) -> int:
    """Delete the lines that are older, and leave a line that says so in each chain.

    Args:
        workshop: Store and key.
        before: The moment from which on lines stay.
        person: Who does it.
        even_broken: Also where the log is not as it was written.

    Returns:
        How many lines were deleted.

    Raises:
        AuditUnavailable: If the log cannot be written.
        Conflict: If it is not as it was written: what is deleted proves nothing.
    """
    report = verify_log(workshop)
    if not (report.whole or even_broken):
        raise Conflict(
            "Nothing was trimmed: the audit log is not as it was written. "
            f"{report.problems[0]}",
            "Run jupyter connections audit verify",
        )
    line = {"at": workshop.clock(), "actor": person, "action": "trim"}
    deleted = 0
    for writer in CHAINS:
        with workshop.store.write() as tx:
            deleted += _trim_chain(workshop, tx, writer, before, line)
    return deleted


def _trim_chain(
    workshop: Workshop, tx: sa.Connection, writer: str, before: float, line: Columns
) -> int:
    head = audit_rows.held_head(tx, writer)
    last = audit_rows.last_line_before(tx, writer, at=before)
    if head is None or last is None:
        return 0
    deleted = audit_rows.delete_lines_until(tx, writer, last.number)
    key = workshop.auditing.key(tx, workshop.vault)
    begins = {"base": last.number, "base_digest": last.digest}
    signed = signed_anew(key, head, begins)
    audit_rows.update_head(tx, writer, **begins, signature=signed)
    told = as_columns(line | _told(last, deleted, before))
    append(tx, key, audit_rows.held_head(tx, writer), [told])
    return deleted


def _told(last: rows.Row, deleted: int, before: float) -> Columns:
    lines = f"{deleted} line{'s' * (deleted != 1)}"
    told = f"{lines} from before {day(before)} deleted, up to line {last.number}"
    return {"detail": told}
