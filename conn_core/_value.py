"""What every value has: one JSON form, for REST, ``--json`` and the remote broker."""

import dataclasses
import functools
import types
import typing
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Self

from ._secret import Secret

_ABSENT = object()


def format_time(moment: datetime | None) -> str | None:
    """Write a moment as RFC 3339 in UTC, whole seconds."""
    if moment is None:
        return None
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def parse_time(text: str | None) -> datetime | None:
    """Read an RFC 3339 moment."""
    return None if text is None else datetime.fromisoformat(text)


@dataclass(frozen=True, slots=True, kw_only=True)
class Value:
    """A value with one JSON form, used by REST, ``--json`` and the remote broker."""

    def to_json(self) -> dict[str, Any]:
        """Return the value as JSON-ready types; secrets are left out."""
        values = ((name, getattr(self, name)) for name in self.__dataclass_fields__)
        return {
            name: _plain(value)
            for name, value in values
            if not isinstance(value, Secret)
        }

    @classmethod
    def from_json(cls, body: Mapping[str, Any]) -> Self:
        """Make the value from its JSON form; unknown members are ignored."""
        readers = _readers(cls)  # type: ignore[arg-type]  # mypy: no class is hashable
        return cls(
            **{
                name: value if read is None or value is None else read(value)
                for name, read in readers
                if (value := body.get(name, _ABSENT)) is not _ABSENT
            }
        )


def _plain(value: Any) -> Any:
    if value is None or type(value) is str:
        return value
    if isinstance(value, datetime):
        return format_time(value)
    if isinstance(value, Value):
        return value.to_json()
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return value


Reader = Callable[[Any], Any]


@functools.cache  # lists are long, and the types never change
def _readers(kind: type[Value]) -> tuple[tuple[str, Reader | None], ...]:
    """Return what reads each member; None where JSON's value is the value."""
    hints = typing.get_type_hints(kind)
    return tuple((f.name, _reader(hints[f.name])) for f in dataclasses.fields(kind))


def _reader(hint: Any) -> Reader | None:
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin in (typing.Union, types.UnionType):
        return _reader(next(a for a in arguments if a is not type(None)))
    if origin is tuple:
        one = _reader(arguments[0])
        return tuple if one is None else lambda value: tuple(map(one, value))
    if hint is datetime:
        return parse_time
    if isinstance(hint, type) and issubclass(hint, Secret):
        return Secret
    if isinstance(hint, type) and issubclass(hint, Value):
        return hint.from_json
    return None
