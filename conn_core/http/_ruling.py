"""A request held to the rules of its connection, by whoever sends it."""

import posixpath
from collections.abc import Iterable
from typing import Final
from urllib.parse import unquote

from .._rules import Rules
from ..errors import MethodNotAllowed

#: Some servers take these for the method.
OTHER_METHOD: Final = frozenset(
    {"x-http-method", "x-http-method-override", "x-method-override"}
)


def refuse_by_rules(method: str, path: str, rules: Rules, *, link_name: str) -> None:
    """Hold a request to the rules however its path is read.

    Args:
        method: Its method.
        path: Its path as it is sent, without a query.
        rules: Which requests are allowed.
        link_name: The connection, for the error.

    Raises:
        MethodNotAllowed: If they do not include it.
    """
    layers = {unquote(path), posixpath.normpath("/" + unquote(path).lstrip("/"))}
    if not all(rules.allow(method, layer) for layer in layers):
        raise MethodNotAllowed(
            f"The rules of '{link_name}' allow no {method} request to "
            f"{path[:200]}. Nothing was sent",
            f"Run %conn show {link_name} to see what they allow",
        )


def refuse_other_methods(names: Iterable[str], *, link_name: str) -> None:
    """Refuse headers that name another method than the request's own.

    Raises:
        MethodNotAllowed: If there is one.
    """
    for name in names:
        if name.lower() in OTHER_METHOD:
            raise MethodNotAllowed(
                f"The rules of '{link_name}' are for the request's own method, and "
                f"{name} names another. Nothing was sent"
            )
