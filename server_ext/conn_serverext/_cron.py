"""When a schedule runs, as jupyter-scheduler itself will find out."""

from datetime import UTC, datetime, tzinfo
from typing import Final

from conn_core.errors import InvalidInput

_FIELDS: Final = 5
_CRON_HINT: Final = (
    "Write five fields: minute, hour, day of the month, month, day of the week, such as "
    '--cron "0 6 * * *" for every day at six'
)


def next_run(cron: str, *, timezone: str, now: datetime) -> datetime:
    """Say when a schedule runs next.

    Args:
        cron: Minute, hour, day of the month, month, day of the week.
        timezone: In which they are meant.
        now: The time of day.

    Raises:
        InvalidInput: If one of them is none.
        ImportError: If jupyter-scheduler's own libraries are missing.
    """
    from croniter import croniter  # noqa: PLC0415 - comes with jupyter-scheduler

    here = _zone(timezone)
    if len(cron.split()) != _FIELDS or not croniter.is_valid(cron):
        raise _wrong("cron", f"'{cron}' is not when something runs", _CRON_HINT)
    try:
        found = croniter(cron, now.astimezone(here)).get_next(float)
    except ValueError:  # 30 February: a day that never comes
        raise _wrong("cron", f"'{cron}' never comes", _CRON_HINT) from None
    return datetime.fromtimestamp(found, UTC)


def _zone(timezone: str) -> tzinfo:
    import pytz  # noqa: PLC0415 - comes with jupyter-scheduler

    try:
        found: tzinfo = pytz.timezone(timezone)
    except (pytz.UnknownTimeZoneError, UnicodeError):
        raise _wrong(
            "timezone",
            f"There is no time zone '{timezone[:80]}'",
            "Write one such as --timezone Europe/Berlin",
        ) from None
    return found


def _wrong(field: str, text: str, hint: str) -> InvalidInput:
    return InvalidInput(f"Nothing was scheduled: {text}", hint, fields={field: text})
