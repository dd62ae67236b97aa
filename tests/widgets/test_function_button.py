"""The button that runs a function: fields, states, what came of it."""

import threading
from dataclasses import dataclass, field
from typing import Any

import pytest
from patience import SECONDS

from conn_widgets import ButtonFunction, CheckField, Field, FunctionButton
from conn_widgets._function_button import RunButton
from conn_widgets._run_output import RunOutput


@dataclass
class Question:
    """A parameter as the kernel side describes it."""

    name: str
    kind: str = "text"
    text: str = ""
    optional: bool = False
    choices: tuple[Any, ...] = ()

    def read(self, text):
        if self.kind == "whole":
            try:
                return int(text)
            except ValueError:
                raise ValueError("must be a whole number") from None
        return text


@dataclass
class Runs:
    """The runs that a button began."""

    values: list[Any] = field(default_factory=list)
    stops: int = 0

    def begin(self, values, output, on_end):
        self.values.append(dict(values))
        self.output, self.end = output, on_end
        return self._stop

    def _stop(self):
        self.stops += 1


@pytest.fixture
def runs():
    return Runs()


@pytest.fixture
def show(runs, hold):
    """Shows a button with some parameters; the clock stands at 1000."""

    def make(*questions, **members):
        function = ButtonFunction(
            label="Count open issues",
            name="open_issues",
            connections=("github",),
            questions=questions,
            begin=runs.begin,
            **members,
        )
        return hold(FunctionButton(function, clock=lambda: 1000.0))

    return make


def _press(form, wire, do="run"):
    wire.receive(form.of(RunButton), do=do)


def test_the_head_says_what_runs_with_what(show):
    """Function, connections, and as whom; foreign text is text."""
    assert (
        '<p class="conn-lede">Runs <code class="conn-code">open_issues</code> with the '
        'connection <code class="conn-code">github</code>, as &lt;you&gt;.</p>'
    ) in show(whose="as <you>").html()
    assert "</code>.</p>" in show().html()


def test_each_parameter_is_a_field_of_its_kind(show):
    """With its default; what no field can hold is named."""
    form = show(
        Question("repo", text="pandas"),
        Question("limit", "whole", "5"),
        Question("since", "date", "2026-01-31", optional=True),
        Question("at", "datetime", "2026-01-31T09:00"),
        Question("all", "yes", "True"),
        Question("sort", "choice", "b", choices=(("a", 1), ("b", 2))),
        Question("rows", "kept"),
    )
    fields = [w for w in form.all() if isinstance(w, Field)]
    assert [
        ("repo", "text", "pandas", ""),
        ("limit", "number", "5", ""),
        ("since", "date", "2026-01-31", "optional"),
        ("at", "datetime", "2026-01-31T09:00", ""),
        ("sort", "choice", "b", ""),
    ] == [(w.label, w.kind, w.value, w.note) for w in fields]
    assert [["a", "a"], ["b", "b"]] == fields[-1].choices
    assert form.of(CheckField, label="all").value
    assert "rows keeps its value: no field can hold such a thing." in form.html()


def test_pressing_runs_it_with_what_the_fields_say(show, runs, wire):
    """Values, not texts."""
    form = show(
        Question("repo", text="pandas"),
        Question("limit", "whole", "5"),
        Question("all", "yes"),
    )
    wire.type(form.of(Field, label="limit"), value="7")
    _press(form, wire)
    assert [{"repo": "pandas", "limit": 7, "all": False}] == runs.values
    button = form.of(RunButton)
    assert ("running", 1000.0) == (button.state, button.began_at)


def test_what_cannot_be_read_is_said_beside_the_field(show, runs, wire):
    """Nothing runs; the next press, with the right value, does."""
    form = show(Question("limit", "whole", "5"))
    limit = form.of(Field)
    wire.type(limit, value="five")
    _press(form, wire)
    assert ("Must be a whole number.", []) == (limit.error, runs.values)
    assert "focus" == wire.last(form.stage._manners, "focus")["do"]
    wire.type(limit, value="5")
    _press(form, wire)
    assert ("", [{"limit": 5}]) == (limit.error, runs.values)


def test_the_end_is_shown_with_its_duration(show, runs, wire):
    """Done, failed and stopped; then it can be pressed again."""
    form = show()
    button = form.of(RunButton)
    for outcome, error in (("done", ""), ("failed", "It broke"), ("stopped", "")):
        _press(form, wire)
        runs.end(outcome, seconds=4.0, error=error)
        assert ("ready", outcome, 4.0, 1000.0, error) == (
            button.state,
            button.outcome,
            button.seconds,
            button.ended_at,
            button.error,
        )
    assert 3 == len(runs.values)


def test_it_does_not_run_twice_at_once(show, runs, wire):
    """A second press, as of a second view, does nothing."""
    form = show()
    _press(form, wire)
    _press(form, wire)
    _press(form, wire, do="dance")
    assert 1 == len(runs.values)


def test_a_press_while_the_end_is_still_being_told_is_shown(show, runs, wire):
    """A run ends in a thread of its own, and whoever sees that may press at once.

    Fails when both collect what they send in one place: the thread empties it last, and
    the page never hears that it runs again.
    """
    form = show()
    button = form.of(RunButton)
    _press(form, wire)
    told, may_go_on, send = threading.Event(), threading.Event(), button.send_state
    ending = threading.Thread(target=runs.end, args=("done",), kwargs={"seconds": 1.0})

    def send_and_wait(*what, **how):
        send(*what, **how)
        if threading.current_thread() is ending and button.state == "ready":
            told.set()
            may_go_on.wait(SECONDS)

    button.send_state = send_and_wait
    ending.start()
    assert told.wait(SECONDS)

    def let_it_end(change):
        if change.new == "running":
            may_go_on.set()
            ending.join(SECONDS)

    button.observe(let_it_end, "state")
    _press(form, wire)

    states = [
        data["state"]["state"]
        for model, data in wire.messages
        if model == button.model_id and "state" in data.get("state", {})
    ]
    assert "running" == states[-1] == button.state


def test_stop_asks_once(show, runs, wire):
    """It stays *stopping* until the run has ended."""
    form = show(stop_help="It ends soon.")
    button = form.of(RunButton)
    _press(form, wire, do="stop")
    assert 0 == runs.stops
    _press(form, wire)
    _press(form, wire, do="stop")
    _press(form, wire, do="stop")
    assert ("stopping", 1, "It ends soon.") == (
        button.state,
        runs.stops,
        button.stop_help,
    )
    runs.end("stopped", seconds=1.0)
    assert "ready" == button.state


def test_output_is_shown_below(show, runs, wire):
    """And forgotten when it runs again."""
    form = show()
    _press(form, wire)
    runs.output.write("one\n", stream="stdout")
    runs.output.show({"text/plain": "2"}, {})
    runs.end("done", seconds=1.0)
    shown = runs.output.widget.outputs
    assert ["stream", "display_data"] == [each["output_type"] for each in shown]
    _press(form, wire)
    assert () == runs.output.widget.outputs


def test_a_button_takes_the_place_of_another(show, runs, wire):
    """The last run is still shown; what runs is stopped, and its end is nobody's."""
    before = show()
    _press(before, wire)
    runs.end("failed", seconds=4.0, error="It broke")
    _press(before, wire)
    ending, last = runs.end, before.of(RunButton)
    after = show()
    after.stage.take_over(before.stage)
    button = after.of(RunButton)
    assert ("failed", 4.0, "It broke", "ready") == (
        button.outcome,
        button.seconds,
        button.error,
        button.state,
    )
    assert (1, None) == (runs.stops, last.comm)
    ending("stopped", seconds=1.0)
    assert "failed" == button.outcome


def test_a_closed_button_is_taken_over_without_a_word(show):
    """There is nothing left to stop."""
    before, after = show(), show()
    before.stage.close()
    after.stage.take_over(before.stage)
    assert "" == after.of(RunButton).outcome
    after.stage.close()
    after.stage.take_over(before.stage)


def test_without_widgets_it_is_what_the_kernel_side_says(show):
    """In plain text, and in the page of a saved notebook."""
    form = show(text="Run the cell to use this button")
    assert "Run the cell to use this button" == repr(form.stage)
    assert (
        "Run the cell to use this button"
        == form.stage._repr_mimebundle_()["text/plain"]
    )


@pytest.fixture
def output(wire):
    """A place for output at a clock that a test moves."""
    times = [0.0]
    made = RunOutput(clock=lambda: times[0])
    made.times = times
    return made


def test_printed_text_is_sent_in_pieces(output):
    """The first at once, what follows together."""
    output.write("a", stream="stdout")
    assert "a" == output.widget.outputs[0]["text"]
    output.write("b", stream="stdout")
    output.write("c", stream="stderr")
    assert 1 == len(output.widget.outputs)
    later = output._later
    output.write("d", stream="stderr")
    assert later is output._later
    output.flush()
    assert [("stdout", "ab"), ("stderr", "cd")] == [
        (each["name"], each["text"]) for each in output.widget.outputs
    ]
    output.times[0] = 1.0
    output.write("e", stream="stderr")
    assert "cde" == output.widget.outputs[-1]["text"]


def test_what_was_held_back_is_sent_a_moment_later(output):
    """By a timer; nobody needs to print again."""
    output.write("a", stream="stdout")
    output.write("b", stream="stdout")
    output._later.join(60)
    assert "ab" == output.widget.outputs[0]["text"]


def test_long_output_keeps_its_end(output):
    """Whole lines, and it says so."""
    for number in range(3):
        output.write(f"{number}\n" * 30_000, stream="stdout")
    output.flush()
    text = output.widget.outputs[0]["text"]
    assert len(text) <= 100_000
    assert text.startswith("… the beginning is left out\n2\n")
    assert text.endswith("2\n")


def test_where_an_error_came_from_is_shown(output):
    """As a cell shows it."""
    output.fail("ZeroDivisionError", "division by zero", ["line 1"])
    assert {
        "output_type": "error",
        "ename": "ZeroDivisionError",
        "evalue": "division by zero",
        "traceback": ["line 1"],
    } == output.widget.outputs[0]


def test_nothing_is_sent_after_the_end(output):
    """A run that goes on for a while says it to nobody."""
    output.close()
    output.write("late", stream="stdout")
    output.write("late", stream="stdout")
    assert ((), None) == (output.widget.outputs, output._later)
