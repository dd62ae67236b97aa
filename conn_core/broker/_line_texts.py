"""The texts of an audit line: printable, short, and without what an address names."""

import hashlib
import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

from ..store import audit_rows

#: Numbers, UUIDs, and whatever else is long and looks like no word.
_ID: Final = re.compile(
    r"\d+"
    r"|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"
    r"|(?=.*\d)[\w~.=:%+@-]{16,}"
    r"|[\w~.=:%+@-]{33,}",
    re.IGNORECASE,
)
_NUMBERS: Final = frozenset({"number", "at", "status", "bytes", "milliseconds"})
_MARK: Final = 16
#: How a sentence ends that has marks: nobody reads them, see ``_marks``.
_MARKED: Final = re.compile(r" ?⟦([0-9a-f ]+)⟧$")
#: So long the sentence before them may be; all of them have to fit in.
_BEFORE_MARKS: Final = 400


def as_columns(line: Mapping[str, Any]) -> dict[str, Any]:
    """Return a line as its columns hold it: every text printable and of its length."""
    told: dict[str, Any] = {}
    for name in audit_rows.SAID:
        value = line.get(name)
        if name in _NUMBERS or (value is None and name == "connection_id"):
            told[name] = value
        else:
            told[name] = as_text(str(value or ""), audit_rows.longest(name))
    return told


def as_text(text: str, most: int) -> str:
    """Return a text in one line of at most so many characters.

    What cannot be printed is written as its number, so that no text ends a line or
    turns one around; what is cut off leaves a mark by which two texts can be told
    apart.
    """
    plain = "".join(c if c.isprintable() else _escaped(c) for c in text[: 2 * most])
    if len(plain) <= most and len(text) <= 2 * most:
        return plain
    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
    return f"{plain[: most - _MARK - 2]}…#{digest[:_MARK]}"


def _escaped(character: str) -> str:
    number = ord(character)
    return f"\\u{number:04x}" if number < 0x10000 else f"\\U{number:08x}"


def marked(marks: Iterable[str]) -> str:
    """Return marks as a line's sentence ends with them."""
    return f" ⟦{' '.join(marks)}⟧"


def with_marks(sentence: str, marks: str) -> str:
    """Return what a line says, with the marks of what came."""
    return f"{sentence[:_BEFORE_MARKS]}{marks}".strip() if marks else sentence


def without_marks(sentence: str) -> str:
    """Return what a line says to people."""
    return _MARKED.sub("", sentence)


def marks_in(sentence: str) -> list[str]:
    """Return the marks that a line's sentence ends with."""
    found = _MARKED.search(sentence)
    return found[1].split() if found else []


def path_template(path: str) -> str:
    """Return a path without its query; numbers, UUIDs and long ids become ``{}``."""
    plain = path.partition("?")[0].partition("#")[0]
    return "/".join("{}" if _ID.fullmatch(p) else p for p in plain.split("/"))
