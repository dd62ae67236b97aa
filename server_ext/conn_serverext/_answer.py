"""The query of a callback, read as what it is: something an attacker may have written."""

from collections.abc import Mapping
from typing import Final
from urllib.parse import parse_qsl

from conn_core.errors import AuthorizationFailed

#: What is read (RFC 6749 4.1.2, RFC 9207), and how long each may be.
_LONGEST: Final = {"state": 512, "code": 4096, "iss": 2048, "error": 200}
#: Prose: cut, not refused, because somebody has to read why it failed.
_DESCRIPTION: Final = "error_description"
_MOST_OF_DESCRIPTION: Final = 500
#: The implicit and hybrid flows put these into a query or fragment (RFC 9700 2.1.2).
_NEVER: Final = frozenset({"access_token", "id_token", "refresh_token"})
_LONGEST_QUERY: Final = 200_000
_MOST_PARAMETERS: Final = 50


def read_answer(query: str) -> Mapping[str, str]:
    """Return the parameters that matter; unknown ones are left out.

    Args:
        query: The raw query of the callback's address.

    Raises:
        AuthorizationFailed: If a parameter that matters is missing, repeated, too
            long, or not plain text. Nothing has been looked up by then.
    """
    found: dict[str, str] = {}
    for name, value in _pairs(query):
        plain = name.partition("[")[0].strip()
        if plain in _NEVER:
            raise _unusable()
        if plain not in _LONGEST and plain != _DESCRIPTION:
            continue
        if plain != name or name in found:
            raise _unusable()
        found[name] = _checked(name, value)
    if not found.get("state") or not ("code" in found or "error" in found):
        raise _unusable()
    if "error" in found:
        found.pop("code", None)  # a refusal, whatever else it says
    return found


def _pairs(query: str) -> list[tuple[str, str]]:
    if len(query) > _LONGEST_QUERY:
        raise _unusable()
    try:
        return parse_qsl(
            query,
            keep_blank_values=True,
            errors="strict",
            max_num_fields=_MOST_PARAMETERS,
        )
    except ValueError as error:
        raise _unusable() from error


def _checked(name: str, value: str) -> str:
    if name == _DESCRIPTION:
        return value[:_MOST_OF_DESCRIPTION]
    if len(value) > _LONGEST[name] or not value.isascii() or not value.isprintable():
        raise _unusable()
    return value


def _unusable() -> AuthorizationFailed:
    return AuthorizationFailed(
        "This address holds no usable answer of a service",
        "Start again with %conn authorize",
    )
