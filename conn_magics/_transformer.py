"""Rewrite the first line of a ``%%connection`` cell; the body stays an ordinary cell.

A cell magic that ran the body itself would break ``await``, double tracebacks and
could swallow failures. With one line replaced by one line, the rest is run by IPython
as it runs any cell, and line numbers stay.
"""

import re

_FIRST_LINE = re.compile(r"%%connection(?![\w?])(.*)", re.DOTALL)


def rewrite_first_line(lines: list[str]) -> list[str]:
    """Replace ``%%connection …`` by the call that opens the connections.

    Args:
        lines: The cell's lines with their ends, as IPython passes them.

    Returns:
        The same number of lines. Nothing of the line is evaluated or expanded: it
        travels as one string literal.
    """
    found = _FIRST_LINE.fullmatch(lines[0]) if lines else None
    if found is None:
        return lines
    call = f"__import__('conn_magics').open_cell({found[1].strip()!r})"
    if not "".join(lines[1:]).strip():
        # nothing to run: the call says in words that the connection is ready
        call = call[:-1] + ", alone=True)"
    return [call + "\n", *_inner_magic(lines[1:])]


# IPython asks "is this cell complete?" without running transformers that say so:
# a terminal then waits for the body, as after any cell magic.
rewrite_first_line.has_side_effects = True  # type: ignore[attr-defined]  # IPython's own mark


def _inner_magic(body: list[str]) -> list[str]:
    """Let ``%%time`` and other cell magics stand on the second line."""
    from IPython.core.inputtransformer2 import cell_magic

    return list(cell_magic(body)) if body else []
