"""Verbs of notebooks that run by themselves: schedule, and what is done with schedules."""

import ast
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .. import _words
from .._blocks import Cell, Note, Sentence, Table
from .._confirm import Question, confirmed, unchanged
from .._desk import Desk
from .._usage import UsageError, did_you_mean
from .._verb import VERBS, YES, argument, verb
from .._views import ListView, View, page_of

if TYPE_CHECKING:
    from conn_core import Readiness, Schedule

_NAME = argument("name", metavar="NAME", help="a schedule's name", completes="schedule")


@verb(
    "schedule",
    argument(
        "notebook",
        metavar="NOTEBOOK",
        help="what runs; it is checked first",
        completes="notebook",
    ),
    argument(
        "--cron", metavar='"0 6 * * *"', help="when: minute hour day month weekday"
    ),
    argument(
        "-p",
        "--parameter",
        action="append",
        default=[],
        metavar="k=v",
        help="the value of a parameter; may be repeated",
    ),
    argument(
        "--name", default="", help="what people read; the notebook's name if absent"
    ),
    argument("--timezone", default="UTC", metavar="ZONE", help="such as Europe/Berlin"),
)
def schedule(
    desk: Desk,
    *,
    notebook: str,
    cron: str | None = None,
    parameter: Sequence[str] = (),
    name: str = "",
    timezone: str = "UTC",
) -> View:
    """Check a notebook, then let it run by itself."""
    from conn_core import ScheduleDraft, read_draft

    if cron is None:
        raise _without_cron(notebook)
    facts = {
        "notebook": address_of(notebook),
        "cron": cron,
        "name": name,
        "timezone": timezone,
        "parameters": read_parameters(parameter),
    }
    made = desk.broker.schedule(read_draft(ScheduleDraft, facts))
    used = _used_by(desk, notebook)
    return View(
        Sentence(f"'{made.name}' is scheduled", "ok"),
        Sentence(_runs_as(made, used)),
        Sentence(f"Runs next {_when(made)}"),
        Note("It runs the notebook as it is now: schedule it again after a change"),
        data=made.to_json(),
    )


@verb("schedule list", reading=True)
def list_schedules(desk: Desk) -> "ListView[Schedule]":
    """List what runs by itself, and how it ended last."""
    found = desk.broker.schedules()
    data = page_of(found, write=lambda one: one.to_json())
    if not found:
        nothing = Sentence("Nothing is scheduled")
        hint = Note('Run %conn schedule NOTEBOOK --cron "0 6 * * *"')
        return ListView(found, nothing, hint, data=data)
    heads = ("Name", "Notebook", "When", "Next", "Last run", "What it said")
    rows = tuple(_row(one, desk) for one in found)
    table = Table(heads, rows, elastic="What it said", droppable=("Notebook",))
    return ListView(found, table, data=data)


@verb("schedule pause", _NAME)
def pause(desk: Desk, *, name: str) -> View:
    """Let it rest; what runs now goes on."""
    one = desk.broker.pause_schedule(name)
    return View(
        Sentence(f"'{one.name}' rests", "off"),
        Note(f"Run %conn schedule resume {_quoted(one.name)} to let it go on"),
        data=one.to_json(),
    )


@verb("schedule resume", _NAME)
def resume(desk: Desk, *, name: str) -> View:
    """Let it go on."""
    one = desk.broker.pause_schedule(name, active=True)
    return View(
        Sentence(f"'{one.name}' goes on, and runs next {_when(one)}", "ok"),
        data=one.to_json(),
    )


@verb("schedule delete", _NAME, YES)
def delete(desk: Desk, *, name: str, yes: bool = False) -> View:
    """Delete it with the notes of its runs; output that was downloaded stays."""
    asked = Question(
        title=f"Delete the schedule '{name}'?",
        consequence="It does not run any more, and the list of its runs goes with it.",
        doing=f"deleting '{name}'",
        command=f"%conn schedule delete {_quoted(name)}",
    )
    if not yes and not confirmed(desk, asked):
        return unchanged()
    one = desk.broker.delete_schedule(name)
    return View(
        Sentence(f"The schedule '{one.name}' is deleted", "off"), data=one.to_json()
    )


def read_parameters(texts: Sequence[str]) -> dict[str, Any]:
    """Read ``k=v``: numbers, truth and lists as Python writes them, all else is text.

    Raises:
        UsageError: If one is no assignment.
    """
    found: dict[str, Any] = {}
    for text in texts:
        name, sign, value = text.partition("=")
        if not sign or not name.isidentifier():
            raise UsageError("-p takes NAME=VALUE")
        found[name] = _value_of(value)
    return found


def _value_of(text: str) -> Any:
    try:
        value = ast.literal_eval(text)
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return text
    return value if isinstance(value, bool | int | float | str | list | dict) else text


def _without_cron(word: str) -> UsageError:
    """Say that the time is missing, or that the word is an action mistyped."""
    guess = did_you_mean(word, VERBS["schedule"].actions, before="%conn schedule ")
    if guess and not word.endswith(".ipynb"):
        return UsageError(f"There is no %conn schedule {word}.{guess}")
    return UsageError('--cron is missing: when it runs, such as --cron "0 6 * * *"')


def address_of(notebook: str) -> str:
    """Return where the notebook lies; the server knows what of that is below its folder."""
    path = Path(notebook).expanduser()
    return str(path.resolve()) if path.exists() else notebook


def _used_by(desk: Desk, notebook: str) -> "Sequence[Readiness]":
    from conn_core.jobs import needs_of

    path = Path(notebook).expanduser()
    return desk.broker.check(needs_of(path).needs) if path.exists() else ()


def _runs_as(made: "Schedule", used: "Sequence[Readiness]") -> str:
    who = f"Runs as {made.runs_as}"
    ends = [one.until for one in used if one.until is not None]
    if ends:
        return f"{who}, renewable until {_words.day(min(ends))}"
    return f"{who}; its connections renew themselves" if used else who


def _when(one: "Schedule") -> str:
    return "never" if one.next_run_at is None else _words.minute(one.next_run_at)


def _row(one: "Schedule", desk: Desk) -> tuple[Cell, ...]:
    rests = Cell("rests", "muted")
    ended = f"{one.last_status} {_words.ago(one.last_run_at, desk.now())}"
    return (
        Cell(one.name, "strong"),
        Cell(one.notebook),
        Cell(one.cron, "code", "" if one.timezone == "UTC" else one.timezone),
        Cell(_when(one)) if one.active else rests,
        Cell(ended if one.last_run_at else "has not run yet"),
        Cell(one.last_message),
    )


def _quoted(name: str) -> str:
    return f'"{name}"' if " " in name else name
