"""TAB: verbs, options, connection names, service ids. It never raises."""

import re
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ._verb import Verb

_LINE = re.compile(r"^(?:[\w.,\s\[\]]+=)?\s*%conn(?P<rest>\s.*)$")
_CELL = re.compile(r"^%%connection(?P<rest>\s.*)$")


def complete(context: Any) -> dict[str, Any]:
    """Complete a ``%conn`` line or the first line of a ``%%connection`` cell.

    Args:
        context: What IPython knows of the text and the cursor.

    Returns:
        A version 2 matcher's answer. It suppresses all other matchers on our lines:
        Python's keywords have no place there.
    """
    try:
        words, fragment = _offered(context)
    except Exception:  # noqa: BLE001 - whatever is wrong, a TAB is no place to say it
        words, fragment = None, ""
    if words is None:
        return {"completions": [], "suppress": False}
    return _answer(words, fragment=fragment, token=context.token)


complete.matcher_api_version = 2  # type: ignore[attr-defined]  # what @context_matcher sets
complete.matcher_priority = 100  # type: ignore[attr-defined]  # before the magics' own
complete.matcher_identifier = "conn_magics"  # type: ignore[attr-defined]  # IPython asks functions for it


def _answer(words: Iterable[str], *, fragment: str, token: str) -> dict[str, Any]:
    from IPython.core.completer import SimpleCompletion

    # IPython replaces its token only; what we complete may begin before or within it.
    kept = fragment[: len(fragment) - len(token)] if fragment.endswith(token) else ""
    matched = fragment[len(kept) :]
    found = [
        SimpleCompletion(word[len(kept) :], type="magic")
        for word in words
        if word.startswith(fragment)
    ]
    # An empty answer cannot suppress: what is typed completes to itself then.
    found = found or [SimpleCompletion(matched, type="magic")]
    return {
        "completions": found,
        "matched_fragment": matched,
        "ordered": True,
        "suppress": True,
    }


def _offered(context: Any) -> tuple[list[str] | None, str]:
    before = context.text_until_cursor
    if context.cursor_line == 0 and (found := _CELL.match(before)):
        return _for_cell(found["rest"])
    if found := _LINE.match(before):
        return _for_line(found["rest"])
    return None, ""


def _for_line(rest: str) -> tuple[list[str], str]:
    from . import _verbs  # noqa: F401 - the import fills the table of verbs
    from ._verb import verbs_at

    *typed, fragment = _pieces(rest)
    known = verbs_at("magic")
    if not typed:
        return list(known), fragment
    verb, typed = known.get(typed[0]), typed[1:]
    if verb is not None and verb.actions:
        if not typed and not fragment.startswith("-"):
            own = _for_verb(verb, typed, fragment) if verb.takes_words else []
            return [*verb.actions, *own], fragment
        if typed and (typed[0] in verb.actions or not verb.takes_words):
            verb, typed = verb.actions.get(typed[0]), typed[1:]
    return ([] if verb is None else _for_verb(verb, typed, fragment)), fragment


def _for_verb(verb: "Verb", typed: list[str], fragment: str) -> list[str]:
    from ._parser import parser_of

    actions = parser_of(verb)._actions  # noqa: SLF001 - argparse has no public list
    by_flag = {flag: action for action in actions for flag in action.option_strings}
    if fragment.startswith("-"):
        return [flag for flag in by_flag if flag.startswith("--") and flag not in typed]
    last = by_flag.get(typed[-1]) if typed else None
    if last is not None and last.nargs != 0:
        return _values_of(last, fragment)
    positional = [action for action in actions if not action.option_strings]
    return [value for action in positional for value in _values_of(action, fragment)]


def _values_of(action: Any, fragment: str) -> list[str]:
    from ._holder import HOLDER

    if action.choices:
        return list(action.choices)
    match getattr(action, "completes", ""):
        case "connection":
            return list(HOLDER.connection_names())
        case "service":
            return list(HOLDER.service_ids(fragment))
        case "custom service":
            return list(HOLDER.service_ids(fragment, custom=True))
        case "schedule":
            return list(HOLDER.schedule_names())
        case "notebook":
            return sorted(path.name for path in Path().glob("*.ipynb"))
        case "function":
            from ._verbs._functions import functions_here

            return list(functions_here())
    return []


def _for_cell(rest: str) -> tuple[list[str], str]:
    from ._cell_line import OPTIONS, client_names
    from ._holder import HOLDER

    *typed, fragment = _pieces(rest.replace(",", " , "))
    if typed and typed[-1] == "--client":
        return list(client_names()), fragment
    if typed and typed[-1] in OPTIONS and typed[-1] != "--quiet":
        return [], fragment
    if fragment.startswith("-"):
        return [option for option in OPTIONS if option not in typed], fragment
    in_names = not any(word.startswith("--") for word in typed)
    name_expected = in_names and (not typed or typed[-1] == ",")
    if name_expected:
        return list(HOLDER.connection_names()), fragment
    return (["as"] if in_names and typed[-2:-1] in ([], [","]) else []), fragment


def _pieces(text: str) -> list[str]:
    """Split at blanks; the last piece is what is being typed, maybe nothing."""
    return re.split(r"\s+", text.lstrip())
