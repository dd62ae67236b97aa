"""Finding connections as a job does that shows a grant: what it names, nothing else.

Not even by name: a suggestion, or the word ``ambiguous``, would tell a job what else its
person has.
"""

from .._names import closest
from .._values import Connection, Group, Page, Status
from ..errors import ConnectionNotFound
from ..store import rows
from ._directory import Directory
from ._paging import refuse_empty_pages
from ._suspending import is_shown_as


class GrantedDirectory(Directory):
    """The connections that a grant names and that its owner still sees."""

    def _meant_by(self, name: str) -> list[rows.Row]:
        found = self._granted()
        owner, _, link_name = name.rpartition("/")
        return (
            [row for row in found if row.link_name == name]
            or [
                row for row in found if (row.owner, row.link_name) == (owner, link_name)
            ]
            or [row for row in found if row.folded == rows.folded(name)]
        )

    def _granted(self) -> list[rows.Row]:
        with self._workshop.store.read() as tx:
            found = rows.rows_of_grant(tx, self._actor.grant, seen_by=self._seen_by)
        return list(found)

    def uses_service(self, service_id: str) -> bool:
        """Tell whether one of the connections is to a service."""
        return any(row.service_id == service_id for row in self._granted())

    def page(
        self,
        query: str,
        *,
        group: Group | None,
        service: str | None,
        status: Status | None,
        cursor: str | None,  # noqa: ARG002 - a grant names few: there is one page
        limit: int,
    ) -> Page[Connection]:
        """Return what the grant names, by name."""
        refuse_empty_pages(limit)
        words = rows.folded(query)
        shown = [
            each
            for each in self._values(self._granted())
            if _speaks_of(each, words)
            and group in {None, each.group}
            and service in {None, each.service}
            and is_shown_as(each, status)
        ]
        return Page(items=tuple(shown), total=len(shown))

    def _not_found(self, name: str) -> ConnectionNotFound:
        shown = name[:80]
        like = closest(shown, [row.link_name for row in self._granted()])
        return ConnectionNotFound(
            f"This job's grant names no connection called '{shown}'"
            + (f". Did you mean '{like}'?" if like else ""),
            "Run %conn grant list where the grant was made",
        )


def _speaks_of(connection: Connection, words: str) -> bool:
    texts = (connection.name, connection.link_name, connection.service_name)
    return any(words in rows.folded(text) for text in texts)
