"""What a ``JUPYTER_CONN_<NAME>`` variable holds: a token somebody else obtained.

JSON with ``access_token`` and ``api_base_url``, and if need be ``api_hosts`` (the base
URL's host when absent), ``service``, ``scopes``, ``expires_at``, ``token_type``,
``param_type``, ``param_name`` and ``param_prefix``.
"""

import json
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlsplit

from .._names import is_link_name
from .._secret import Secret
from .._urls import check_endpoint, check_host_pattern
from .._value import parse_time
from .._values import AccessToken
from ..errors import InvalidInput

_PREFIX: Final = "JUPYTER_CONN_"
_TEXTS: Final = frozenset(
    {"expires_at", "param_name", "param_prefix", "param_type", "service", "token_type"}
)
_LISTS: Final = frozenset({"api_hosts", "scopes"})
_NEEDED: Final = frozenset({"access_token", "api_base_url"})


def link_names_in(environ: Mapping[str, str]) -> tuple[str, ...]:
    """Return the connections that an environment brings, by link name."""
    found = (
        name.removeprefix(_PREFIX).lower().replace("_", "-")
        for name, text in environ.items()
        if name.startswith(_PREFIX) and text
    )
    return tuple(sorted(name for name in found if is_link_name(name)))


def variable_of(link_name: str) -> str:
    """Return the name of a connection's variable."""
    return _PREFIX + link_name.upper().replace("-", "_")


def read_variable(link_name: str, text: str) -> AccessToken:
    """Read a variable.

    Args:
        link_name: The connection that it brings.
        text: The JSON.

    Raises:
        InvalidInput: If it cannot be used; says why, and nothing of what it holds.
    """
    variable = variable_of(link_name)
    try:
        body = json.loads(text)
    except ValueError:
        # Without the cause: its text is the variable's, and so holds the token.
        body = None
    if not isinstance(body, dict):
        raise _unusable(variable, "holds no JSON object")
    _check_members(variable, body)
    try:
        return _token(link_name, body)
    except ValueError as error:
        reason = str(error)
    raise _unusable(variable, reason)


def _check_members(variable: str, body: Mapping[str, Any]) -> None:
    unknown = sorted(body.keys() - _TEXTS - _LISTS - _NEEDED)
    if unknown:
        raise _unusable(variable, f"has members that are not known: {unknown}")
    for name in sorted(_NEEDED | (body.keys() & _TEXTS)):
        if not isinstance(body.get(name), str) or not body[name].isprintable():
            raise _unusable(variable, f"needs a text as {name}")
    for name in sorted(body.keys() & _LISTS):
        if not isinstance(body[name], list) or not all(
            isinstance(item, str) for item in body[name]
        ):
            raise _unusable(variable, f"needs a list of texts as {name}")


def _token(link_name: str, body: Mapping[str, Any]) -> AccessToken:
    base = check_endpoint(body["api_base_url"])
    parts = urlsplit(base)
    hosts = body.get("api_hosts") or [parts.netloc]
    token_type = body.get("token_type", "Bearer")
    return AccessToken(
        access_token=Secret(_plain(body["access_token"])),
        token_type=token_type,
        expires_at=_moment(body.get("expires_at")),
        scopes=tuple(body.get("scopes", ())),
        link_name=link_name,
        service_name=body.get("service", link_name),
        param_type=_param_type(body.get("param_type", "header")),
        param_name=body.get("param_name", "Authorization"),
        param_prefix=body.get("param_prefix", f"{token_type} "),
        api_base_url=base,
        api_hosts=tuple(check_host_pattern(host) for host in hosts),
    )


def _plain(text: str) -> str:
    if not text or not text.isascii():
        msg = "needs plain characters as access_token"
        raise ValueError(msg)
    return text


def _moment(text: str | None) -> Any:
    moment = parse_time(text)
    if moment is not None and moment.tzinfo is None:
        msg = (
            "needs a time with its offset, such as 2027-01-31T12:00:00Z, as expires_at"
        )
        raise ValueError(msg)
    return moment


def _param_type(text: str) -> Any:
    if text not in {"header", "query", "body"}:
        msg = "needs header, query or body as param_type"
        raise ValueError(msg)
    return text


def _unusable(variable: str, reason: str) -> InvalidInput:
    return InvalidInput(
        f"{variable} cannot be used: it {reason}",
        "It holds JSON with access_token and api_base_url",
    )
