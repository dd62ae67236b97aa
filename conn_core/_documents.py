"""Reading JSON or YAML that somebody else wrote: bounded, and nothing in it is run."""

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

_LARGEST: Final = 2 * 1024 * 1024
_DEEPEST: Final = 60


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
    return json.loads(text, object_pairs_hook=lambda pairs: dict(_once(pairs)))


def _yaml(text: str) -> Any:
    """Read YAML without aliases: a few of them make a document that fills a memory."""
    import yaml  # noqa: PLC0415 - only who reads one pays for it

    # The parser of libyaml, where there is one: it takes a tenth of the time.
    safe: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

    class Loader(safe):  # type: ignore[misc]  # one of two classes
        def construct_mapping(self, node: Any, *rest: Any, **more: Any) -> Any:
            list(_once((str(key.value), None) for key, _ in node.value))
            return super().construct_mapping(node, *rest, **more)

    try:
        _refuse_bombs(yaml.parse(text, Loader=Loader))
        return yaml.load(text, Loader=Loader)  # noqa: S506 - both are safe loaders
    except yaml.YAMLError:
        raise ValueError from None  # its text repeats the document


def _refuse_bombs(events: Iterable[Any]) -> None:
    """Look at a document before anything is built of it."""
    depth = 0
    for event in events:
        kind = type(event).__name__
        if kind == "AliasEvent":
            msg = "it has YAML aliases, which are not followed here"
            raise _NotTakenError(msg)
        depth += kind.endswith(("MappingStartEvent", "SequenceStartEvent"))
        depth -= kind.endswith(("MappingEndEvent", "SequenceEndEvent"))
        if depth > _DEEPEST:
            msg = "it is nested too deeply"
            raise _NotTakenError(msg)


def _once(pairs: Iterable[tuple[str, Any]]) -> Iterator[tuple[str, Any]]:
    """Return members; of two of a name another reader would take the other one."""
    seen: set[str] = set()
    for name, value in pairs:
        if name in seen:
            msg = "it has a member twice"
            raise _NotTakenError(msg)
        seen.add(name)
        yield name, value
