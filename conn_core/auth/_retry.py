"""How long a provider asks us to wait (RFC 9110 10.2.3)."""

from datetime import UTC
from email.utils import parsedate_to_datetime

#: A provider that asks for more gets asked again after this long.
LONGEST_WAIT = 3600.0


def seconds_to_wait(asked: str, *, now: float) -> float | None:
    """Read a ``Retry-After`` header: seconds, or a date.

    Args:
        asked: The header's value; may be empty or anything else.
        now: Seconds since 1970.

    Returns:
        Seconds to wait, one hour at most; None when there is nothing to obey.
    """
    asked = asked.strip()
    if asked.isascii() and asked.isdecimal():
        seconds = float(asked[:9])
    else:
        try:
            until = parsedate_to_datetime(asked)
        except (ValueError, TypeError):
            return None
        # A date without a zone is one in GMT (RFC 9110 5.6.7).
        aware = until if until.tzinfo else until.replace(tzinfo=UTC)
        seconds = aware.timestamp() - now
    return min(seconds, LONGEST_WAIT) if seconds > 0 else None
