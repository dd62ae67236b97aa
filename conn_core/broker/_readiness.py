"""Could a job use it without a person, as whom, and until when?"""

from datetime import datetime
from typing import NamedTuple

from .._job_values import Need, Readiness
from .._tasks import TASKS
from ..errors import (
    AuthorizationRequired,
    ConnectionsError,
    InvalidInput,
    NeedsPerson,
)
from ..store import rows
from ._checks import refuse_missing_scopes
from ._directory import Directory
from ._known_services import name_of_service
from ._status import moment
from ._workshop import Workshop


class Onwards(NamedTuple):
    """Who would run the job, and how long it has to work.

    Attributes:
        person: As whom it runs.
        until: Until when it has to work; None asks only about now.
    """

    person: str
    until: datetime | None


def readiness_of(
    workshop: Workshop, directory: Directory, need: Need, onwards: Onwards
) -> Readiness:
    """Say whether something that a job needs could be used without a person.

    Nothing is asked of the provider, and nothing is changed.

    Args:
        workshop: Store and catalogue.
        directory: What the person sees.
        need: A connection, or a built-in task.
        onwards: As whom, and until when.

    Raises:
        InvalidInput: If there is no such task.
    """
    try:
        row = _usable(workshop, directory, need, onwards.person)
    except InvalidInput:
        raise
    except ConnectionsError as error:
        return Readiness(
            name=need.name or need.task,
            ready=False,
            problem=error.message,
            hint=error.hint,
            needs_person=isinstance(error, NeedsPerson),
        )
    return _of_usable(workshop, row, onwards)


def _usable(
    workshop: Workshop, directory: Directory, need: Need, person: str
) -> rows.Row:
    if need.name:
        row = directory.usable_row(need.name)
        called = directory.called(row, need.name)
        refuse_missing_scopes(row, need.scopes, person=person, called=called)
        return row
    row = directory.usable_row(_internal_of(workshop, need, person))
    # Asked for and consented to is enough: tasks ask for what their service knows, and
    # services answer with other names for it.
    if not set(need.scopes) <= set(rows.load_tuple(row.scopes)):
        raise _never_run(need.task)
    return row


def _of_usable(workshop: Workshop, row: rows.Row, onwards: Onwards) -> Readiness:
    """Say how long what can be used now goes on working by itself."""
    ends = moment(row.grant_dies_at if row.refreshable else row.expires_at)
    late = onwards.until is not None and ends is not None and ends < onwards.until
    service_name = name_of_service(workshop, row.service_id)
    owner = str(row.owner)
    return Readiness(
        name=row.link_name,
        ready=not late,
        service_name=service_name,
        runs_as=onwards.person if row.use_login_user_credentials else owner,
        account=row.account,
        until=ends,
        problem=_ends_too_early(row.link_name, service_name, ends) if late else "",
        hint=f"Run %conn authorize {row.link_name} before then" if late else "",
        needs_person=late,
    )


def _ends_too_early(name: str, service_name: str, ends: datetime | None) -> str:
    return (
        f"The authorization of '{name}' at {service_name} ends on {ends:%Y-%m-%d}, "
        "and cannot be renewed without a person after that"
    )


def _internal_of(workshop: Workshop, need: Need, person: str) -> str:
    """Return the link name of a task's internal connection.

    Raises:
        AuthorizationRequired: If the person has none yet.
        InvalidInput: If there is no such task.
    """
    if need.task not in TASKS:
        raise InvalidInput(
            "A connection or a built-in task is needed",
            fields={"task": "is not known here" if need.task else "is needed"},
        )
    service_id = TASKS[need.task].service
    with workshop.store.read() as tx:
        found = rows.internal_connections(tx, person, service_id)
    if found:
        return str(found[0].link_name)
    raise _never_run(need.task)


def _never_run(task: str) -> AuthorizationRequired:
    return AuthorizationRequired(
        f"Nobody has authorized what cm.tasks.{task} uses yet",
        f"Run cm.tasks.{task} once in a notebook",
    )
