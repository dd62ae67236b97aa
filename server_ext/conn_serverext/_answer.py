"""The query of a callback, read as what it is: something an attacker may have written."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qsl

from conn_core.errors import AuthorizationFailed

if TYPE_CHECKING:
    from conn_core.auth import CallbackNames

#: How long what is read may be (RFC 6749 4.1.2, RFC 9207); a state has its own limit.
_LONGEST: Final = {"iss": 2048, "error": 200}
_LONGEST_STATE: Final = 512
_LONGEST_OTHER: Final = 4096
#: Prose: cut, not refused, because somebody has to read why it failed.
_DESCRIPTION: Final = "error_description"
_MOST_OF_DESCRIPTION: Final = 500
#: The implicit and hybrid flows put these into a query or fragment (RFC 9700 2.1.2).
_NEVER: Final = frozenset({"access_token", "id_token", "refresh_token"})
_LONGEST_QUERY: Final = 200_000
_MOST_PARAMETERS: Final = 50


def read_answer(query: str, names: "CallbackNames") -> Mapping[str, str]:
    """Return the parameters that matter; unknown ones are left out.

    Args:
        query: The raw query of the callback's address.
        names: What they are called at this service.

    Raises:
        AuthorizationFailed: If a parameter that matters is missing, repeated, too
            long, or not plain text. No attempt has been looked up by then.
    """
    found: dict[str, str] = {}
    known = {*names.states, *names.outcomes, *names.others}
    for name, value in _pairs(query):
        plain = name.partition("[")[0].strip()
        if plain in _NEVER:
            raise _unusable()
        if plain not in known:
            continue
        if plain != name or name in found:
            raise _unusable()
        found[name] = _checked(name, value, is_state=name in names.states)
    if not state_in(found, names) or not found.keys() & set(names.outcomes):
        raise _unusable()
    if "error" in found:  # a refusal, whatever else it says
        kept = found.keys() - set(names.outcomes) | {"error"}
        return {name: value for name, value in found.items() if name in kept}
    return found


def state_in(answer: Mapping[str, str], names: "CallbackNames") -> str:
    """Return what names the attempt; empty when nothing does."""
    return next((answer[name] for name in names.states if answer.get(name)), "")


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


def _checked(name: str, value: str, *, is_state: bool) -> str:
    if name == _DESCRIPTION:
        return value[:_MOST_OF_DESCRIPTION]
    most = _LONGEST_STATE if is_state else _LONGEST.get(name, _LONGEST_OTHER)
    if len(value) > most or not value.isascii() or not value.isprintable():
        raise _unusable()
    return value


def _unusable() -> AuthorizationFailed:
    return AuthorizationFailed(
        "This address holds no usable answer of a service",
        "Start again with %conn authorize",
    )
