"""A button that runs a function: its parameters as fields, what came of it below."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, Protocol

import ipywidgets
from traitlets import Float, Unicode

from conn_core.look import sentence

from . import _html
from ._fields import CheckField, Field
from ._part import Part, loader
from ._run_output import RunOutput
from ._stage import Screen, Stage, boxed, panel

Outcome = Literal["done", "failed", "stopped"]
_FIELDS = {
    "text": "text",
    "whole": "number",
    "number": "number",
    "date": "date",
    "datetime": "datetime",
    "choice": "choice",
}


class Question(Protocol):
    """A parameter. ``read`` raises ``ValueError`` with what an answer must be."""

    @property
    def name(self) -> str: ...
    @property
    def kind(self) -> str: ...
    @property
    def text(self) -> str: ...
    @property
    def optional(self) -> bool: ...
    @property
    def choices(self) -> tuple[tuple[str, Any], ...]: ...
    def read(self, text: str) -> Any: ...


class OnEnd(Protocol):
    """Called when a run has ended, from whatever thread."""

    def __call__(
        self, outcome: Outcome, *, seconds: float, error: str = ""
    ) -> None: ...


Begin = Callable[[Mapping[str, Any], RunOutput, OnEnd], Callable[[], None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class ButtonFunction:
    """What a button runs.

    Attributes:
        label: The words of the button.
        name: The function.
        connections: What it uses.
        whose: As whom, such as *as you*; empty where nobody knows.
        questions: Its parameters.
        begin: Begins a run with values, an output and what to call at its end; returns
            what stops it.
        stop_help: What stopping can do and cannot.
        text: The whole for places without widgets.
    """

    label: str
    name: str
    connections: tuple[str, ...]
    whose: str = ""
    questions: tuple[Question, ...] = ()
    begin: Begin
    stop_help: str = ""
    text: str = ""


class RunButton(Part):
    """The button, what it does now, and how the last run ended.

    It says so too when there is no kernel any more: *Run the cell to use this button*.

    Attributes:
        label: Its words.
        state: ``ready``, ``running`` or ``stopping``.
        began_at: When the run began, seconds of the epoch.
        outcome: How the last run ended: ``done``, ``failed``, ``stopped``; or empty.
        seconds: How long that took.
        ended_at: When it ended, seconds of the epoch.
        error: What went wrong, one sentence.
        stop_help: What is said while it stops.
    """

    _esm = loader("run_button")
    label = Unicode().tag(sync=True)
    state = Unicode("ready").tag(sync=True)
    began_at = Float().tag(sync=True)
    outcome = Unicode().tag(sync=True)
    seconds = Float().tag(sync=True)
    ended_at = Float().tag(sync=True)
    error = Unicode().tag(sync=True)
    stop_help = Unicode().tag(sync=True)


class FunctionScreen(Screen):
    """Fields, the button, and the output.

    Args:
        stage: Where it is shown.
        function: What it runs.
        clock: Seconds of the epoch.
    """

    focus = ""

    def __init__(
        self,
        stage: Stage,
        function: ButtonFunction,
        *,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._stage = stage
        self._function = function
        self._clock = clock
        self._stop: Callable[[], None] | None = None
        self._left = False
        self.fields = {q.name: _field(q) for q in function.questions if _is_asked(q)}
        self.button = RunButton(label=function.label, stop_help=function.stop_help)
        self.button.on_msg(self._received)
        self.output = RunOutput()
        self.panel = panel(
            head=[ipywidgets.HTML(_head(function))],
            body=[*self._questions(), self.button, self.output.widget],
            foot=[],
        )

    def run(self) -> None:
        """Begin a run with what the fields say, if that can be read."""
        values = self._answers()
        if values is None:
            self._stage.focus_on_error()
            return
        self.output.clear()
        self.button.began_at = self._clock()
        self.button.state = "running"
        self._stop = self._function.begin(values, self.output, self._ended)

    def stop(self) -> None:
        """Ask the run to end."""
        if self._stop is not None and self.button.state == "running":
            self.button.state = "stopping"
            self._stop()

    def leave(self) -> None:
        """Stop what runs; nobody looks at it any more."""
        self.stop()
        self._left = True
        self.output.close()
        super().leave()

    def text(self) -> str:
        """Say what it does, and how without widgets."""
        return self._function.text

    def remember(self, before: "FunctionScreen") -> None:
        """Show how the last run of the button before ended."""
        last = before.button
        self.button.set_trait("seconds", last.seconds)
        self.button.set_trait("ended_at", last.ended_at)
        self.button.set_trait("error", last.error)
        self.button.set_trait("outcome", last.outcome)

    def _received(self, _widget: Any, content: Any, _buffers: Any) -> None:
        if content.get("do") == "run" and self.button.state == "ready":
            self.run()
        if content.get("do") == "stop":
            self.stop()

    def _ended(self, outcome: Outcome, *, seconds: float, error: str = "") -> None:
        if self._left:
            return
        self._stop = None
        self.output.flush()
        # Not ``hold_sync``, which is for one thread: this is the run's own, and the page
        # may have the button pressed again as soon as it is told. The state comes last.
        self.button.outcome, self.button.seconds = outcome, seconds
        self.button.error, self.button.ended_at = error, self._clock()
        self.button.state = "ready"

    def _answers(self) -> dict[str, Any] | None:
        values, wrong = {}, False
        for question in self._function.questions:
            field = self.fields.get(question.name)
            if isinstance(field, CheckField):
                values[question.name] = field.value
            elif field is not None:
                try:
                    values[question.name] = question.read(field.value)
                    field.error = ""
                except ValueError as error:
                    field.error, wrong = sentence(str(error)), True
        return None if wrong else values

    def _questions(self) -> list[ipywidgets.Widget]:
        shown = list(self.fields.values())
        rows = [boxed(shown, "conn-pair" if len(shown) > 1 else "conn-stack")]
        kept = [q.name for q in self._function.questions if not _is_asked(q)]
        if kept:
            rows.append(ipywidgets.HTML(_html.paragraph(_about(kept))))
        return rows if shown else rows[1:]


class FunctionButton(Stage):
    """A button that runs a function; in plain text, how to call it.

    Args:
        function: What it runs.
        clock: Seconds of the epoch.
    """

    def __init__(
        self, function: ButtonFunction, *, clock: Callable[[], float] = time.time
    ) -> None:
        super().__init__()
        # Not shown as a form is: a button takes the focus from nobody.
        self._exchange(FunctionScreen(self, function, clock=clock))

    def take_over(self, before: "FunctionButton") -> None:
        """Take the place of a button: its last run is still shown, it goes itself."""
        if isinstance(self.screen, FunctionScreen):
            if isinstance(before.screen, FunctionScreen):
                self.screen.remember(before.screen)
            before.close()


def _is_asked(question: Question) -> bool:
    return question.kind == "yes" or question.kind in _FIELDS


def _field(question: Question) -> Field | CheckField:
    if question.kind == "yes":
        return CheckField(label=question.name, value=question.text == "True")
    return Field(
        label=question.name,
        note="optional" if question.optional else "",
        kind=_FIELDS[question.kind],
        value=question.text,
        choices=[[words, words] for words, _ in question.choices],
    )


def _about(kept: list[str]) -> str:
    verb = "keeps its value" if len(kept) == 1 else "keep their values"
    return f"{', '.join(kept)} {verb}: no field can hold such a thing."


def _head(function: ButtonFunction) -> str:
    noun = "connection" if len(function.connections) == 1 else "connections"
    used = f" with the {noun} {_html.codes(function.connections)}"
    whose = f", {_html.escaped(function.whose)}" if function.whose else ""
    return (
        _html.title_line(function.label)
        + f'<p class="conn-lede">Runs {_html.codes([function.name])}'
        + (used if function.connections else "")
        + f"{whose}.</p>"
    )
