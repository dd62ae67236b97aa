"""Names for new connections. A person's own are all different; others' do not count."""

import itertools
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

import sqlalchemy as sa

from .._names import is_link_name, link_name_from
from .._services import Service
from ..errors import InvalidInput, NameTaken
from ..store import rows

if TYPE_CHECKING:
    from .._drafts import ConnectionDraft


class Names:
    """The names that a person's connections have.

    Args:
        tx: The transaction in which another one is given.
        owner: The person.
    """

    def __init__(self, tx: sa.Connection, owner: str) -> None:
        self._rows = rows.names_of(tx, owner)
        self._taken = {r.folded for r in self._rows} | {r.link_name for r in self._rows}

    def given(self, draft: "ConnectionDraft", service: Service) -> tuple[str, str]:
        """Return display name and link name for a new connection.

        Raises:
            InvalidInput: If no code can be made of the name.
            NameTaken: If one of both is taken.
        """
        name = draft.name or self.numbered(service.name)
        link_name = draft.link_name or link_name_from(name)
        if not is_link_name(link_name):
            reason = "must hold letters a-z: what code writes is made from them"
            raise InvalidInput(
                f"Nothing was stored: name {reason}", fields={"name": reason}
            )
        self.refuse_taken(name, link_name=link_name)
        return name, link_name

    def given_to_task(self, service: Service) -> tuple[str, str]:
        """Return display name and link name for what a built-in task needs."""
        name, link_name = f"{service.name} tasks", f"{service.id[:50]}-tasks"
        numbered = ((f"{name} {n}", f"{link_name}-{n}") for n in itertools.count(2))
        tried = itertools.chain([(name, link_name)], numbered)
        return next(t for t in tried if not {rows.folded(t[0]), t[1]} & self._taken)

    def numbered(self, name: str) -> str:
        """Return the name, with the first number that makes it free."""

        def is_free(candidate: str) -> bool:
            return not {rows.folded(candidate), link_name_from(candidate)} & self._taken

        return _first(is_free, name, (f"{name} {n}" for n in range(2, 100_000)))

    def refuse_taken(
        self, name: str, *, link_name: str | None = None, besides: str | None = None
    ) -> None:
        """Raise NameTaken if another connection has the name or the link name."""
        for other in self._rows:
            if other.link_name == besides:
                continue
            if other.folded == rows.folded(name) or other.link_name == link_name:
                taken = f"You already have a connection called '{other.name}'"
                choose = f"Choose another name, for example '{self.numbered(name)}'"
                raise NameTaken(taken, choose, fields={"name": f"{taken}. {choose}."})


def _first(is_free: Callable[[str], bool], name: str, others: Iterable[str]) -> str:
    return name if is_free(name) else next(filter(is_free, others), name)
