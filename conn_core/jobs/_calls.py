"""The calls of a cell that use connections: ``cm.connect``, ``@cm.uses``, ``cm.tasks``.

And those that bring functions of another notebook: ``cm.functions.load``, ``%conn run``.
"""

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from .._job_values import Need
from .._tasks import TASKS

_ROOT: Final = "conn_magics"
#: Functions whose first argument is a connection.
_TAKES_NAME: Final = frozenset({"connect", "get"})


@dataclass(slots=True)
class Calls:
    """What one cell uses, and where only a run can tell.

    Attributes:
        needs: Connections and tasks.
        undecided: Calls whose connection a variable names.
        loads: ``NOTEBOOK`` or ``NOTEBOOK:FUNCTION``, as it stands there.
    """

    needs: list[Need] = field(default_factory=list)
    undecided: list[str] = field(default_factory=list)
    loads: list[str] = field(default_factory=list)


class Reader:
    """Reads cells in the light of what the whole notebook imports."""

    def __init__(self) -> None:
        self._names: dict[str, str] = {}

    def learn_names(self, tree: ast.AST) -> None:
        """Learn what a cell calls our package and its parts."""
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                for alias in node.names:
                    if alias.name.split(".")[0] == _ROOT:
                        whole = alias.name if alias.asname else _ROOT
                        self._names[alias.asname or _ROOT] = whole
            elif isinstance(node, ast.ImportFrom) and _is_ours(node.module):
                for alias in node.names:
                    path = f"{node.module}.{alias.name}"
                    self._names[alias.asname or alias.name] = path

    def calls(self, tree: ast.AST) -> Calls:
        """Return what a cell uses."""
        found = Calls()
        for node in ast.walk(tree):
            if isinstance(node, ast.Call):
                self._read(node, found)
        return found

    def _read(self, call: ast.Call, found: Calls) -> None:
        match self._path_of(call.func).split("."):
            case [root, function] if root == _ROOT and function in _TAKES_NAME:
                self._note(call, _first(call, "name"), _scopes(call), found)
            case [root, "uses"] if root == _ROOT:
                for each in (*call.args, *_injected(call)):
                    self._note(call, each, (), found)
            case [root, "tasks", service, function] if root == _ROOT:
                self._note_task(call, f"{service}.{function}", found)
            case [root, "functions", "load"] if root == _ROOT:
                _note_load(call, _first(call, "source"), found)
            case [""]:
                found.loads += _run_by_magic(call)

    def _note(
        self,
        call: ast.Call,
        name: ast.expr | None,
        scopes: tuple[str, ...],
        found: Calls,
    ) -> None:
        text = _constant(name)
        if text is not None:
            found.needs.append(Need(name=text, scopes=scopes))
        elif name is not None:
            found.undecided.append(f"{_shown(call)} uses {_shown(name)}")

    def _note_task(self, call: ast.Call, task: str, found: Calls) -> None:
        if task not in TASKS:
            return
        named = _keyword(call, "connection")
        if named is None or (isinstance(named, ast.Constant) and named.value is None):
            needs = TASKS[task]
            found.needs.append(Need(name="", scopes=needs.scopes, task=task))
        else:
            self._note(call, named, TASKS[task].scopes, found)

    def _path_of(self, function: ast.expr) -> str:
        """Return the full name of what is called, such as ``conn_magics.connect``."""
        parts: list[str] = []
        while isinstance(function, ast.Attribute):
            parts.append(function.attr)
            function = function.value
        if not isinstance(function, ast.Name):
            return ""
        parts.append(self._names.get(function.id, ""))
        return ".".join(reversed(parts))


def _note_load(call: ast.Call, source: ast.expr | None, found: Calls) -> None:
    text = _constant(source)
    if text is not None:
        found.loads.append(text)
    elif source is not None:
        found.undecided.append(f"{_shown(call)} loads {_shown(source)}")


def _run_by_magic(call: ast.Call) -> list[str]:
    """Return what ``%conn run NOTEBOOK:FUNCTION`` runs; one of this notebook has no colon."""
    match call:
        case ast.Call(
            func=ast.Attribute(attr="run_line_magic"),
            args=[ast.Constant(value="conn"), ast.Constant(value=str(line)), *_],
        ):
            words = line.split()
            return [w for w in words[1:2] if words[0] == "run" and ":" in w]
    return []


def _is_ours(module: str | None) -> bool:
    return (module or "").split(".")[0] == _ROOT


def _first(call: ast.Call, keyword: str) -> ast.expr | None:
    return call.args[0] if call.args else _keyword(call, keyword)


def _keyword(call: ast.Call, name: str) -> ast.expr | None:
    return next((k.value for k in call.keywords if k.arg == name), None)


def _injected(call: ast.Call) -> Iterator[ast.expr]:
    """Return the connections that ``uses(variable="name")`` names."""
    for keyword in call.keywords:
        if keyword.arg not in {"client", "timeout", "require"}:
            yield keyword.value


def _scopes(call: ast.Call) -> tuple[str, ...]:
    listed = _keyword(call, "require")
    if not isinstance(listed, ast.List | ast.Tuple | ast.Set):
        return ()
    texts = (_constant(element) for element in listed.elts)
    return tuple(text for text in texts if text is not None)


def _constant(node: ast.expr | None) -> str | None:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    return None


def _shown(node: ast.AST) -> str:
    text = ast.unparse(node)
    return text if len(text) <= 60 else f"{text[:59]}…"
