"""The functions of a notebook as a list: what they ask for, what they use."""

import inspect
from collections.abc import Mapping
from typing import Any

from .._blocks import Cell, Note, Sentence, Table
from .._views import ListView, page_of
from ._asked import asked_by
from ._uses import wanted_by

_HEADS = ("Function", "Parameters", "Connections")


def list_of(functions: Mapping[str, Any], *, where: str) -> ListView[Any]:
    """List functions.

    Args:
        functions: Those that use connections, by name.
        where: Where they are.
    """
    items = list(functions.values())
    data = page_of(list(functions.items()), write=lambda pair: facts_of(*pair))
    if not items:
        return ListView(
            (),
            Sentence(f"There is no function that uses connections in {where}"),
            Note("Begin a cell with %%connection NAME --function FNAME"),
            data=data,
        )
    rows = tuple(_row(name, each) for name, each in functions.items())
    table = Table(_HEADS, rows, elastic="Parameters", droppable=())
    return ListView(items, table, data=data)


def facts_of(name: str, function: Any) -> dict[str, Any]:
    """Return a function as JSON."""
    asked = {each.name: each for each in asked_by(function)}
    return {
        "name": name,
        "doc": _summary(function),
        "async": inspect.iscoroutinefunction(function),
        "parameters": [
            {
                "name": each.name,
                "kind": asked[each.name].kind if each.name in asked else "kept",
                "required": each.default is each.empty,
                "default": None if each.default is each.empty else repr(each.default),
            }
            for each in inspect.signature(function).parameters.values()
        ],
        "connections": [
            {"name": each.name, "variable": each.variable, "client": each.client}
            for each in wanted_by(function) or ()
        ],
    }


def _row(name: str, function: Any) -> tuple[Cell, ...]:
    shown = [_parameter(p) for p in inspect.signature(function).parameters.values()]
    used = [each.name for each in wanted_by(function) or ()]
    kind = "async " if inspect.iscoroutinefunction(function) else ""
    return (
        Cell(f"{kind}{name}", "code", note=_summary(function)),
        Cell(", ".join(shown) or "none", "code" if shown else "muted"),
        Cell(", ".join(used), "code"),
    )


def _parameter(parameter: inspect.Parameter) -> str:
    if parameter.default is parameter.empty:
        return parameter.name
    return f"{parameter.name}={parameter.default!r}"


def _summary(function: Any) -> str:
    return (inspect.getdoc(function) or "").partition("\n")[0]
