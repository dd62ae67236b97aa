"""Verbs of custom functions: functions, button."""

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

    show_button(desk, function_called(function), label=label)


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


def function_called(name: str) -> Any:
    """Return a function of this notebook, or of another one.

    Raises:
        UsageError: If there is none.
    """
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


def pairs_of(given: Sequence[Any]) -> dict[str, str]:
    """Read parameters: ``k=v`` each, or a pair of words as a shell has them.

    Raises:
        UsageError: If one has no name.
    """
    pairs = {}
    for each in given:
        name, sign, value = (
            each.partition("=") if isinstance(each, str) else _pair(each)
        )
        if not sign or not name.isidentifier():
            raise UsageError("-p takes NAME=VALUE")
        pairs[name] = value
    return pairs


def _pair(words: Sequence[str]) -> tuple[str, str, str]:
    if not words[0].isidentifier():
        raise UsageError("-p takes a name and a value: -p month 2026-11")
    return words[0], "=", words[1]
