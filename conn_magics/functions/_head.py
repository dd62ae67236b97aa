"""The top of a cell: the assignments that are its function's parameters."""

import ast
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

#: What the field of a button may call: it makes a value and does nothing else.
_HARMLESS: Final = frozenset(
    {
        "Decimal",
        "Path",
        "combine",
        "date",
        "datetime",
        "float",
        "fromisoformat",
        "int",
        "isoformat",
        "now",
        "replace",
        "str",
        "strftime",
        "time",
        "timedelta",
        "today",
    }
)
_ENDS_HEAD: Final = (ast.Await, ast.NamedExpr, ast.Yield, ast.YieldFrom)


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """What stands at the top of a cell.

    Attributes:
        doc: Its first statement, if that is a text and more follows.
        imports: Imports; they may stand among the parameters.
        parameters: The assignments, by name.
    """

    doc: str = ""
    imports: tuple[ast.stmt, ...] = ()
    parameters: Mapping[str, ast.Assign | ast.AnnAssign]

    def known(self, names: Mapping[str, Any]) -> dict[str, Any]:
        """Work out the defaults that can be shown without doing anything else.

        What calls something may cost time or change the world: it stays out, and so
        does what fails.

        Args:
            names: The variables of the notebook.

        Returns:
            The values by name, and what is annotated in ``__annotations__``.
        """
        scope: dict[str, Any] = {**names, "__annotations__": {}}
        found: dict[str, Any] = {}
        for statement in self.imports:
            _run(statement, scope)
        for name, statement in self.parameters.items():
            scope.pop(name, None)
            if _is_harmless(statement) and _run(statement, scope):
                found[name] = scope[name]
        return found | {"__annotations__": scope["__annotations__"]}


class Written:
    """A default as the cell writes it; every call works it out anew.

    Args:
        source: The expression.
    """

    def __init__(self, source: str) -> None:
        self.source = source

    def __repr__(self) -> str:
        return self.source


def head_of(body: list[ast.stmt], *, clients: Iterable[str]) -> Head:
    """Read the top of a cell.

    Args:
        body: The cell's statements.
        clients: Variables that hold clients: what uses one is no parameter.
    """
    taken = set(clients)
    doc = _doc_of(body)
    imports: list[ast.stmt] = []
    parameters: dict[str, ast.Assign | ast.AnnAssign] = {}
    for statement in body[1:] if doc else body:
        if isinstance(statement, ast.Import | ast.ImportFrom):
            imports.append(statement)
            continue
        name = _assigned(statement)
        if name is None or name in parameters or name in taken:
            break
        if not _may_be_default(statement, taken):
            break
        parameters[name] = statement  # type: ignore[assignment]  # it assigns
    return Head(doc=doc, imports=tuple(imports), parameters=parameters)


def default_of(statement: ast.Assign | ast.AnnAssign) -> Any:
    """Return the default as ``inspect.signature`` shows it."""
    assert statement.value is not None  # noqa: S101 - only what assigns is a parameter
    try:
        return ast.literal_eval(statement.value)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return Written(ast.unparse(statement.value))


def _doc_of(body: list[ast.stmt]) -> str:
    match body:
        case [ast.Expr(value=ast.Constant(value=str(text))), _, *_]:
            return text
    return ""


def _assigned(statement: ast.stmt) -> str | None:
    match statement:
        case ast.Assign(targets=[ast.Name(id=name)]):
            return name
        case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr()):
            return name
    return None


def _may_be_default(statement: ast.stmt, clients: set[str]) -> bool:
    for node in ast.walk(statement):
        if isinstance(node, _ENDS_HEAD):
            return False
        if isinstance(node, ast.Name) and node.id in clients:
            return False
    return True


def _is_harmless(statement: ast.Assign | ast.AnnAssign) -> bool:
    return all(name in _HARMLESS for name in _called_in(statement))


def _called_in(statement: ast.stmt) -> Iterator[str]:
    for node in ast.walk(statement):
        if isinstance(node, ast.Call):
            match node.func:
                case ast.Name(id=name) | ast.Attribute(attr=name):
                    yield name
                case _:
                    yield ""


def _run(statement: ast.stmt, scope: dict[str, Any]) -> bool:
    module = ast.Module([statement], [])
    try:
        exec(compile(module, "<default>", "exec"), scope)  # noqa: S102 - the cell's own first lines
    except Exception:  # noqa: BLE001 - the call will say it; a field is not the place
        return False
    return True
