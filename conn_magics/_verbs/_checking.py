"""The verb to run before a job: check."""

from collections.abc import Sequence
from datetime import UTC, datetime, time
from pathlib import Path
from typing import TYPE_CHECKING

from .. import _words
from .._blocks import Block, Cell, Note, Sentence, Table
from .._desk import Desk
from .._forms import show_job_form
from .._usage import UsageError
from .._verb import argument, verb
from .._views import Outcome, View, page_of

if TYPE_CHECKING:
    from conn_core import Need, Readiness

_NOTEBOOK = ".ipynb"


@verb(
    "check",
    argument(
        "what",
        nargs="+",
        metavar="NAME|NOTEBOOK",
        help="connections, or notebooks whose connections are looked for",
        completes="connection",
    ),
    argument("--until", metavar="DATE", help="until when it has to work: 2027-01-31"),
    reading=True,
)
def check(desk: Desk, *, what: Sequence[str], until: str | None = None) -> View | None:
    """Say whether it can run without a person, as whom, and until when."""
    end = None if until is None else _end_of(until)
    if desk.around.widgets and len(what) == 1 and what[0].endswith(_NOTEBOOK):
        show_job_form(desk, Path(what[0]), until=end)
        return None
    return checked(desk, what, until=end)


def checked(desk: Desk, what: Sequence[str], *, until: datetime | None = None) -> View:
    """Check connections and notebooks, and say so in text.

    Args:
        desk: Whom to ask.
        what: Names, and notebooks.
        until: Until when it has to work.
    """
    needs, notes = _needs_of(what)
    found = desk.broker.check(needs, until=until)
    data = page_of(found, write=lambda one: one.to_json())
    blocks = (_verdict(found, what), *_table(found), *map(Note, notes))
    return View(*blocks, data=data | {"notes": list(notes)}, outcome=_outcome(found))


def _needs_of(what: Sequence[str]) -> "tuple[list[Need], list[str]]":
    """Return what is needed, and what a person should know besides."""
    from conn_core import Need

    needs: list[Need] = []
    notes: list[str] = []
    for word in what:
        if not word.endswith(_NOTEBOOK):
            needs.append(Need(name=word))
            continue
        from conn_core.jobs import needs_of

        found = needs_of(Path(word))
        needs += found.needs
        notes += found.borrowed
        notes += [f"{each}: only a run can tell which" for each in found.undecided]
        notes += [
            f"The parameter '{each}' looks like a secret: a job's parameters are stored "
            "and shown in clear"
            for each in found.secret_looking
        ]
    return needs, notes


def _end_of(text: str) -> datetime:
    """Return the end of a day."""
    try:
        day = datetime.fromisoformat(text).date()
    except ValueError:
        raise UsageError(
            f"--until takes a day such as 2027-01-31, not '{text}'"
        ) from None
    return datetime.combine(day, time.max, tzinfo=UTC)


def _outcome(found: "Sequence[Readiness]") -> Outcome:
    if all(one.ready for one in found):
        return "ok"
    return "needs person" if any(one.needs_person for one in found) else "failed"


def _verdict(found: "Sequence[Readiness]", what: Sequence[str]) -> Block:
    missing = sum(not one.ready for one in found)
    whole = what[0] if len(what) == 1 else "All of it"
    if not found:
        return Sentence(f"{whole} uses no connection that can be found", "ok")
    if not missing:
        return Sentence(f"{whole} can run without a person", "ok")
    noun = "connection is" if missing == 1 else "connections are"
    return Sentence(f"{missing} {noun} not ready to run without a person", "todo")


def _table(found: "Sequence[Readiness]") -> tuple[Block, ...]:
    if not found:
        return ()
    rows = tuple(
        (
            Cell(one.name, "strong"),
            Cell("ready" if one.ready else "not ready", "plain"),
            Cell(_runs_as(one)),
            Cell(_until(one)),
            Cell(one.problem and f"{one.problem}. {one.hint}"),
        )
        for one in found
    )
    heads = ("Name", "Job", "Runs as", "Until", "What to do")
    # A column without a single entry says nothing.
    used = [n for n in range(len(heads)) if any(row[n].text for row in rows)]
    shown = tuple(heads[n] for n in used)
    cells = tuple(tuple(row[n] for n in used) for row in rows)
    return (Table(shown, cells, elastic=shown[-1]),)


def _runs_as(one: "Readiness") -> str:
    if not one.runs_as:
        return ""
    return f"{one.runs_as} ({one.account})" if one.account else one.runs_as


def _until(one: "Readiness") -> str:
    if not one.runs_as:
        return ""
    return _words.day(one.until) if one.until else "renews itself"
