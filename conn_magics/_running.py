"""Run one ``%conn`` line."""

from typing import Any

from ._desk import Desk
from ._parser import full_help, options_of, parser_of, verb_called, words_of
from ._verb import Verb
from ._verbs import VERBS
from ._verbs._about import summary
from ._views import Json


def run_line(line: str, *, desk: Desk | None = None) -> Any:
    """Run what was typed after ``%conn``.

    Args:
        line: The words; nothing in them is evaluated.
        desk: What verbs work with; made from the surroundings when absent.

    Returns:
        What the verb answers; a dictionary with ``--json``.

    Raises:
        UsageError: If the line is mistyped.
        ConnectionsError: Whatever the verb met.
    """
    desk = desk or Desk()
    words = words_of(line)
    if not words:
        return summary(desk)
    if words == ["--json"]:
        return Json(summary(desk).to_json())
    if words[0] in {"-h", "--help", "help"}:
        return Help(full_help(VERBS.values()))
    return _run(verb_called(words[0], VERBS.values()), words[1:], desk)


def _run(verb: Verb, words: list[str], desk: Desk) -> Any:
    if {"-h", "--help"} & set(words):
        return Help(parser_of(verb).format_help())
    options = options_of(verb, words)
    as_json = options.pop("json")
    answer = verb.run(desk, **options)
    return Json(answer.to_json()) if as_json and answer is not None else answer


class Help(str):
    """A text that prints itself without quotation marks."""

    __slots__ = ()

    def __repr__(self) -> str:
        return str(self).rstrip()
