"""The refresh engine: one refresh per generation, and none is ever lost.

A gate lets one thread of this process through, a lease in the store one process. The
intent is committed with the lease before the provider is asked, the answer before
anybody gets the new token. Writers compare the generation, so that whoever comes late
changes nothing. No error path deletes anything.
"""

import time
from dataclasses import dataclass

from .._failpoints import reach
from ..errors import (
    AuthorizationEnded,
    ConnectionsError,
    ProviderUnavailable,
    StoreUnavailable,
    Tampered,
)
from ..store import leases, rows
from ._credentials import Held, definition_of, held_of
from ._freshness import Freshness, freshness, still_works
from ._gates import StillUnderWay, Turn
from ._pulse import Pulse, awake_or_not
from ._renewal import Renewal, StoppedTooLong, pause_asked_for
from ._saving import adopt
from ._status import day
from ._workshop import Workshop

#: A look at whether another process is done comes after so much of the time waited.
_SHARE = 0.1


def fresh_credential(
    workshop: Workshop, row: rows.Row, *, link_name: str, rejected: int | None = None
) -> rows.Row:
    """Return a credential's row whose access token works now.

    Args:
        workshop: Store, vault and the way out.
        row: The credential as it was read.
        link_name: The connection, for errors.
        rejected: The generation that an API answered 401 to.

    Raises:
        AuthorizationEnded: If the provider ended the grant, or there is nothing to
            refresh with.
        ProviderUnavailable: If the provider does not answer and the token is expired.
        StoreUnavailable: If nothing can be written and the token is expired. Then the
            provider is not asked.
    """
    if freshness(workshop, row, rejected=rejected) is Freshness.FRESH:
        return row
    wish = _Wish(
        workshop=workshop,
        link_name=link_name,
        rejected=rejected,
        began=time.monotonic(),
    )
    try:
        return wish.fulfilled(row)
    except Tampered:
        raise
    except StoreUnavailable:
        if still_works(workshop, row):
            return row  # a full disk is no reason to stop before its end
        raise


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wish:
    """One caller's wish for a token that works."""

    workshop: Workshop
    link_name: str
    rejected: int | None
    began: float

    def fulfilled(self, row: rows.Row) -> rows.Row:
        """Wait, refresh, or take what another brought."""
        gates = self.workshop.gates
        while True:
            with gates.only_one(row.id, patience=self._left(row)) as turn:
                if turn is None:
                    if self._left(row) > 0:
                        continue  # it was good when we began to wait, and is not now
                    return self._what_there_is(row)
                if turn.news is not None and self._is_enough(turn.news):
                    return turn.news
                row = self._read_again(row)
                if self._is_enough(row):
                    turn.tell(row)
                    return row
                if not self._is_done_elsewhere(row):
                    done = self._done_here(turn, row)
                    if done is not None:
                        return done
                    continue
                if self._left(row) <= 0:
                    return self._what_there_is(row)
                time.sleep(self._pause())

    def _pause(self) -> float:
        """Return how long until the next look: the longer it takes, the longer.

        A look costs everybody's database something, and a tenth more than a provider
        takes is not felt.
        """
        pace = self.workshop.upkeep.pace
        waited = time.monotonic() - self.began
        return min(max(pace.poll, _SHARE * waited), pace.longest_poll)

    def _done_here(self, turn: Turn, row: rows.Row) -> rows.Row | None:
        """Refresh, if nothing speaks against it; None when it has to be read again."""
        pause = pause_asked_for(self.workshop, row)
        if pause > 0:
            return self._still_good(row, pause)
        # Before anything is noted: what does not open is no refresh begun.
        held = held_of(self.workshop, row)
        reach("refresh.before-lease")
        pulse = Pulse(self.workshop, row, since=awake_or_not())
        if not self._take_lease(row):
            return None
        return self._renewed(turn, row, held, pulse)

    def _renewed(
        self, turn: Turn, row: rows.Row, held: Held, pulse: Pulse
    ) -> rows.Row | None:
        """Do what the lease was taken for; None when the row has to be read again."""
        is_forced = self.rejected == row.generation

        def work() -> rows.Row | None:
            with pulse:
                if adopt(self.workshop, row):
                    return None
                Renewal(self.workshop, row, pulse, forced=is_forced).run(held)
            renewed = self._read_again(row)
            turn.tell(renewed)
            return renewed

        try:
            return turn.shielded(work, patience=self._left(row))
        except StillUnderWay:
            return None if self._left(row) > 0 else self._what_there_is(row)
        except StoppedTooLong:
            row = self._read_again(row)
            if self._is_enough(row) or self._is_done_elsewhere(row):
                return None  # somebody went on without us
            raise

    def _is_done_elsewhere(self, row: rows.Row) -> bool:
        """Tell whether another process is at it. Looking keeps it from nothing."""
        upkeep, now = self.workshop.upkeep, self.workshop.clock()
        until = now + upkeep.pace.lease
        is_held = leases.is_held(row, me=upkeep.presence.name, now=now, until=until)
        return is_held and not self._is_gone(row)

    def _is_gone(self, row: rows.Row) -> bool:
        """Tell whether a lease's holder is dead, or silent for long and not of here.

        One of this machine that is merely stopped may still get an answer: of that the
        time of its lease decides.
        """
        upkeep, holder = self.workshop.upkeep, row.lease_owner
        if holder is None:
            return False
        if upkeep.presence.is_dead(holder):
            return True
        return not upkeep.presence.is_alive(holder) and upkeep.watch.is_silent(row)

    def _take_lease(self, row: rows.Row) -> bool:
        upkeep, now = self.workshop.upkeep, self.workshop.clock()
        gone = row.lease_owner if self._is_gone(row) else None
        with self.workshop.store.write() as tx:
            is_ours = leases.take_lease(
                tx,
                row,
                me=upkeep.presence.name,
                now=now,
                until=now + upkeep.pace.lease,
                dead=gone,
            )
        if is_ours:
            reach("refresh.after-intent")
        return is_ours

    def _is_enough(self, row: rows.Row) -> bool:
        found = freshness(self.workshop, row, rejected=self.rejected)
        return found is Freshness.FRESH

    def _left(self, row: rows.Row) -> float:
        """Return how long to wait: not for long while the old token is as good."""
        pace = self.workshop.upkeep.pace
        is_good = still_works(self.workshop, row) and row.generation != self.rejected
        patience = min(pace.wait, pace.wait_while_good) if is_good else pace.wait
        return self.began + patience - time.monotonic()

    def _what_there_is(self, row: rows.Row) -> rows.Row:
        """Go on without waiting longer: somebody else may be done by now."""
        row = self._read_again(row)
        return row if self._is_enough(row) else self._still_good(row, None)

    def _still_good(self, row: rows.Row, pause: float | None) -> rows.Row:
        if still_works(self.workshop, row):
            return row
        name = definition_of(row).name
        error = ProviderUnavailable(
            f"{name} does not renew the access of '{self.link_name}' at the moment",
            "The authorization is kept. Run the cell again in a minute",
        )
        error.retry_after = pause
        raise error

    def _read_again(self, row: rows.Row) -> rows.Row:
        with self.workshop.store.read() as tx:
            found = rows.credential_row(tx, row.id)
        if found is None:
            raise Replaced(self.link_name)
        if found.ended_at is not None:
            raise _ended(found, self.link_name)
        return found


class Replaced(AuthorizationEnded):
    """A credential vanished while it was in use.

    Args:
        link_name: The connection.
    """

    def __init__(self, link_name: str) -> None:
        super().__init__(
            f"'{link_name}' was deleted or authorized anew while it was in use",
            "Run the cell again",
        )


def _ended(row: rows.Row, link_name: str) -> ConnectionsError:
    name = definition_of(row).name
    reason = row.ended_because.rstrip(".")
    return AuthorizationEnded(
        f"{name} no longer accepts the authorization of '{link_name}' "
        f"({reason}, last good use {day(row.obtained_at)})",
        f"Run %conn authorize {link_name}",
    )
