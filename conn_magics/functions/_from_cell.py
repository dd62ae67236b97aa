"""The function of a ``%%connection … --function`` cell, bound in the notebook."""

import linecache
from collections.abc import Sequence
from types import FrameType
from typing import Any

from .._cell_line import CellLine
from .._usage import UsageError
from ._cell import body_of, function_of
from ._uses import Wanted, giving, wanted_by


def written_in(frame: FrameType) -> tuple[str, str]:
    """Return what a cell says, as IPython runs it, and the name tracebacks know it by.

    Raises:
        UsageError: If it cannot be told, as below ``%%time``.
    """
    filename = frame.f_code.co_filename
    source = "".join(linecache.getlines(filename))
    if not source:
        raise UsageError(
            "--function has to stand in the first line of a cell, "
            "not below another cell magic"
        )
    return source, filename


def define(
    order: CellLine,
    *,
    variables: Sequence[str],
    source: str,
    filename: str,
    names: dict[str, Any],
) -> Any:
    """Make the function that a cell describes, and bind it.

    Args:
        order: The cell's first line.
        variables: What each of its connections is bound to.
        source: The cell, as IPython runs it.
        filename: The name tracebacks know it by.
        names: The variables of the notebook.

    Raises:
        UsageError: If the body cannot be a function.
    """
    name = str(order.function)
    if name in variables:
        raise UsageError(
            f"'{name}' is the client already. Give the function another name"
        )
    function = function_of(
        body_of(source),
        name=name,
        clients=tuple(variables),
        filename=filename,
        names=names,
    )
    made = giving(function, wanted_of(order, variables))
    if not order.quiet:
        _say_what_it_hides(names.get(name), name)
    names[name] = made
    return made


def wanted_of(order: CellLine, variables: Sequence[str]) -> tuple[Wanted, ...]:
    """Return what each call of a cell's function is given."""
    return tuple(
        Wanted(
            variable=variable,
            name=use.name,
            client=order.client,
            timeout=order.timeout,
            require=order.require,
        )
        for use, variable in zip(order.uses, variables, strict=True)
    )


def _say_what_it_hides(old: Any, name: str) -> None:
    if old is None or wanted_by(old) is not None:
        return
    print(  # noqa: T201 - a notice for people
        f"Note: {name} was something else ({type(old).__name__}), and is the function now. "
        "Give the function another name to keep it"
    )
