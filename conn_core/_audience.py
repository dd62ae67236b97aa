"""Who may use a connection: as people say it, and as they type it."""

import re
from collections.abc import Sequence
from typing import Final

from ._names import has_invisible

#: What people type for everybody and for nobody else.
EVERYBODY: Final = "everybody"
NOBODY: Final = "nobody"
_GROUP: Final = "group:"
_USER: Final = "user:"
_QUOTE: Final = '"'
#: Up to the next comma that stands in no quotation marks.
_TYPED: Final = re.compile(r'(?:"[^"]*"|[^,])+')


def principals_in(text: str) -> list[str]:
    """Return whom somebody typed: names with commas, ``group:NAME`` for a group.

    Args:
        text: Such as ``grace, group:Data team``; ``everybody`` is everybody here,
            ``nobody`` nobody else. A name with a comma stands in quotation marks:
            ``group:"Sales, EMEA"``.
    """
    words = (_unquoted(word.strip()).strip() for word in _TYPED.findall(text))
    return [principal for word in words if (principal := _principal(word))]


def _unquoted(word: str) -> str:
    """Return a word without the quotation marks that come in pairs; no name has one."""
    return re.sub(r'"([^"]*)"', r"\1", word)


def plain_principal(text: str) -> str:
    """Return a principal if its name can be read, and typed.

    Raises:
        ValueError: If people could not tell it from another.
    """
    name = text.removeprefix(_GROUP).removeprefix(_USER)
    others = (c for c in name if c.isspace() and c != " ")
    if _QUOTE in name or has_invisible(name) or any(others):
        msg = (
            "must be a name of visible characters and single blanks, without "
            "quotation marks"
        )
        raise ValueError(msg)
    if name != " ".join(name.split()):
        msg = "must neither begin nor end with a blank, nor have two in a row"
        raise ValueError(msg)
    return text


def _principal(word: str) -> str:
    if word in {EVERYBODY, "*"}:
        return "*"
    if word in {NOBODY, ""}:
        return ""
    return word if word.startswith((_GROUP, _USER)) else f"{_USER}{word}"


def typed_principals(principals: Sequence[str]) -> str:
    """Return principals as people type them in a field."""
    return ", ".join(map(_typed, principals))


def _typed(principal: str) -> str:
    if principal == "*":
        return EVERYBODY
    word = principal.removeprefix(_USER)
    return f'"{word}"' if "," in word else word


def is_among(shared_with: Sequence[str], person: str) -> bool:
    """Tell whether somebody may be among these; who is in a group is not known here."""
    return any(
        principal in {"*", f"{_USER}{person}"} or principal.startswith(_GROUP)
        for principal in shared_with
    )


def named(principal: str) -> str:
    """Return a person or a group as a sentence names them."""
    if principal.startswith(_GROUP):
        return f"the group {principal.removeprefix(_GROUP)}"
    return principal.removeprefix(_USER)


def audience(shared_with: Sequence[str], *, owner: str) -> str:
    """Say who may use a connection.

    Args:
        shared_with: Its principals.
        owner: Its owner, as the sentence names them.
    """
    if "*" in shared_with:
        return "everybody here"
    *first, last = [owner, *map(named, shared_with)]
    return f"{', '.join(first)} and {last}" if first else last
