"""``cm.functions.load``: the functions of another notebook, without running it."""

import ast
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from conn_core.errors import InvalidInput, NotFound
from conn_core.jobs import Use, notebook_and_function

from .._holder import HOLDER
from .._surroundings import running_shell
from .._usage import did_you_mean
from ._cell import function_of
from ._from_cell import wanted_of
from ._reading import Piece, pieces_of
from ._uses import giving, variable_of, wanted_by


class NotebookFunctions(Mapping[str, Any]):
    """The functions of a notebook: ``report.open_issues()``, ``report["open_issues"]``.

    Args:
        path: The notebook.
        functions: Its functions by name.
    """

    def __init__(self, path: Path, functions: Mapping[str, Any]) -> None:
        self._path = path
        self._functions = dict(functions)

    def __getitem__(self, name: str) -> Any:
        if name not in self._functions:
            raise self._unknown(name)
        return self._functions[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._functions)

    def __len__(self) -> int:
        return len(self._functions)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        try:
            return self._functions[name]
        except KeyError:
            raise AttributeError(str(self._unknown(name))) from None

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), *self._functions]

    def __repr__(self) -> str:
        from ._listing import list_of

        return repr(list_of(self._functions, where=f"'{self._path.name}'"))

    def _repr_html_(self) -> str:
        from ._listing import list_of

        return list_of(self._functions, where=f"'{self._path.name}'")._repr_html_()

    def _unknown(self, name: str) -> "NoSuchFunction":
        if not self._functions:
            return NoSuchFunction(
                f"'{self._path.name}' has no function that uses connections",
                "Begin a cell of it with %%connection NAME --function FNAME",
            )
        guess = did_you_mean(name, self._functions)
        return NoSuchFunction(
            f"'{self._path.name}' has no function '{name}'.{guess}",
            f"It has: {', '.join(self._functions)}",
        )


class NoSuchFunction(NotFound, KeyError):
    """A notebook has no function of this name."""

    code = "function_not_found"


def load(source: str | Path) -> Any:
    """Return the functions of a notebook, or one of them.

    Nothing of the notebook runs but what defines: imports, ``def``, ``class`` and
    assignments of literals such as ``LIMIT = 100``. Each call of a function checks its
    connections, as in its own notebook.

    Args:
        source: ``report.ipynb`` for all, ``report.ipynb:open_issues`` for one.

    Raises:
        InvalidInput: If there is no such notebook, or it cannot be read.
        NoSuchFunction: If it has no such function.
    """
    path, name = notebook_and_function(str(source))
    found = NotebookFunctions(path, _functions_of(path))
    return found[name] if name else found


def _functions_of(path: Path) -> dict[str, Any]:
    names: dict[str, Any] = {"__name__": path.stem, "get_ipython": running_shell}
    for piece in pieces_of(path):
        if piece.order is None:
            _run(piece, names)
        else:
            names[str(piece.order.function)] = _cell_function(piece, names)
    return {name: each for name, each in names.items() if wanted_by(each) is not None}


def _run(piece: Piece, names: dict[str, Any]) -> None:
    code = compile(ast.Module(piece.body, []), piece.filename, "exec")
    try:
        exec(code, names)  # noqa: S102 - the person named the notebook; only definitions are left
    except ImportError as error:
        raise InvalidInput(
            f"Cell {piece.cell} imports what is not here ({error})",
            f"Run %pip install {error.name}" if error.name else "",
        ) from error


def _cell_function(piece: Piece, names: dict[str, Any]) -> Any:
    order = piece.order
    assert order is not None  # noqa: S101 - asked for by the caller
    variables = [use.variable or _variable_of(use) for use in order.uses]
    function = function_of(
        piece.body,
        name=str(order.function),
        clients=tuple(variables),
        filename=piece.filename,
        names=names,
    )
    return giving(function, wanted_of(order, variables))


def _variable_of(use: Use) -> str:
    """Return the variable of a connection, which may be called by its display name."""
    if use.name.islower() and " " not in use.name:
        return variable_of(use.name)
    return variable_of(HOLDER.broker.connection(use.name).link_name)
