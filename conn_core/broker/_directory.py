"""Finding connections by name, as one person, and finding names that are free."""

import unicodedata
from collections.abc import Callable, Iterable, Sequence

from .._drafts import ConnectionDraft
from .._names import closest, is_link_name, link_name_from
from .._services import Service
from .._values import Connection
from ..errors import ConnectionNotFound, InvalidInput, NameTaken
from ..store import rows
from ._policy import Action, allows
from ._status import connection_from, why_unusable
from ._workshop import Workshop


class Directory:
    """The connections that one person may see.

    Args:
        workshop: Whose store to look into.
        person: Who looks.
    """

    def __init__(self, workshop: Workshop, person: str) -> None:
        self._workshop = workshop
        self._person = person

    def visible(self) -> list[Connection]:
        """Return every connection the person may see, by name."""
        with self._workshop.store.read() as tx:
            found = rows.connection_rows(tx, visible_to=self._person)
        return [self.value(row) for row in found]

    def value(self, row: rows.Row) -> Connection:
        """Return what the person sees of a row."""
        return connection_from(
            row,
            person=self._person,
            service_name=self._workshop.service_name(row.service_id),
        )

    def row(self, name: str, action: Action) -> rows.Row:
        """Return a connection's row if the person may do something with it.

        What a person may not see does not exist for them.
        """
        with self._workshop.store.read() as tx:
            row = rows.connection_row(tx, name, visible_to=self._person)
            if row is None:
                row = _by_display_name(
                    rows.connection_rows(tx, visible_to=self._person), name
                )
        if row is None or not allows(self._person, action, row):
            raise self.not_found(name)
        return row

    def not_found(self, name: str) -> ConnectionNotFound:
        """Return the error for a name that is nobody's, with the nearest one."""
        like = closest(name, [c.link_name for c in self.visible()])
        shown = name[:80]
        return ConnectionNotFound(
            f"There is no connection called '{shown}'"
            + (f". Did you mean '{like}'?" if like else ""),
            "See %conn list",
        )

    def usable_row(self, name: str) -> rows.Row:
        """Return a connection's row if it can be used now, else raise why not."""
        row = self.row(name, "use")
        problem = why_unusable(
            row,
            person=self._person,
            service_name=self._workshop.service_name(row.service_id),
        )
        if problem is not None:
            raise problem
        return row

    def free_name(self, draft: ConnectionDraft, service: Service) -> tuple[str, str]:
        """Return display name and link name for a new connection."""
        name = draft.name or self._numbered(service.name)
        link_name = draft.link_name or link_name_from(name)
        if not is_link_name(link_name):
            reason = "must hold letters a-z: what code writes is made from them"
            raise InvalidInput(
                f"Nothing was stored: name {reason}", fields={"name": reason}
            )
        self.refuse_taken(name, link_name=link_name)
        return name, link_name

    def _numbered(self, name: str) -> str:
        """Return the name, with the first number that makes it free."""
        taken = {folded(c.name) for c in self.visible()} | {
            c.link_name for c in self.visible()
        }

        def is_free(candidate: str) -> bool:
            return not {folded(candidate), link_name_from(candidate)} & taken

        return _first(is_free, name, (f"{name} {n}" for n in range(2, 1000)))

    def refuse_taken(
        self, name: str, *, link_name: str | None = None, besides: str | None = None
    ) -> None:
        """Raise NameTaken if another connection has the name or the link name."""
        for other in self.visible():
            if other.link_name == besides:
                continue
            if folded(other.name) == folded(name) or other.link_name == link_name:
                free = self._numbered(name)
                raise NameTaken(
                    f"You already have a connection called '{other.name}'",
                    f"Choose another name, for example '{free}'",
                    fields={
                        "name": f"You already have a connection called '{other.name}'. "
                        f"Choose another name, for example '{free}'."
                    },
                )


def _by_display_name(found: Sequence[rows.Row], name: str) -> rows.Row | None:
    same = [row for row in found if folded(row.name) == folded(name)]
    return same[0] if len(same) == 1 else None


def folded(text: str) -> str:
    """Return a name in the form in which two names are compared."""
    return unicodedata.normalize("NFKC", text).casefold().strip()


def _first(is_free: Callable[[str], bool], name: str, others: Iterable[str]) -> str:
    return name if is_free(name) else next(filter(is_free, others), name)
