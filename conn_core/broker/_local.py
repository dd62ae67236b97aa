"""The broker that does the work, on a store, as one person."""

import dataclasses
import time
from collections.abc import Mapping, Sequence

from .. import __version__, auth
from .._rules import Rules
from .._secret import Secret
from .._values import (
    AccessToken,
    AskedWay,
    Authorization,
    BrokerStatus,
    Connection,
    TestResult,
)
from ..errors import AuthorizationEnded, ConnectionsError
from ..store import rows
from . import _callback, _flows
from ._checks import not_renewed, refuse_missing_scopes, tested
from ._credentials import access_token_from, definition_of
from ._harmless import harmless_call
from ._lending import Lending, lending_of
from ._local_audit import LocalAudit
from ._local_grants import LocalGrants
from ._local_jobs import LocalJobs
from ._policy import is_borrowed
from ._refresh import Replaced, fresh_credential
from ._sharing_out import may_share_with_everybody
from ._signing import signature, signer_of
from ._uses import note_test, note_use


class LocalBroker(LocalJobs, LocalGrants, LocalAudit):
    """Acts as one person on a store. See ``Broker`` for what each method promises.

    Args:
        workshop: Store, vault, catalogue and the way out.
        actor: As whom to act.
        place: From where: the notebook or job.
    """

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
            is_administrator=self._actor.is_administrator,
            shares_with_everybody=may_share_with_everybody(workshop, self._actor),
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
        self._note_use(row, fresh)
        lent = access_token_from(self._workshop, fresh, link_name=row.link_name)
        return dataclasses.replace(
            lent,
            exposure=self._directory.exposure(row),
            rules=Rules.load(row.rules) or None,
        )

    def lend(self, name: str, *, rejected: int | None = None) -> Lending:
        """Lend a credential to the relay of this process, which shows it to nobody.

        Args:
            name: The connection.
            rejected: The generation that the API answered 401 to.
        """
        row, fresh = self._ready(name, rejected=rejected)
        self._note_use(row, fresh)
        return lending_of(
            self._workshop, row, fresh, actor=self._actor, place=self._place
        )

    def relay(self, name: str) -> None:
        """Return none: the credential is in this process already."""

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
        self._note_use(row, fresh)
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
        refuse_missing_scopes(
            row, require, person=self._person, called=self._directory.called(row, name)
        )
        fresh = self._fresh(row, name, rejected=rejected)
        if fresh.connection_revoked_at is not None:
            row = self._directory.usable_row(name)  # a refresh takes time to revoke in
        return row, fresh

    def refresh(self, name: str) -> Connection:
        """Obtain a new access token now."""
        row = self._directory.usable_row(name)
        fresh = self._fresh(row, name, rejected=row.generation)
        if fresh.generation == row.generation or fresh.failures:
            raise not_renewed(definition_of(fresh), row.link_name, fresh)
        return self.connection(name)

    def test(self, name: str, *, timeout: float = 10) -> TestResult:
        """Make one harmless call.

        A token that still works is left alone; an expired one is renewed first, as
        any use would do.
        """
        row, fresh = self._ready(name)
        if is_borrowed(self._actor, row):
            note_test(self._workshop, row, person=self._person, place=self._place)
        service = definition_of(fresh)
        token = access_token_from(self._workshop, fresh, link_name=row.link_name)
        sign = signer_of(self._workshop, fresh, link_name=row.link_name)
        began = time.monotonic()
        try:
            answer = harmless_call(
                self._workshop, service, token, sign=sign, timeout=timeout
            )
        except ConnectionsError as error:
            return TestResult(link_name=row.link_name, ok=False, message=str(error))
        latency = round((time.monotonic() - began) * 1000)
        return tested(row, service, answer, latency)

    def _fresh(
        self, row: rows.Row, name: str, *, rejected: int | None = None
    ) -> rows.Row:
        """Return the credential's row with a token that works now.

        What ends in this very moment is told in the words for whoever asks: a
        colleague cannot authorize what uses the owner's credentials.
        """
        try:
            return self._renewed(row, rejected=rejected)
        except Replaced:
            raise
        except AuthorizationEnded:
            if row.owner != self._person:
                self._directory.usable_row(name)
            raise

    def _renewed(self, row: rows.Row, *, rejected: int | None) -> rows.Row:
        with self._workshop.store.read() as tx:
            credential = rows.credential_row(tx, row.credential_id)
        if credential is None:
            raise Replaced(row.link_name)
        return fresh_credential(
            self._workshop, credential, link_name=row.link_name, rejected=rejected
        )

    def _note_use(self, row: rows.Row, fresh: rows.Row) -> None:
        note_use(
            self._workshop,
            row,
            actor=self._actor,
            place=self._place,
            generation=fresh.generation,
        )
