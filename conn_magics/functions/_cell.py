"""A cell's body becomes a function: work on its tree, no pasting of text."""

import ast
import inspect
from collections.abc import Callable, Mapping
from types import FunctionType
from typing import Any, Final

from .._usage import UsageError
from ._head import Head, default_of, head_of

#: In the place of a parameter that was not given; a literal, so that it needs no name.
_NOT_GIVEN: Final = ...
_OPENS: Final = "open_cell"


def body_of(source: str) -> list[ast.stmt]:
    """Return the statements of a cell below its ``%%connection`` line.

    Args:
        source: The cell as IPython runs it.
    """
    return [each for each in ast.parse(source).body if not _is_the_line(each)]


def function_of(
    body: list[ast.stmt],
    *,
    name: str,
    clients: tuple[str, ...],
    filename: str,
    names: dict[str, Any],
) -> Callable[..., Any]:
    """Make a function of a cell's body.

    Args:
        body: The statements.
        name: What it is called.
        clients: Variables that each call is given.
        filename: Where the statements come from; tracebacks show those lines.
        names: The variables it sees, besides its own.

    Returns:
        A function that takes the clients and the parameters by name. It is a coroutine
        function where the body awaits. ``__head__`` is the top of the cell.

    Raises:
        UsageError: If the body cannot be a function.
    """
    _refuse_what_is_no_body(body, name)
    head = head_of(body, clients=clients)
    made: dict[str, Any] = {}
    try:
        definition = _definition(body, name=name, clients=clients, head=head)
        module = ast.fix_missing_locations(ast.Module([definition], []))
        code = compile(module, filename, "exec", dont_inherit=True)
    except SyntaxError as error:
        where = f", line {error.lineno}" if error.lineno else ""
        raise UsageError(
            f"The body cannot be the function '{name}'{where}: {error.msg}"
        ) from None
    exec(code, names, made)  # noqa: S102 - it only defines what the person has written
    return _described(made[name], head=head, clients=clients)


def _definition(
    body: list[ast.stmt], *, name: str, clients: tuple[str, ...], head: Head
) -> ast.stmt:
    words = (*clients, *head.parameters)
    given: list[ast.expr | None] = [None for _ in clients]
    given += [ast.Constant(_NOT_GIVEN) for _ in head.parameters]
    arguments = ast.arguments(
        posonlyargs=[],
        args=[],
        kwonlyargs=[ast.arg(word) for word in words],
        kw_defaults=given,
        defaults=[],
    )
    kind = ast.AsyncFunctionDef if _awaits(body) else ast.FunctionDef
    definition = kind(
        name=name, args=arguments, body=_statements(body, head), decorator_list=[]
    )
    if "type_params" in kind._fields:  # pragma: no cover - from Python 3.12 on
        setattr(definition, "type_params", [])  # noqa: B010 - older Pythons do not know it
    ast.copy_location(definition, body[0])
    definition.lineno = 1  # of the cell, where tracebacks begin to count
    return definition


def _statements(body: list[ast.stmt], head: Head) -> list[ast.stmt]:
    optional = {id(each) for each in head.parameters.values()}
    *before, last = (
        _unless_given(each) if id(each) in optional else each for each in body
    )
    if isinstance(last, ast.Expr):
        last = ast.copy_location(ast.Return(last.value), last)
    return [*before, last]


def _unless_given(statement: ast.stmt) -> ast.stmt:
    """Write ``if name is ...: name = default``: each call works a default out anew."""
    match statement:
        case (
            ast.Assign(targets=[ast.Name(id=name)])
            | ast.AnnAssign(target=ast.Name(id=name))
        ):
            pass
    asks = ast.Compare(
        ast.Name(name, ast.Load()), [ast.Is()], [ast.Constant(_NOT_GIVEN)]
    )
    return ast.copy_location(ast.If(asks, [statement], []), statement)


def _awaits(body: list[ast.stmt]) -> bool:
    flags = ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
    code = compile(ast.Module(body, []), "<cell>", "exec", flags, dont_inherit=True)
    return bool(code.co_flags & inspect.CO_COROUTINE)


def _described(
    function: FunctionType, *, head: Head, clients: tuple[str, ...]
) -> FunctionType:
    words = [
        inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default)
        for name, default in (
            *((client, inspect.Parameter.empty) for client in clients),
            *((n, default_of(statement)) for n, statement in head.parameters.items()),
        )
    ]
    function.__doc__ = inspect.cleandoc(head.doc) if head.doc else None
    function.__signature__ = inspect.Signature(words)  # type: ignore[attr-defined]  # inspect reads it
    function.__head__ = head  # type: ignore[attr-defined]  # ours
    # There is no "def" in the cell: tracebacks would look for it, and show another line.
    function.__code__ = function.__code__.replace(co_name="<module>")
    return function


def _is_the_line(statement: ast.stmt) -> bool:
    match statement:
        case ast.Expr(value=ast.Call(func=ast.Attribute(attr=attribute))):
            return attribute == _OPENS and statement.lineno == 1
    return False


def _refuse_what_is_no_body(body: list[ast.stmt], name: str) -> None:
    if not body:
        raise UsageError(
            f"'--function {name}' names what stands below the first line, and there is nothing"
        )
    match body[0]:
        case ast.Expr(value=ast.Call(func=ast.Attribute(attr="run_cell_magic"))):
            raise UsageError(
                f"'--function {name}' takes Python, and the body is another cell magic. "
                "Remove it, or use the line magic of that name"
            )


def head_of_function(function: Any) -> Head | None:
    """Return the top of the cell that a function was made of, None for others."""
    found = getattr(inspect.unwrap(function), "__head__", None)
    return found if isinstance(found, Head) else None


def variables_of(function: Any) -> Mapping[str, Any]:
    """Return the variables that a function sees, besides its own."""
    found: Mapping[str, Any] = getattr(inspect.unwrap(function), "__globals__", {})
    return found
