"""Where the markup that a package shows comes from, read in its source.

What reaches ``HTML()`` or an ``HTML`` widget's ``value`` must be a literal, or come from
the module whose functions escape whatever they are given. Names, parameters and
functions in between are followed.
"""

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

Function = ast.FunctionDef | ast.AsyncFunctionDef
_TOO_DEEP = 12


@dataclass
class Source:
    """Some modules, and which of them write markup.

    Attributes:
        modules: Their syntax trees, by name.
        helpers: The name by which the escaping module is called.
    """

    modules: dict[str, ast.Module]
    helpers: str = "_html"
    functions: dict[str, list[Function]] = field(default_factory=dict)
    calls: dict[str, list[tuple[ast.Call, Function]]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for tree in self.modules.values():
            for function in _functions(tree):
                self.functions.setdefault(function.name, []).append(function)
                for node in ast.walk(function):
                    if isinstance(node, ast.Call):
                        name = _last_name(node.func)
                        self.calls.setdefault(name, []).append((node, function))

    @classmethod
    def of(cls, folder: Path) -> "Source":
        """Read all modules of a folder but the escaping one."""
        files = sorted(folder.rglob("*.py"))
        return cls(
            {f.stem: ast.parse(f.read_text()) for f in files if f.stem != "_html"}
        )

    def foreign_markup(self) -> list[str]:
        """Return which values of HTML widgets come from elsewhere."""
        return [
            f"{name}:{value.lineno}: {ast.unparse(value)}"
            for name, tree in self.modules.items()
            for function in _functions(tree)
            for value in _shown_in(function, _html_widgets(tree))
            if not self._is_ours(value, function)
        ]

    def _is_ours(self, value: ast.expr, where: Function, depth: int = 0) -> bool:
        if depth > _TOO_DEEP:
            return False

        def ours(part: ast.expr) -> bool:
            return self._is_ours(part, where, depth + 1)

        if isinstance(value, ast.Call):
            return self._call_is_ours(value, depth)
        if isinstance(value, ast.Name):
            return self._name_is_ours(value.id, where, depth)
        parts = _parts(value)
        return parts is not None and all(map(ours, parts))

    def _call_is_ours(self, call: ast.Call, depth: int) -> bool:
        if isinstance(call.func, ast.Attribute) and (
            ast.unparse(call.func.value) == self.helpers
        ):
            return True
        found = self.functions.get(_last_name(call.func), [])
        return bool(found) and all(
            self._is_ours(result, function, depth + 1)
            for function in found
            for result in _results(function)
        )

    def _name_is_ours(self, name: str, where: Function, depth: int) -> bool:
        values = list(_values_of(name, where))
        if name in _parameters(where):
            passed = list(self._passed(name, where))
            return bool(passed) and all(
                self._is_ours(value, caller, depth + 1) for value, caller in passed
            )
        return bool(values) and all(
            self._is_ours(value, where, depth + 1) for value in values
        )

    def _passed(
        self, name: str, function: Function
    ) -> Iterator[tuple[ast.expr, Function]]:
        """Return what callers give for a parameter."""
        place = [p for p in _parameters(function) if p != "self"].index(name)
        for call, caller in self.calls.get(function.name, []):
            named = {k.arg: k.value for k in call.keywords}
            if name in named:
                yield named[name], caller
            elif place < len(call.args):
                yield call.args[place], caller


def _parts(value: ast.expr) -> list[ast.expr] | None:
    """Return of what a text is put together; None where nobody can tell."""
    match value:
        case ast.Constant():
            return []
        case ast.IfExp():
            return [value.body, value.orelse]
        case ast.BinOp(op=ast.Add()):
            return [value.left, value.right]
        case ast.BoolOp(values=parts) | ast.List(elts=parts) | ast.Tuple(elts=parts):
            return parts
        case ast.JoinedStr(values=parts):
            return [p.value for p in parts if isinstance(p, ast.FormattedValue)]
    return None


def _functions(tree: ast.AST) -> Iterator[Function]:
    return (n for n in ast.walk(tree) if isinstance(n, Function))


def _last_name(node: ast.expr) -> str:
    return ast.unparse(node).rpartition(".")[2]


def _is_html(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and _last_name(node.func) == "HTML"


def _html_widgets(tree: ast.AST) -> set[str]:
    """Return the names that HTML widgets are given in a module."""
    return {
        ast.unparse(target)
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign) and _is_html(node.value)
        for target in node.targets
    }


def _shown_in(function: Function, widgets: set[str]) -> Iterator[ast.expr]:
    for node in ast.walk(function):
        if isinstance(node, ast.Call) and _is_html(node):
            yield from node.args[:1]
            yield from (k.value for k in node.keywords if k.arg == "value")
        elif isinstance(node, ast.Assign):
            for target in node.targets:
                is_value = isinstance(target, ast.Attribute) and target.attr == "value"
                if is_value and ast.unparse(target.value) in widgets:
                    yield node.value


def _parameters(function: Function) -> list[str]:
    arguments = function.args
    return [a.arg for a in (*arguments.args, *arguments.kwonlyargs)]


def _results(function: Function) -> Iterable[ast.expr]:
    for node in ast.walk(function):
        if isinstance(node, ast.Return | ast.Yield) and node.value is not None:
            yield node.value


def _values_of(name: str, function: Function) -> Iterator[ast.expr]:
    """Return what a name is given within a function."""
    for node in ast.walk(function):
        if isinstance(node, ast.Assign):
            for target in node.targets:
                yield from _given(name, target, node.value)
        elif isinstance(node, ast.comprehension | ast.For):
            yield from _given(name, node.target, node.iter)


def _given(name: str, target: ast.expr, value: ast.expr) -> Iterator[ast.expr]:
    if isinstance(target, ast.Name) and target.id == name:
        yield value
    elif isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple):
        for one, part in zip(target.elts, value.elts, strict=True):
            yield from _given(name, one, part)
