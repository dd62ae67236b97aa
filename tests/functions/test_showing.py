"""A button in a notebook with widgets, in the hands of a test."""

import asyncio
import queue

import ipywidgets
import pytest

import conn_magics as cm
from conn_magics._desk import Desk
from conn_magics._surroundings import Surroundings
from conn_magics.functions import _showing
from conn_magics.functions._showing import label_of, show_button

SECONDS = 60


@pytest.fixture
def show(shell, monkeypatch):
    """Shows a function's button and returns its screen; waits for ends of runs."""
    shown = []
    desk = Desk(around=Surroundings(person=True, widgets=True), show=shown.append)
    ends = queue.SimpleQueue()

    def begin(function, label=""):
        show_button(desk, function, label=label)
        screen = shown[-1].screen
        screen.button.observe(lambda change: ends.put(change.new), "state")
        return screen

    def until_ready():
        while ends.get(timeout=SECONDS) != "ready":
            pass

    begin.shown, begin.until_ready = shown, until_ready
    yield begin
    _showing._SHOWN.clear()
    ipywidgets.Widget.close_all()


@cm.uses("beans")
def count(*, beans, path="/x", thing=(1, 2)):
    """Count."""
    return beans.get(path).json()["path"], thing


def test_pressing_it_runs_the_function_with_the_fields(show):
    """In a thread; the value stands below."""
    screen = show(count, "Count them")
    assert ["path", "thing"] == list(screen.fields)
    screen.fields["path"].value = "/y"
    screen.run()
    show.until_ready()
    assert ("done", "") == (screen.button.outcome, screen.button.error)
    assert "('/y', 1)" == screen.output.widget.outputs[0]["data"]["text/plain"]
    assert "Count them" == screen.button.label
    assert "Button 'Count them' runs count with 'beans'" in repr(show.shown[0])


def test_our_errors_are_one_sentence(show, broker):
    """As a cell says them, and nothing in the output."""
    screen = show(count)
    broker.revoke("beans")
    screen.run()
    show.until_ready()
    assert "failed" == screen.button.outcome
    assert screen.button.error.startswith("Connection 'beans' was revoked by priya")
    assert () == screen.output.widget.outputs


def test_mistakes_of_the_cell_show_where(show, cell, shell):
    """The line of the cell, and nothing of what called it."""
    cell("zero = 1")
    cell("%%connection beans --function f\nx = 1\ny = x / zero\ny")
    cell("zero = 0")
    screen = show(shell.user_ns["f"])
    screen.run()
    show.until_ready()
    assert "ZeroDivisionError: division by zero" == screen.button.error
    (output,) = screen.output.widget.outputs
    told = "\n".join(output["traceback"])
    assert "line 3" in told
    assert "y = x / zero" in told
    assert "conn_magics" not in told.replace("open_cell", "")


def test_an_error_without_words_is_its_name(show):
    """No colon behind it."""

    @cm.uses("beans")
    def f(*, beans):
        raise LookupError

    screen = show(f)
    screen.run()
    show.until_ready()
    assert "LookupError" == screen.button.error


def test_an_async_function_is_stopped_where_it_awaits(show, shell):
    """In the loop that ran when the button was shown."""

    @cm.uses("beans")
    async def f(*, beans, seconds=1000.0):
        await asyncio.sleep(seconds)

    async def story():
        screen = show(f)
        screen.run()
        await asyncio.sleep(0)
        screen.stop()
        assert "stopping" == screen.button.state
        assert "It ends where it awaits next" in screen.button.stop_help
        while screen.button.state != "ready":  # noqa: ASYNC110 - a trait has no event
            await asyncio.sleep(0)
        return screen.button.outcome

    assert "stopped" == asyncio.run(story())


def test_running_the_cell_again_replaces_the_button(show, shell, monkeypatch, api):
    """What runs is stopped, the last run is still shown; another cell's stays."""
    monkeypatch.setattr(_showing, "_this_cell", lambda: "one")
    first = show(count)
    first.run()
    show.until_ready()
    first.fields["path"].value = "/slow"
    first.run()
    assert api.asked.wait(SECONDS)
    again = show(count)
    assert "done" == again.button.outcome
    assert first.button.comm is None
    monkeypatch.setattr(_showing, "_this_cell", lambda: "two")
    other = show(count)
    assert ("", "done") == (other.button.outcome, again.button.outcome)
    assert again.button.comm is not None


def test_the_cell_is_known_by_its_id(shell, monkeypatch):
    """As JupyterLab and VS Code send it; without one it is known by nothing."""
    assert "" == _showing._this_cell()
    parent = {"metadata": {"cellId": "c-1"}}
    monkeypatch.setattr(type(shell), "get_parent", lambda _: parent, raising=False)
    assert "c-1" == _showing._this_cell()


def test_as_whom_it_acts(show, broker):
    """Said where it is the same for all connections."""
    broker.has("beans", owner="sam")
    both = cm.uses("beans", "team-slack")(count_both)
    heads = [
        show(f).panel.children[0].children[0].children[0].value for f in (count, both)
    ]
    assert "</code>, as sam.</p>" in heads[0]
    assert "connections <code" in heads[1]
    assert "team-slack</code>.</p>" in heads[1]


def count_both(*, beans, team_slack): ...


def test_words_of_a_name():
    """What stands on a button without a label."""
    assert ["Open issues", "F", "_"] == [label_of(n) for n in ("open_issues", "f", "_")]


def test_a_cell_with_a_button_in_a_notebook(attended, shell, capsys):
    """The widget is displayed, and the cell runs."""
    outcome = shell.run_cell(
        "%%connection beans --function f --button Go\nx = 1\nx + 1", store_history=True
    )
    outcome.raise_error()
    assert 2 == outcome.result
    assert "Button 'Go' runs f with 'beans'" in capsys.readouterr().out
    _showing._SHOWN.clear()
    ipywidgets.Widget.close_all()
