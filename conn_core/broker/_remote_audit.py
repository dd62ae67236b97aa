"""The remote broker's audit log: who did what with which connection."""

from .._audit_values import AuditLine
from .._values import Page
from ._asker import Asker, page


class RemoteAudit(Asker):
    """The part of ``RemoteBroker`` that is about what was done."""

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
        """Return what was done, the latest first."""
        return self._get(
            "audit",
            into=lambda body: page(body, AuditLine.from_json),
            q=query or None,
            connection=connection,
            person=person,
            action=action,
            cursor=cursor,
            limit=limit,
        )
