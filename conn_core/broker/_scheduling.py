"""Letting notebooks run by themselves: everything is checked before anything is kept."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from .._job_values import Need, Readiness, Schedule
from .._names import closest
from ..errors import (
    AmbiguousName,
    AuthorizationRequired,
    InvalidInput,
    JobsUnavailable,
    NameTaken,
    NotAllowed,
    ScheduleNotFound,
)
from ..jobs import looks_secret, needs_of
from ._policy import Actor
from ._scheduler import Scheduler

if TYPE_CHECKING:  # pydantic is not paid for on the kernel's hot path
    from .._job_drafts import ScheduleDraft

Check = Callable[[Sequence[Need]], tuple[Readiness, ...]]


def scheduler_for(scheduler: Scheduler | None, actor: Actor) -> Scheduler:
    """Return the scheduler, if a job of it would act as the asking person.

    Raises:
        JobsUnavailable: If there is none.
        NotAllowed: If its jobs act as somebody else, or could do more than who asks.
    """
    if scheduler is None:
        raise JobsUnavailable(
            "Nothing can be scheduled from here: a Jupyter server runs the jobs, and "
            "none was found",
            "Start JupyterLab, and schedule from a notebook or a terminal of it",
        )
    if scheduler.runs_as != actor.name:
        raise NotAllowed(
            f"Jobs of this server act as {scheduler.runs_as}, and you are {actor.name}",
            "Schedule on a server of your own",
        )
    if actor.grant:
        raise NotAllowed("A job with a grant schedules nothing: it could do more then")
    return scheduler


def schedule(scheduler: Scheduler, draft: "ScheduleDraft", *, check: Check) -> Schedule:
    """Check a draft and what its notebook needs, then keep it.

    Args:
        scheduler: Keeps it.
        draft: What was asked for.
        check: Says what can be used without a person, where jobs run.

    Raises:
        AuthorizationRequired: If a person has to authorize something first.
        InvalidInput: If the draft is wrong, or its notebook cannot run by itself.
        NameTaken: If there is one of this name.
    """
    path = scheduler.notebook(draft.notebook)
    next_run = scheduler.next_run(draft.cron, timezone=draft.timezone)
    named = draft.model_copy(update={"name": draft.name or path.stem})
    _refuse_taken(scheduler, named.name)
    refuse_secrets(named.parameters)
    found = needs_of(path)
    _refuse_not_ready(check(found.needs), path.name)
    made = scheduler.create(named, with_folder=bool(found.notebooks))
    return replace(made, next_run_at=next_run)


def schedules(scheduler: Scheduler) -> tuple[Schedule, ...]:
    """Return all schedules by name, with when each runs next."""
    known = sorted(scheduler.schedules(), key=lambda each: (each.name, each.id))
    return tuple(_with_next_run(scheduler, each) for each in known)


def found(scheduler: Scheduler, name: str) -> Schedule:
    """Return the one schedule of a name, or of an id.

    Raises:
        AmbiguousName: If jupyter-scheduler's own screen made several of one name.
        ScheduleNotFound: If there is none.
    """
    known = scheduler.schedules()
    fitting = [each for each in known if name in {each.name, each.id}]
    if len(fitting) > 1:
        ids = " or ".join(each.id for each in fitting)
        raise AmbiguousName(
            f"There are {len(fitting)} schedules called '{name}'",
            f"Name one by its id: {ids}",
        )
    if not fitting:
        like = closest(name, [each.name for each in known])
        guess = f". Did you mean '{like}'?" if like else ""
        raise ScheduleNotFound(
            f"There is no schedule called '{name[:80]}'{guess}",
            "Run %conn schedule list",
        )
    return _with_next_run(scheduler, fitting[0])


def _with_next_run(scheduler: Scheduler, one: Schedule) -> Schedule:
    if not one.active:
        return replace(one, next_run_at=None)
    try:
        at = scheduler.next_run(one.cron, timezone=one.timezone)
    except InvalidInput:  # another screen let it in
        return replace(one, next_run_at=None)
    return replace(one, next_run_at=at)


def refuse_secrets(parameters: Mapping[str, Any]) -> None:
    """Refuse parameters that look like secrets.

    Raises:
        InvalidInput: With the first one's name, never its value.
    """
    for name, value in parameters.items():
        if any(looks_secret(name, text) for text in _texts_in(value)):
            raise InvalidInput(
                f"Nothing was scheduled: the parameter '{name}' looks like a secret, and a "
                "job's parameters are stored and shown in clear",
                "Make a connection for it: run %conn new",
                fields={"parameters": f"'{name}' looks like a secret"},
            )


def _texts_in(value: Any) -> Iterator[str]:
    """Yield the texts of a value, however deep; names of members count as texts."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for name, member in value.items():
            yield from (name, *_texts_in(member))
    elif isinstance(value, list):
        for member in value:
            yield from _texts_in(member)


def _refuse_taken(scheduler: Scheduler, name: str) -> None:
    if any(name == each.name for each in scheduler.schedules()):
        raise NameTaken(
            f"You have a schedule called '{name}' already",
            f"Give this one another name with --name, or run %conn schedule delete '{name}'",
        )


def _refuse_not_ready(answers: Sequence[Readiness], notebook: str) -> None:
    missing = [one for one in answers if not one.ready]
    if not missing:
        return
    first = next((one for one in missing if one.needs_person), missing[0])
    others = len(missing) - 1
    more = f" ({others} more: %conn check {notebook})" if others else ""
    text = (
        f"Nothing was scheduled: '{notebook}' cannot run without a person. "
        f"{first.problem}{more}"
    )
    if first.needs_person:
        raise AuthorizationRequired(text, first.hint)
    raise InvalidInput(text, first.hint, fields={"notebook": first.problem})
