"""Reading JSON or YAML that somebody else wrote: bounded, and nothing in it is run."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

_LARGEST: Final = 2 * 1024 * 1024
_DEEPEST: Final = 60
#: How YAML writes that there is nothing.
_NOTHING: Final = frozenset({"", "~", "null", "Null", "NULL"})


def read_document(text: str) -> Mapping[str, Any]:
    """Return the members of a document; none where it is a list or a word.

    Args:
        text: JSON or YAML, up to 2 MiB.

    Raises:
        ValueError: With what is wrong with it, in words.
    """
    if len(text.encode(errors="replace")) > _LARGEST:
        msg = "it is larger than 2 MiB"
        raise ValueError(msg)
    try:
        is_json = text.lstrip().startswith("{")
        document = _json(text) if is_json else _yaml(text)
    except _NotTakenError:
        raise
    except (ValueError, RecursionError):
        msg = "it is neither JSON nor YAML"
        raise ValueError(msg) from None
    return document if isinstance(document, dict) else {}


class _NotTakenError(ValueError):
    """A document that could be read, and is not taken."""


def _json(text: str) -> Any:
    return json.loads(text, object_pairs_hook=_members)


def _yaml(text: str) -> Any:
    import yaml  # noqa: PLC0415 - only who reads one pays for it

    # The parser of libyaml, where there is one: it takes half the time.
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    events = yaml.parse(text, Loader=loader)
    try:
        next(events)  # the stream begins
        next(events)  # and its first document
        return _node(events, next(events), depth=0)
    except (yaml.YAMLError, StopIteration):
        raise ValueError from None  # its text repeats the document


def _node(events: Iterator[Any], event: Any, *, depth: int) -> Any:
    """Build what an event begins: maps, lists and texts, nothing else.

    PyYAML's own constructors take seconds for a number of a thousand colons, and let a
    few aliases fill a memory.
    """
    kind = type(event).__name__
    if kind == "AliasEvent" or event.tag is not None:
        msg = "it has YAML aliases or tags, which are not followed here"
        raise _NotTakenError(msg)
    if depth > _DEEPEST:
        msg = "it is nested too deeply"
        raise _NotTakenError(msg)
    if kind == "ScalarEvent":
        is_nothing = event.implicit[0] and event.value in _NOTHING
        return None if is_nothing else event.value
    inner = _inner(events, depth=depth + 1)
    if kind == "SequenceStartEvent":
        return list(inner)
    return _members([(str(name), next(inner)) for name in inner])


def _inner(events: Iterator[Any], *, depth: int) -> Iterator[Any]:
    for event in events:
        if type(event).__name__ in {"SequenceEndEvent", "MappingEndEvent"}:
            return
        yield _node(events, event, depth=depth)


def _members(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    """Return an object; of two members of a name other readers take the other one."""
    members = dict(pairs)
    if len(members) < len(pairs):
        msg = "it has a member twice"
        raise _NotTakenError(msg)
    return members
