"""Whether a credential's token still works. Pure arithmetic on a row."""

import enum
import zlib

from .. import auth
from ..store import rows
from ._credentials import definition_of
from ._workshop import Workshop

#: A token obtained that far in the future was obtained before the clock was put back.
_MOST_SKEW = 300
#: Processes renew a token early by up to this share of the margin more than others,
#: each by its own: a thousand tokens of one morning do not all end in one moment.
_JITTER = 0.25
#: No margin is a larger share of a token's life than this.
_LARGEST_SHARE = 0.65


class Freshness(enum.Enum):
    """Refresh early, fail late."""

    FRESH = enum.auto()
    #: It works, and it is time for the next one.
    AGEING = enum.auto()
    #: It does not work: it is expired, or an API said so.
    SPENT = enum.auto()


def freshness(
    workshop: Workshop, row: rows.Row, *, rejected: int | None = None
) -> Freshness:
    """Tell how good a credential's token is now.

    Args:
        workshop: For the clock, and who we are.
        row: The credential.
        rejected: The generation that an API answered 401 to.
    """
    now = workshop.clock()
    left = None if row.expires_at is None else row.expires_at - now
    if not row.refreshable:  # then it is used to its end, whatever an API says
        return Freshness.SPENT if left is not None and left <= 0 else Freshness.FRESH
    if rejected == row.generation and _may_be_forced(workshop, row, now, left):
        return Freshness.SPENT
    if left is None:
        return Freshness.FRESH
    if left <= 0:
        return Freshness.SPENT
    if row.obtained_at - now > _MOST_SKEW:
        return Freshness.AGEING
    lifetime = row.expires_at - row.obtained_at
    if left > _LARGEST_SHARE * lifetime:
        return Freshness.FRESH
    return _by_margin(workshop, row, left=left, lifetime=lifetime)


def _by_margin(
    workshop: Workshop, row: rows.Row, *, left: float, lifetime: float
) -> Freshness:
    service = definition_of(row)
    margin = auth.renewal_margin(service, lifetime=lifetime)
    margin *= 1 + _JITTER * _own_share(workshop, row)
    within = service.habits.renewal.only_within
    if within is not None:
        margin = min(margin, within)
    return Freshness.AGEING if left <= margin else Freshness.FRESH


def _own_share(workshop: Workshop, row: rows.Row) -> float:
    """Return a number from 0 to 1 that is this process's for this generation."""
    name = f"{workshop.upkeep.presence.name} {row.id} {row.generation}"
    return zlib.crc32(name.encode()) / 2**32


def _may_be_forced(
    workshop: Workshop, row: rows.Row, now: float, left: float | None
) -> bool:
    cool_down = workshop.upkeep.pace.cool_down
    if row.forced_at is not None and abs(now - row.forced_at) <= cool_down:
        return False
    return auth.may_force_renewal(definition_of(row), left=left)


def still_works(workshop: Workshop, row: rows.Row) -> bool:
    """Tell whether a token has not reached its end; what an API said does not count."""
    return row.expires_at is not None and bool(row.expires_at > workshop.clock())
