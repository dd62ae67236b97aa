"""The local broker's audit log: who did what with which connection."""

import dataclasses

from .._audit_values import AuditLine, AuditReport
from .._values import Page
from ..errors import ConnectionNotFound, NotAllowed
from ..store import audit_rows, rows
from ._line_texts import without_marks
from ._local_connections import LocalConnections
from ._paging import offset_of, refuse_empty_pages
from ._status import moment
from ._verifying import verify_log
from ._workshop import Workshop

_LONGEST_QUERY = 500
_MOST_WORDS = 10


class LocalAudit(LocalConnections):
    """The part of ``LocalBroker`` that is about what was done."""

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
        refuse_empty_pages(limit)
        wanted = audit_rows.WantedLines(
            seen_by=None if self._actor.is_administrator else self._person,
            words=_words_of(query),
            person=person,
            action=action,
        )
        before = None if cursor is None else offset_of(cursor)
        if connection is None:
            return self._page_of_lines(wanted, before, limit)
        return self._lines_of(connection, wanted, before, limit)

    def audit_report(self) -> AuditReport:
        """Read the whole log over; administrators may.

        Raises:
            NotAllowed: If the person is none.
        """
        if not self._actor.is_administrator:
            raise NotAllowed(
                "Only an administrator can have the audit log verified",
                "Ask who runs this server",
            )
        return verify_log(self._workshop)

    def _lines_of(
        self,
        name: str,
        wanted: audit_rows.WantedLines,
        before: int | None,
        limit: int,
    ) -> Page[AuditLine]:
        """Return the lines of one connection, also of one that is not there any more.

        Raises:
            ConnectionNotFound: If there is none of this name, and was none.
        """
        try:
            row = self._directory.row(name, "see")
        except ConnectionNotFound:
            owner, _, link_name = name.rpartition("/")
            gone = _of(wanted, link_name=link_name, owner=owner or None)
            found = self._page_of_lines(gone, before, limit)
            if not found.items and before is None:
                raise
            return found
        return self._page_of_lines(_of(wanted, connection_id=row.id), before, limit)

    def _page_of_lines(
        self, wanted: audit_rows.WantedLines, before: int | None, limit: int
    ) -> Page[AuditLine]:
        with self._workshop.store.read() as tx:
            found = audit_rows.page_of_lines(tx, wanted, before=before, limit=limit + 1)
        shown = tuple(line_from(row) for row in found[:limit])
        more = len(found) > limit
        return Page(
            items=shown,
            next_cursor=str(shown[-1].seq) if more else None,
            total=len(shown),
        )


def lines_of_log(
    workshop: Workshop,
    query: str = "",
    *,
    link_name: str | None = None,
    person: str | None = None,
    action: str | None = None,
    limit: int = 100,
) -> tuple[AuditLine, ...]:
    """Return what anybody did, the latest first: for whoever has the store itself.

    Args:
        workshop: Whose store to look into.
        query: Words that a line has.
        link_name: Only of connections of this link name.
        person: Only by this person.
        action: Only this.
        limit: How many lines at most.
    """
    wanted = audit_rows.WantedLines(
        seen_by=None,
        words=_words_of(query),
        link_name=link_name,
        person=person,
        action=action,
    )
    with workshop.store.read() as tx:
        found = audit_rows.page_of_lines(tx, wanted, before=None, limit=limit)
    return tuple(map(line_from, found))


def _words_of(query: str) -> tuple[str, ...]:
    return tuple(query[:_LONGEST_QUERY].split()[:_MOST_WORDS])


def line_from(row: rows.Row) -> AuditLine:
    """Return what people read of a line."""
    return AuditLine(
        seq=row.seq,
        at=moment(row.at),  # type: ignore[arg-type]  # the column is not null
        actor=row.actor,
        by=row.by,
        action=row.action,
        connection=row.connection,
        owner=row.owner,
        service=row.service_id,
        place=row.place,
        host=row.host,
        method=row.method,
        path=row.path,
        status=row.status,
        bytes=row.bytes,
        milliseconds=row.milliseconds,
        result=row.result,
        detail=without_marks(row.detail),
    )


def _of(
    wanted: audit_rows.WantedLines,
    *,
    connection_id: str | None = None,
    link_name: str | None = None,
    owner: str | None = None,
) -> audit_rows.WantedLines:
    return dataclasses.replace(
        wanted, connection_id=connection_id, link_name=link_name, owner=owner
    )
