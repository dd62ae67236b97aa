"""The keys that a running process holds, and when it looks for others."""

import logging
import threading
import time
from collections.abc import Callable, Sequence
from typing import Final

from ..errors import StoreLocked
from ._key import MasterKey
from ._places import KeyPlace
from ._term import LAST_WORDS, Term

_log = logging.getLogger("conn_core")
#: After a look that found nothing new, rows with unknown key ids cost no other for a
#: while: whoever can write such rows could make us read without end.
_PAUSE: Final = 5.0


class HeldKeys:
    """Master keys, newest first; taken anew from their places when those change.

    A key that was held once opens until the process ends: a place that is unreachable,
    or emptied by mistake, takes nothing away from those who run. Only keys that somebody
    else unwraps have a time: they are asked for again in its second half, and forgotten
    when nobody confirmed them until its end.

    Args:
        keys: What was found at the start; the first seals.
        places: Where they came from; none where they never change.
        hold: For how many seconds they may be held without being confirmed; None for
            keys that nobody unwraps.
        seconds: Seconds that only grow.
    """

    def __init__(
        self,
        keys: Sequence[MasterKey],
        *,
        places: Sequence[KeyPlace] = (),
        hold: float | None = None,
        seconds: Callable[[], float] = time.monotonic,
    ) -> None:
        self._newest: MasterKey | None = keys[0]
        self._keys = {key.id: key for key in keys}
        self._known = set(self._keys)
        self._places = tuple(places)
        self._seconds = seconds
        self._guard = threading.Lock()
        self._stamp = self._stamp_now()
        self._asked_at = float("-inf")
        self._term = Term(hold, seconds)

    def newest(self) -> MasterKey:
        """Return the key that seals, a newer one if somebody put it there.

        Raises:
            StoreLocked: If its time is over.
        """
        self._stay(longer=LAST_WORDS)
        stamp = self._stamp_now()
        if stamp != self._stamp:
            with self._guard:
                self._stamp = stamp
                self._look()
        if self._newest is None:
            raise self._term.ended()
        return self._newest

    def find(self, key_id: bytes) -> MasterKey | None:
        """Return a key by its id; look once where it comes from when it is unknown.

        Raises:
            StoreLocked: If it is unknown, and the place cannot be read; or its time is
                over.
        """
        self._stay()
        if key_id not in self._keys and self._places:
            with self._guard:
                self._look_for(key_id)
        return self._keys.get(key_id)

    def all(self) -> tuple[MasterKey, ...]:
        """Return all keys, the newest first.

        Raises:
            StoreLocked: If their time is over.
        """
        self._stay()
        return tuple(self._keys.values())

    def add(self, line: str) -> None:
        """Put another key where the newest is, and seal with it from now on.

        Raises:
            StoreLocked: If it cannot be put there.
        """
        self._first_place().add(line)
        self._look_again()

    def drop(self, key_id: bytes) -> None:
        """Take a key away from where the keys are.

        Raises:
            StoreLocked: If it cannot be taken away.
        """
        self._first_place()
        for place in self._places:
            if key_id in {key.id for key in place.read()}:
                place.drop(key_id)
        self._look_again()

    def newest_material(self) -> bytes:
        """Read the newest key itself where it is; it is not kept here.

        Raises:
            StoreLocked: If it cannot be read.
        """
        material = self._first_place().newest()
        if material is None:
            raise StoreLocked("The key cannot be read where it is kept")
        return material

    def _first_place(self) -> KeyPlace:
        if not self._places:
            raise StoreLocked("These keys have no place that could be written")
        return self._places[0]

    # --- the time that keys have ------------------------------------------------------

    def _stay(self, *, longer: float = 0.0) -> None:
        """Have the keys confirmed when it is time; one thread asks, the others go on.

        Raises:
            StoreLocked: If nobody confirmed them until the end of their time.
        """
        if not self._term.is_due():
            return
        if not self._term.is_over(longer=longer):
            if self._guard.acquire(blocking=False):
                try:
                    self._term.ask(self._look)
                finally:
                    self._guard.release()
            return
        with self._guard:
            self._term.ask(self._look)
            if self._term.is_over(longer=LAST_WORDS):
                self._forget()
            if self._term.is_over(longer=longer):
                raise self._term.ended()

    def _forget(self) -> None:
        self._newest, self._keys = None, {}

    # --- looking where they come from -------------------------------------------------

    def _look_again(self) -> None:
        with self._guard:
            self._stamp = self._stamp_now()
            trouble = self._look()
        if trouble is not None:
            raise trouble

    def _look_for(self, key_id: bytes) -> None:
        now = self._seconds()
        if key_id in self._keys or now - self._asked_at < _PAUSE:
            return
        trouble = self._look()
        if key_id in self._keys:
            return
        self._asked_at = now
        if trouble is not None:
            raise trouble

    def _look(self) -> StoreLocked | None:
        """Take the keys of the places; return what kept us from it."""
        found: list[MasterKey] = []
        trouble = None
        for place in self._places:
            try:
                found += place.read()
            except FileNotFoundError:
                trouble = StoreLocked(
                    f"The {place.name} is not there any more",
                    "Bring it back, or run jupyter connections key recover",
                )
            except StoreLocked as error:
                trouble = error
        if found and self._known.isdisjoint(key.id for key in found):
            _log.warning("The store's key was replaced by another one; it is not used")
        elif found:
            if trouble is None:  # else the newest may be where nobody could look
                self._newest = found[0]
                self._term.confirm()
            self._keys = {key.id: key for key in found} | self._keys
            self._known |= self._keys.keys()
        return trouble

    def _stamp_now(self) -> object:
        return tuple(place.stamp() for place in self._places)
