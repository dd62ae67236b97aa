"""Services from our own index, which is checked before it ships: read without checking.

A page shows 24 services, and checking each address of each costs more than a search may
take. Every shipped record is compared with its checked twin in the tests.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final, TypeVar

from pydantic import BaseModel

from .._habits import (
    AnswerHabits,
    CallbackHabits,
    Exchange,
    Fact,
    Habits,
    RenewalHabits,
    RequestHabits,
)
from .._services import CredentialField, Scope, Service, ServiceParameter

Model = TypeVar("Model", bound=BaseModel)
_Reader = Callable[[Any], Any]

_set: Final = object.__setattr__


def trusted_service(record: Mapping[str, Any]) -> Service:
    """Make a service of a record that was checked when the index was written.

    Args:
        record: A line of our own index; never anything that somebody else wrote.
    """
    return _made(Service, dict(record))


def _made(kind: type[Model], members: dict[str, Any]) -> Model:
    """Do what ``model_construct`` does, without looking at each member there could be."""
    for name, read in _READERS.get(kind, {}).items():
        if name in members:
            members[name] = read(members[name])
    made = kind.__new__(kind)
    _set(made, "__dict__", {**_USUAL[kind], **members})
    _set(made, "__pydantic_fields_set__", set(members))
    _set(made, "__pydantic_extra__", None)
    _set(made, "__pydantic_private__", None)
    return made


def _one(kind: type[BaseModel]) -> _Reader:
    return lambda found: _made(kind, _with_tuples(found))


def _all_of(kind: type[BaseModel]) -> _Reader:
    return lambda found: tuple([_made(kind, one) for one in found])


def _all_with_tuples(kind: type[BaseModel]) -> _Reader:
    return lambda found: tuple([_made(kind, _with_tuples(one)) for one in found])


def _facts(found: dict[str, Any]) -> dict[str, Fact]:
    return {path: _made(Fact, one) for path, one in found.items()}


def _with_tuples(members: dict[str, Any]) -> dict[str, Any]:
    return {n: tuple(v) if isinstance(v, list) else v for n, v in members.items()}


def _usual(kind: type[BaseModel]) -> dict[str, Any]:
    """Return every member in its order, with its default; None where there is none."""
    fields = kind.model_fields.items()
    return {name: None if f.is_required() else f.get_default() for name, f in fields}


_READERS: Final[dict[type[BaseModel], dict[str, _Reader]]] = {
    Service: {
        "api_hosts": tuple,
        "credential_fields": _all_of(CredentialField),
        "default_scopes": tuple,
        "habits": _one(Habits),
        "parameters": _all_with_tuples(ServiceParameter),
        "scopes": _all_of(Scope),
        "sources": tuple,
    },
    Habits: {
        "request": _one(RequestHabits),
        "callback": _one(CallbackHabits),
        "answer": _one(AnswerHabits),
        "renewal": _one(RenewalHabits),
    },
    CallbackHabits: {"facts": _facts},
    AnswerHabits: {"facts": _facts},
    RenewalHabits: {"first_exchange": _one(Exchange), "exchange": _one(Exchange)},
}
_PLAIN: Final[tuple[type[BaseModel], ...]] = (
    CredentialField,
    Exchange,
    Fact,
    RequestHabits,
    Scope,
    ServiceParameter,
)
_USUAL: Final[dict[type[BaseModel], dict[str, Any]]] = {
    kind: _usual(kind) for kind in (*_READERS, *_PLAIN)
}
