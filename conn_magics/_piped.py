"""Secrets from standard input: a script has them there, and nobody else sees them."""

import json
from typing import TYPE_CHECKING, Final, TextIO

from conn_core.errors import InvalidInput

if TYPE_CHECKING:
    from conn_core import Secret

_LONGEST: Final = 100_000
_HOW: Final = 'Pipe in JSON such as {"api_key": "…"}'


def read_piped(source: TextIO) -> "dict[str, Secret]":
    """Read secrets by name.

    Args:
        source: Where they come from; read to its end.

    Raises:
        InvalidInput: If it is not a JSON object of texts. What was read is not repeated.
    """
    from conn_core import Secret

    try:
        found = json.loads(source.read(_LONGEST), object_pairs_hook=_each_once)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict) or not all(
        isinstance(v, str) for v in found.values()
    ):
        raise InvalidInput("--secret-stdin: what was piped in cannot be read", _HOW)
    return {name: Secret(text) for name, text in found.items()}


def _each_once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    if len({name for name, _ in pairs}) < len(pairs):
        raise ValueError
    return dict(pairs)
