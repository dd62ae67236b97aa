"""REST: the audit log, what was done with whose credentials."""

from dataclasses import fields
from typing import TYPE_CHECKING, cast

from tornado import web

import conn_core

from ._api import ApiHandler, listed
from ._handler import may
from ._spreadsheet import csv_of

if TYPE_CHECKING:  # the database is not paid for when the server starts
    from conn_core.broker import LocalBroker


class AuditHandler(ApiHandler):
    """``api/v1/audit``."""

    @web.authenticated
    @may("read")
    async def get(self) -> None:
        """Return what was done, the latest first; people see what concerns them."""
        as_csv = self.one_of("format", "json", "csv") == "csv"
        limit = self.number("limit", usual=100, most=10_000)
        page = await self.ask(
            lambda broker: broker.audit(
                self.text("q"),
                connection=self.text("connection") or None,
                person=self.text("person") or None,
                action=self.text("action") or None,
                cursor=self.text("cursor") or None,
                limit=limit,
            )
        )
        items = [line.to_json() for line in page.items]
        if as_csv:
            self._answer_csv(items, page.next_cursor)
        else:
            self.answer(listed(items, next_cursor=page.next_cursor, total=page.total))

    def _answer_csv(
        self, items: list[dict[str, object]], next_cursor: str | None
    ) -> None:
        self.set_header("Content-Type", "text/csv; charset=utf-8")
        self.set_header("Content-Disposition", 'attachment; filename="audit.csv"')
        if next_cursor is not None:
            self.set_header("X-Connections-Next-Cursor", next_cursor)
        columns = [field.name for field in fields(conn_core.AuditLine)]
        self.finish(csv_of(items, columns))


class AuditReportHandler(ApiHandler):
    """``api/v1/audit/report``."""

    @web.authenticated
    @may("read")
    async def get(self) -> None:
        """Read the whole log over, for administrators: is it as it was written?"""
        report = await self.ask(
            lambda broker: cast("LocalBroker", broker).audit_report()
        )
        self.answer(report.to_json())
