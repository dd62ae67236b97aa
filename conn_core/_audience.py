"""Who may use a connection: as people say it, and as they type it."""

from collections.abc import Sequence
from typing import Final

#: What people type for everybody and for nobody else.
EVERYBODY: Final = "everybody"
NOBODY: Final = "nobody"
_GROUP: Final = "group:"
_USER: Final = "user:"


def principals_in(text: str) -> list[str]:
    """Return whom somebody typed: names with commas, ``group:NAME`` for a group.

    Args:
        text: Such as ``grace, group:finance``; ``everybody`` is everybody here,
            ``nobody`` nobody else.
    """
    return [
        principal for word in text.split(",") if (principal := _principal(word.strip()))
    ]


def _principal(word: str) -> str:
    if word in {EVERYBODY, "*"}:
        return "*"
    if word in {NOBODY, ""}:
        return ""
    return word if word.startswith((_GROUP, _USER)) else f"{_USER}{word}"


def typed_principals(principals: Sequence[str]) -> str:
    """Return principals as people type them in a field."""
    words = (EVERYBODY if p == "*" else p.removeprefix(_USER) for p in principals)
    return ", ".join(words)


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
