"""What a process sees of leases that others hold.

Whoever waits for another's refresh, looks all the time and sees nothing move for long
goes on without it, sooner than the lease ends. What is seen decides, by the looker's
own clock: not a time that another machine wrote, and not a time in which the looker
could not look.
"""

import threading
import time
from dataclasses import dataclass
from typing import Final

from ..store import rows

#: Who looked away for longer begins to watch anew: the database was away meanwhile, and
#: no sign of life could reach it.
_LOOKED_AWAY: Final = 5.0


@dataclass(slots=True)
class _Seen:
    """What a lease looked like, since when, and when somebody last looked."""

    sign: tuple[str, float]
    since: float
    looked_at: float


class Watch:
    """What this process sees of leases that others hold.

    Args:
        silence: Seconds without a sign of life after which a holder is taken for gone.
    """

    def __init__(self, silence: float) -> None:
        self._silence = silence
        self._guard = threading.Lock()
        self._seen: dict[str, _Seen] = {}

    def is_silent(self, row: rows.Row) -> bool:
        """Look at a lease; tell whether its holder was silent for as long as we looked.

        Args:
            row: The credential as it was read just now.
        """
        now, sign = time.monotonic(), (row.lease_owner, row.lease_until)
        with self._guard:
            seen = self._seen.get(row.id)
            is_same = seen is not None and seen.sign == sign
            if seen is None or not is_same or now - seen.looked_at > _LOOKED_AWAY:
                self._begin(row.id, _Seen(sign, now, now))
                return False
            seen.looked_at = now
            return now - seen.since > self._silence

    def _begin(self, credential_id: str, seen: _Seen) -> None:
        """Note a first look, and forget those that nobody goes on with."""
        oldest = seen.looked_at - _LOOKED_AWAY
        kept = {i: s for i, s in self._seen.items() if s.looked_at >= oldest}
        self._seen = kept | {credential_id: seen}
