"""What IPython adds to Python, rewritten as calls: for reading a cell, never to run it."""

import ast
import re
import textwrap
from typing import Final

#: ``%conn run x``, ``!ls``, ``?``; an assignment may stand before the first two.
_SPOKEN: Final = re.compile(
    r"^(?P<before>[\w.,\s\[\]*'\"]*=\s*|\s*)(?P<mark>%%?|!!?)(?P<rest>.*)$"
)
_ASKED: Final = re.compile(r"^\s*(\?{1,2}\S.*|[\w.*%]+\?{1,2})\s*$")
_ONLY_READ: Final = ast.PyCF_ONLY_AST
#: More lines than anybody writes are no longer looked at one by one.
_MOST_ROUNDS: Final = 200


def in_plain_python(source: str) -> str:
    """Return a cell's text as Python.

    A line is rewritten only where Python says that it cannot read it: ``% b`` may also
    continue a calculation, and ``%`` stand in a text.

    Args:
        source: The text below a cell magic.
    """
    lines = textwrap.dedent(source).split("\n")
    for _ in range(_MOST_ROUNDS):
        number = _stumbling_at(lines)
        if number is None or not _rewrite(lines, number):
            break
    return "\n".join(lines)


def _stumbling_at(lines: list[str]) -> int | None:
    """Return the line that Python cannot read, None where it reads all."""
    try:
        compile("\n".join(lines), "<cell>", "exec", flags=_ONLY_READ, dont_inherit=True)
    except SyntaxError as error:
        return (error.lineno or 0) - 1
    return None


def _rewrite(lines: list[str], number: int) -> bool:
    """Rewrite a line, or what it continues; tell whether it was IPython's."""
    if not 0 <= number < len(lines):
        return False
    line = lines[number]
    if _ASKED.match(line):
        lines[number] = _indent_of(line) + "pass"
        return True
    found = _SPOKEN.match(line)
    if found is None:
        return False
    end = number
    text = found["rest"]
    while text.endswith("\\") and end + 1 < len(lines):
        end += 1
        text = f"{text[:-1]} {lines[end].strip()}"
    lines[number : end + 1] = [found["before"] + _call(found["mark"], text)] + [""] * (
        end - number
    )
    return True


def _call(mark: str, text: str) -> str:
    if mark.startswith("!"):
        return f"get_ipython().system({text!r})"
    name, _, rest = text.strip().partition(" ")
    return f"get_ipython().run_line_magic({name!r}, {rest.strip()!r})"


def _indent_of(line: str) -> str:
    return line[: len(line) - len(line.lstrip())]
