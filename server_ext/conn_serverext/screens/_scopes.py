"""Scopes in a form: boxes for what a service lists, a line for what it does not."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, NamedTuple

from ._form import Form

if TYPE_CHECKING:
    from conn_core import Service


class Shown(NamedTuple):
    """A scope as its box shows it."""

    name: str
    display_name: str = ""
    read_only: bool = False


def all_scopes(service: "Service", further: Iterable[str] = ()) -> list[Shown]:
    """Return a service's scopes, and those that somebody asked for besides.

    Args:
        service: The service.
        further: Scopes that may be none of its own.
    """
    listed = [Shown(s.name, s.display_name, s.read_only) for s in service.scopes]
    known = set(service.scope_names)
    others = [name for name in dict.fromkeys(further) if name not in known]
    return [*listed, *(Shown(name) for name in others)]


def chosen_scopes(form: Form) -> list[str]:
    """Return what is ticked and what is typed, in this order."""
    typed = form.text("further_scopes").replace(",", " ").split()
    return list(dict.fromkeys([*form.all("scopes"), *typed]))


def preset(service: "Service", button: str) -> list[str]:
    """Return the scopes of one of the three presets.

    Args:
        service: The service.
        button: ``scopes:read-only``, ``scopes:usual`` or ``scopes:all``.
    """
    match button.removeprefix("scopes:"):
        case "read-only":
            return [scope.name for scope in service.scopes if scope.read_only]
        case "all":
            return list(service.scope_names)
    return usual(service)


def usual(service: "Service") -> list[str]:
    """Return what to ask for when nobody chose."""
    if service.default_scopes:
        return list(service.default_scopes)
    return [scope.name for scope in service.scopes if scope.read_only]
