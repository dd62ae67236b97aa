"""Finding connections, as one person among several."""

import dataclasses
from collections.abc import Sequence

import sqlalchemy as sa

from .._names import closest, is_link_name, looks_like_a_secret
from .._values import Connection, Exposure, Group, Page, Status
from ..errors import AmbiguousName, ConnectionNotFound, NotAllowed
from ..store import rows
from ._accepting import is_accepted, not_accepted
from ._exposure import exposure_for
from ._known_services import name_of_its_service, names_of_services
from ._paging import Place, refuse_empty_pages
from ._policy import Action, Actor, allows
from ._sight import Sight
from ._status import seen_no_more, why_unusable
from ._suspending import gone_among, is_suspended, suspended
from ._workshop import Workshop

#: Beyond that nothing is looked for: no name is as long.
_LONGEST_QUERY = 500
_LONGEST_SHOWN = 80


class Directory:
    """The connections that one person may see.

    Args:
        workshop: Whose store to look into.
        actor: Who looks.
        place: From where: the notebook or job.
    """

    def __init__(self, workshop: Workshop, actor: Actor, *, place: str = "") -> None:
        self._workshop = workshop
        self._actor = actor
        self._seen_by = rows.Onlooker(
            person=actor.name,
            principals=tuple(sorted(actor.principals)),
            place=place,
            sees_all=actor.is_administrator,
        )

    # --- one --------------------------------------------------------------------------

    def row(self, name: str, action: Action) -> rows.Row:
        """Return a connection's row if the person may do something with it.

        Raises:
            ConnectionNotFound: If there is none, or none that the person may see.
            AmbiguousName: If two others share one of this name.
            NotAllowed: If the person may see it, but not do this with it.
        """
        found = self._meant_by(name)
        if len(found) > 1:
            raise self._ambiguous(name, found)
        row = found[0] if found else None
        if row is not None and allows(self._actor, action, row):
            return row
        if row is None or not allows(self._actor, "see", row):
            raise self._not_found(name)
        raise _not_allowed(row, action)

    def _meant_by(self, name: str) -> list[rows.Row]:
        """Return what a name can mean: a link name, else ``owner/link_name``, else what
        people read.
        """
        owner, _, link_name = name.rpartition("/")
        with self._workshop.store.read() as tx:
            found = list(rows.rows_of_link_name(tx, name, seen_by=self._seen_by))
            if not found and owner and is_link_name(link_name):
                row = rows.row_of_owner(tx, owner, link_name, seen_by=self._seen_by)
                found = [] if row is None else [row]
            return found or list(rows.rows_of_name(tx, name, seen_by=self._seen_by))

    def value(self, row: rows.Row) -> Connection:
        """Return what the person sees of a row."""
        return Sight(self._workshop, self._actor, [row]).of(row)

    def handed_on(self, before: Connection, *, to: str) -> Connection:
        """Return what the person sees of a connection that is somebody else's by now.

        Args:
            before: What they saw of it.
            to: Whose it is.
        """
        try:
            return self.value(self.row(f"{to}/{before.link_name}", "see"))
        except ConnectionNotFound:
            return seen_no_more(before, owner=to)

    def _is_suspended(self, row: rows.Row) -> bool:
        return is_suspended(self._workshop, row, person=self._actor.name)

    def exposure(self, row: rows.Row) -> Exposure:
        """Return whether the person is lent the token of a connection."""
        return exposure_for(self._actor, row, self._workshop.settings)

    def _is_accepted(self, row: rows.Row) -> bool:
        if self._workshop.settings.accept_shared:
            return True
        return is_accepted(row, person=self._actor.name)

    def usable_row(self, name: str) -> rows.Row:
        """Return a connection's row if it can be used now, else raise why not."""
        row = self.acceptable_row(name)
        if not self._is_accepted(row):
            raise not_accepted(row, called=self.called(row, name))
        return row

    def acceptable_row(self, name: str) -> rows.Row:
        """Return a connection's row if it works now, whether or not it is accepted."""
        row = self.row(name, "use")
        if self._is_suspended(row):
            raise suspended(row, called=self.called(row, name))
        works = row.status == "connected"  # as nearly always: no name is looked up
        problem = why_unusable(
            row,
            person=self._actor.name,
            called=self.called(row, name),
            service_name="" if works else name_of_its_service(self._workshop, row),
        )
        if problem is not None:
            raise problem
        return row

    def called(self, row: rows.Row, name: str) -> str:
        """Return the name by which the person finds a row again: theirs, if it is whole.

        A link name alone means one's own first.
        """
        whole = f"{row.owner}/{row.link_name}"
        return whole if name == whole else str(row.link_name)

    def others_of_name(self, link_name: str) -> list[str]:
        """Return who else shares a connection of a link name with the person."""
        with self._workshop.store.read() as tx:
            return rows.owners_who_share(tx, link_name, seen_by=self._seen_by)

    # --- many -------------------------------------------------------------------------

    def page(
        self,
        query: str,
        *,
        group: Group | None,
        service: str | None,
        status: Status | None,
        cursor: str | None,
        limit: int,
    ) -> Page[Connection]:
        """Return a part of what the person sees, by name."""
        refuse_empty_pages(limit)
        if group == "all" and not self._actor.is_administrator:
            raise _only_administrators()
        place = None if cursor is None else Place.of(cursor)
        wanted = self._wanted(query, group=group, service=service, status=status)
        with self._workshop.store.read() as tx:
            found = self._part(tx, wanted, place, limit)
        return dataclasses.replace(found, items=tuple(self._values(found.items)))

    def _wanted(
        self,
        query: str,
        *,
        group: Group | None,
        service: str | None,
        status: Status | None,
    ) -> rows.Wanted:
        words = rows.folded(query[:_LONGEST_QUERY])
        wanted = rows.Wanted(
            words=words,
            services_of_words=self._services_named(words),
            group=group,
            service=service,
        )
        if status is None:
            return wanted
        with self._workshop.store.read() as tx:
            owners = rows.owners_used(tx, wanted, seen_by=self._seen_by)
        gone = gone_among(self._workshop, owners)
        return dataclasses.replace(wanted, status=status, gone=gone)

    def _part(
        self, tx: sa.Connection, wanted: rows.Wanted, place: Place | None, limit: int
    ) -> Page[rows.Row]:
        after = None if place is None else place.after
        found = rows.page_of_rows(
            tx, wanted, seen_by=self._seen_by, after=after, limit=limit + 1
        )
        shown, is_last = found[:limit], len(found) <= limit
        if place is not None:
            total = place.total
        elif is_last:
            total = len(found)
        else:
            total = rows.count_of_rows(tx, wanted, seen_by=self._seen_by)
        return Page(
            items=tuple(shown),
            next_cursor=None if is_last else _cursor_after(shown[-1], total),
            total=total,
        )

    def _services_named(self, words: str) -> tuple[str, ...]:
        if not words:
            return ()
        with self._workshop.store.read() as tx:
            seen = rows.services_seen(tx, seen_by=self._seen_by)
        names = names_of_services(self._workshop, seen)
        return tuple(s for s, name in names.items() if words in rows.folded(name))

    def _values(self, found: Sequence[rows.Row]) -> list[Connection]:
        """Return what the person sees of rows; no transaction is open meanwhile.

        The organisation may have to be asked.
        """
        sight = Sight(self._workshop, self._actor, found)
        return [sight.of(row) for row in found]

    # --- what is said instead ---------------------------------------------------------

    def _not_found(self, name: str) -> ConnectionNotFound:
        with self._workshop.store.read() as tx:
            known = rows.link_names_seen(tx, seen_by=self._seen_by)
        shown = _as_shown(name)
        like = closest(shown, known)
        return ConnectionNotFound(
            f"There is no connection called '{shown}'"
            + (f". Did you mean '{like}'?" if like else ""),
            "See %conn list",
        )

    def _ambiguous(self, name: str, found: list[rows.Row]) -> AmbiguousName:
        shown = name[:_LONGEST_SHOWN]
        if all(row.owner == self._actor.name for row in found):
            ways = " or ".join(row.link_name for row in found)
            return AmbiguousName(
                f"{len(found)} of your connections are called '{shown}'",
                f"Write {ways}",
            )
        owners = [row.owner for row in found]
        ways = " or ".join(f"{row.owner}/{row.link_name}" for row in found)
        return AmbiguousName(
            f"{_number(len(owners))} people here share a connection called '{shown}': "
            f"{', '.join(owners[:-1])} and {owners[-1]}",
            f"Write {ways}",
        )


def _as_shown(name: str) -> str:
    """Return a name as an error repeats it; a secret in its place is not repeated."""
    return "…" if looks_like_a_secret(name) else name[:_LONGEST_SHOWN]


def _cursor_after(row: rows.Row, total: int) -> str:
    return Place(total, rows.Bookmark(row.folded, row.link_name, row.owner)).cursor()


def _number(count: int) -> str:
    return "Two" if count == 2 else "Several"


def _only_administrators() -> NotAllowed:
    return NotAllowed(
        "Only administrators see the connections of everybody",
        "Leave the group out to see all that you may use",
    )


def _not_allowed(row: rows.Row, action: Action) -> NotAllowed:
    if action == "authorize":
        return NotAllowed(
            f"'{row.link_name}' uses the credentials of {row.owner}, "
            f"so only {row.owner} can authorize it",
            f"Ask {row.owner}",
        )
    if action == "use":
        return NotAllowed(
            f"'{row.link_name}' belongs to {row.owner}, who does not share it with you: "
            "administrators see it and may stop it, and use nothing by that",
            f"Ask {row.owner}",
        )
    return NotAllowed(
        f"'{row.link_name}' belongs to {row.owner}, and only {row.owner} can change, "
        "revoke or delete it",
        f"Ask {row.owner}",
    )
