"""A line of the audit log in the words of people."""

from .._audit_values import AuditLine
from ._briefly import briefly
from ._history import word_for


def who_did(line: AuditLine) -> str:
    """Say as whom, and who it really was where that is somebody else."""
    return f"{line.actor} (by {line.by})" if line.by else line.actor


def what_was_done(line: AuditLine) -> str:
    """Say what was done, or where a request went and what was answered."""
    if line.host:
        status = "" if line.status is None else f" ({line.status})"
        return f"{line.method} {line.host}{line.path}{status}"
    word = word_for(line.action)
    return f"{word}: {briefly(line.detail)}" if line.detail else word
