"""Scopes to choose from."""

from collections.abc import Sequence

from conn_core import Scope, Service

from ._fields import ScopePicker


def scope_picker(
    service: Service, *, chosen: Sequence[str] | None = None
) -> ScopePicker:
    """Make a picker of a service's scopes.

    Args:
        service: Whose scopes.
        chosen: What is ticked; None ticks the usual ones. A scope that the service
            does not list is listed too: somebody named it in code.
    """
    usual = list(service.default_scopes) or [
        scope.name for scope in service.scopes if scope.read_only
    ]
    value = usual if chosen is None else list(chosen)
    known = {scope.name for scope in service.scopes}
    others = dict.fromkeys(name for name in (*value, *usual) if name not in known)
    listed = [*service.scopes, *(Scope(name=name) for name in others)]
    return ScopePicker(
        scopes=[scope.model_dump() for scope in listed], usual=usual, value=value
    )


def display_name(service: Service, scope: str) -> str:
    """Return what people call a scope."""
    named = {known.name: known.display_name for known in service.scopes}
    return named.get(scope) or scope
