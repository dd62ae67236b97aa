"""Run one line of words."""

from typing import Any

from ._desk import Desk
from ._parser import full_help, help_of, options_of, verb_called, words_of
from ._verb import verbs_at
from ._verbs import VERBS  # noqa: F401 - the import fills the table of verbs
from ._verbs._about import summary
from ._views import Json

HELP = frozenset({"-h", "--help", "help"})


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
    if words[0] in HELP:
        return Help(full_help(verbs_at("magic").values()))
    verb, rest = verb_called(words, verbs_at("magic"))
    if HELP & set(rest) - {"help"}:
        return Help(help_of(verb))
    options = options_of(verb, rest)
    as_json = options.pop("json")
    answer = verb.run(desk.without_widgets() if as_json else desk, **options)
    return Json(answer.to_json()) if as_json and answer is not None else answer


class Help(str):
    """A text that prints itself without quotation marks."""

    __slots__ = ()

    def __repr__(self) -> str:
        return str(self).rstrip()
