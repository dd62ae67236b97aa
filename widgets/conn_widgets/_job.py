"""Can this notebook run by itself? The verdict, a row for each connection, the way out."""

from collections.abc import Callable
from datetime import UTC, date, datetime, time
from pathlib import Path

import ipywidgets

from conn_core import Readiness, ScheduleDraft, read_draft
from conn_core.broker import Broker
from conn_core.errors import ConnectionsError
from conn_core.jobs import NotebookNeeds, needs_of
from conn_core.look import minute, now

from . import _html
from ._begin import start_authorization
from ._credentials import put_beside
from ._fields import Field
from ._job_rows import can_authorize, heads, line_of, runs_as, state, verdict
from ._journey import Journey
from ._problem import Problem, refusal
from ._stage import Screen, Stage, boxed, button, panel, row, way_back_to

_EVERY_DAY = "0 6 * * *"
#: Gets what was done meanwhile, for people.
Home = Callable[[str], None]


def end_of(day: str) -> datetime | None:
    """Return the end of a day that was picked; None where none was."""
    try:
        picked = date.fromisoformat(day)
    except ValueError:
        return None
    return datetime.combine(picked, time.max, tzinfo=UTC)


class JobReadiness:
    """The screen, and the authorizations that it leads to.

    Args:
        broker: Whom to ask.
        notebook: Which notebook.
        until: Until when it has to work; None asks only about now.
        clock: Tells the time.
        stage: Where it is shown; a new one where absent.
        home: Goes back to where it came from, with what was done; None where there is
            no such place.

    Attributes:
        stage: What is shown.
    """

    def __init__(
        self,
        broker: Broker,
        notebook: Path,
        *,
        until: datetime | None = None,
        clock: Callable[[], datetime] = now,
        stage: Stage | None = None,
        home: Home | None = None,
    ) -> None:
        self._broker = broker
        self._notebook = notebook
        self._until = until
        self._clock = clock
        self._home = home
        self._cron = _EVERY_DAY
        self.stage = stage or Stage()
        self._show()

    def _show(self) -> None:
        self.stage.show(
            JobScreen(
                self.stage,
                self._broker,
                self._notebook,
                until=self._until,
                cron=self._cron,
                on_again=self._again,
                on_authorize=self._authorize,
                home=self._home,
                clock=self._clock,
            )
        )

    def _again(self, cron: str) -> None:
        self._cron = cron
        self._show()

    def _authorize(self, name: str, cron: str) -> None:
        self._cron = cron
        journey = Journey(
            stage=self.stage,
            broker=self._broker,
            on_done=lambda _: self._show(),
            on_close=self._show,
        )
        start_authorization(journey, self._broker.connection(name))


class JobScreen(Screen):
    """What a notebook needs, checked once.

    Args:
        stage: Where it is shown.
        broker: Whom to ask.
        notebook: Which notebook.
        until: Until when it has to work.
        cron: What stands in the field.
        on_again: Called to check again, with what stands in the field.
        on_authorize: Called with a connection to authorize, and what stands there.
        home: Goes back to where it came from; None where there is no such place.
        clock: Tells the time.
    """

    focus = ".conn-foot button"

    def __init__(
        self,
        stage: Stage,
        broker: Broker,
        notebook: Path,
        *,
        until: datetime | None,
        cron: str,
        on_again: Callable[[str], None],
        on_authorize: Callable[[str, str], None],
        home: Home | None = None,
        clock: Callable[[], datetime] = now,
    ) -> None:
        self._stage = stage
        self._broker = broker
        self._notebook = notebook
        self._until = until
        self._on_authorize = on_authorize
        self._home = home
        self._clock = clock
        self._asked, self.found, self._refused = _look(broker, notebook, until)
        self.cron = Field(
            label="When it runs",
            kind="code",
            value=cron,
            help="Minute, hour, day of the month, month, day of the week, in UTC.",
        )
        self.problem = Problem()
        create = button("Create schedule", self.submit, kind="primary")
        create.disabled = not self._can_run
        title = _html.title_line(self._title(), lede=self._lede())
        self.panel = panel(
            head=[*self._back(), ipywidgets.HTML(title)],
            body=self._body(),
            foot=[button("Check again", lambda: on_again(self.cron.value)), create],
        )

    def submit(self) -> None:
        """Create the schedule."""
        facts = {"notebook": str(self._notebook.resolve()), "cron": self.cron.value}
        self.cron.error = ""
        self.problem.clear()
        try:
            made = self._broker.schedule(read_draft(ScheduleDraft, facts))
        except ConnectionsError as error:
            self._refuse(error)
            return
        at = made.next_run_at
        when = f" and runs next {minute(at, at=self._clock())}" if at else ""
        said = f"‘{made.name}’ is scheduled{when}."
        if self._home is not None:
            self._home(said)
            return
        self._stage.end(said, tone="ok", shape="check")

    def text(self) -> str:
        """Say the same without widgets."""
        lines = [self._title(), f"  {self._lede()}"]
        if self._refused is not None:
            return "\n".join([*lines, f"  {self._refused}"])
        strong, rest, _, _ = verdict(self.found)
        lines.append(f"  {strong} {rest}".rstrip())
        lines += [f"  - {line_of(one)}" for one in self.found]
        lines += [f"  {note}" for note in self._notes()]
        return "\n".join([*lines, f"  %conn check {self._notebook.name} checks again"])

    def _back(self) -> list[ipywidgets.Button]:
        home = self._home
        return way_back_to("Connections", home and (lambda: home("")))

    @property
    def _can_run(self) -> bool:
        return self._refused is None and all(one.ready for one in self.found)

    def _title(self) -> str:
        return f"Can {self._notebook.stem} run by itself?"

    def _lede(self) -> str:
        try:
            who = self._broker.status().user
        except ConnectionsError:
            return "A schedule runs it as it is now."
        return f"Runs as {who}. A schedule runs it as it is now."

    def _body(self) -> list[ipywidgets.Widget]:
        if self._refused is not None:
            return [ipywidgets.HTML(refusal(self._refused))]
        strong, rest, tone, shape = verdict(self.found)
        return [
            self.problem,
            ipywidgets.HTML(_html.note(strong, rest, tone=tone, shape=shape)),
            *([self._rows()] if self.found else []),
            *(ipywidgets.HTML(_html.paragraph(note)) for note in self._notes()),
            *([self.cron] if self._can_run else []),
        ]

    def _rows(self) -> ipywidgets.VBox:
        words = [ipywidgets.HTML(_html.column(h)) for h in heads(self._until)]
        head = row(words, "conn-job-row")
        return boxed([head, *map(self._row, self.found)], "conn-job-rows")

    def _row(self, one: Readiness) -> ipywidgets.HBox:
        shape, tone, words = state(one)
        why = "" if one.ready else one.problem
        called = (one.service_name, one.name) if one.service_name else (one.name,)
        cells = [
            ipywidgets.HTML(_html.named(*called)),
            ipywidgets.HTML(_html.escaped(runs_as(one))),
            ipywidgets.HTML(_html.pill_because(words, why, shape=shape, tone=tone)),
        ]
        if not can_authorize(one):
            return row(cells, "conn-job-row")
        go = button(
            "Authorize",
            lambda: self._on_authorize(one.name, self.cron.value),
            kind="do",
        )
        go.tooltip = f"Authorize {one.name}"
        go.add_class("conn-btn--s")
        return row([*cells, go], "conn-job-row")

    def _notes(self) -> list[str]:
        found = self._asked
        return [
            *(f"{text}." for text in found.borrowed),
            *(f"{text}: only a run can tell which." for text in found.undecided),
            *(
                f"The parameter ‘{name}’ looks like a secret: a job’s parameters are "
                "stored and shown in clear."
                for name in found.secret_looking
            ),
        ]

    def _refuse(self, error: ConnectionsError) -> None:
        """Say it beside the field where it is about that, else above."""
        if not put_beside({"cron": self.cron}, error.fields):
            self.problem.refuse(error)
        self._stage.focus_on_error()


def _look(
    broker: Broker, notebook: Path, until: datetime | None
) -> tuple[NotebookNeeds, tuple[Readiness, ...], ConnectionsError | None]:
    """Read the notebook and check what it needs; say why where that is not possible."""
    try:
        asked = needs_of(notebook)
        return asked, broker.check(asked.needs, until=until), None
    except ConnectionsError as error:
        return NotebookNeeds(needs=()), (), error
