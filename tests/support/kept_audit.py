"""An audit log in memory, for brokers that are fakes."""

from conn_core import Page


class KeptAudit:
    """The lines that a test put there, the latest first."""

    #: What a test puts there.
    audit_lines = ()

    def audit(
        self,
        query="",
        *,
        connection=None,
        person=None,
        action=None,
        cursor=None,
        limit=100,
    ):
        if connection is not None:
            connection = self.connection(connection).link_name
        wanted = {"connection": connection, "actor": person, "action": action}
        found = [
            line
            for line in self.audit_lines
            if all(v is None or getattr(line, k) == v for k, v in wanted.items())
            and (cursor is None or line.seq < int(cursor))
            and query in f"{line.actor} {line.action} {line.place} {line.host}"
        ]
        shown = tuple(found[:limit])
        more = str(shown[-1].seq) if len(found) > limit else None
        return Page(items=shown, next_cursor=more, total=len(shown))
