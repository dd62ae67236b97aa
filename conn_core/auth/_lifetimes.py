"""How long a token lives, in the many ways that providers say it."""

from datetime import datetime

from .._habits import AnswerHabits

_MAX_LIFETIME = 10 * 365 * 24 * 3600


def lifetime_of(value: object, habits: AnswerHabits, now: float) -> float | None:
    """Read a lifetime, seconds; negative and unreadable ones mean *not told*.

    Args:
        value: What the provider said.
        habits: How it says it.
        now: Seconds since 1970.
    """
    if habits.zero_means_never and value in (0, "0"):
        return None
    match habits.lifetime_format:
        case "seconds":
            seconds = seconds_in(value)
        case "milliseconds":
            seconds = seconds_in(value, unit=1000)
        case "d:h:m":
            seconds = _days_hours_minutes(value)
        case "date":
            seconds = _until(value, now)
        case "epoch":
            seconds = seconds_in(value, since=now)
        case _:  # "epoch_milliseconds"
            seconds = seconds_in(value, unit=1000, since=now)
    return habits.default_lifetime if seconds is None else seconds


def seconds_in(
    value: object, *, unit: int = 1, since: float = 0.0, most: float = _MAX_LIFETIME
) -> float | None:
    """Read a number of seconds, of whatever type; None when it is none above zero."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        seconds = float(value) / unit - since
    except ValueError:
        return None
    if not 0 < seconds < float("inf"):
        return None
    return min(seconds, most)


def _days_hours_minutes(value: object) -> float | None:
    parts = value.split(":") if isinstance(value, str) else []
    if len(parts) != 3 or not all(p.isascii() and p.isdecimal() for p in parts):
        return None
    days, hours, minutes = (int(part[:9]) for part in parts)
    return seconds_in(((days * 24 + hours) * 60 + minutes) * 60)


def _until(value: object, now: float) -> float | None:
    try:
        moment = datetime.fromisoformat(value if isinstance(value, str) else "")
        return seconds_in(moment.timestamp(), since=now)
    except (ValueError, OverflowError):
        return None
