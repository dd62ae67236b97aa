"""Services from our own index, which is checked before it ships: read without checking.

A page shows 24 services, and checking each address of each costs more than a search may
take. Every shipped record is compared with its checked twin in the tests.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final, TypeVar

from pydantic import BaseModel

from .._habits import Habits
from .._services import CredentialField, Scope, Service, ServiceParameter

Model = TypeVar("Model", bound=BaseModel)


def trusted_service(record: Mapping[str, Any]) -> Service:
    """Make a service of a record that was checked when the index was written.

    Args:
        record: A line of our own index; never anything that somebody else wrote.
    """
    members = dict(record)
    for name, read in _NESTED.items():
        if name in members:
            members[name] = read(members[name])
    return _made(Service, members)


def _made(kind: type[Model], members: dict[str, Any]) -> Model:
    """Do what ``model_construct`` does, without looking at each member there could be."""
    made = kind.__new__(kind)
    object.__setattr__(made, "__dict__", {**_USUAL[kind], **members})
    object.__setattr__(made, "__pydantic_fields_set__", set(members))
    object.__setattr__(made, "__pydantic_extra__", None)
    object.__setattr__(made, "__pydantic_private__", None)
    return made


def _all_of(kind: type[BaseModel]) -> Callable[[list[dict[str, Any]]], Any]:
    return lambda found: tuple(_made(kind, _with_tuples(one)) for one in found)


def _with_tuples(members: dict[str, Any]) -> dict[str, Any]:
    return {n: tuple(v) if isinstance(v, list) else v for n, v in members.items()}


def _usual(kind: type[BaseModel]) -> dict[str, Any]:
    """Return every member in its order, with its default; None where there is none."""
    fields = kind.model_fields.items()
    return {name: None if f.is_required() else f.get_default() for name, f in fields}


_USUAL: Final[dict[type[BaseModel], dict[str, Any]]] = {
    kind: _usual(kind) for kind in (CredentialField, Scope, Service, ServiceParameter)
}
_NESTED: Final[dict[str, Callable[[Any], Any]]] = {
    "api_hosts": tuple,
    "credential_fields": _all_of(CredentialField),
    "default_scopes": tuple,
    "habits": Habits.model_validate,
    "parameters": _all_of(ServiceParameter),
    "scopes": _all_of(Scope),
    "sources": tuple,
}
