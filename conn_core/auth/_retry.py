"""How long a provider asks us to wait (RFC 9110 10.2.3)."""

from collections.abc import Mapping
from datetime import UTC
from email.utils import parsedate_to_datetime

#: A provider that asks for more gets asked again after this long.
LONGEST_WAIT = 3600.0
#: When a limit is lifted; every provider counts in its own way.
_RESETS = ("ratelimit-reset", "x-ratelimit-reset", "x-rate-limit-reset")
#: No number of seconds to wait is as large as a moment since 2001.
_IS_MOMENT = 1e9
_IS_MILLISECONDS = 1e11


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


def wait_asked_for(
    headers: Mapping[str, str], *, status: int, now: float
) -> float | None:
    """Read how long an answer asks us to wait; of several, the longest counts.

    Args:
        headers: The answer's, by lower-case name.
        status: The HTTP status. Limits are told with every answer, but only 429 says
            that one was reached.
        now: Seconds since 1970.
    """
    asked = [seconds_to_wait(headers.get("retry-after", ""), now=now)]
    if status == 429:
        asked += [_until_reset(headers.get(name, ""), now) for name in _RESETS]
    told = [seconds for seconds in asked if seconds is not None]
    return max(told, default=None)


def _until_reset(text: str, now: float) -> float | None:
    """Read a moment (seconds or milliseconds since 1970) or a number of seconds."""
    try:
        number = float(text)
    except ValueError:
        return None
    if number > _IS_MILLISECONDS:
        number /= 1000
    seconds = number - now if number > _IS_MOMENT else number
    return min(seconds, LONGEST_WAIT) if seconds > 0 else None
