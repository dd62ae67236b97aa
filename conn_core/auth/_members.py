"""From the bytes of an answer to its members."""

import codecs
import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from urllib.parse import parse_qsl

_MOST_DIGITS = 40
#: Other charsets are read as UTF-8.
_CHARSETS = frozenset({"utf-16", "utf-16-le", "utf-16-be", "iso8859-1", "cp1252"})


def members_of(
    content_type: str, body: bytes, *, always_form: bool = False
) -> dict[str, Any]:
    """Return the members of an answer; none when it has no members.

    One with a member twice, or with a number of a size that nobody means, has none.
    """
    text = _text(content_type, body)
    try:
        if text.startswith("{"):
            found: dict[str, Any] = json.loads(
                text, object_pairs_hook=_no_duplicates, parse_int=_whole_number
            )
            return found
        if always_form or "form" in content_type or "text/plain" in content_type:
            return _no_duplicates(parse_qsl(text, max_num_fields=50))
    except (ValueError, RecursionError):
        pass
    return {}


def what_is_readable(body: bytes) -> dict[str, Any]:
    """Return the members of a JSON object that are beyond doubt, for what can be saved.

    A member that is there twice is left out, and the others stand.
    """
    try:
        found = json.loads(
            _text("", body), object_pairs_hook=_no_doubts, parse_int=_small_number
        )
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _no_doubts(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    times = Counter(name for name, _ in pairs)
    return {name: value for name, value in pairs if times[name] == 1}


def _small_number(digits: str) -> int | None:
    return int(digits) if len(digits) <= _MOST_DIGITS else None


def _text(content_type: str, body: bytes) -> str:
    charset = content_type.lower().partition("charset=")[2].strip(' "').split(";")[0]
    try:
        name = codecs.lookup(charset).name
    except (LookupError, ValueError):
        name = "utf-8"
    encoding = name if name in _CHARSETS else "utf-8-sig"
    return body.decode(encoding, errors="replace").strip()


def _whole_number(digits: str) -> int:
    if len(digits) > _MOST_DIGITS:
        msg = "nobody means a number of that size"
        raise ValueError(msg)
    return int(digits)


def _no_duplicates(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        msg = "a member is there twice"
        raise ValueError(msg)
    return members


def at(members: Any, path: str) -> Any:
    """Return what a path leads to, None when it leads nowhere."""
    try:
        for part in path.split("."):
            members = members[int(part) if isinstance(members, list) else part]
    except (LookupError, TypeError, ValueError):
        return None
    return members


def first(members: Mapping[str, Any], paths: Iterable[str]) -> Any:
    """Return what the first path leads to that leads anywhere, else None."""
    found = (at(members, path) for path in paths)
    return next((value for value in found if value is not None), None)
