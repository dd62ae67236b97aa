"""One refresh by whoever holds the lease: ask, commit, or say exactly why not."""

import contextlib
import random
import time
from typing import Any

from .. import auth
from ..errors import (
    ConnectionsError,
    ProviderError,
    ProviderUnavailable,
    StoreUnavailable,
)
from ..store import leases, rows
from ._asking import ask_for_next, came_with, can_renew
from ._credentials import Held, definition_of
from ._freshness import still_works
from ._pulse import Pulse
from ._saving import keep_refresh_token, save
from ._status import moment
from ._workshop import Workshop

#: The provider does not know the client: then it has not looked at the grant
#: (RFC 6749 5.2).
_CLIENT_REFUSED = frozenset({"invalid_client", "unauthorized_client"})
#: How long no credential of a service is tried after its client was refused.
_CLIENT_PAUSE = 300.0


def pause_asked_for(workshop: Workshop, row: rows.Row) -> float:
    """Return for how many seconds the provider must not be asked; 0 when it may be."""
    now = workshop.clock()
    asked = 0.0 if row.retry_at is None else row.retry_at - now
    # Nobody waits longer than that: a time beyond it is from before the clock was
    # put back.
    asked = asked if 0 < asked <= auth.LONGEST_WAIT else 0.0
    service = definition_of(row)
    limit = service.habits.renewal.at_most
    if limit is None:
        return asked
    with workshop.store.read() as tx:
        times = leases.renewed_at(tx, row, since=now - limit[1])
    return max(asked, auth.wait_for_quota(service, renewed_at=times, now=now))


class StoppedTooLong(ProviderUnavailable):
    """This process stood still between taking the lease and asking."""

    may_have_arrived = False

    def __init__(self) -> None:
        super().__init__(
            "This process was stopped for too long while it renewed a token",
            "Try again",
        )


class Renewal:
    """The refresh of one generation.

    Args:
        workshop: Store, vault and the way out.
        row: The credential as it was when the lease was taken.
        pulse: Shows others that we are at it.
        forced: An API said 401 to its token.
    """

    def __init__(
        self, workshop: Workshop, row: rows.Row, pulse: Pulse, *, forced: bool
    ) -> None:
        self._workshop = workshop
        self._row = row
        self._pulse = pulse
        self._forced = forced
        self._service = definition_of(row)
        #: Somebody asked before us, and nobody knows what came of it.
        self._was_interrupted = leases.has_open_attempt(row)
        self._client_was_refused = False

    def run(self, held: Held) -> None:
        """Ask the provider, and bring the answer into the store.

        Raises:
            ConnectionsError: If that failed, and the old token is at its end.
        """
        if not can_renew(self._service, held):
            self._end("It expired and cannot be renewed.")
            return
        try:
            self._refuse_refused_client()
            self._make_room()
        except ConnectionsError as error:
            self._stop(error)
            return
        try:
            self._ask(held)
        except auth.GrantEnded as error:
            self._look_further(error, held)
        finally:
            self._workshop.upkeep.spill.give_back(self._row.id)

    def _ask(self, held: Held) -> None:
        """Ask with what is held, and bring what comes of it into the store.

        Raises:
            GrantEnded: If the provider does not take it.
        """
        try:
            self._refuse_weak_pulse()
        except StoppedTooLong as error:
            self._stop(error)
            return
        asked_at = self._workshop.clock()
        try:
            tokens = ask_for_next(self._workshop, self._service, held)
        except ConnectionsError as error:
            self._note_refused_client(error)
            self._back_off(error, held, asked_at)
            return
        save(
            self._workshop,
            self._row,
            tokens,
            used=held.tokens.refresh_token,
            asked_at=asked_at,
            forced=self._forced,
        )
        self._forget_refused_client()

    # --- invalid_grant ----------------------------------------------------------------

    def _look_further(self, error: auth.GrantEnded, held: Held) -> None:
        """Believe it only when nobody else won, and no other token helps."""
        if self._somebody_won():
            return
        if self._was_interrupted:
            since = moment(self._row.attempt_at)
            self._end(
                f"An earlier refresh was interrupted on {since:%Y-%m-%d at %H:%M} UTC "
                f"before its answer was kept, and now the provider says {error.code}."
            )
            return
        # Nobody has spent ours: then the provider forgot it. It may have kept the one
        # before, such as after a restore of its own.
        before = held.before()
        if before is not None:
            with contextlib.suppress(auth.GrantEnded):
                self._ask(before)
                return
        self._end(f"{error.code}.")

    def _somebody_won(self) -> bool:
        """Tell whether another process has stored the next generation.

        Only one that wrote its intent can: if there was one, it gets a little time.
        """
        pace, wait = self._workshop.upkeep.pace, 0.0
        if self._was_interrupted and not self._is_asker_dead():
            wait = pace.winner
        deadline = time.monotonic() + wait
        while True:
            with self._workshop.store.read() as tx:
                found = rows.credential_row(tx, self._row.id)
            if found is None or found.generation != self._row.generation:
                return True
            if time.monotonic() >= deadline:
                return False
            time.sleep(pace.poll)

    def _is_asker_dead(self) -> bool:
        return self._workshop.upkeep.presence.is_dead(self._row.attempt_by)

    def _end(self, reason: str) -> None:
        """Note that the provider ended the grant; what is sealed stays."""
        self._note(
            "ended",
            reason,
            ended_at=self._workshop.clock(),
            ended_because=reason,
        )

    # --- what may pass ----------------------------------------------------------------

    def _stop(self, error: ConnectionsError) -> None:
        """Give the lease back: nothing was asked.

        Raises:
            ConnectionsError: Why not, if the old token is at its end.
        """
        with contextlib.suppress(StoreUnavailable):
            self._note("failed", error.message, **self._settled_by(error))
        if not still_works(self._workshop, self._row):
            raise error

    def _refuse_refused_client(self) -> None:
        with self._workshop.store.read() as tx:
            client = rows.registration_row(tx, self._service.id)
        if client is None or client.refused_at is None:
            return
        if abs(self._workshop.clock() - client.refused_at) < _CLIENT_PAUSE:
            error = ProviderError(
                client.refused_because,
                "The authorizations are kept. Check the client id and secret",
            )
            error.provider_code = "invalid_client"
            raise error
        self._client_was_refused = True

    def _refuse_weak_pulse(self) -> None:
        """Ask nobody after a long stop: somebody else may be asking by now."""
        if not self._pulse.is_strong:
            raise StoppedTooLong

    def _make_room(self) -> None:
        store, spill = self._workshop.store, self._workshop.upkeep.spill
        try:
            spill.reserve(self._row.id)
        except StoreUnavailable:
            if store.is_file:  # the same disk: it would not take the answer either
                raise

    def _back_off(self, error: ConnectionsError, held: Held, asked_at: float) -> None:
        """Note a failure that may pass; the next try comes later, not for all at once.

        Raises:
            ConnectionsError: The failure, if the old token is at its end.
        """
        noted = {
            "failures": self._row.failures + 1,
            "retry_at": self._workshop.clock() + self._delay(error),
        }
        # It failed already: what cannot be noted does not hide why.
        with contextlib.suppress(StoreUnavailable):
            came = came_with(error)
            if came is None:
                self._note("failed", error.message, **noted, **self._settled_by(error))
            else:
                keep_refresh_token(
                    self._workshop,
                    self._row,
                    held.tokens,
                    came,
                    because=error.message,
                    forced_at=asked_at if self._forced else None,
                    **noted,
                )
        if not still_works(self._workshop, self._row):
            raise error

    def _delay(self, error: ConnectionsError) -> float:
        """Return how long to wait: longer each time, and as long as the provider says."""
        longest = self._workshop.upkeep.pace.longest_back_off
        delay: float = min(2.0 ** (self._row.failures + 1), longest)
        delay *= random.uniform(0.5, 1.0)  # noqa: S311 - spreads load
        asked = error.retry_after if isinstance(error, ProviderUnavailable) else None
        return max(delay, asked or 0)

    def _settled_by(self, error: ConnectionsError) -> dict[str, None]:
        """Return what takes our intent back, where the provider did certainly nothing."""
        is_settled = True
        if isinstance(error, ProviderUnavailable):
            is_settled = not error.may_have_arrived
        elif isinstance(error, ProviderError):
            # Without its own word for it, it may have renewed and said so in a way that
            # we did not take.
            is_settled = bool(error.provider_code)
        if self._was_interrupted or not is_settled:
            return {}
        return {"attempt": None, "attempt_at": None, "attempt_by": None}

    def _note(self, result: str, detail: str, **values: Any) -> None:
        """Give the lease back with a line of history."""
        workshop, row = self._workshop, self._row
        with workshop.store.write() as tx:
            me = workshop.upkeep.presence.name
            leases.note_on_credential(tx, row, me=me, **values)
            workshop.record(
                tx,
                "refresh",
                actor=row.holder,
                connection_id=row.connection_id,
                result=result,
                detail=detail,
            )

    def _note_refused_client(self, error: ConnectionsError) -> None:
        code = error.provider_code if isinstance(error, ProviderError) else ""
        if code not in _CLIENT_REFUSED:
            return
        with self._workshop.store.write() as tx:
            leases.note_refused_client(
                tx,
                self._service.id,
                at=self._workshop.clock(),
                because=error.message[:500],
            )

    def _forget_refused_client(self) -> None:
        if self._client_was_refused:
            with self._workshop.store.write() as tx:
                leases.note_refused_client(tx, self._service.id, at=None, because=None)
