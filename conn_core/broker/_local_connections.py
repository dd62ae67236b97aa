"""The local broker's connections: found, created, changed, and where they are used."""

import dataclasses
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from .._secret import Secret
from .._values import Connection, Event, Group, Page, Status, Use
from ..errors import InvalidInput
from ..store import rows
from . import (
    _accepting,
    _changing,
    _creating,
    _flows,
    _sealing,
    _sharing_out,
    _transferring,
)
from ._checks import refuse_internal
from ._directory import Directory
from ._held import HeldWorkshop
from ._local_services import LocalServices
from ._policy import Actor, allows
from ._status import moment
from ._uses import place_from, uses_of
from ._workshop import Workshop

if TYPE_CHECKING:
    from .._drafts import ConnectionDraft, ConnectionEdit


class LocalConnections(LocalServices):
    """The part of ``LocalBroker`` that is about connections.

    Args:
        workshop: Store, vault, catalogue and the way out.
        actor: As whom to act.
        place: From where: the notebook or job.
    """

    def __init__(self, workshop: Workshop, actor: Actor, *, place: str = "") -> None:
        self._place = place_from(place)
        workshop = HeldWorkshop(workshop, actor, place=self._place)
        super().__init__(workshop, actor)
        self._directory = Directory(workshop, self._actor, place=self._place)

    def connections(
        self,
        query: str = "",
        *,
        group: Group | None = None,
        service: str | None = None,
        status: Status | None = None,
        cursor: str | None = None,
        limit: int = 100,
    ) -> Page[Connection]:
        """List the connections the person may see, by name."""
        return self._directory.page(
            query,
            group=group,
            service=service,
            status=status,
            cursor=cursor,
            limit=limit,
        )

    def connection(self, name: str) -> Connection:
        """Return one connection."""
        return self._directory.value(self._directory.row(name, "see"))

    def create(self, draft: "ConnectionDraft") -> Connection:
        """Create a connection; it needs authorization next."""
        made = _creating.create(self._workshop, draft, actor=self._actor)
        if draft.secret:
            self._obtain_with(draft, made)
        return self._shown(made, notice=self._whose_name_it_hides(made))

    def _whose_name_it_hides(self, made: rows.Row) -> str:
        """Say that a name which meant somebody else's connection means one's own now."""
        name = made.link_name
        owners = self._directory.others_of_name(name)
        if not owners:
            return ""
        ways = " or ".join(f"{owner}/{name}" for owner in owners)
        return (
            f"'{name}' means your own connection from now on. What "
            f"{' and '.join(owners)} shared by this name is called {ways}."
        )

    def _obtain_with(self, draft: "ConnectionDraft", made: rows.Row) -> None:
        """Use what was typed; if it cannot be used, nothing stays."""
        typed = {n: Secret(s.get_secret_value()) for n, s in draft.secret.items()}
        try:
            begun = _flows.begin(self._workshop, made, person=self._person, typed=typed)
        except InvalidInput:
            self._take_back(made)
            raise
        if begun.state == "failed":
            self._take_back(made)
            raise InvalidInput(f"Nothing was stored. {begun.error}")

    def _take_back(self, made: rows.Row) -> None:
        with self._workshop.store.write() as tx:
            rows.delete_connection(tx, made.id)

    def internal_connection(
        self,
        service_id: str,
        *,
        scopes: Sequence[str] = (),
        parameters: Mapping[str, str] | None = None,
    ) -> Connection:
        """Return the person's internal connection of a service; made at first use."""
        made = _creating.internal(
            self._workshop,
            service_id,
            scopes=scopes,
            parameters=parameters,
            owner=self._person,
        )
        return self._shown(made)

    def edit(
        self, name: str, change: "ConnectionEdit", *, version: int | None = None
    ) -> Connection:
        """Change name or scopes; new scopes need authorization again."""
        row = self._directory.row(name, "edit")
        refuse_internal(row)
        told = _changing.edit(self._workshop, row, change, version=version)
        return self._shown(row, notice=told)

    def revoke(self, name: str, *, at_provider: bool = False) -> Connection:
        """Suspend at once, everywhere, reversibly."""
        row = self._directory.row(name, "change")
        told = _changing.revoke(
            self._workshop, row, person=self._person, at_provider=at_provider
        )
        return self._shown(row, notice=told)

    def enable(self, name: str) -> Connection:
        """Undo ``revoke``; a new authorization is needed only if the grant is gone."""
        row = self._directory.row(name, "change")
        _changing.enable(self._workshop, row, person=self._person)
        return self._shown(row)

    def accept(self, name: str) -> Connection:
        """Agree to use what somebody else shares: its hosts and scopes, as they are."""
        row = self._directory.acceptable_row(name)
        shown = self._directory.value(row)
        _accepting.accept(self._workshop, row, shown, person=self._person)
        return self._directory.value(self._directory.row(name, "see"))

    def seal(self, name: str, *, sealed: bool = True) -> Connection:
        """Keep a connection's credential with the broker, or lend it again."""
        row = self._directory.row(name, "change")
        _sealing.seal(self._workshop, row, actor=self._actor, sealed=sealed)
        return self._shown(row)

    def share(self, name: str, shared_with: Sequence[str]) -> Connection:
        """Share a connection with these, and nobody else from now on."""
        row = self._directory.row(name, "edit")
        refuse_internal(row)
        _sharing_out.share(self._workshop, row, shared_with, actor=self._actor)
        shown = self._shown(row)
        told = _sharing_out.said_of(self._workshop, shown)
        return dataclasses.replace(shown, notice=told)

    def transfer(self, name: str, to: str) -> Connection:
        """Make somebody else the owner; nobody's credentials go with it."""
        row = self._directory.row(name, "transfer")
        refuse_internal(row)
        before = self._directory.value(row)
        told = _transferring.transfer(self._workshop, row, to=to, person=self._person)
        return dataclasses.replace(
            self._directory.handed_on(before, to=to), notice=told
        )

    def delete(self, name: str, *, keep_grant: bool = False) -> Connection:
        """Delete the connection and everybody's credentials of it."""
        row = self._directory.row(name, "change")
        refuse_internal(row)
        told = _changing.delete(
            self._workshop, row, person=self._person, keep_grant=keep_grant
        )
        return dataclasses.replace(self._directory.value(row), notice=told)

    def uses(self, name: str, *, limit: int = 20) -> tuple[Use, ...]:
        """Return where a connection is used, the latest first."""
        row = self._directory.row(name, "see")
        by = None if allows(self._actor, "change", row) else self._person
        return uses_of(self._workshop, row, by=by, limit=limit)

    def events(self, name: str, *, limit: int = 20) -> tuple[Event, ...]:
        """Return the latest events of a connection, newest first."""
        row = self._directory.row(name, "see")
        with self._workshop.store.read() as tx:
            found = rows.event_rows(tx, row.id, limit=limit)
        return tuple(
            Event(
                at=moment(e.at),  # type: ignore[arg-type]  # the column is not null
                actor=e.actor,
                action=e.action,
                result=e.result,
                detail=e.detail,
            )
            for e in found
        )

    def _shown(self, row: rows.Row, *, notice: str = "") -> Connection:
        """Return what a connection is by now that the person has changed."""
        is_own = row.owner == self._person
        found = self.connection(
            row.link_name if is_own else f"{row.owner}/{row.link_name}"
        )
        return dataclasses.replace(found, notice=notice) if notice else found
