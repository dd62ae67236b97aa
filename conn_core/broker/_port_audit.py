"""The port's part about what was done with credentials."""

from typing import Protocol

from .._audit_values import AuditLine
from .._values import Page


class AuditPort(Protocol):
    """What every face may ask about the audit log. See ``Broker``."""

    def audit(
        self,
        query: str = "",
        *,
        connection: str | None = None,
        person: str | None = None,
        action: str | None = None,
        cursor: str | None = None,
        limit: int = 100,
    ) -> Page[AuditLine]:
        """Return what was done, the latest first.

        A person sees what they did, and what anybody did with their connections; an
        administrator sees everything.

        Args:
            query: Words that a line has.
            connection: Only of this connection; a name as everywhere.
            person: Only by this person.
            action: Only this.
            cursor: The ``next_cursor`` of the page before.
            limit: How many lines at most.
        """
        ...
