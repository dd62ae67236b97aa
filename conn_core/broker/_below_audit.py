"""What a broker over another one passes on about the audit log."""

from typing import TYPE_CHECKING

from .._audit_values import AuditLine
from .._values import Page

if TYPE_CHECKING:
    from collections.abc import Callable

    from ._port import Broker


class AuditBelow:
    """Passes everything about the audit log on.

    Attributes:
        below: Finds the broker below; called when one is needed.
    """

    below: "Callable[[], Broker]"

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
        """Return what was done, below."""
        return self.below().audit(
            query,
            connection=connection,
            person=person,
            action=action,
            cursor=cursor,
            limit=limit,
        )
