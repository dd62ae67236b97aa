"""Parameters that look as if they held a secret: a job's are stored and shown in clear."""

import ast
import re
from collections.abc import Iterator
from typing import Final

from .._names import looks_like_a_secret

_NAMED: Final = re.compile(
    r"(?i)(^|_)(secret|passw(or)?d|passphrase|token|api_?key|access_?key|credentials?|bearer)($|_)"
)
#: How well-known keys begin, whatever they are called.
_WRITTEN: Final = re.compile(
    r"(gh[pousr]_|github_pat_|glpat-|xox[abeprs]-|sk-|sk_live_|rk_live_|AKIA|ASIA|AIza|ya29\.|eyJ[\w-]+\.)[\w.-]{8,}"
)


def secret_looking(tree: ast.Module) -> Iterator[str]:
    """Yield the names of a cell's assignments that look like secrets.

    Args:
        tree: The cell tagged ``parameters``.
    """
    for statement in tree.body:
        match statement:
            case ast.Assign(
                targets=[ast.Name(id=name)], value=ast.Constant(value=value)
            ):
                pass
            case ast.AnnAssign(
                target=ast.Name(id=name), value=ast.Constant(value=value)
            ):
                pass
            case _:
                continue
        if looks_secret(name, value):
            yield name


def looks_secret(name: str, value: object) -> bool:
    """Tell whether a parameter looks like a secret; an empty one is only a place for it."""
    if not isinstance(value, str) or not value:
        return False
    return bool(
        _NAMED.search(name) or _WRITTEN.match(value) or looks_like_a_secret(value)
    )
