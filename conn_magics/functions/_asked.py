"""What a function asks for: its parameters as questions, and answers read from text."""

import ast
import enum
import inspect
import types
import typing
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Final, Literal

from .._usage import did_you_mean
from ._cell import head_of_function, variables_of
from ._head import Written

Kind = Literal["text", "whole", "number", "yes", "date", "datetime", "choice", "kept"]

_KINDS: Final[dict[type, Kind]] = {
    bool: "yes",  # before int, which it is too
    int: "whole",
    float: "number",
    Decimal: "number",
    datetime: "datetime",  # before date, which it is too
    date: "date",
    str: "text",
    Path: "text",
}
_MUST_BE: Final[dict[Kind, str]] = {
    "whole": "must be a whole number",
    "number": "must be a number",
    "yes": "must be true or false",
    "date": "must be a date like 2026-01-31",
    "datetime": "must be a date and time like 2026-01-31T09:00",
}
_YES, _NO = (
    frozenset({"true", "yes", "1", "on"}),
    frozenset({"false", "no", "0", "off"}),
)
_WORDS: Final = (
    inspect.Parameter.POSITIONAL_OR_KEYWORD,
    inspect.Parameter.KEYWORD_ONLY,
)


class NotReadable(ValueError):
    """A text is no value of a parameter; says what it must be."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One parameter.

    Attributes:
        name: What it is called.
        kind: What is asked for. ``kept`` is not asked for: no field can hold it.
        type: What a text becomes.
        default: The value without an answer.
        required: There is no default.
        optional: Left empty it is None.
        choices: For ``choice``: words and values.
    """

    name: str
    kind: Kind
    type: Callable[[Any], Any] = str
    default: Any = None
    required: bool = False
    optional: bool = False
    choices: tuple[tuple[str, Any], ...] = ()

    @property
    def text(self) -> str:
        """The default as a field shows it."""
        if self.kind == "choice":
            values = [value for _, value in self.choices]
            chosen = values.index(self.default) if self.default in values else 0
            return self.choices[chosen][0]
        if self.required or self.default is None:
            return ""
        if self.kind == "datetime":
            return str(self.default.replace(tzinfo=None).isoformat())
        return str(self.default)

    def read(self, text: str) -> Any:
        """Read an answer.

        Args:
            text: What was typed or chosen.

        Raises:
            NotReadable: If it is no answer.
        """
        if self.kind == "choice":
            return self._chosen(text)
        if self.kind == "kept":
            return _literal(text)
        if not text.strip() and self.kind != "text":
            if self.optional:
                return None
            raise NotReadable("is needed")
        if not text and (self.optional or self.required):
            if self.optional:
                return None
            raise NotReadable("is needed")
        try:
            return self._converted(text if self.kind == "text" else text.strip())
        except (ValueError, ArithmeticError):
            raise NotReadable(_MUST_BE.get(self.kind, "cannot be read")) from None

    def _converted(self, text: str) -> Any:
        match self.kind:
            case "yes":
                if text.lower() not in _YES | _NO:
                    raise ValueError
                return text.lower() in _YES
            case "date":
                return date.fromisoformat(text)
            case "datetime":
                zone = getattr(self.default, "tzinfo", None)
                found = datetime.fromisoformat(text)
                return found if found.tzinfo else found.replace(tzinfo=zone)
        return self.type(text)

    def _chosen(self, text: str) -> Any:
        for words, value in self.choices:
            if words == text:
                return value
        known = [words for words, _ in self.choices]
        raise NotReadable(f"must be one of {', '.join(known)}")


def asked_by(function: Any) -> tuple[Asked, ...]:
    """Return what a function asks for, in its order."""
    return tuple(_questions(function))


def read_answers(function: Any, answers: Mapping[str, str]) -> dict[str, Any]:
    """Read what was typed for a function's parameters.

    Args:
        function: The function.
        answers: Texts by parameter.

    Raises:
        NotReadable: If one is no answer, or there is no such parameter.
    """
    known = {each.name: each for each in asked_by(function)}
    values = {}
    for name, text in answers.items():
        if name not in known:
            guess = did_you_mean(name, known)
            raise NotReadable(f"There is no parameter '{name}'.{guess}")
        try:
            values[name] = known[name].read(text)
        except NotReadable as error:
            raise NotReadable(f"'{name}' {error}") from None
    missing = [n for n, each in known.items() if each.required and n not in values]
    if missing:
        raise NotReadable(f"'{missing[0]}' is needed")
    return values


def _questions(function: Any) -> Iterator[Asked]:
    head = head_of_function(function)
    known = head.known(variables_of(function)) if head else {}
    hints = known.pop("__annotations__", None) or _hints_of(function)
    for name, each in inspect.signature(function).parameters.items():
        if each.kind not in _WORDS:
            continue
        default = known.get(name, each.default)
        yield _question(name, default, hints.get(name))


def _question(name: str, default: Any, hint: Any) -> Asked:
    required = default is inspect.Parameter.empty
    hint, optional = _without_none(hint)
    if isinstance(default, Written):
        return Asked(name=name, kind="kept", default=default)
    if choices := _choices_of(default, hint):
        chosen = (
            choices[0][1] if isinstance(default, list | tuple) or required else default
        )
        return Asked(name=name, kind="choice", default=chosen, choices=choices)
    if default is None:
        optional = True
    kept = None if required or default is None else type(default)
    wanted = hint if isinstance(hint, type) and hint in _KINDS else (kept or str)
    kinds = (kind for known, kind in _KINDS.items() if issubclass(wanted, known))
    kind: Kind = next(kinds, "kept")
    return Asked(
        name=name,
        kind=kind,
        type=wanted,
        default=None if required else default,
        required=required,
        optional=optional and not required,
    )


def _choices_of(default: Any, hint: Any) -> tuple[tuple[str, Any], ...]:
    if typing.get_origin(hint) is Literal:
        return tuple((str(value), value) for value in typing.get_args(hint))
    kinds = (hint, type(default))
    for kind in kinds:
        if isinstance(kind, type) and issubclass(kind, enum.Enum):
            return tuple((member.name, member) for member in kind)
    if isinstance(default, list | tuple) and default:
        words = [str(value) for value in default]
        if len(set(words)) == len(words):
            return tuple(zip(words, default, strict=True))
    return ()


def _without_none(hint: Any) -> tuple[Any, bool]:
    if typing.get_origin(hint) not in {typing.Union, types.UnionType}:
        return hint, False
    kinds = [each for each in typing.get_args(hint) if each is not type(None)]
    return (kinds[0] if len(kinds) == 1 else None), len(kinds) < len(
        typing.get_args(hint)
    )


def _hints_of(function: Any) -> dict[str, Any]:
    try:
        return typing.get_type_hints(inspect.unwrap(function))
    except Exception:  # noqa: BLE001 - an annotation may name what is not there
        return {}


def _literal(text: str) -> Any:
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError):
        return text
