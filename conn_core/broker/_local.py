"""The broker that does the work, on a store, as one person."""

import contextlib
import time
from collections.abc import Mapping, Sequence
from typing import Any

from .. import __version__, auth
from .._drafts import ConnectionDraft, ConnectionEdit
from .._failpoints import reach
from .._secret import Secret
from .._values import (
    AccessToken,
    AskedWay,
    Authorization,
    BrokerStatus,
    Connection,
    Event,
    Group,
    Page,
    Status,
    TestResult,
)
from ..errors import (
    ConnectionsError,
    InvalidInput,
    StoreUnavailable,
    VersionConflict,
)
from ..store import rows
from . import _callback, _flows, _goodbye
from ._checks import (
    not_renewed,
    refuse_internal,
    refuse_missing_scopes,
    refuse_unknown_parameters,
    tested,
    usual_scopes,
)
from ._credentials import access_token_from, definition_of
from ._directory import Directory, folded
from ._local_services import LocalServices
from ._paging import next_cursor, offset_of
from ._refresh import Replaced, fresh_credential
from ._signing import signature, signer_of
from ._status import moment
from ._workshop import Workshop, new_id

_USE_NOTED_EVERY = 60


class LocalBroker(LocalServices):
    """Acts as one person on a store. See ``Broker`` for what each method promises.

    Args:
        workshop: Store, vault, catalogue and the way out.
        person: As whom to act.
    """

    def __init__(self, workshop: Workshop, person: str) -> None:
        super().__init__(workshop, person)
        self._directory = Directory(workshop, person)

    def __repr__(self) -> str:
        return f"<LocalBroker acting as {self._person!r}>"

    def status(self) -> BrokerStatus:
        """Say where credentials come from, and as whom."""
        workshop = self._workshop
        return BrokerStatus(
            kind="local",
            user=self._person,
            location=workshop.store.location,
            key_source=workshop.vault.key_source,
            redirect_base=workshop.settings.public_url,
            version=__version__,
        )

    # --- connections ------------------------------------------------------------------

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
        wanted = folded(query)
        found = [
            c
            for c in self._directory.visible()
            if (group is None or c.group == group)
            and (service is None or c.service == service)
            and (status is None or c.status == status)
            and (
                wanted in folded(c.name)
                or wanted in c.link_name
                or wanted in folded(c.service_name)
            )
        ]
        start = offset_of(cursor)
        return Page(
            items=tuple(found[start : start + limit]),
            next_cursor=next_cursor(start, limit, len(found)),
            total=len(found),
        )

    def connection(self, name: str) -> Connection:
        """Return one connection."""
        return self._directory.value(self._directory.row(name, "see"))

    def create(self, draft: ConnectionDraft) -> Connection:
        """Create a connection; it needs authorization next."""
        workshop = self._workshop
        refuse_unknown_parameters(workshop.service(draft.service), draft.parameters)
        service = workshop.filled_service(draft.service, draft.parameters)
        name, link_name = self._directory.free_name(draft, service)
        scopes = draft.scopes if draft.scopes is not None else usual_scopes(service)
        connection_id = new_id()
        with workshop.store.write() as tx:
            rows.insert_connection(
                tx,
                id=connection_id,
                owner=self._person,
                link_name=link_name,
                name=name,
                service_id=service.id,
                scopes=rows.dump(list(dict.fromkeys(scopes))),
                parameters=rows.dump(draft.parameters),
                use_login_user_credentials=draft.use_login_user_credentials,
                exposure="direct",
                internal=False,
                created_at=workshop.clock(),
                version=1,
            )
            self._record(tx, "create", connection_id)
        if draft.secret:
            self._obtain_with(draft, connection_id, link_name)
        return self.connection(link_name)

    def _obtain_with(
        self, draft: ConnectionDraft, connection_id: str, link_name: str
    ) -> None:
        """Use what was typed; if it cannot be used, nothing stays."""
        typed = {n: s.get_secret_value() for n, s in draft.secret.items()}
        try:
            self.authorize(link_name, secret=typed)
        except InvalidInput:
            with self._workshop.store.write() as tx:
                rows.delete_connection(tx, connection_id)
            raise

    def edit(
        self, name: str, change: ConnectionEdit, *, version: int | None = None
    ) -> Connection:
        """Change name or scopes; new scopes need authorization again."""
        row = self._directory.row(name, "change")
        refuse_internal(row)
        values: dict[str, Any] = {}
        if change.name is not None and change.name != row.name:
            self._directory.refuse_taken(change.name, besides=row.link_name)
            values["name"] = change.name
        if change.scopes is not None:
            values["scopes"] = rows.dump(list(dict.fromkeys(change.scopes)))
        with self._workshop.store.write() as tx:
            if not rows.update_connection(tx, row.id, version=version, **values):
                raise VersionConflict(
                    f"'{row.link_name}' was changed by somebody else in the meantime",
                    "Look at it again, then change it",
                )
            self._record(tx, "edit", row.id, detail=", ".join(values))
        return self.connection(row.link_name)

    def revoke(self, name: str) -> Connection:
        """Suspend at once, everywhere, reversibly."""
        row = self._directory.row(name, "change")
        if row.revoked_at is None:
            self._change(
                row,
                "revoke",
                revoked_at=self._workshop.clock(),
                revoked_by=self._person,
            )
        return self.connection(row.link_name)

    def enable(self, name: str) -> Connection:
        """Undo ``revoke``; no new authorization is needed."""
        row = self._directory.row(name, "change")
        if row.revoked_at is not None:
            self._change(row, "enable", revoked_at=None, revoked_by=None)
        return self.connection(row.link_name)

    def delete(self, name: str) -> None:
        """Delete the connection and everybody's credentials of it.

        The grant at the provider is ended too where the provider knows how
        (RFC 7009); that it did not answer is no reason to keep the credentials.
        """
        row = self._directory.row(name, "change")
        refuse_internal(row)
        told = _goodbye.end_grants(self._workshop, row.id)
        reach("delete.provider-told")
        with self._workshop.store.write() as tx:
            rows.delete_connection(tx, row.id)
            self._record(
                tx, "delete", None, detail=f"{row.link_name}; {told}".strip("; ")
            )

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

    # --- authorizing ------------------------------------------------------------------

    def authorize(
        self,
        name: str,
        *,
        flow: AskedWay = "auto",
        secret: Mapping[str, str] | None = None,
    ) -> Authorization:
        """Begin an authorization; open ``start_url``, then ask ``authorization``."""
        row = self._directory.row(name, "authorize")
        typed = {field: Secret(text) for field, text in (secret or {}).items()}
        return _flows.begin(
            self._workshop, row, person=self._person, flow=flow, typed=typed
        )

    def paste(self, flow: str, address: str) -> Authorization:
        """Finish an authorization with the address that the browser was sent to."""
        return _callback.paste(self._workshop, flow, address, person=self._person)

    def authorization(self, flow: str) -> Authorization:
        """Say how far an authorization is."""
        return _flows.look(self._workshop, flow, person=self._person)

    def cancel(self, flow: str) -> None:
        """Give an authorization up."""
        _flows.cancel(self._workshop, flow, person=self._person)

    # --- using ------------------------------------------------------------------------

    def access_token(
        self, name: str, *, require: Sequence[str] = (), rejected: int | None = None
    ) -> AccessToken:
        """Vend a token that works now, refreshing it when needed."""
        row, fresh = self._ready(name, require=require, rejected=rejected)
        self._note_use(row)
        return access_token_from(self._workshop, fresh, link_name=row.link_name)

    def sign(
        self,
        name: str,
        *,
        method: str,
        url: str,
        headers: Mapping[str, str],
        body: bytes | None,
    ) -> dict[str, str]:
        """Return headers that sign one request; what signs it stays here."""
        row, fresh = self._ready(name)
        request = auth.Outgoing(method=method, url=url, headers=headers, body=body)
        signed = signature(self._workshop, fresh, request, link_name=row.link_name)
        self._note_use(row)
        return signed

    def _ready(
        self, name: str, *, require: Sequence[str] = (), rejected: int | None = None
    ) -> tuple[rows.Row, rows.Row]:
        """Return a connection's row and its credential's, if it can be used now."""
        try:
            return self._ready_at_once(name, require=require, rejected=rejected)
        except Replaced:
            # Authorized anew in this very moment: the new credential is another one,
            # and nobody has rejected it.
            return self._ready_at_once(name, require=require)

    def _ready_at_once(
        self, name: str, *, require: Sequence[str] = (), rejected: int | None = None
    ) -> tuple[rows.Row, rows.Row]:
        row = self._directory.usable_row(name)
        refuse_missing_scopes(row, require)
        fresh = self._fresh(row, rejected=rejected)
        if fresh.generation != row.generation:
            # A refresh takes time: to be revoked in, or used by others.
            row = self._directory.usable_row(name)
        return row, fresh

    def refresh(self, name: str) -> Connection:
        """Obtain a new access token now."""
        row = self._directory.usable_row(name)
        fresh = self._fresh(row, rejected=row.generation)
        if fresh.generation == row.generation:
            raise not_renewed(definition_of(fresh), row.link_name, fresh)
        return self.connection(row.link_name)

    def test(self, name: str, *, timeout: float = 10) -> TestResult:  # noqa: ARG002 - the way out has its own limit
        """Make one harmless call.

        A token that still works is left alone; an expired one is renewed first, as
        any use would do.
        """
        row = self._directory.usable_row(name)
        fresh = self._fresh(row)
        service = definition_of(fresh)
        token = access_token_from(self._workshop, fresh, link_name=row.link_name)
        sign = signer_of(self._workshop, fresh, link_name=row.link_name)
        began = time.monotonic()
        try:
            answer = self._workshop.call_api(service, token, sign=sign)
        except ConnectionsError as error:
            return TestResult(link_name=row.link_name, ok=False, message=error.message)
        latency = round((time.monotonic() - began) * 1000)
        return tested(row, service, answer, latency)

    def _fresh(self, row: rows.Row, *, rejected: int | None = None) -> rows.Row:
        with self._workshop.store.read() as tx:
            credential = rows.credential_row(tx, row.credential_id)
        if credential is None:
            raise Replaced(row.link_name)
        return fresh_credential(
            self._workshop, credential, link_name=row.link_name, rejected=rejected
        )

    def _note_use(self, row: rows.Row) -> None:
        now = self._workshop.clock()
        if row.last_used_at is None or now - row.last_used_at > _USE_NOTED_EVERY:
            # A disk that is full is no reason not to use a token that works, nor is
            # somebody else who writes a reason to wait.
            with (
                contextlib.suppress(StoreUnavailable),
                self._workshop.store.write(patience=0) as tx,
            ):
                rows.mark_used(tx, row.id, at=now)

    def _change(self, row: rows.Row, action: str, **values: Any) -> None:
        with self._workshop.store.write() as tx:
            rows.update_connection(tx, row.id, **values)
            self._record(tx, action, row.id)

    def _record(
        self, tx: Any, action: str, connection_id: str | None, *, detail: str = ""
    ) -> None:
        self._workshop.record(
            tx, action, actor=self._person, connection_id=connection_id, detail=detail
        )
