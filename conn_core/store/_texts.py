"""What a column holds that is more than a word: lists, maps, and names to compare."""

import json
import unicodedata
from functools import lru_cache
from typing import Any

#: A few letters become many when they are taken apart.
_LONGEST = 300

Row = Any  # a row of a join: its columns are known by name only


def dump(value: Any) -> str:
    """Write a list or map as the JSON text that a column holds."""
    return json.dumps(value, separators=(",", ":"), sort_keys=True)


@lru_cache(maxsize=4096)
def load_tuple(text: str) -> tuple[str, ...]:
    """Read a column's JSON list; most rows of a long list hold the same few."""
    return tuple(json.loads(text))


def load_map(text: str) -> dict[str, str]:
    """Read a column's JSON map."""
    return dict(json.loads(text)) if text != "{}" else {}


def folded(text: str) -> str:
    """Return a name in the form in which two names are compared."""
    return unicodedata.normalize("NFKC", text).casefold().strip()[:_LONGEST]


def is_nobodys(text: str) -> bool:
    """Tell whether no row can have such a text: a database refuses the question."""
    if text.isascii():
        return "\0" in text
    return any("\ud800" <= c <= "\udfff" or c == "\0" for c in text)
