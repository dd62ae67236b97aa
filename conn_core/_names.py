"""Names: what people type, made into what code writes."""

import difflib
import keyword
import re
import unicodedata
from collections.abc import Iterable

LINK_NAME = re.compile(r"[a-z][a-z0-9_-]{0,62}")
_RESERVED = frozenset({"new", "list", "con", "aux", "nul", "prn", "all"})


def link_name_from(name: str) -> str:
    """Derive a link name from a display name.

    Args:
        name: What a person typed, in any script.

    Returns:
        A link name (``Finance Sheet`` gives ``finance-sheet``), or an empty text
        when nothing of the name can be kept.
    """
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    dashed = re.sub(r"[^a-z0-9_]+", "-", plain.lower())
    return dashed.lstrip("0123456789-_")[:63].strip("-_")


def is_link_name(text: str) -> bool:
    """Tell whether ``text`` can be a link name."""
    return LINK_NAME.fullmatch(text) is not None and text not in _RESERVED


def identifier_from(link_name: str) -> str:
    """Return the Python variable that a link name is bound to."""
    identifier = link_name.replace("-", "_")
    return f"{identifier}_" if keyword.iskeyword(identifier) else identifier


def closest(text: str, known: Iterable[str]) -> str | None:
    """Return the known name most like ``text``, if any is like it."""
    return next(iter(difflib.get_close_matches(text, list(known), n=1)), None)
