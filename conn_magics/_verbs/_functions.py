"""Verbs of custom functions: functions, button, run."""

from collections.abc import Mapping, Sequence
from types import FunctionType
from typing import Any

from .._desk import Desk
from .._surroundings import running_shell
from .._usage import UsageError, did_you_mean
from .._verb import argument, verb
from .._views import View

_FUNCTION = argument(
    "function",
    metavar="FUNCTION",
    help="its name, or NOTEBOOK:FUNCTION",
    completes="function",
)


@verb("functions", reading=True, only="magic")
def functions(desk: Desk) -> View:  # noqa: ARG001 - every verb gets the desk
    """List the functions of this notebook: their parameters, and what they use."""
    from ..functions._listing import list_of

    return list_of(functions_here(), where="this notebook")


@verb(
    "button",
    _FUNCTION,
    argument("--label", metavar="L", default="", help="the words of the button"),
    only="magic",
)
def button(desk: Desk, *, function: str, label: str = "") -> None:
    """Show a button that runs a function, with its parameters as fields."""
    from ..functions._showing import show_button

    show_button(desk, _called(function), label=label)


@verb(
    "run",
    argument(
        "function",
        metavar="NOTEBOOK:FUNCTION",
        help="a function of that notebook, or of this one",
        completes="function",
    ),
    argument(
        "-p",
        "--parameter",
        action="append",
        default=[],
        metavar="k=v",
        help="the value of a parameter; may be repeated",
    ),
    only="magic",
)
def run(desk: Desk, *, function: str, parameter: Sequence[str] = ()) -> Any:  # noqa: ARG001 - every verb gets the desk
    """Run a function of another notebook, without running the notebook."""
    from ..functions._asked import NotReadable, read_answers
    from ..functions._run import run_to_end

    found = _called(function)
    try:
        values = read_answers(found, _pairs(parameter))
    except NotReadable as error:
        raise UsageError(f"{function}: {error}") from None
    return run_to_end(found, values)


def functions_here() -> dict[str, Any]:
    """Return the functions of this notebook that use connections, by name."""
    from ..functions._uses import wanted_by

    names: Mapping[str, Any] = getattr(running_shell(), "user_ns", {})
    return {
        name: each
        for name, each in names.items()
        if not name.startswith("_")
        and isinstance(each, FunctionType)
        and wanted_by(each) is not None
    }


def _called(name: str) -> Any:
    from conn_core.jobs import notebook_and_function

    from ..functions._loading import load

    path, function = notebook_and_function(name)
    if function:
        return load(f"{path}:{function}")
    known = functions_here()
    if name not in known:
        guess = did_you_mean(name, known)
        raise UsageError(
            f"There is no function '{name}' that uses connections here.{guess} "
            "See %conn functions"
        )
    return known[name]


def _pairs(texts: Sequence[str]) -> dict[str, str]:
    pairs = {}
    for text in texts:
        name, sign, value = text.partition("=")
        if not sign or not name.isidentifier():
            raise UsageError("-p takes NAME=VALUE")
        pairs[name] = value
    return pairs
