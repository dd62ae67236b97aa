"""Show the button of a function: a form where there are widgets, a sentence elsewhere."""

import asyncio
import functools
import inspect
import traceback
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from .._blocks import Code, Note, Sentence
from .._desk import Desk
from .._surroundings import running_shell
from .._unattended import needs_person_explained
from .._views import View
from ._asked import asked_by
from ._run import Ended, Run
from ._uses import Wanted, wanted_by

if TYPE_CHECKING:
    from conn_widgets import FunctionButton

    from .._cell_line import CellLine

STOPPING: Final = {
    True: "It ends where it awaits next. What was sent cannot be taken back.",
    False: (
        "A request that it waits for ends at once. What only computes goes on until it "
        "uses a connection or prints. What was sent cannot be taken back."
    ),
}
#: The button that stands in a cell, by cell and function: run again, it is replaced.
_SHOWN: Final[dict[tuple[str, str], "FunctionButton"]] = {}


def show_button_of(
    order: "CellLine", function: Any, *, desk: Desk | None = None
) -> None:
    """Show the button that a cell asks for, if it does."""
    if order.button is not None:
        show_button(desk or Desk(), function, label=order.button)


def show_button(desk: Desk, function: Any, *, label: str = "") -> None:
    """Show a button that runs a function.

    Args:
        desk: What can be shown here.
        function: The function.
        label: Its words; made of the function's name when empty.
    """
    label = label or label_of(function.__name__)
    if not desk.around.widgets:
        desk.show(text_twin(function, label))
        return
    from conn_widgets import FunctionButton

    made = FunctionButton(_button_function(desk, function, label))
    place = (_this_cell(), function.__name__)
    before, _SHOWN[place] = _SHOWN.get(place), made
    if before is not None:
        made.take_over(before)
    desk.show(made)


def text_twin(function: Any, label: str) -> View:
    """Return what stands in the place of a button where there are no widgets."""
    names = ", ".join(f"'{each.name}'" for each in wanted_by(function) or ())
    called = f"{function.__name__}{_shown_call(function)}"
    return View(
        Sentence(
            f"Button '{label}' runs {function.__name__} with {names or 'nothing'}"
        ),
        Code(f"await {called}" if inspect.iscoroutinefunction(function) else called),
        Note("Run the cell in a notebook to use the button, or call the function"),
        data={"function": function.__name__, "label": label},
    )


def label_of(name: str) -> str:
    """Make words of a function's name: ``open_issues`` is *Open issues*."""
    words = name.replace("_", " ").strip() or name
    return words[:1].upper() + words[1:]


def _shown_call(function: Any) -> str:
    """Write a call with the defaults, without the mark of keyword-only parameters."""
    given = [
        f"{p.name}={p.default!r}"
        for p in inspect.signature(function).parameters.values()
        if p.default is not p.empty
    ]
    return f"({', '.join(given)})"


def _button_function(desk: Desk, function: Any, label: str) -> Any:
    from conn_widgets import ButtonFunction

    wanted = wanted_by(function) or ()
    loop = _loop_here() if inspect.iscoroutinefunction(function) else None
    return ButtonFunction(
        label=label,
        name=function.__name__,
        connections=tuple(dict.fromkeys(each.name for each in wanted)),
        whose=_whose(desk, wanted),
        questions=asked_by(function),
        begin=_beginning(function, loop),
        stop_help=STOPPING[loop is not None],
        text=repr(text_twin(function, label)),
    )


def _beginning(function: Any, loop: asyncio.AbstractEventLoop | None) -> Any:
    """Return what begins a run: in the loop of the cells, or in a thread."""

    def begin(values: Mapping[str, Any], output: Any, on_end: Any) -> Any:
        run = Run(
            functools.partial(function, **values),
            sink=output,
            on_end=lambda ended: _tell(ended, output, on_end),
        )
        if loop is None:
            run.start_in_thread()
        else:
            run.start_in(loop)
        return run.stop

    return begin


def _tell(ended: Ended, output: Any, on_end: Any) -> None:
    error = ended.error
    if error is None:
        on_end(ended.outcome, seconds=ended.seconds)
        return
    words = str(error)
    if not hasattr(error, "_render_traceback_"):  # not one of our single sentences
        words = f"{type(error).__name__}: {error}".removesuffix(": ")
        output.fail(type(error).__name__, str(error), _where(error))
    on_end(ended.outcome, seconds=ended.seconds, error=words)


def _where(error: Exception) -> list[str]:
    """Return the traceback from the function on, without what called it."""
    told = traceback.TracebackException.from_exception(error)
    inside = [each for each in told.stack if not _is_ours(each.filename)]
    told.stack = traceback.StackSummary.from_list(inside)
    return "".join(told.format()).rstrip().split("\n")


def _is_ours(filename: str) -> bool:
    return filename.startswith(__file__.rpartition("functions")[0])


def _whose(desk: Desk, wanted: tuple[Wanted, ...]) -> str:
    """Say as whom it acts, where that is the same for all connections."""
    found = set()
    user = desk.broker.status().user
    for each in wanted:
        with needs_person_explained(each.name):
            facts = desk.broker.connection(each.name)
        own = facts.use_login_user_credentials or facts.owner == user
        found.add("as you" if own else f"as {facts.owner}")
    return found.pop() if len(found) == 1 else ""


def _loop_here() -> asyncio.AbstractEventLoop | None:
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None


def _this_cell() -> str:
    parent: Any = getattr(running_shell(), "get_parent", dict)() or {}
    return str(parent.get("metadata", {}).get("cellId", ""))
