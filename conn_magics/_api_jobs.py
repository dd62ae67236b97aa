"""``cm.schedule`` and its kind: notebooks that run by themselves."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ._desk import Desk
from ._holder import HOLDER

if TYPE_CHECKING:
    from conn_core import Schedule

    from ._views import ListView


def schedule(
    notebook: str,
    *,
    cron: str,
    name: str = "",
    timezone: str = "UTC",
    parameters: Mapping[str, Any] | None = None,
) -> "Schedule":
    """Check a notebook, then let it run by itself, as you.

    Args:
        notebook: Where it lies; it runs as it is now.
        cron: When: minute, hour, day of the month, month, day of the week.
        name: What people read; the notebook's name when empty.
        timezone: In which they are meant, such as ``Europe/Berlin``.
        parameters: What the notebook is given; never a secret.

    Raises:
        AuthorizationRequired: If a person has to authorize something first.
        InvalidInput: If it cannot run by itself, or something else is wrong.
        JobsUnavailable: If no scheduler is here.
        NameTaken: If there is a schedule of this name.
    """
    from conn_core import ScheduleDraft, read_draft

    from ._verbs._scheduling import address_of

    facts = {
        "notebook": address_of(notebook),
        "cron": cron,
        "name": name,
        "timezone": timezone,
        "parameters": dict(parameters or {}),
    }
    return HOLDER.broker.schedule(read_draft(ScheduleDraft, facts))


def schedules() -> "ListView[Schedule]":
    """List what runs by itself, and how it ended last; shows itself as a table."""
    from ._verbs._scheduling import list_schedules

    return list_schedules(Desk())
